"""What the switch record, the recording and headquarters' copy say of a real call is compared (S1 to S3)."""

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call, SwitchRecordRow
from supervision.calls.rules import Disposition, Party, Witness
from supervision.clock import local, now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import Paths
from supervision.reconcile.completeness import Days, completeness
from supervision.reconcile.rules import Disagreement
from supervision.reconcile.service import EVERY, look
from supervision.reconcile.site import Site
from supervision.recordings.models import OfficeCopy, Recording, RecordingState
from tests.pbx.stories import bridged, call_over, calls_of, nobody_left, seal_all, tone

pytestmark = pytest.mark.pbx

LOCKED_S = 6.0


@pytest.fixture
def hq(short_folder: Path) -> Iterator[LoopbackHeadquarters]:
    """Headquarters, running."""
    with LoopbackHeadquarters(short_folder / "hq") as running:
        yield running


@pytest.fixture
def office(make_office: Callable[..., LoopbackOffice], hq: LoopbackHeadquarters) -> LoopbackOffice:
    """An office that sends to it."""
    return make_office(hq=hq)


def order(office: LoopbackOffice, action: str, **fields: str) -> str:
    """One order over Asterisk's manager interface, by whoever has its password; what it answers."""
    secret = office.paths.secret("ami").read_text("ascii").strip()
    login = f"Action: Login\r\nUsername: supervision\r\nSecret: {secret}\r\n\r\n"
    words = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with socket.create_connection(("127.0.0.1", office.network.ami_port), timeout=5) as wire:
        wire.sendall(f"{login}Action: {action}\r\n{words}\r\nAction: Logoff\r\n\r\n".encode())
        return b"".join(iter(lambda: wire.recv(4096), b"")).decode()


def line_channel(office: LoopbackOffice) -> str:
    """The caller's channel."""
    concise = office.pbx.cli("core show channels concise")
    return next(row.split("!")[0] for row in concise.splitlines() if "!line-07-1!" in row or "fxo" in row)


def disagreements(
    hq: LoopbackHeadquarters, state: RecordingState = RecordingState.READY
) -> tuple[Disagreement, ...]:
    """What headquarters' reconciler finds in its next run, once both copies and the switch record are there."""

    def whole() -> bool:
        with hq.database.reading() as session:
            recording = session.scalars(select(Recording)).one_or_none()
            copy = session.scalars(select(OfficeCopy)).one_or_none()
            account = session.scalars(select(SwitchRecordRow)).one_or_none()
            return bool(copy and account and recording and recording.state is state)

    until("both copies and the switch record", whole, 30)
    with hq.database.reading() as session:
        return look(session, Site.of(hq.settings), now() + EVERY).found


def a_call(office: LoopbackOffice, deed: Callable[[], None]) -> None:
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=9)
    until("people talking", lambda: bridged(office))
    deed()
    run.wait()
    nobody_left(office)
    call_over(office, 30)
    seal_all(office)


def test_of_a_real_call_all_witnesses_say_the_same(hq: LoopbackHeadquarters, office: LoopbackOffice) -> None:
    a_call(office, lambda: None)
    assert disagreements(hq) == ()
    with hq.database.reading() as session:
        assert session.scalars(select(SwitchRecordRow)).one().mixmonitor_started
        today = local(now()).date()
        days = Days(today - timedelta(days=1), today)
        made = completeness(session, Paths(hq.settings.home), office.description.office.code, days, now())
    assert made.complete
    assert [made.found.answered, made.found.recorded, made.found.received, made.found.verified] == [1, 1, 1, 1]


RECORD = (
    "disposition",
    "answered_desk",
    "rings",
    "hung_up_by",
    "first_rang_at",
    "answered_at",
    "ended_at",
    "witness",
)


def record_in(database: Database) -> dict[str, object]:
    """The one call's record, as a database has it."""
    with database.reading() as session:
        call = session.scalars(select(Call)).one()
        segments = [(one.kind, one.desk, one.started_at, one.ended_at) for one in call.segments]
        return {name: getattr(call, name) for name in RECORD} | {"segments": segments}


