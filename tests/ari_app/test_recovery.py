"""What Asterisk's logs tell of calls that were not watched whole, however late they tell it."""

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ari_app import recovery
from ari_app.cel import LoggedCall
from ari_app.events import Channel
from ari_app.recovery import Recovery
from ari_app.store_writer import CallFacts, StoreWriter
from ari_app.tracker import Tracker
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Event, EventKind, LineRules, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.offices.models import Line, Office
from supervision.paths import PartName

START = now().replace(microsecond=0) - timedelta(minutes=5)
CALL = uuid.UUID("2890d6c7-de62-4bee-9330-18572a726291")
OFFERED = Offered(CALL, "07-1", "c.0", START, "138")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


ANSWERED = (
    Event(EventKind.OFFERED, at(0), "c.0"),
    Event(EventKind.DESK_RANG, at(1), "c.1", "801"),
    Event(EventKind.DESK_ANSWERED, at(4), "c.1", "801"),
    Event(EventKind.ENDED, at(30), "c.0"),
)
WHOLE = LoggedCall(OFFERED, ANSWERED, ended=True, last_at=at(30))
CUT_SHORT = LoggedCall(OFFERED, ANSWERED[:3], ended=False, last_at=at(4), over=False)


@dataclass
class Logs:
    """CEL or CDR: what it tells of the one call, and how far it has come."""

    logged: LoggedCall | None = None
    reads: int = 0

    def calls(self) -> dict[uuid.UUID, Any]:
        """The call, if anything is reported it."""
        return {CALL: OFFERED} if self.logged else {}

    def last_row(self, linkedid: str) -> int:
        """As many as there are events."""
        return len(self.logged.events) if self.logged and linkedid else 0

    def find_call(self, _key: object) -> LoggedCall | None:
        """What is reported."""
        self.reads += 1
        return self.logged


class Cel(Logs):
    """CEL: by linkedid."""

    def calls(self) -> dict[uuid.UUID, Any]:
        return {CALL: "c.0"} if self.logged else {}


@dataclass
class Asterisk:
    """What lives in it, and since when it runs."""

    since: datetime | None = None
    living: list[Channel] = field(default_factory=list)

    async def channels(self) -> list[Channel]:
        """Whatever lives."""
        return self.living

    async def started_at(self) -> datetime | None:
        """When it was started."""
        return self.since


@dataclass
class NoRecorder:
    """There is no audio but what is given."""

    there: list[PartName] = field(default_factory=list)

    def last_writes(self, _call_id: uuid.UUID) -> list[datetime]:
        return []

    def parts(self, _call_id: uuid.UUID) -> list[PartName]:
        return self.there

    async def finish(self, _call_id: uuid.UUID) -> None:
        return None


@dataclass
class Node:
    """A node with its store, its logs and its Asterisk."""

    store: Database
    cel: Cel = field(default_factory=Cel)
    cdr: Logs = field(default_factory=Logs)
    asterisk: Asterisk = field(default_factory=Asterisk)

    def __post_init__(self) -> None:
        with self.store.transaction() as session:
            session.add(Office(code="07", name="第七税务所"))
            session.flush()
            facts = {"number": "1", "name": "一线", "rings_before_us": 0, "ring_s": 5.0, "announcement": True}
            session.add(Line(key="07-1", office_code="07", **facts))
        self.writer = StoreWriter(self.store, "07", {"07-1": LineOfOffice("07", 0, LineRules())})
        self.recorder = NoRecorder()
        anything: Any = self.recorder
        wires: Any = (self.asterisk, self.cel, self.cdr)
        tracker = Tracker(self.writer, lambda _channel, _call_id: None, lambda _call_id, _whole: None)

        async def guard(work: Coroutine[Any, Any, None]) -> None:
            await work

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            work.close()

        self.recovery = Recovery(wires[0], anything, self.writer, tracker, wires[1], wires[2], spawn, guard)

    def note(self, *events: Event, witness: Witness = Witness.ARI) -> None:
        asyncio.run(self.writer.note([CallFacts(OFFERED, events)], witness))

    def sweep(self, times: int = 1) -> Call:
        for _ in range(times):
            asyncio.run(self.recovery.sweep())
        with self.store.reading() as session:
            return session.get_one(Call, CALL)

    def incidents(self) -> list[tuple[Cause, bool]]:
        """Each incident's cause, and whether it is over."""
        with self.store.reading() as session:
            return [(row.cause, row.healed_at is not None) for row in session.scalars(select(Incident))]


