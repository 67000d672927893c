"""Taking a ticket in hand, losing it, and what was typed meanwhile, on both databases."""

import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.context import Context
from supervision.database import Database
from supervision.draws import service as draws
from supervision.draws.models import Ticket
from supervision.draws.rules import TicketState, Tier, Unusable
from supervision.errors import Conflict, NotFound, Refused
from supervision.evaluations.drafts import (
    ASIDE_AT_MOST,
    Outcome,
    drop_aside,
    find_unusable,
    read_draft,
    renew_lease,
    return_evaluation,
    save_draft,
    take_call,
    take_ticket,
)
from supervision.evaluations.models import Evaluation, Finding, Judgement
from supervision.evaluations.queries import gather_drift
from supervision.evaluations.queue import queue_of
from supervision.evaluations.rules import LEASE, TAKEN_OVER, Counting, Kind
from supervision.evaluations.service import count_evaluation, counting_of, submit, uncounted
from supervision.recordings.models import Recording, RecordingState
from tests.calls.samples import NOON
from tests.evaluations.factories import MONDAY, NEVER, WINDOW, Work, make_work, queued, ticket_of

HQ = Scope()


def finds_unusable(work: Work, login: str, evaluation: Evaluation) -> None:
    who = work.session, work.town.actor(login), work.town.scope(login)
    find_unusable(Context(*who, MONDAY), evaluation.id, reason=Unusable.NO_SPEECH, note="无人讲话")


def decides(work: Work, login: str, ticket: Ticket, *, agrees: bool) -> None:
    context = work.context(login)
    draws.decide_unusable(context, ticket.id, agrees=agrees)


def test_nobody_judges_a_call_that_he_answered_a_deputy_or_headquarters_does(work: Work) -> None:
    work.town.seat("01/801", "leader", NOON - timedelta(days=1), NOON + timedelta(days=1))
    ticket = ticket_of(work)
    with pytest.raises(Refused, match="own_call"):
        work.takes("leader", ticket)
    assert queued(work, "leader") == [(Kind.TICKET, False)]
    assert queued(work, "supervisor") == [(Kind.TICKET, True)]
    assert work.judges("deputy", ticket).counted_at is not None
    other = ticket_of(work)
    assert work.judges("supervisor", other).counted_at is not None


def test_an_offices_ticket_is_not_headquarters_to_take_nor_the_other_way_round(work: Work) -> None:
    ours, theirs = ticket_of(work), work.draw([work.call()], Tier.HQ)[0]
    for login, ticket in (("supervisor", ours), ("leader", theirs), ("leader2", ours), ("leader2", theirs)):
        with pytest.raises(NotFound):
            work.takes(login, ticket)
    assert queued(work, "leader") == queued(work, "supervisor") == [(Kind.TICKET, True)]
    assert queued(work, "leader2") == []
    assert work.judges("supervisor", theirs).counted_at is not None


