"""Who may judge what, once people sit elsewhere, talk second, take over or amend (domain rule 1)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision.actor import Scope
from supervision.calls.models import Call, Segment
from supervision.calls.rules import SegmentKind
from supervision.context import Context
from supervision.draws import service as draws
from supervision.draws.models import Draw, Ticket
from supervision.draws.rules import Party, TicketState, Tier, Unusable
from supervision.errors import NotFound, Refused
from supervision.evaluations.drafts import find_unusable, return_evaluation, take_again
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import hidden_ids
from supervision.evaluations.rules import LEASE, Counting, Kind, rank_of
from supervision.evaluations.service import Rescoring, amend, count_evaluation, count_one_more, may_amend
from supervision.offices.seating import Seat, seat
from tests.calls.samples import NOON
from tests.evaluations.factories import ALWAYS, MONDAY, NEVER, SEED, Work, queued, ticket_of

HQ = Scope()
EARLY = MONDAY + timedelta(hours=1) + LEASE
AROUND = NOON - timedelta(days=1), NOON + timedelta(days=1)


def left_too_early(work: Work, login: str, ticket: Ticket) -> Evaluation:
    evaluation = work.takes(login, ticket)
    work.writes(login, evaluation, work.content())
    assert work.submits(login, evaluation) is Counting.TOO_LITTLE_HEARD
    return evaluation


def is_declined(work: Work, ticket: Ticket, *, agrees: bool = False) -> None:
    """Proposed as unusable by the leader, and headquarters does not agree, or does."""
    leader = work.context("leader")
    draws.propose_unusable(leader, ticket.id, reason=Unusable.NO_SPEECH, note="无人讲话")
    judge = work.context("supervisor")
    draws.decide_unusable(judge, ticket.id, agrees=agrees)


def test_whoever_talked_second_on_a_call_does_not_judge_it_either(work: Work) -> None:
    call = work.call()
    work.town.seat("01/802", "leader", *AROUND)
    for n, (kind, desk) in enumerate([(SegmentKind.OFFICER, "801"), (SegmentKind.BACKUP_LEADER, "802")], 1):
        begun = NOON + timedelta(seconds=10 * n)
        over = begun + timedelta(seconds=10)
        work.session.add(Segment(call_id=call.id, n=n, kind=kind, desk=desk, started_at=begun, ended_at=over))
    work.session.flush()
    (ticket,) = work.draw([call])
    with pytest.raises(Refused, match="own_call"):
        work.takes("leader", ticket)
    assert queued(work, "leader") == [(Kind.TICKET, False)]
    assert queued(work, "deputy") == queued(work, "supervisor") == [(Kind.TICKET, True)]


def test_a_seat_that_is_corrected_after_the_draw_makes_no_call_anothers(work: Work) -> None:
    desk = work.town.desks["01/802"]
    who = work.session, work.town.actor("leader"), work.town.scope("leader")
    sat = Seat(work.town.people["leader"].id, NOON - timedelta(hours=3), None, "值班")
    seat(Context(*who, NOON - timedelta(hours=3)), desk.id, sat, version=desk.version)
    (ticket,) = work.draw([work.call(answered_desk="802")])
    ticket.stratum = "leader"  # as the draw froze it
    work.session.flush()
    corrected = Seat(work.town.people["deputy"].id, NOON - timedelta(hours=1), NOON + timedelta(hours=1), "更正")
    seat(Context(*who, MONDAY), desk.id, corrected, version=desk.version)
    work.session.expire_all()
    for login in ("leader", "deputy"):
        with pytest.raises(Refused, match="own_call"):
            work.takes(login, ticket)
    assert work.judges("supervisor", ticket).counted_at is not None


def test_nobody_amends_the_judgement_of_a_call_on_which_he_talked(work: Work) -> None:
    work.town.seat("01/801", "head", *AROUND)
    evaluation = work.judges("leader", ticket_of(work))
    head = work.town.actor("head")
    with pytest.raises(Refused, match="own_call"):
        amend(Context(work.session, head, HQ, MONDAY), evaluation.id, work.content(), reason="改", n=1)


def test_whoever_takes_over_judges_and_does_not_amend_what_another_wrote(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = left_too_early(work, "leader", ticket)
    work.takes("deputy", ticket, EARLY)
    deputy = work.town.actor("deputy")
    assert not may_amend(deputy, evaluation)
    with pytest.raises(Refused, match="not_your_evaluation"):
        amend(
            Context(work.session, deputy, work.town.scope("deputy"), EARLY),
            evaluation.id,
            work.content(),
            reason="改",
            n=1,
        )


def test_having_a_call_in_hand_shows_nobody_what_another_judged_too_early(work: Work) -> None:
    work.town.seat("01/801", "leader", *AROUND)
    ticket = ticket_of(work)
    evaluation = left_too_early(work, "supervisor", ticket)
    second = work.town.actor("supervisor2")
    work.takes("supervisor2", ticket, EARLY)
    assert hidden_ids(work.session, second, [evaluation.id]) == {evaluation.id}
    return_evaluation(Context(work.session, second, HQ, EARLY), evaluation.id)
    work.takes("supervisor", ticket, EARLY)
    work.hears("supervisor", evaluation.call, 0, 100)
    assert count_evaluation(work.context("supervisor", EARLY), evaluation, ALWAYS) is Counting.COUNTS
    again = work.session.scalars(select(Evaluation).where(Evaluation.kind == Kind.RESCORE)).one()
    with pytest.raises(Refused, match="judged_already"):
        take_again(work.context("supervisor", EARLY), again.id)
    assert take_again(Context(work.session, second, HQ, EARLY), again.id).reviewer_id == second.account_id


def test_what_was_found_usable_after_all_counts_once_its_reviewer_has_heard_on(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = left_too_early(work, "leader", ticket)
    is_declined(work, ticket)
    assert ticket.state is TicketState.WAITING
    work.hears("leader", evaluation.call, 0, 100)
    assert count_one_more(work.session, NEVER, None, EARLY) == evaluation.id
    assert (evaluation.counted_at, ticket.state) == (EARLY, TicketState.DONE)


def test_what_cannot_be_heard_can_be_proposed_as_unusable_after_it_was_submitted(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = left_too_early(work, "leader", ticket)
    who = work.session, work.town.actor("leader"), work.town.scope("leader")
    find_unusable(Context(*who, MONDAY), evaluation.id, reason=Unusable.NO_AUDIO, note="没有声音")
    assert ticket.state is TicketState.PROPOSED
    counted = work.judges("leader", ticket_of(work))
    with pytest.raises(Refused, match="submitted_already"):
        find_unusable(Context(*who, MONDAY), counted.id, reason=Unusable.NO_AUDIO, note="没有声音")


@pytest.mark.parametrize("unusable_first", [True, False])
def test_what_succeeds_an_unusable_call_is_judged_again_in_its_place(work: Work, unusable_first: bool) -> None:
    share = Rescoring(b"k" * 32, 20)
    calls = [work.call(20) for _ in range(3)]
    low, high, spare = sorted(calls, key=lambda call: rank_of(share.key, SEED, call.id))
    first, other = work.draw([low, high])
    if not unusable_first:
        work.judges("leader", other, share)
    is_declined(work, first, agrees=True)
    successor = Ticket(
        draw_id=first.draw_id, call_id=spare.id, place=3, ticket="f" * 64, stratum="unknown", successor_of=first.id
    )
    work.session.add(successor)
    work.session.flush()
    if unusable_first:
        work.judges("leader", other, share)
    work.judges("leader", successor, share)
    again = work.session.scalars(select(Evaluation).where(Evaluation.kind == Kind.RESCORE)).all()
    assert [one.call_id for one in again] == [spare.id]


def test_headquarters_own_sample_is_counted_where_a_supervisor_took_it_over(work: Work) -> None:
    ticket = work.draw([work.call()], Tier.HQ)[0]
    evaluation = left_too_early(work, "supervisor", ticket)
    work.takes("supervisor2", ticket, EARLY)
    work.hears("supervisor2", evaluation.call, 0, 100)
    work.writes("supervisor2", evaluation, work.content(deduct=4))
    assert work.submits("supervisor2", evaluation) is Counting.COUNTS
    assert may_amend(work.town.actor("head"), evaluation)


def test_what_is_judged_of_a_whole_list_that_shrank_meanwhile_is_a_directed_check(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    ticket.state = TicketState.RELEASED
    work.session.flush()
    work.hears("leader", work.session.get_one(Call, ticket.call_id), 0, 100)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.DIRECTED
    assert evaluation.counted_at is None
    assert ticket.state is TicketState.RELEASED


def test_an_offices_list_that_is_headquarters_to_review_is_not_the_leaders(work: Work) -> None:
    ticket = ticket_of(work)
    work.session.get_one(Draw, ticket.draw_id).reviewer = Party.HQ
    with pytest.raises(NotFound):
        work.takes("leader", ticket)
    assert queued(work, "leader") == []
    assert queued(work, "supervisor") == [(Kind.TICKET, True)]
    work.takes("supervisor", ticket)
