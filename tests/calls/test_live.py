"""The calls in progress, as the live page shows them: who talks, rings or waits, and for how long."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete

from supervision.actor import Scope
from supervision.calls import live
from supervision.calls.live import LiveCall, calls_in_progress, live_calls
from supervision.calls.models import Call, CallEvent
from supervision.calls.progress_rules import Progress
from supervision.calls.rules import EventKind, Witness
from supervision.database import Database
from tests.calls.samples import NOON, Town, make_town, seconds

GOING_ON: dict[str, Any] = {"ended_at": None, "disposition": None, "hung_up_by": None}
UNANSWERED: dict[str, Any] = {**GOING_ON, "answered_at": None, "answered_desk": None, "rings": 0}


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        yield make_town(session)


def happens(town: Town, call: Call, *events: tuple[EventKind, str]) -> None:
    for n, (kind, desk) in enumerate(events):
        town.session.add(
            CallEvent(call_id=call.id, witness=Witness.ARI, at=NOON + seconds(n), kind=kind, desk=desk)
        )
    town.session.flush()


def only(town: Town, after_s: float = 0, scope: Scope = Scope()) -> LiveCall:  # noqa: B008 - frozen
    (call,) = live_calls(town.session, scope, NOON + seconds(after_s))
    return call


def test_a_call_that_nobody_rang_for_waits(town: Town) -> None:
    town.call(**UNANSWERED, first_rang_at=None, rings_before_us=1)
    shown = only(town, 30)
    assert (shown.progress, shown.rings, shown.people) == (Progress.WAITING, 1, ())


def test_a_ringing_call_names_who_sits_at_the_desks_that_ring_and_counts_on(town: Town) -> None:
    call = town.call(**UNANSWERED)
    happens(
        town, call, (EventKind.DESK_RANG, "801"), (EventKind.DESK_RANG, "802"), (EventKind.DESK_STOPPED, "801")
    )
    assert (only(town, 6).progress, only(town, 6).people) == (Progress.RINGING, ("李强",))
    assert [only(town, after).rings for after in (1, 6, 11)] == [1, 2, 3]


def test_a_desk_at_which_nobody_is_known_to_sit_goes_by_its_name(town: Town) -> None:
    town.seat("02/801", "wu", since=NOON - seconds(9000), until=NOON - seconds(8000))
    call = town.call(**UNANSWERED, office_code="02", line_key="east")
    happens(town, call, (EventKind.DESK_RANG, "899"))
    assert only(town).people == ("899",)


def test_a_call_that_was_answered_names_its_officer_and_its_rings_stand(town: Town) -> None:
    town.call(**GOING_ON, rings_before_us=1)
    shown = only(town, 600)
    assert (shown.progress, shown.people, shown.rings) == (Progress.TALKING, ("张敏",), 3)
    assert (shown.office_name, shown.line_name, shown.masked_number) == ("城关税务所", "综合咨询", "138****5678")


DIED = ((EventKind.DESK_RANG, "801"), (EventKind.DESK_ANSWERED, "801"), (EventKind.DESK_LEFT, "801"))


def test_a_caller_whose_desk_died_waits_again_rings_again_and_talks_with_the_next(town: Town) -> None:
    call = town.call(**GOING_ON)
    back, rings, talks = (EventKind.PUT_BACK, ""), (EventKind.DESK_RANG, "802"), (EventKind.DESK_ANSWERED, "802")
    shown = []
    for more in ([back], [back, rings], [back, rings, talks]):
        town.session.execute(delete(CallEvent))
        happens(town, call, *DIED, *more)
        now_shown = only(town, 60)
        shown.append((now_shown.progress, now_shown.people, now_shown.answered_at is None))
    assert shown == [
        (Progress.WAITING, (), True),
        (Progress.RINGING, ("李强",), True),
        (Progress.TALKING, ("李强",), False),
    ]


def test_a_call_that_is_over_is_not_shown(town: Town) -> None:
    town.call()
    assert live_calls(town.session, Scope(), NOON) == []


def test_the_call_that_came_first_stands_at_the_top_and_there_is_a_limit(town: Town) -> None:
    ids = [town.call(NOON - seconds(n), **GOING_ON).id for n in range(4)]
    assert [call.id for call in live_calls(town.session, Scope(), NOON, limit=3)] == list(reversed(ids))[:3]


def test_calls_without_end_that_one_office_tells_of_hide_none_of_anothers(town: Town) -> None:
    for n in range(6):
        town.call(NOON - seconds(100 + n), **GOING_ON)
    other = town.call(NOON, **GOING_ON, office_code="02", line_key="east").id
    assert other in [call.id for call in live_calls(town.session, Scope(), NOON, limit=4)]
    assert len(live_calls(town.session, Scope(), NOON, limit=4)) == 4
    assert other in [call.id for call in calls_in_progress(town.session, Scope(), limit=4)]


def test_events_without_end_of_one_offices_calls_are_not_looked_through_each_second(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the live page would read them all."""
    monkeypatch.setattr(live, "MOST_EVENTS", 3, raising=False)
    flooded, other = town.call(**UNANSWERED), town.call(**UNANSWERED, office_code="02", line_key="east")
    happens(town, flooded, *[(EventKind.DESK_RANG, "801")] * 4)
    happens(town, other, (EventKind.DESK_RANG, "801"))
    shown = {call.id: call for call in live_calls(town.session, Scope(), NOON)}
    assert shown[flooded.id].people == ()
    assert shown[flooded.id].progress is Progress.RINGING, "as its record says"
    assert shown[other.id].people == ("吴静",)


@pytest.mark.parametrize(("office", "seen"), [("01", 1), ("02", 0)])
def test_a_scope_shows_its_own_office_only(town: Town, office: str, seen: int) -> None:
    town.call(**GOING_ON)
    assert len(live_calls(town.session, Scope(office), NOON)) == seen


def test_an_officer_sees_the_calls_that_he_answered_and_no_others(town: Town) -> None:
    mine = town.call(**GOING_ON, answered_desk="802")
    town.call(**GOING_ON)
    assert [call.id for call in live_calls(town.session, town.scope("li"), NOON)] == [mine.id]
    assert live_calls(town.session, Scope("01", own=uuid.uuid4()), NOON) == []
