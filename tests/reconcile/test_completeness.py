"""The certificate of an office and some days, from what the database and the disk really hold."""

import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from supervision.calls.models import Call, SwitchRecordRow, SwitchRecordSource
from supervision.clock import local
from supervision.database import Database, new_id
from supervision.errors import InvalidInput
from supervision.exchange.models import Inbox, RefusedFact
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.paths import Paths
from supervision.reconcile.certificate_rules import Step, Unsure, canonical_list
from supervision.reconcile.completeness import Completeness, Days, completeness, note_made
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.retention.service import propose_due
from tests.retention.archive import EPOCH, LATER, OLD, Archive, agreed, work

DAY = Days(date(2026, 1, 15), date(2026, 1, 15))


@pytest.fixture
def hq(tmp_path: Path, store: Database) -> Archive:
    return Archive(tmp_path, store)


def made(hq: Archive, days: Days = DAY, office: str = "01") -> Completeness:
    with hq.database.reading() as session:
        return completeness(session, hq.paths, office, days, LATER)


def sums(of: Completeness) -> tuple[int, int, int, int]:
    return of.found.answered, of.found.recorded, of.found.received, of.found.verified


def test_where_both_copies_stand_the_four_sums_are_equal(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        calls = [hq.recorded(town, OLD + timedelta(minutes=n)) for n in range(3)]
        town.missed(OLD)
        hq.recorded(town, OLD, office_code="02", line_key="east")
        hq.recorded(town, OLD - timedelta(days=1))
    found = made(hq)
    assert sums(found) == (3, 3, 3, 3)
    assert found.complete
    text = canonical_list(found.found).decode().splitlines()
    assert [line.split()[0] for line in text] == sorted(str(call.id) for call in calls)


def test_a_day_is_the_bureaus_day(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        for hour, minute in ((15, 59), (16, 0)):  # 23:59 of the 15th and 0:00 of the 16th there
            hq.recorded(town, OLD.replace(hour=hour, minute=minute))
    assert sums(made(hq)) == (1, 1, 1, 1)


def break_it(hq: Archive, session: Any, call: Call, how: str) -> None:
    recording, part = session.get_one(Recording, call.id), session.get_one(Part, f"{call.id}.a1.raw")
    if how == "not closed":
        recording.closed_at = None
    elif how == "empty part":
        part.length_bytes = 0
    elif how == "part under way":
        part.received_at = None
    elif how == "not sealed":
        recording.state = RecordingState.FAILED
    elif how == "office differs":
        session.get_one(OfficeCopy, call.id).pcm_sha256 = "f" * 64
    elif how == "office has none":
        session.delete(session.get_one(OfficeCopy, call.id))
    elif how == "file missing":
        hq.sealed(call).unlink()
    elif how == "file cut":
        hq.sealed(call).write_bytes(b"x")
    else:
        open_incident(
            session, office_code="01", cause=Cause.CONTENT_CHANGED, subject=str(call.id), at=LATER, call_id=call.id
        )


@pytest.mark.parametrize(
    ("how", "step"),
    [
        ("not closed", Step.RECORDED),
        ("empty part", Step.RECORDED),
        ("part under way", Step.RECEIVED),
        ("not sealed", Step.VERIFIED),
        ("office differs", Step.VERIFIED),
        ("office has none", Step.VERIFIED),
        ("file missing", Step.VERIFIED),
        ("file cut", Step.VERIFIED),
        ("content changed", Step.VERIFIED),
    ],
)
def test_what_is_not_proved_is_listed_with_its_step(hq: Archive, how: str, step: Step) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call, _ = hq.recorded(town), hq.recorded(town)
        break_it(hq, session, call, how)
    found = made(hq)
    assert [(one.call_id, one.step) for one in found.found.lacking] == [(call.id, step)]
    assert found.found.verified == 1


def test_what_is_lacking_says_why_by_its_open_incidents(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call, unknown = town.call(OLD), new_id()
        account = SwitchRecordRow(call_id=unknown, office_code="01", linkedid="1.1", offered_at=OLD)
        account.line_answered_at, account.mixmonitor_started, account.source = OLD, True, SwitchRecordSource.CEL
        session.add(account)
        for cause, subject, call_id in (
            (Cause.NEVER_RECORDED, str(call.id), call.id),
            (Cause.RECORD_MISSING, str(unknown), None),
        ):
            open_incident(session, office_code="01", cause=cause, subject=subject, at=OLD, call_id=call_id)
    found = made(hq)
    assert sums(found) == (2, 0, 0, 0)
    assert {one.call_id: one.step for one in found.found.lacking} == {
        call.id: Step.RECORDED,
        unknown: Step.WRITTEN_DOWN,
    }
    assert found.reasons == {call.id: [Cause.NEVER_RECORDED], unknown: [Cause.RECORD_MISSING]}


def test_a_call_in_progress_is_no_fault_but_one_that_never_ended_is(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        unended = town.call(OLD, ended_at=None, disposition=None)
        town.call(LATER - timedelta(minutes=3), ended_at=None, disposition=None)
    today = Days(local(LATER).date(), local(LATER).date())
    assert (sums(made(hq, today)), made(hq, today).in_progress) == ((0, 0, 0, 0), 1)
    assert made(hq, today).found.complete
    found = made(hq)
    assert ([one.call_id for one in found.found.lacking], found.in_progress) == ([unended.id], 0)


def test_what_was_deleted_is_proved_by_its_proof(hq: Archive) -> None:
    agreed(hq, 2)
    work(hq)
    found = made(hq)
    assert sums(found) == (2, 2, 2, 2)
    assert found.found.by_proof == 2
    assert len(found.found.hashes) == 2


@pytest.mark.parametrize(
    ("inbox", "why"),
    [
        ({"fact_at": DAY.bounds[1] - timedelta(seconds=1)}, Unsure.NOT_ALL_SENT),
        ({"fact_at": None}, Unsure.NEVER_SENT),
        ({"taken": 6}, Unsure.NUMBERS_MISSING),
        ({"gap_n": 9}, Unsure.NUMBERS_MISSING),
    ],
)
def test_equal_sums_prove_nothing_while_the_office_has_not_sent_everything(
    hq: Archive, inbox: dict[str, Any], why: Unsure
) -> None:
    with hq.database.transaction() as session:
        hq.recorded(hq.people(session))
        for name, value in inbox.items():
            setattr(session.get_one(Inbox, ("01", EPOCH)), name, value)
    found = made(hq)
    assert found.found.complete
    assert found.unsure == (why,)
    assert not found.complete


def test_a_fact_of_a_call_that_was_refused_in_these_days_is_said(hq: Archive) -> None:
    with hq.database.transaction() as session:
        hq.recorded(hq.people(session))
        for n, (kind, at) in enumerate((("call", OLD), ("machine", OLD), ("call", OLD - timedelta(days=2)))):
            whole = {"office_code": "01", "epoch": EPOCH, "body": {}, "error": "x"}
            session.add(RefusedFact(n=n, at=at, kind=kind, **whole))
    assert made(hq).unsure == (Unsure.FACTS_REFUSED,)
    assert made(hq).received.refused == 1


def test_a_fact_of_these_days_is_missed_however_late_it_came_and_one_of_other_days_is_not(hq: Archive) -> None:
    with hq.database.transaction() as session:
        hq.recorded(hq.people(session))
        whole = {"office_code": "01", "epoch": EPOCH, "kind": "call", "body": {}, "error": "x"}
        for n, written in enumerate((OLD - timedelta(days=4), OLD, OLD + timedelta(days=4))):
            session.add(RefusedFact(n=n, at=OLD + timedelta(days=9), fact_at=written, **whole))
    assert made(hq).unsure == (Unsure.FACTS_REFUSED,)
    assert made(hq).received.refused == 1


def test_what_an_epoch_lacks_that_ended_before_says_nothing_of_later_days(hq: Archive) -> None:
    with hq.database.transaction() as session:
        hq.recorded(hq.people(session))
        another_epoch(session, ended=OLD - timedelta(days=30), next_began=OLD - timedelta(days=29))
    assert made(hq).complete


def test_days_in_which_a_node_was_lost_and_began_anew_are_not_certain(hq: Archive) -> None:
    with hq.database.transaction() as session:
        hq.recorded(hq.people(session))
        another_epoch(session, ended=OLD - timedelta(hours=1), next_began=OLD + timedelta(days=3))
    found = made(hq)
    assert found.found.complete
    assert Unsure.BROKEN_OFF in found.unsure


def epoch_of(at: datetime) -> uuid.UUID:
    """A UUIDv7 of that moment."""
    return uuid.UUID(int=(round(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | 1)


def another_epoch(session: Any, *, ended: datetime, next_began: datetime) -> None:
    """The office sent its facts in one epoch until then, and in another one from then on."""
    known = session.get_one(Inbox, ("01", EPOCH))
    facts = {"office_code": "01", "n": 7, "taken": 7}
    session.add(
        Inbox(
            epoch=epoch_of(next_began), heard_at=known.heard_at, fact_at=known.fact_at, back_at=next_began, **facts
        )
    )
    session.delete(known)
    session.add(
        Inbox(epoch=epoch_of(ended - timedelta(days=9)), heard_at=ended, fact_at=ended, **{**facts, "taken": 6})
    )


def test_a_deletion_proves_nothing_of_a_recording_on_which_the_copies_differed(hq: Archive) -> None:
    agreed(hq, 2)
    work(hq)
    with hq.database.transaction() as session:
        copy = session.scalars(select(OfficeCopy)).first()
        assert copy is not None
        copy.pcm_sha256 = "f" * 64
    found = made(hq)
    assert (found.found.by_proof, len(found.found.hashes)) == (1, 1)
    assert not found.complete


@pytest.mark.parametrize("how", ["office differs", "office has none", "content changed", "part under way"])
def test_a_deletion_proves_no_more_than_was_proved_before(hq: Archive, how: str) -> None:
    calls, _ = agreed(hq, 2)
    work(hq)
    with hq.database.transaction() as session:
        break_it(hq, session, calls[0], how)
    found = made(hq).found
    assert [one.call_id for one in found.lacking] == [calls[0].id]
    assert (found.verified, found.by_proof) == (1, 1)


@pytest.mark.parametrize(("first", "last"), [(1, 0), (0, 366)])
def test_days_that_end_before_they_begin_or_are_more_than_a_year_are_refused(first: int, last: int) -> None:
    with pytest.raises(InvalidInput):
        Days(DAY.first + timedelta(days=first), DAY.first + timedelta(days=last))


def test_thousands_of_calls_are_certified_and_making_one_is_written_down(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call = hq.recorded(town)
        template = {column.key: getattr(call, column.key) for column in Call.__table__.columns}
        session.execute(insert(Call), [{**template, "id": new_id(), "uniqueid": f"x{n}"} for n in range(5000)])
        assert propose_due(session, OLD) == []
        found = completeness(session, Paths(hq.home), "01", DAY, LATER)
        assert sums(found) == (5001, 1, 1, 1)
        note_made(session, town.actor("head"), found, "pdf")
