"""What is said of backups that are late, unverified or damaged; and how their state reaches the Machines page."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision.backups.models import Backup
from supervision.backups.restoring import verify
from supervision.backups.service import Verification, lost_backups, note_log, note_verification
from supervision.backups.tasks import limits_of, watch_backups
from supervision.database import Database
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.machines.messages import SentBackup, apply_machine, backup_of
from supervision.machines.models import Machine
from supervision.machines.tasks import watch_storage
from supervision.offices.description import parse_description
from supervision.offices.service import load_office
from supervision.received_times import Receipt
from supervision.settings import Mode, Settings
from supervision.task import Worker
from tests.backups.bureau import Bureau
from tests.draws.two_sides import OFFICE
from tests.retention.archive import LATER
from tests.store_fixtures import make_store

CAUSES = (Cause.BACKUP_LATE, Cause.BACKUP_UNVERIFIED, Cause.BACKUP_DAMAGED)


def worker(hq: Bureau, **more: object) -> Worker:
    settings = hq.settings().model_copy(update=more)
    return Worker(settings, hq.archive.database, lambda: hq.archive.now)


def open_causes(hq: Bureau, **more: object) -> list[tuple[Cause, str]]:
    """What is open after the worker has looked."""
    watch_backups(worker(hq, **more))
    with hq.archive.database.reading() as session:
        rows = session.scalars(select(Incident).where(Incident.cause.in_(CAUSES), Incident.healed_at.is_(None)))
        return sorted((row.cause, row.subject) for row in rows)


def verified(hq: Bureau, number: int, fault: str = "", *, rehearsed: bool = False) -> bool:
    with hq.archive.database.transaction() as session:
        return note_verification(session, Verification(number, hq.archive.now, fault, rehearsed=rehearsed))


def test_a_backup_is_late_until_one_is_made(hq: Bureau) -> None:
    hq.record_calls()
    assert open_causes(hq) == [(Cause.BACKUP_LATE, "backup")]
    hq.back_up()
    assert open_causes(hq) == []
    hq.later(hours=30)
    assert open_causes(hq) == []
    hq.later(minutes=1)
    assert open_causes(hq) == [(Cause.BACKUP_LATE, "backup")]
    assert open_causes(hq, backup_late_hours=48) == []


def test_where_no_backup_is_set_up_nothing_is_late(hq: Bureau) -> None:
    assert open_causes(hq) != []
    assert open_causes(hq, backup_url="") == []


def test_backups_that_nobody_verified_are_named_and_verified_ones_are_not(hq: Bureau) -> None:
    hq.back_up()
    hq.later(days=10, minutes=1)
    assert (Cause.BACKUP_UNVERIFIED, "backup") in open_causes(hq)
    hq.back_up()
    assert verified(hq, 2)
    assert open_causes(hq) == []
    assert not verified(hq, 17), "of none that this database knows"


def test_a_verification_that_finds_something_is_none_and_the_backup_is_damaged(hq: Bureau) -> None:
    hq.record_calls()
    made = hq.back_up()
    hq.there("objects")[0].unlink()
    (fault,) = verify(hq.source(), made.number)
    verified(hq, 1, fault, rehearsed=True)
    assert open_causes(hq) == [(Cause.BACKUP_DAMAGED, "backup")]
    with hq.archive.database.reading() as session:
        row = session.get_one(Backup, 1)
        assert (row.verified_at, row.rehearsed_at, row.fault) == (None, None, fault)
    hq.later(hours=1)
    hq.back_up()
    assert open_causes(hq) == []


def test_a_rehearsal_is_a_verification_too(hq: Bureau) -> None:
    hq.back_up()
    verified(hq, 1, rehearsed=True)
    hq.later(days=1)
    verified(hq, 1)
    with hq.archive.database.reading() as session:
        row = session.get_one(Backup, 1)
        assert row.verified_at == hq.archive.now
        assert row.rehearsed_at == LATER


def test_a_backup_that_is_gone_or_another_is_missed(hq: Bureau) -> None:
    for _ in range(3):
        hq.back_up()
        hq.later(hours=1)
    texts = {number: hq.source().manifest(number).text for number in hq.source().numbers()}
    with hq.archive.database.reading() as session:
        assert lost_backups(session, texts) == []
        assert len(lost_backups(session, {1: texts[1], 2: texts[1]})) == 2


@pytest.mark.postgres
def test_the_log_of_postgresql_is_late_by_itself(postgres_hq: Bureau) -> None:
    hq = postgres_hq
    hq.back_up()
    hq.later(hours=1, minutes=1)
    assert open_causes(hq) == [(Cause.BACKUP_LATE, "log")]
    with hq.archive.database.transaction() as session:
        note_log(session, hq.archive.now)
    assert open_causes(hq) == []
    hq.later(minutes=-61)
    hq.back_up()  # it began an hour ago, and the log was sent meanwhile
    hq.later(minutes=61)
    assert open_causes(hq) == []
    assert limits_of(Settings(home=hq.home, mode=Mode.HQ)).longest_log is None


@pytest.fixture
def node(office: Bureau) -> Iterator[Bureau]:
    with office.archive.database.transaction() as session:
        load_office(session, parse_description(OFFICE))
    yield office


def test_an_offices_state_goes_to_headquarters_with_its_machine(node: Bureau, tmp_path: object) -> None:
    node.back_up()
    verified(node, 1)
    watch_storage(worker(node))
    with node.archive.database.reading() as session:
        body = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.MACHINE)).all()[-1].body
    hq = Database(make_store(node.home / "hq" / "hq.db"))
    with hq.transaction() as session:
        apply_machine(session, "3101", json.loads(json.dumps(body)), Receipt(node.archive.now))
    with hq.reading() as session:
        state = backup_of(session.get_one(Machine, "3101"))
    hq.close()
    assert state is not None
    assert (state.number, state.at, state.verified_at, state.late) == (1, LATER, LATER, False)
    assert state.recipient == node.public


def test_a_change_of_the_backups_is_sent_at_once(node: Bureau) -> None:
    def sent() -> int:
        watch_storage(worker(node))
        with node.archive.database.reading() as session:
            return len(session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.MACHINE)).all())

    assert (sent(), sent()) == (1, 1)
    node.back_up()
    assert (sent(), sent()) == (2, 2)


def test_an_older_node_says_nothing_of_backups(node: Bureau) -> None:
    body = {"seen_at": LATER.isoformat(), "volumes": [], "waiting_parts": 0, "waiting_bytes": 0}
    body |= {"oldest_unsent_at": None}
    with node.archive.database.transaction() as session:
        apply_machine(session, "3101", body, Receipt(LATER + timedelta(minutes=1)))
        assert backup_of(session.get_one(Machine, "3101")) is None
    assert SentBackup(number=0).late is False
