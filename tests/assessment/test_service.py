"""What counts in a month and for whom; closing it, correcting it, weights; and who sees what."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.assessment import service
from supervision.assessment.conduct import Conduct
from supervision.assessment.gathering import items_of
from supervision.assessment.models import AssessmentMonth
from supervision.assessment.queries import (
    Wanted,
    assess,
    assess_one,
    entries_of,
    entries_within,
    figures_by_month,
    page_of,
    weights_for,
)
from supervision.assessment.rules import Figure, Item, Weights, figures_of, parse_period
from supervision.audit.models import AuditEntry
from supervision.calls.models import Segment
from supervision.calls.rules import SegmentKind
from supervision.clock import day_bounds
from supervision.complaints import service as complaints
from supervision.discipline import appeals
from supervision.discipline.rules import Remedy
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party
from supervision.errors import InvalidInput, Refused
from supervision.evaluations.models import Evaluation
from supervision.evaluations.service import amend
from supervision.findings.rules import Standing
from supervision.findings.service import open_treatments
from tests.calls.samples import NOON
from tests.complaints.factories import decided, received
from tests.discipline.factories import DECIDED, appealed, appealed_judgement, notified, with_chief
from tests.discipline.factories import decided as discipline_decided
from tests.discipline.factories import proposed as discipline_proposed
from tests.evaluations.factories import ALWAYS, Work
from tests.findings.factories import breach, judged, treated
from tests.rectification.factories import answered, issued, withdrawn

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
CLOSING = datetime(2026, 4, 16, 1, tzinfo=UTC)
DAY = date(2026, 3, 10)
LATER = DECIDED + timedelta(days=2)


@dataclass
class Records:
    """What a discipline room would say."""

    conduct: list[Conduct] = field(default_factory=list)
    contested: set[uuid.UUID] = field(default_factory=set)

    def list_conduct(self, session: Session, first: date, before: date) -> Sequence[Conduct]:
        return [one for one in self.conduct if first <= one.on < before]

    def uncounted_evaluations(self, session: Session) -> Collection[uuid.UUID]:
        return self.contested


def of(figure: Figure, found: Sequence[Item]) -> list[tuple[uuid.UUID | None, int]]:
    return [(one.person, one.value) for one in found if one.figure is figure]


def gathered(work: Work, *sources: Records, month: date = MARCH) -> list[Item]:
    return items_of(work.session, month, CLOSING, sources=sources)


def closed(work: Work) -> AssessmentMonth:
    return service.close_month(work.context("head", CLOSING), MARCH)


def test_what_counts_of_a_month_is_gathered_from_every_room(work: Work) -> None:
    zhang = work.town.people["zhang"].id
    evaluation = judged(work, breach(), breach(2))
    open_treatments(work.session)
    work.town.call(rings=5)
    work.town.missed()
    decided(work, received(work))
    answered(work, issued(work))
    found = gathered(work)
    assert of(Figure.SCORE, found)[0] == (zhang, 100)
    assert {one.call for one in found if one.figure is Figure.SCORE} >= {evaluation.call_id}
    assert of(Figure.FINDINGS, found) == [(zhang, 1)] * 3
    assert sorted(value for _, value in of(Figure.RINGS, found)) == [0, 1, 1]
    assert of(Figure.COMPLAINTS, found) == [(zhang, 1)]
    assert of(Figure.QUOTAS, found) == [(None, 1), (None, 1)]
    assert of(Figure.RECTIFICATIONS, found) == [(None, 1)]
    assert gathered(work, month=APRIL) == []
    assert {one.office_code for one in found} == {"01"}
    assert items_of(work.session, MARCH, CLOSING, "02") == []


def test_a_leader_who_stepped_in_is_not_judged_by_the_rings_of_others(work: Work) -> None:
    call = work.town.call(rings=5)
    work.session.add(Segment(call_id=call.id, n=1, kind=SegmentKind.BACKUP_LEADER, desk="801", started_at=NOON))
    work.session.flush()
    assert of(Figure.RINGS, gathered(work)) == [(None, 0)]


def test_what_headquarters_failed_at_counts_in_nobodys_until_its_share_is_there(work: Work) -> None:
    evaluation = judged(work, breach())
    open_treatments(work.session)
    draw = work.session.get_one(Draw, work.session.get_one(Ticket, evaluation.ticket_id).draw_id)
    drawn_at, draw.hq_share, draw.drawn_at, draw.state = draw.drawn_at, None, None, DrawState.WHOLE
    assert of(Figure.SCORE, gathered(work)) + of(Figure.FINDINGS, gathered(work)) == []
    assert of(Figure.QUOTAS, gathered(work)) == [(None, 1)]
    draw.reviewer = Party.HQ
    assert of(Figure.QUOTAS, gathered(work)) == []
    draw.hq_share, draw.drawn_at, draw.state = "22" * 32, drawn_at, DrawState.DRAWN
    assert len(of(Figure.SCORE, gathered(work))) == 1


def test_a_few_late_calls_that_are_whole_without_shares_count(work: Work) -> None:
    evaluation = judged(work)
    draw = work.session.get_one(Draw, work.session.get_one(Ticket, evaluation.ticket_id).draw_id)
    draw.hq_share, draw.drawn_at, draw.state, draw.calls = None, None, DrawState.WHOLE, 5
    assert of(Figure.SCORE, gathered(work)) == []
    draw.supplement = 1
    assert len(of(Figure.SCORE, gathered(work))) == 1
    draw.calls = 6
    assert of(Figure.SCORE, gathered(work)) == []


def test_what_is_not_counted_hidden_or_contested_is_left_out(work: Work) -> None:
    evaluation = judged(work, breach())
    open_treatments(work.session)
    contested = Records(contested={evaluation.id})
    assert of(Figure.SCORE, gathered(work, contested)) + of(Figure.FINDINGS, gathered(work, contested)) == []
    (ticket,) = work.draw([work.call(20, at=NOON)])
    hidden = work.judges("leader", ticket, ALWAYS)
    assert len(of(Figure.SCORE, gathered(work))) == 1
    counted = work.session.get_one(Evaluation, evaluation.id)
    counted.counted_at = None
    assert of(Figure.SCORE, gathered(work)) == []
    assert hidden.counted_at is not None


def test_a_quota_that_was_met_late_and_one_that_is_not_met_are_not_kept(work: Work) -> None:
    evaluation = judged(work)
    ticket = work.session.get_one(Ticket, evaluation.ticket_id)
    due = work.session.get_one(Draw, ticket.draw_id).due_at
    assert due is not None
    assert of(Figure.QUOTAS, gathered(work)) == [(None, 1)]
    ticket.done_at = due + timedelta(seconds=1)
    assert of(Figure.QUOTAS, gathered(work)) == [(None, 0)]
    work.draw([work.call(20)])
    assert of(Figure.QUOTAS, gathered(work)) == [(None, 0), (None, 0)]
    assert of(Figure.QUOTAS, items_of(work.session, MARCH, due - timedelta(seconds=1))) == []


def test_an_overdue_notice_counts_once_and_stays_late_when_it_is_answered(work: Work) -> None:
    notice = issued(work)
    late = day_bounds(notice.due_on)[1]
    (before,) = [one for one in items_of(work.session, MARCH, late) if one.figure is Figure.RECTIFICATIONS]
    assert before.value == 0
    answered(work, notice).replies[0].at = late
    (after,) = [one for one in gathered(work) if one.figure is Figure.RECTIFICATIONS]
    assert (after.key, after.value) == (before.key, 0)


def test_a_notice_counts_in_no_office_while_all_that_it_rests_on_is_contested_or_is_gone(work: Work) -> None:
    contested = Records()
    first, second = treated(work), treated(work)
    answered(work, issued(work, first, second))
    assert of(Figure.RECTIFICATIONS, gathered(work, contested)) == [(None, 1)]
    contested.contested = {first.evaluation_id}
    assert of(Figure.RECTIFICATIONS, gathered(work, contested)) == [(None, 1)]
    second.state = Standing.GONE
    assert of(Figure.RECTIFICATIONS, gathered(work, contested)) == []
    contested.contested = set()
    assert of(Figure.RECTIFICATIONS, gathered(work, contested)) == [(None, 1)]


def test_a_notice_that_was_withdrawn_counts_in_no_office(work: Work) -> None:
    notice = issued(work)
    answered(work, notice).replies[0].at = day_bounds(notice.due_on)[1]
    assert of(Figure.RECTIFICATIONS, gathered(work)) == [(None, 0)]
    withdrawn(work, notice)
    assert of(Figure.RECTIFICATIONS, gathered(work)) == []


def test_conduct_comes_in_through_the_interface(work: Work) -> None:
    li = work.town.people["li"].id
    records = Records(
        [
            Conduct(uuid.UUID(int=1), li, "01", DAY, 3, discipline=False),
            Conduct(uuid.UUID(int=2), li, "01", DAY, 5, discipline=True),
            Conduct(uuid.UUID(int=3), li, "01", APRIL, 5, discipline=True),
        ]
    )
    found = gathered(work, records)
    assert of(Figure.COMMENDATIONS, found) == [(li, 3)]
    assert of(Figure.DISCIPLINE, found) == [(li, 5)]


def test_a_closed_month_is_frozen_and_what_changes_is_a_correction(work: Work) -> None:
    session, zhang = work.session, str(work.town.people["zhang"].id)
    evaluation, complaint = judged(work), decided(work, received(work))
    frozen = closed(work)
    before = assess_one(session, Scope(), Wanted(parse_period("2026-03"), CLOSING, offices=False), zhang)
    content = work.content(deduct=5)
    amend(work.context("leader", CLOSING), evaluation.id, content, reason="复核后更正", n=1)
    complaints.reopen(work.context("head", CLOSING), complaint.id, "有新证据", version=complaint.version)
    late = work.town.call()
    assert service.note_corrections(session, MARCH, CLOSING) == 4
    assert service.note_corrections(session, MARCH, CLOSING) == 0
    for name in ("2026-03", "2026-Q1", "2026"):
        wanted = Wanted(parse_period(name), CLOSING, offices=False)
        now = assess_one(session, Scope(), wanted, zhang)
        assert (now.closed, now.is_corrected) == (before.figures, True)
        assert now.tally(Figure.SCORE).total == 95
        assert now.tally(Figure.COMPLAINTS).n == 0
        assert now.points is not None
        assert now.points_closed == before.points
    entries = entries_within(session, Scope(), MARCH, CLOSING)
    assert figures_of(entries) == figures_of(one.entry for one in entries_of(session, MARCH))
    assert [one.sign for one in entries if one.correction] == [-1, 1, -1, 1]
    assert entries[-1].item.call in {late.id, evaluation.call_id}
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "assessment:2026-03"))
    assert list(acts) == ["assessment_closed", "assessment_corrected"]
    assert (frozen.n, frozen.weights_n) == (len(entries), 0)


@pytest.mark.parametrize("offices", [True, False])
def test_the_figures_of_each_month_are_those_that_the_month_alone_has(work: Work, *, offices: bool) -> None:
    session, key = work.session, "01" if offices else str(work.town.people["zhang"].id)
    judged(work)
    work.town.call(NOON + timedelta(days=31))
    year = Wanted(parse_period("2026"), CLOSING, offices)
    for closes in (False, True):
        if closes:
            closed(work)
            work.town.call()
            service.note_corrections(session, MARCH, CLOSING)
        alone = {
            month: assess_one(
                session, Scope(), Wanted(parse_period(f"{month:%Y-%m}"), CLOSING, offices), key
            ).figures
            for month in (MARCH, APRIL)
        }
        found = figures_by_month(session, Scope("01"), year, key)
        assert {month: found[month] for month in alone} == alone
        assert alone[MARCH][Figure.RINGS].n == (2 if closes else 1)
        assert alone[APRIL][Figure.RINGS].n == 1


def test_a_month_is_closed_by_the_head_once_it_is_time(work: Work) -> None:
    with pytest.raises(Refused, match="head_only"):
        service.close_month(work.context("supervisor", CLOSING), MARCH)
    with pytest.raises(Refused, match="assessment_not_yet"):
        service.close_month(work.context("head", CLOSING - timedelta(days=1)), MARCH)
    closed(work)
    with pytest.raises(Refused, match="assessment_closed_already"):
        closed(work)
    assert service.list_unchecked(work.session, CLOSING) == []
    assert service.list_unchecked(work.session, CLOSING + timedelta(days=1)) == [MARCH]


def test_weights_are_versioned_and_a_closed_month_keeps_its_own(work: Work) -> None:
    session, head = work.session, work.context("head", CLOSING)
    judged(work)
    closed(work)
    heavier = Weights(score=80, rings=20, quotas=0, rectifications=0)
    with pytest.raises(Refused, match="assessment_month_closed"):
        service.set_weights(head, heavier, MARCH, "x")
    with pytest.raises(InvalidInput, match="score"):
        service.set_weights(head, Weights(score=10), APRIL, "x")
    with pytest.raises(Refused, match="head_only"):
        service.set_weights(work.context("supervisor", CLOSING), heavier, APRIL, "x")
    service.set_weights(head, heavier, APRIL, "局务会决定")
    assert weights_for(session, MARCH) is None
    version = weights_for(session, APRIL)
    assert version is not None
    assert version.weights == heavier
    for name, weights in (("2026-03", Weights()), ("2026-04", heavier)):
        found = assess_one(session, Scope(), Wanted(parse_period(name), CLOSING, offices=True), "01")
        assert found.weights == weights


def test_each_sees_his_own_and_the_ranking_needs_enough_calls(work: Work) -> None:
    session, town = work.session, work.town
    judged(work)
    town.call(answered_desk="802")
    town.call(office_code="02", line_key="east")
    wanted = Wanted(parse_period("2026-03"), CLOSING, offices=False)
    for close in (False, True):
        if close:
            closed(work)
        seen = {
            login: {one.key for one in assess(session, town.scope(login), wanted)}
            for login in ("zhang", "leader", "head")
        }
        zhang, li, wu = (str(town.people[login].id) for login in ("zhang", "li", "wu"))
        assert seen == {"zhang": {zhang}, "leader": {zhang, li}, "head": {zhang, li, wu}}
        offices = Wanted(wanted.period, CLOSING, offices=True)
        assert {one.key for one in assess(session, Scope(), offices)} == {"01", "02"}
        assert {one.rank for one in assess(session, Scope(), wanted)} == {None}
        assert assess_one(session, town.scope("leader"), offices, "02").figures == {}


def test_an_office_alone_has_no_place_among_offices_and_its_people_have_one(work: Work) -> None:
    lenient = Weights(least_calls=1, least_evaluated=5)
    service.set_weights(work.context("head", CLOSING), lenient, MARCH, "局务会决定")
    for _ in range(5):
        judged(work)
    for offices, everywhere, alone in ((True, [1], [None]), (False, [1], [1])):
        wanted = Wanted(parse_period("2026-03"), CLOSING, offices)
        rows = assess(work.session, Scope(), wanted), assess(work.session, work.town.scope("leader"), wanted)
        assert [[one.rank for one in found if one.enough] for found in rows] == [everywhere, alone]


def test_entries_are_paged_by_their_place(work: Work) -> None:
    for _ in range(5):
        work.town.call()
    entries = entries_within(work.session, Scope(), MARCH, CLOSING, Figure.RINGS)
    first = page_of(entries, None, 2)
    second = page_of(entries, first.older, 2)
    last = page_of(entries, second.older, 2)
    assert [*first.rows, *second.rows, *last.rows] == entries
    assert (first.newer, last.older) == (None, None)
    assert page_of(entries, last.newer, 2).rows == second.rows


def test_a_record_counts_while_it_stands_and_nothing_of_what_is_appealed_does(work: Work) -> None:
    """Of the room of discipline itself, not of what stands for it."""
    with_chief(work)
    first, second = notified(work, judged(work, breach()), judged(work))
    open_treatments(work.session)
    record = discipline_decided(work, discipline_proposed(work, first))

    def counted() -> tuple[int, int, list[int]]:
        found = items_of(work.session, MARCH, CLOSING)
        points = [one.value for one in found if one.figure is Figure.DISCIPLINE]
        return len(of(Figure.SCORE, found)), len(of(Figure.FINDINGS, found)), points

    assert counted() == (2, 1, [record.points])
    (item,) = [one for one in items_of(work.session, MARCH, CLOSING) if one.figure is Figure.DISCIPLINE]
    assert (item.key, item.call, item.office_code) == (str(record.id), first.call_id, "01")
    appeal = appealed(work, record)
    assert counted() == (2, 1, [])
    appeals.dismiss(work.context("chief", LATER), appeal.id, "理由不成立", version=appeal.version)
    assert counted() == (2, 1, [record.points])
    contest = appealed_judgement(work, first)
    assert counted() == (1, 0, [])
    closed(work)
    appeals.uphold(
        work.context("head", LATER), contest.id, "系误判", version=contest.version, remedy=Remedy.SET_ASIDE
    )
    assert counted() == (1, 0, [])
    assert appealed_judgement(work, second).evaluation_id == second.id
    assert service.note_corrections(work.session, MARCH, CLOSING) == 1
    zhang = str(work.town.people["zhang"].id)
    now = assess_one(work.session, Scope(), Wanted(parse_period("2026-03"), CLOSING, offices=False), zhang)
    assert (now.closed[Figure.SCORE].n, now.tally(Figure.SCORE).n) == (1, 0)