@pytest.fixture
def office(store: Database, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Nobody waits for the first second."""
    monkeypatch.setattr(recovery, "SETTLED_S", 0.0)
    return Node(store)


FRAGMENT = Event(EventKind.ENDED, at(30), "c.0")


def test_a_call_whose_end_is_in_a_fragment_only_is_completed_from_the_log(office: Node) -> None:
    office.note(FRAGMENT)
    office.cel.logged = WHOLE
    call = office.sweep()
    assert (call.disposition, call.witness, call.ended_at) == (Disposition.ANSWERED, Witness.CEL, at(30))


def test_where_the_log_lost_the_call_its_detail_record_tells_the_end(office: Node) -> None:
    office.note(FRAGMENT)
    office.cdr.logged = replace(WHOLE, witness=Witness.CDR)
    call = office.sweep()
    assert (call.disposition, call.witness) == (Disposition.ANSWERED, Witness.CDR)


def test_a_log_that_is_slow_is_waited_for_while_asterisk_runs_on(
    office: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "CEL_LATE_S", 0.0)
    office.note(FRAGMENT)
    office.cel.logged = CUT_SHORT
    office.asterisk.since = START - timedelta(hours=1)
    assert office.sweep(3).ended_at is None
    office.cel.logged = WHOLE
    assert office.sweep().disposition is Disposition.ANSWERED
    assert not office.sweep().interrupted


def test_a_log_that_has_the_callers_end_is_not_waited_for_because_of_a_desk(
    office: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.note(FRAGMENT)
    office.cel.logged = replace(WHOLE, over=False)
    office.asterisk.since = START - timedelta(hours=1)
    assert office.sweep(2).ended_at is None
    monkeypatch.setattr(recovery, "CEL_LATE_S", 0.0)
    assert office.sweep().disposition is Disposition.ANSWERED


def test_an_asterisk_that_was_started_since_the_call_will_not_tell_its_end(
    office: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "CEL_LATE_S", 0.0)
    office.note(FRAGMENT)
    office.cel.logged = CUT_SHORT
    office.asterisk.since = START + timedelta(minutes=1)
    call = office.sweep()
    assert (call.interrupted, call.disposition, call.ended_at) == (True, Disposition.ANSWERED, at(4))


def given_up(office: Node) -> None:
    """A call that no log reported, so that it was given up."""
    office.note(FRAGMENT)
    asyncio.run(office.writer.interrupt(CALL, None))
    assert office.sweep().interrupted


@pytest.mark.parametrize("logged", [None, CUT_SHORT], ids=["no log", "a log that breaks off"])
def test_that_asterisk_stopped_is_over_once_a_log_tells_the_calls_end(
    office: Node, monkeypatch: pytest.MonkeyPatch, logged: LoggedCall | None
) -> None:
    monkeypatch.setattr(recovery, "CEL_LATE_S", 0.0)
    office.note(FRAGMENT)
    office.cel.logged = logged
    office.asterisk.since = START + timedelta(minutes=1)
    assert office.sweep().interrupted
    assert office.incidents() == [(Cause.ASTERISK_STOPPED, False)]
    office.cel.logged = WHOLE
    assert not office.sweep(2).interrupted
    assert office.incidents() == [(Cause.ASTERISK_STOPPED, True)]


@pytest.mark.parametrize("ended_for_us", [False, True], ids=["open", "given up"])
def test_that_the_dialplan_had_to_record_is_reported_with_the_record_and_once(
    office: Node, *, ended_for_us: bool
) -> None:
    office.recorder.there = [PartName(CALL, "d", 1)]
    if ended_for_us:
        given_up(office)
    else:
        office.note(FRAGMENT)
    office.cel.logged = WHOLE
    assert not office.sweep(2).interrupted
    assert [found for found in office.incidents() if found[0] is Cause.ADMISSION_FAILED] == [
        (Cause.ADMISSION_FAILED, True)
    ]


def test_a_record_and_what_is_to_be_seen_of_it_are_written_together_or_not_at_all(
    office: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.recorder.there = [PartName(CALL, "d", 1)]
    office.note(FRAGMENT)
    office.cel.logged = WHOLE

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ari_app.store_writer.open_incident", dies)
        with pytest.raises(KeyboardInterrupt):
            office.sweep()
    assert office.incidents() == []
    with office.store.reading() as session:
        assert session.get_one(Call, CALL).ended_at is None, "so that the next look finds it"
    office.sweep()
    assert office.incidents() == [(Cause.ADMISSION_FAILED, True)]


@pytest.mark.parametrize("witness", [Witness.CEL, Witness.CDR])
def test_a_call_that_has_an_end_from_a_fragment_is_completed_still(office: Node, witness: Witness) -> None:
    given_up(office)
    log = office.cel if witness is Witness.CEL else office.cdr
    log.logged = replace(WHOLE, witness=witness)
    call = office.sweep()
    assert (call.disposition, call.witness, call.interrupted) == (Disposition.ANSWERED, witness, False)


def test_a_record_from_the_detail_record_is_made_exact_once_the_log_is_back(office: Node) -> None:
    office.note(*ANSWERED, witness=Witness.CDR)
    assert office.sweep().witness is Witness.CDR
    office.cel.logged = WHOLE
    assert office.sweep().witness is Witness.CEL


def test_a_call_that_is_gone_is_completed_though_the_clock_was_put_back(
    office: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.note(FRAGMENT)
    office.cel.logged = WHOLE
    monkeypatch.setattr(recovery, "SETTLED_S", 0.001)
    office.sweep()
    monkeypatch.setattr(recovery, "now", lambda: now() - timedelta(hours=1))
    office.sweep(3)
    with office.store.reading() as session:
        assert session.get_one(Call, CALL).disposition is Disposition.ANSWERED


def test_a_log_that_has_nothing_new_of_such_a_call_is_not_read_again(office: Node) -> None:
    given_up(office)
    office.cel.logged = CUT_SHORT
    office.sweep()
    read = office.cel.reads
    office.sweep(3)
    assert office.cel.reads == read
    assert read > 0


def test_a_call_that_was_watched_whole_is_not_looked_up(office: Node) -> None:
    office.note(FRAGMENT, Event(EventKind.WATCHED_WHOLE, at(30), "c.0"))
    office.cel.logged = WHOLE
    call = office.sweep(2)
    assert (call.witness, office.cel.reads) == (Witness.ARI, 0)
