"""From ARI's events to what is written of a call: in Asterisk's order, and whole only where all of it was seen."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from ari_app.admission import Admission
from ari_app.events import AriEvent, Channel
from ari_app.store_writer import CallFacts, StoreWriter
from ari_app.tracker import Tracker
from supervision.calls.models import Call, CallEvent
from supervision.calls.rules import Disposition, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice
from supervision.clock import now
from supervision.database import Database
from supervision.offices.models import Line, Office

CALL = uuid.UUID("2890d6c7-de62-4bee-9330-18572a726291")
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def channel(name: str, line: str = "") -> Channel:
    return Channel(f"id-of-{name}", f"PJSIP/{name}-0000000a", "Up", AT, CALL, line, "", "138", "")


PORT, DESK = channel("fxo-1", "07-1"), channel("801")


def event(kind: str, about: Channel, peer: Channel | None = None, *, soft: bool = False) -> AriEvent:
    status = "RINGING" if kind == "Dial" else ""
    return AriEvent(kind, AT, "watch", about, peer, (), status, "", "", soft)


RANG = event("Dial", PORT, DESK)
ANSWERED = [event("ChannelStateChange", PORT), event("ChannelEnteredBridge", DESK)]
BY_OFFICER = [event("ChannelHangupRequest", DESK), event("ChannelLeftBridge", DESK)]
THEN_BY_US = event("ChannelHangupRequest", PORT, soft=True)
OVER = event("ChannelDestroyed", PORT)
DESK_OVER = event("ChannelDestroyed", DESK)
ALL = [RANG, *ANSWERED, *BY_OFFICER, THEN_BY_US, OVER]


@dataclass
class Watch:
    """A tracker on a store, and what it says of the ends of calls."""

    store: Database
    ends: list[tuple[uuid.UUID, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.store.transaction() as session:
            session.add(Office(code="07", name="第七税务所"))
            session.flush()
            facts = {"number": "1", "name": "一线", "rings_before_us": 0, "ring_s": 5.0, "announcement": True}
            session.add(Line(key="07-1", office_code="07", **facts))
        self.writer = StoreWriter(self.store, "07", {"07-1": LineOfOffice("07", 0, LineRules())})
        self.tracker = Tracker(
            self.writer, lambda _channel, _call_id: None, lambda call_id, whole: self.ends.append((call_id, whole))
        )

    def sees(self, *events: AriEvent) -> None:
        """These events come, and are written together."""

        async def see() -> None:
            for one in events:
                self.tracker.see(one)
            await self.tracker.write_next()

        asyncio.run(see())

    def record(self) -> Call:
        with self.store.reading() as session:
            call = session.get_one(Call, CALL)
            _ = (len(call.segments), len(call.events))
            return call


@pytest.fixture
def watch(store: Database) -> Watch:
    return Watch(store)


def test_a_call_that_was_watched_whole_ends_as_it_was_seen(watch: Watch) -> None:
    watch.tracker.admitted(CALL, PORT)
    watch.sees(*ALL)
    call = watch.record()
    assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.OFFICER)
    assert call.ended_at is not None
    assert watch.ends == [(CALL, True)]


def test_all_of_it_within_one_millisecond_keeps_the_order_in_which_it_came(watch: Watch) -> None:
    watch.tracker.admitted(CALL, PORT)
    for one in ALL:
        watch.sees(one)
    assert watch.record().hung_up_by is Party.OFFICER
    with watch.store.reading() as session:
        rows = session.scalars(select(CallEvent).order_by(CallEvent.sequence))
        kinds = [row.kind for row in rows if row.sequence > 0 and row.kind is not EventKind.WATCHED_WHOLE]
    assert kinds == [
        EventKind.DESK_RANG,
        EventKind.LINE_ANSWERED,
        EventKind.DESK_ANSWERED,
        EventKind.HUNG_UP,
        EventKind.DESK_LEFT,
        EventKind.HUNG_UP,
        EventKind.ENDED,
    ]


def interrupted(watch: Watch, by: Callable[[Tracker], None]) -> None:
    watch.tracker.admitted(CALL, PORT)
    watch.sees(*ALL[:3])
    by(watch.tracker)
    watch.tracker.follow(CALL, PORT)
    watch.sees(*ALL[3:])


@pytest.mark.parametrize("by", [Tracker.connection_lost, Tracker.misread])
def test_a_call_that_was_watched_in_part_has_no_end_from_what_was_seen(
    watch: Watch, by: Callable[[Tracker], None]
) -> None:
    interrupted(watch, by)
    call = watch.record()
    assert (call.disposition, call.hung_up_by, call.ended_at) == (None, None, None)
    assert watch.ends == [(CALL, False)]


def test_a_call_of_which_only_the_end_was_seen_is_not_taken_for_abandoned(watch: Watch) -> None:
    watch.tracker.follow(CALL, PORT)
    watch.sees(THEN_BY_US, OVER)
    assert watch.record().disposition is None


def test_a_call_of_which_the_store_refused_something_is_not_whole(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = StoreWriter.note

    async def refuses_once(
        writer: StoreWriter, facts: list[CallFacts], witness: Witness = Witness.ARI
    ) -> frozenset[uuid.UUID]:
        monkeypatch.setattr(StoreWriter, "note", note)
        return frozenset(fact.offered.call_id for fact in facts)

    watch.tracker.admitted(CALL, PORT)
    monkeypatch.setattr(StoreWriter, "note", refuses_once)
    watch.sees(*ALL[:3])
    watch.sees(*ALL[3:])
    assert watch.record().ended_at is None
    assert watch.ends == [(CALL, False)]


@pytest.mark.parametrize("together", [True, False])
def test_the_desk_that_goes_last_is_written_too_whether_or_not_it_comes_with_the_rest(
    watch: Watch, *, together: bool
) -> None:
    watch.tracker.admitted(CALL, PORT)
    for some in [[*ALL, DESK_OVER]] if together else [ALL, [DESK_OVER]]:
        watch.sees(*some)
    call = watch.record()
    assert EventKind.DESK_STOPPED in {one.kind for one in call.events}
    assert call.segments[0].ended_at == call.ended_at


class Wires:
    """ARI that sends any channel on, and a recorder that Asterisk does not obey."""

    async def continue_in_dialplan(self, _channel_id: str) -> bool:
        return True

    async def order(self, _channel: Channel, _call_id: uuid.UUID) -> None:
        return None


@pytest.mark.parametrize("watched", [True, False])
def test_a_call_that_came_in_before_the_events_of_all_channels_did_is_not_whole(
    watch: Watch, *, watched: bool
) -> None:
    wires: Any = Wires()
    admission = Admission(wires, wires, watch.writer, watch.tracker)
    into = AriEvent("StasisStart", now(), "admission", PORT, None, (str(CALL), "07-1"), "", "", "", soft=False)
    asyncio.run(admission.admit(into, watched=watched))
    watch.sees(*ALL)
    assert watch.ends == [(CALL, watched)]
    assert (watch.record().ended_at is not None) is watched
