"""Work on tickets, on both databases: taken by one, counted once, found unusable by two people only."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Role, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.draws import queries
from supervision.draws.models import Draw, DrawNorm, Ticket
from supervision.draws.queries import entries_of, list_work, progress_of, tickets_of_draw
from supervision.draws.rules import (
    TICKET_MOVES,
    Party,
    TicketState,
    Tier,
    Unusable,
    WrongMove,
    advance,
    order_of_whole,
    seed_of,
    worked,
)
from supervision.draws.service import (
    confirm_none,
    decide_unusable,
    finish_ticket,
    propose_unusable,
    raise_norm,
    reassign_ticket,
    take_ticket,
)
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.recordings.models import OfficeCopy, Recording, RecordingState
from tests.calls.samples import NOON, Town, make_town, seconds
from tests.draws.made import SHARES, give_both, make_drawn, make_whole

WEEK = "office:01:2026-W11"
LATER = NOON + timedelta(days=6)


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        made = make_town(session)
        made.person("head", "郑科长", Role.SUPERVISION_HEAD)
        yield made


def drawn(town: Town, calls: int = 6, name: str = WEEK) -> Draw:
    """So many calls of one person, and their draw."""
    for n in range(calls):
        town.call(NOON + seconds(60 * n))
    return make_drawn(town.session, name, LATER)


def tickets(session: Session, draw: Draw) -> list[Ticket]:
    return list(tickets_of_draw(session, Scope(), draw.id))


def acting(town: Town, login: str) -> Context:
    """What that person does, does he later in the week, and sees all."""
    return Context(town.session, town.actor(login), Scope(), LATER)


def propose(town: Town, ticket: Ticket, login: str = "leader") -> None:
    propose_unusable(acting(town, login), ticket.id, reason=Unusable.NO_SPEECH, note="无人讲话")


def test_a_ticket_moves_only_as_the_table_says() -> None:
    for before in TicketState:
        for after in TicketState:
            if after in TICKET_MOVES[before]:
                assert advance(before, after) is after
            else:
                with pytest.raises(WrongMove):
                    advance(before, after)


def test_two_people_never_have_one_ticket(town: Town) -> None:
    ticket = tickets(town.session, drawn(town))[0]
    take_ticket(acting(town, "leader"), ticket.id)
    assert take_ticket(acting(town, "leader"), ticket.id).taken_at == LATER
    with pytest.raises(Refused, match="ticket_taken"):
        take_ticket(acting(town, "supervisor"), ticket.id)
    with pytest.raises(Refused, match="ticket_taken"):
        finish_ticket(acting(town, "supervisor"), ticket.id)
    reassign_ticket(acting(town, "supervisor"), ticket.id)
    assert take_ticket(acting(town, "supervisor"), ticket.id) is ticket


def test_what_is_done_counts_once_and_stays(town: Town) -> None:
    draw = drawn(town)
    ticket, other = tickets(town.session, draw)
    take_ticket(acting(town, "leader"), ticket.id)
    finish_ticket(acting(town, "leader"), ticket.id)
    progress = progress_of(town.session, [draw])[draw.id]
    assert (progress.required, progress.done, progress.left, progress.met) == (2, 1, 1, False)
    assert [one.id for one in list_work(town.session, Scope(office_code="01"), Party.OFFICE)] == [other.id]
    with pytest.raises(Conflict):
        propose(town, ticket)


def test_calls_without_end_of_one_office_leave_room_for_those_of_others_among_what_headquarters_has_to_do(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_OF_OFFICE", 2, raising=False)
    for n in range(6):
        town.call(NOON + seconds(60 * n))
    draw = make_whole(town.session, "hq:01:2026-03", LATER, failed=Party.OFFICE)
    every = [one.id for one in tickets(town.session, draw)]
    assert [one.id for one in list_work(town.session, Scope(), Party.HQ)] == every[:2]
    assert [one.id for one in list_work(town.session, Scope(office_code="01"), Party.HQ)] == every


def test_a_ticket_is_unusable_when_another_person_of_headquarters_agrees_and_the_next_takes_its_place(
    town: Town,
) -> None:
    draw = drawn(town)
    ticket, other = tickets(town.session, draw)
    propose(town, ticket)
    with pytest.raises(Refused, match="another_person"):
        decide_unusable(acting(town, "leader"), ticket.id, agrees=True)
    added = decide_unusable(acting(town, "supervisor"), ticket.id, agrees=True)
    assert added is not None
    assert (added.successor_of, added.place, ticket.agreed_n) == (ticket.id, 3, 1)
    assert added.ticket > other.ticket, "the next of its stratum"
    progress = progress_of(town.session, [draw])[draw.id]
    assert (progress.required, progress.unusable, progress.waiting) == (2, 1, 2), "no fewer are to be done"


def test_in_headquarters_draw_only_the_head_agrees_that_a_ticket_is_unusable(town: Town) -> None:
    town.person("supervisor2", "胡督察", Role.SUPERVISOR)
    ticket = tickets(town.session, drawn(town, name="hq:01:2026-03"))[0]
    propose(town, ticket, "supervisor")
    with pytest.raises(Refused, match="head_only"):
        decide_unusable(acting(town, "supervisor2"), ticket.id, agrees=True)
    decide_unusable(acting(town, "head"), ticket.id, agrees=True)
    assert ticket.state is TicketState.UNUSABLE


@pytest.mark.parametrize("copy", ["headquarters'", "the office's"])
def test_where_either_side_measured_speech_a_ticket_is_never_unusable(town: Town, copy: str) -> None:
    ticket, other = tickets(town.session, drawn(town))
    propose(town, other)
    town.session.add(Recording(call_id=ticket.call_id, state=RecordingState.READY, duration_ms=60_000))
    town.session.add(Recording(call_id=other.call_id, state=RecordingState.READY, duration_ms=60_000))
    town.session.flush()
    for call_id in (ticket.call_id, other.call_id):
        if copy == "headquarters'":
            town.session.get_one(Recording, call_id).caller_silence_ms = 50_000
        else:
            values = {"state": RecordingState.READY, "duration_ms": 60_000, "sealed_at": NOON}
            town.session.add(OfficeCopy(call_id=call_id, speech_ms=1000, **values))
    town.session.flush()
    with pytest.raises(Refused, match="somebody_speaks"):
        propose(town, ticket)
    with pytest.raises(Refused, match="somebody_speaks"):
        decide_unusable(acting(town, "head"), other.id, agrees=True)


def test_headquarters_works_on_an_offices_tickets_only_where_the_list_is_its_own_to_review(town: Town) -> None:
    own = tickets(town.session, drawn(town))[0]
    with pytest.raises(Refused, match="not_your_draw"):
        propose(town, own, "supervisor")
    town.call(NOON + timedelta(days=14))
    failed = make_whole(town.session, "office:01:2026-W13", NOON + timedelta(days=21), failed=Party.HQ)
    (ticket,) = tickets(town.session, failed)
    with pytest.raises(Refused, match="not_your_draw"):
        take_ticket(acting(town, "leader"), ticket.id)
    take_ticket(acting(town, "supervisor"), ticket.id)


def test_a_whole_list_requires_all_that_are_usable_and_shrinks_with_its_successors(town: Town) -> None:
    for n in range(8):
        town.call(NOON + seconds(60 * n))
    draw = make_whole(town.session, WEEK, LATER, failed=Party.OFFICE)
    due_at, rows = draw.due_at, tickets(town.session, draw)
    assert [row.call_id for row in rows] == [
        uuid.UUID(one.call_id)
        for one in order_of_whole(draw.name, draw.root or "", entries_of(town.session, draw.id))
    ]
    gone = worked_first(town, draw)
    ticket = next(row for row in rows if row.call_id == gone)
    propose(town, ticket)
    assert decide_unusable(acting(town, "head"), ticket.id, agrees=True) is None
    progress = progress_of(town.session, [draw])[draw.id]
    assert (progress.required, progress.waiting, progress.unusable) == (7, 7, 1)
    give_both(town.session, draw, LATER + timedelta(days=5))
    kept = [row for row in tickets(town.session, draw) if row.state is not TicketState.RELEASED]
    assert len(kept) == 3, "two were drawn, and one of them has a successor"
    assert kept[2].successor_of == ticket.id
    progress = progress_of(town.session, [draw])[draw.id]
    assert (progress.required, progress.waiting, progress.unusable) == (2, 2, 1)
    assert draw.due_at == due_at


def worked_first(town: Town, draw: Draw) -> uuid.UUID:
    """The call that will be drawn first once both shares are there."""
    seed = seed_of(draw.name, draw.root or "", SHARES[Party.OFFICE], SHARES[Party.HQ])
    return uuid.UUID(worked(seed, Fraction(1, 5), entries_of(town.session, draw.id), ())[0][0].call_id)


def test_who_does_not_agree_lets_the_ticket_wait_again(town: Town) -> None:
    ticket = tickets(town.session, drawn(town))[0]
    propose(town, ticket)
    decide_unusable(acting(town, "head"), ticket.id, agrees=False)
    assert (ticket.state, ticket.proposed_by) == (TicketState.WAITING, None)


def test_an_exhausted_list_is_shown_as_such(town: Town) -> None:
    draw = drawn(town, 1)
    (ticket,) = tickets(town.session, draw)
    propose(town, ticket)
    assert decide_unusable(acting(town, "head"), ticket.id, agrees=True) is None
    progress = progress_of(town.session, [draw])[draw.id]
    assert progress.exhausted
    assert progress.met


def test_a_reason_is_needed_and_headquarters_sample_is_not_the_offices_to_touch(town: Town) -> None:
    ticket = tickets(town.session, drawn(town, name="hq:01:2026-03"))[0]
    with pytest.raises(Refused, match="not_your_draw"):
        propose(town, ticket)
    with pytest.raises(InvalidInput):
        propose_unusable(acting(town, "head"), ticket.id, reason=Unusable.NO_AUDIO, note=" ")


def test_the_database_itself_refuses_one_person_for_two(town: Town) -> None:
    ticket = tickets(town.session, drawn(town))[0]
    one = town.people["supervisor"].id
    facts = {"state": TicketState.UNUSABLE, "reason": Unusable.NO_SPEECH, "proposed_by": one, "agreed_by": one}
    with pytest.raises(IntegrityError), town.session.begin_nested():
        town.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(**facts))


def test_the_database_itself_refuses_a_rate_under_the_floor_and_a_second_ticket_for_a_call(town: Town) -> None:
    draw = drawn(town)
    ticket = tickets(town.session, draw)[0]
    for tier, percent in ((Tier.OFFICE, 19), (Tier.HQ, 9), (Tier.HQ, 101)):
        norm = DrawNorm(tier=tier, percent=percent, decided_by=town.people["head"].id, reason="x")
        with pytest.raises(IntegrityError), town.session.begin_nested():
            town.session.add(norm)
            town.session.flush()
    double = Ticket(id=uuid.uuid4(), draw_id=draw.id, call_id=ticket.call_id, place=9, ticket="x", stratum="x")
    with pytest.raises(IntegrityError), town.session.begin_nested():
        town.session.add(double)
        town.session.flush()


def test_the_norm_can_be_raised_by_the_head_and_lowered_under_the_floor_by_nobody(town: Town) -> None:
    head, supervisor = acting(town, "head"), acting(town, "supervisor")
    raise_norm(head, tier=Tier.OFFICE, percent=30, reason="春季专项")
    with pytest.raises(Refused, match="under_the_floor"):
        raise_norm(head, tier=Tier.OFFICE, percent=19, reason="春季专项")
    with pytest.raises(Refused, match="head_only"):
        raise_norm(supervisor, tier=Tier.OFFICE, percent=40, reason="春季专项")


def test_that_there_were_no_calls_is_confirmed_by_both_and_only_where_there_were_none(town: Town) -> None:
    empty = make_drawn(town.session, "office:02:2026-W11", LATER)
    confirm_none(acting(town, "head"), empty.id)
    assert (empty.none_by_office, bool(empty.none_by_hq)) == ("", True)
    with pytest.raises(Refused, match="draw_has_calls"):
        confirm_none(acting(town, "head"), drawn(town).id)