def test_a_call_that_was_watched_in_part_has_the_record_that_asterisk_tells_at_both_sides(
    hq: LoopbackHeadquarters, office: LoopbackOffice
) -> None:
    """ari_app sees only the end of the call, and cannot write it down while the store is locked."""
    office.app.kill()
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=9)
    until("people talking", lambda: bridged(office))
    office.start_app()
    until("the call adopted", lambda: calls_of(office))
    with closing(sqlite3.connect(office.home / "office.db", isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        run.wait()
        over = time.monotonic()
        until("everybody who has something to write waits", lambda: time.monotonic() - over > LOCKED_S)
        lock.execute("ROLLBACK")
    call_over(office, 30)
    seal_all(office)
    assert disagreements(hq) == ()
    record = record_in(office.database)
    assert (record["disposition"], record["answered_desk"]) == (Disposition.ANSWERED, "801")
    assert (record["hung_up_by"], record["witness"]) == (Party.CALLER, Witness.CEL)
    assert record_in(hq.database) == record


@pytest.mark.parametrize("answers", [True, False])
def test_of_a_call_that_the_caller_or_the_officer_ends_all_say_the_same(
    hq: LoopbackHeadquarters, office: LoopbackOffice, *, answers: bool
) -> None:
    if answers:
        office.desk("801").answers(after_s=0.2, plays=tone(880), hangs_up_after_s=2.0)
        office.gateway("07-1").dials(office.number("07-1"), plays=tone(440)).wait()
    else:
        office.desk("801").rings()
        office.gateway("07-1").dials(office.number("07-1"), gives_up_after_s=1.7).wait()
    nobody_left(office)
    call_over(office, 30)
    seal_all(office)
    assert disagreements(hq, RecordingState.READY if answers else RecordingState.EMPTY) == ()
    with hq.database.reading() as session:
        account = session.scalars(select(SwitchRecordRow)).one()
    record = record_in(office.database)
    assert (account.disposition, account.hung_up_by) == (record["disposition"], record["hung_up_by"])
    assert record["hung_up_by"] is (Party.OFFICER if answers else Party.CALLER)
    assert record_in(hq.database) == record


def mute(office: LoopbackOffice, direction: str) -> None:
    answer = order(office, "MixMonitorMute", Channel=line_channel(office), Direction=direction, State="1")
    assert answer.count("Response: Success") >= 2, answer


def test_a_mixmonitor_that_was_muted_while_nobody_listened_is_named(
    hq: LoopbackHeadquarters, office: LoopbackOffice
) -> None:
    def mute_unheard() -> None:
        office.app.kill()
        mute(office, "both")
        office.app.start()

    a_call(office, mute_unheard)
    assert [one.cause for one in disagreements(hq)] == [Cause.RECORDING_MUTED]


def muted(office: LoopbackOffice) -> Incident | None:
    """The office's incident of it."""
    with office.database.reading() as session:
        return session.scalars(select(Incident).where(Incident.cause == Cause.RECORDING_MUTED)).one_or_none()


def test_a_mute_of_one_side_is_named_at_once_and_headquarters_names_it_too(
    hq: LoopbackHeadquarters, office: LoopbackOffice
) -> None:
    def mute_the_caller() -> None:
        mute(office, "read")
        until("the incident", lambda: muted(office))

    a_call(office, mute_the_caller)
    (found,) = disagreements(hq)
    assert found.cause is Cause.RECORDING_MUTED
    assert int(found.numbers["muted_ms"] or 0) > 3000
    copy = muted(office)
    assert copy is not None
    assert (copy.subject, copy.detail) == (str(copy.call_id), {"direction": "read"})


def test_a_recording_that_never_came_to_be_is_named(hq: LoopbackHeadquarters, office: LoopbackOffice) -> None:
    office.uplink.stop()  # it has no business in a spool that is none
    office.paths.spool.rename(office.home / "gone")
    office.paths.spool.touch()  # no file can be made in it: Asterisk says that it records, and writes nothing
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=5).wait()
    nobody_left(office)
    office.paths.spool.unlink()
    (office.home / "gone").rename(office.paths.spool)
    office.uplink.start()
    call_over(office, 30)
    seal_all(office)
    assert [one.cause for one in disagreements(hq, RecordingState.EMPTY)] == [Cause.NEVER_RECORDED]