def test_the_second_on_one_ticket_sees_who_has_it(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    with pytest.raises(Refused, match="in_hand: 陈所长"):
        work.takes("deputy", ticket)
    queue = queue_of(work.session, work.town.actor("deputy"), work.town.scope("deputy"), MONDAY)
    assert [item.holder for item in queue.items] == ["陈所长"]
    assert work.takes("leader", ticket).id == evaluation.id


def test_what_was_deleted_comes_after_all_that_can_be_heard(work: Work) -> None:
    gone, first, second = work.draw([work.call() for _ in range(3)])
    work.session.get_one(Recording, gone.call_id).state = RecordingState.DELETED
    queue = queue_of(work.session, work.town.actor("leader"), work.town.scope("leader"), MONDAY)
    assert [item.ticket_id for item in queue.items] == [first.id, second.id, gone.id]
    assert [item.deleted for item in queue.items] == [False, False, True]
    after = [queue.after(one.call_id) for one in (first, second, gone)]
    assert [item and item.ticket_id for item in after] == [second.id, first.id, first.id]


def test_who_goes_silent_loses_the_ticket_but_not_what_he_wrote(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content(remark="我的意见"))
    assert work.takes("deputy", ticket, MONDAY + LEASE + timedelta(seconds=1)).id == evaluation.id
    assert ticket.taken_by == work.town.people["deputy"].id
    actor, scope = work.town.actor("leader"), work.town.scope("leader")
    said = save_draft(
        Context(work.session, actor, scope, MONDAY),
        evaluation.id,
        work.content(remark="更多"),
        version=1,
        window=WINDOW,
    )
    assert (said.outcome, said.holder) == (Outcome.NOT_IN_HAND, "方副所长")
    assert read_draft(work.session, actor, evaluation.id).content.remark == "更多"
    assert read_draft(work.session, work.town.actor("deputy"), evaluation.id).version == 0
    assert renew_lease(Context(work.session, actor, scope, MONDAY), evaluation.id).outcome is Outcome.NOT_IN_HAND
    with pytest.raises(Refused, match="not_in_hand"):
        work.submits("leader", evaluation)


def test_what_was_put_back_can_be_taken_at_once(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    return_evaluation(work.context("leader"), evaluation.id)
    assert work.takes("deputy", ticket).reviewer_id == work.town.people["deputy"].id
    with pytest.raises(Refused, match="not_in_hand"):
        return_evaluation(work.context("leader"), evaluation.id)


def test_a_ticket_found_unusable_is_let_go_and_comes_back_if_another_does_not_agree(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content(remark="听不清"))
    finds_unusable(work, "leader", evaluation)
    assert queued(work, "leader") == []
    for login in ("leader", "deputy"):
        with pytest.raises(Refused, match="ticket_proposed"):
            work.takes(login, ticket)
    with pytest.raises(Refused, match="ticket_proposed"):
        work.submits("leader", evaluation)
    assert counting_of(evaluation) is Counting.UNUSABLE
    decides(work, "supervisor", ticket, agrees=False)
    assert work.takes("leader", ticket).id == evaluation.id
    work.hears("leader", evaluation.call, 0, 100)
    assert work.submits("leader", evaluation) is Counting.COUNTS
    assert (ticket.state, evaluation.judgements[0].remark) == (TicketState.DONE, "听不清")


def test_what_was_submitted_and_then_found_unusable_counts_for_nobody(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content())
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD
    leader = work.context("leader")
    draws.propose_unusable(leader, ticket.id, reason=Unusable.NO_SPEECH, note="无人讲话")
    decides(work, "supervisor", ticket, agrees=True)
    work.hears("leader", evaluation.call, 0, 100)
    assert not uncounted(work.session)
    assert count_evaluation(work.context("leader"), evaluation, NEVER) is Counting.UNUSABLE


def test_what_its_reviewer_left_too_early_another_judges_in_his_place(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content(deduct=1))
    assert work.submits("leader", evaluation) is Counting.TOO_LITTLE_HEARD
    early = MONDAY + timedelta(hours=1) + LEASE
    with pytest.raises(Refused, match="in_hand: 陈所长"):
        work.takes("deputy", ticket, early - timedelta(seconds=1))
    item = queue_of(work.session, work.town.actor("deputy"), work.town.scope("deputy"), early).items[0]
    assert (item.left_by, item.holder, item.is_open) == ("陈所长", "", False)
    assert work.takes("deputy", ticket, early).id == evaluation.id
    work.hears("leader", evaluation.call, 0, 100)
    work.hears("deputy", evaluation.call, 0, 100)
    assert count_evaluation(work.context("deputy"), evaluation, NEVER) is Counting.NOT_SUBMITTED
    work.writes("deputy", evaluation, work.content(deduct=2))
    assert work.submits("deputy", evaluation) is Counting.COUNTS
    assert [(one.n, one.author.login, one.reason) for one in evaluation.judgements] == [
        (1, "leader", ""),
        (2, "deputy", TAKEN_OVER),
    ]
    assert (evaluation.own_judgement, ticket.state) == (evaluation.judgements[1], TicketState.DONE)
    with pytest.raises(Refused, match="submitted_already: 方副所长"):
        work.takes("leader", ticket, early + LEASE)
    drift = gather_drift(work.session, HQ, MONDAY, MONDAY + timedelta(days=1))
    assert [(one.key, one.mean) for one in drift.reviewers] == [(str(evaluation.reviewer_id), 98)]


def test_a_score_is_of_who_gave_it_not_of_who_has_the_call_in_hand(work: Work) -> None:
    ticket = work.draw([work.call()], Tier.HQ)[0]
    evaluation = work.takes("supervisor", ticket)
    work.writes("supervisor", evaluation, work.content())
    work.submits("supervisor", evaluation)
    drift = gather_drift(work.session, HQ, MONDAY, MONDAY + timedelta(days=1))
    assert [one.key for one in drift.reviewers] == [str(work.town.people["supervisor"].id)]
    work.takes("supervisor2", ticket, MONDAY + timedelta(hours=1) + LEASE)
    assert gather_drift(work.session, HQ, MONDAY, MONDAY + timedelta(days=1)).reviewers == []


def test_who_hears_on_keeps_what_he_submitted_too_early(work: Work) -> None:
    ticket = ticket_of(work)
    evaluation = work.takes("leader", ticket)
    work.writes("leader", evaluation, work.content())
    work.submits("leader", evaluation)
    at = MONDAY + timedelta(hours=1) + LEASE
    who = work.session, work.town.actor("leader"), work.town.scope("leader")
    assert renew_lease(Context(*who, at), evaluation.id).outcome is Outcome.SUBMITTED
    with pytest.raises(Refused, match="in_hand: 陈所长"):
        work.takes("deputy", ticket, at + LEASE / 2)
    assert work.takes("deputy", ticket, at + LEASE).reviewer_id == work.town.people["deputy"].id
    assert renew_lease(Context(*who, at + LEASE), evaluation.id).outcome is Outcome.NOT_IN_HAND
    assert work.takes("leader", ticket, at + 2 * LEASE).is_judged, "the deputy wrote nothing"
    assert work.takes("deputy", ticket, at + 3 * LEASE).id == evaluation.id
    work.writes("deputy", evaluation, work.content(deduct=1))
    assert work.submits("deputy", evaluation) is Counting.TOO_LITTLE_HEARD
    assert not work.takes("leader", ticket, at + 4 * LEASE).is_judged, "his own judgement was replaced"


def test_only_what_was_drawn_can_be_found_unusable_and_only_by_who_has_it(work: Work) -> None:
    directed = take_call(work.context("supervisor"), work.call().id)
    with pytest.raises(Refused, match="no_ticket"):
        finds_unusable(work, "supervisor", directed)
    evaluation = work.takes("leader", ticket_of(work))
    with pytest.raises(Refused, match="not_in_hand"):
        finds_unusable(work, "deputy", evaluation)


def test_two_windows_of_one_person_are_noticed_and_both_texts_are_kept(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    actor, scope, other = work.town.actor("leader"), work.town.scope("leader"), uuid.UUID(int=78)

    def save(remark: str, version: int, window: uuid.UUID) -> Outcome:
        content = work.content(remark=remark)
        return save_draft(
            Context(work.session, actor, scope, MONDAY), evaluation.id, content, version=version, window=window
        ).outcome

    assert save("甲", 0, WINDOW) is Outcome.SAVED
    assert save("乙", 0, other) is Outcome.SET_ASIDE
    assert save("乙二", 0, other) is Outcome.SET_ASIDE
    assert save("甲二", 1, WINDOW) is Outcome.SAVED
    draft = read_draft(work.session, actor, evaluation.id)
    assert draft.content.remark == "甲二"
    assert [(window, content.remark) for window, content, _ in draft.aside] == [(other, "乙二")]
    drop_aside(Context(work.session, actor, scope), evaluation.id, other)
    assert not read_draft(work.session, actor, evaluation.id).aside
    with pytest.raises(Conflict):
        submit(Context(work.session, actor, scope, MONDAY), evaluation.id, version=1, rescoring=NEVER)
    work.submits("leader", evaluation)
    assert save("迟到", 2, WINDOW) is Outcome.SUBMITTED
    assert [content.remark for _, content, _ in read_draft(work.session, actor, evaluation.id).aside] == ["迟到"]


def test_the_texts_of_any_number_of_windows_do_not_fill_the_database(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    context = Context(work.session, work.town.actor("leader"), work.town.scope("leader"), MONDAY)

    def save(window: int, remark: str = "写") -> Outcome:
        content = work.content(remark=remark)
        return save_draft(context, evaluation.id, content, version=0, window=uuid.UUID(int=window)).outcome

    assert save(1) is Outcome.SAVED
    assert {save(window, f"乙{window}") for window in range(2, ASIDE_AT_MOST + 2)} == {Outcome.SET_ASIDE}
    with pytest.raises(Refused, match="too_many_windows"):
        save(ASIDE_AT_MOST + 2, "再写")
    assert save(2, "改写") is Outcome.SET_ASIDE, "a window that has its text writes it on"
    drop_aside(context, evaluation.id, uuid.UUID(int=2))
    assert save(ASIDE_AT_MOST + 2, "再写") is Outcome.SET_ASIDE


def test_a_text_that_comes_again_because_the_answer_was_lost_is_no_other_windows(work: Work) -> None:
    evaluation = work.takes("leader", ticket_of(work))
    who = work.session, work.town.actor("leader"), work.town.scope("leader")
    text, at = work.content(remark="写一次"), MONDAY
    for _ in range(2):
        saved = save_draft(Context(*who, at), evaluation.id, text, version=0, window=WINDOW)
        assert (saved.outcome, saved.version) == (Outcome.SAVED, 1)
    other = save_draft(Context(*who, at), evaluation.id, work.content(remark="另写"), version=0, window=WINDOW)
    assert other.outcome is Outcome.SET_ASIDE


def test_two_people_who_take_one_ticket_at_the_same_moment_get_one_evaluation(
    store: Database, tmp_path: Path
) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        ticket_id = ticket_of(work).id
        people = [(work.town.actor(login), work.town.scope(login)) for login in ("leader", "deputy")]
    gate, answers = threading.Barrier(2), []

    def take(n: int) -> None:
        gate.wait()
        try:
            with store.transaction() as own:
                take_ticket(Context(own, *people[n], MONDAY), ticket_id)
        except (Refused, Conflict) as error:
            answers.append(error)

    threads = [threading.Thread(target=take, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 1
    with store.reading() as session:
        assert len(session.scalars(select(Evaluation)).all()) == 1


def test_the_database_itself_refuses_a_second_evaluation_of_a_ticket(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        evaluation = work.takes("leader", ticket_of(work))
        facts = {c.name: getattr(evaluation, c.key) for c in Evaluation.__table__.columns if c.name != "id"}
    with pytest.raises(DatabaseError), store.transaction() as session:
        _add(session, facts)


def _add(session: Session, facts: dict[str, object]) -> None:
    session.add(Evaluation(**facts))
    session.flush()


def test_everything_that_was_judged_is_there_after_a_restart(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        evaluation = work.takes("leader", ticket_of(work))
        work.writes("leader", evaluation, work.content(remark="写到一半"))
        actor = work.town.actor("leader")
    again = Database(store.url)
    with again.reading() as session:
        assert read_draft(session, actor, evaluation.id).content.remark == "写到一半"
        assert session.scalars(select(Judgement)).all() == []
        assert session.scalars(select(Finding)).all() == []
    again.close()
