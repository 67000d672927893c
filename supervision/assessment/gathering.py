"""Gathering what a month's figures rest on from the rooms that know it, as it is now.

Scores and findings count in the month of their call, quotas and rectifications in that of their due day,
complaints in that of their decision. Nobody's is what headquarters' failure made: of a list drawn whole nothing
counts while headquarters' share is missing (draw.md), and what it must review itself then is no office's quota.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from supervision.assessment.conduct import SOURCES, ConductSource
from supervision.assessment.rules import Figure, Item
from supervision.calls.models import Call, Segment
from supervision.calls.queries import RINGS_IN_TIME, officer_of_call
from supervision.calls.rules import SegmentKind
from supervision.clock import day_bounds, local
from supervision.complaints.models import Complaint
from supervision.complaints.rules import Verdict
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import ALL_UP_TO, Party, TicketState, Tier
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.queries import is_judged_again
from supervision.evaluations.rules import EvaluationState, Kind
from supervision.findings.models import Treatment
from supervision.findings.rules import Standing
from supervision.rectification.models import Rectification, RectificationFinding, Reply
from supervision.rectification.rules import UNANSWERED, RectificationState
from supervision.workdays.rules import next_month

AN_INSTANT = timedelta(milliseconds=1)
UNDONE = (TicketState.WAITING, TicketState.TAKEN, TicketState.PROPOSED)


def items_of(
    session: Session,
    month: date,
    at: datetime,
    office_code: str | None = None,
    sources: Sequence[ConductSource] = SOURCES,
) -> list[Item]:
    """Everything that counts in a month, of one office or all, in a fixed order."""
    uncounted = {one for source in sources for one in source.uncounted_evaluations(session)}
    found = [
        *_scores(session, month, office_code, uncounted),
        *_findings(session, month, office_code, uncounted),
        *_rings(session, month, office_code),
        *_complaints(session, month, office_code),
        *_quotas(session, month, at, office_code),
        *_rectifications(session, month, at, office_code, uncounted),
        *_conduct(session, month, office_code, sources),
    ]
    return sorted(found, key=lambda one: (one.figure, one.on, one.key))


def _called(month: date, office_code: str | None) -> list[ColumnElement[bool]]:
    begins, ends = day_bounds(month)[0], day_bounds(next_month(month))[0]
    conditions: list[ColumnElement[bool]] = [Call.offered_at >= begins, Call.offered_at < ends]
    return conditions if office_code is None else [*conditions, Call.office_code == office_code]


def _counting() -> list[ColumnElement[bool]]:
    """Evaluations of drawn calls that count for their quota, of draws that may count for a person.

    A few late calls are whole without any share, and nobody failed: left out, lateness would spare them.
    """
    return [
        Evaluation.kind == Kind.TICKET,
        Evaluation.state != EvaluationState.DRAFT,
        Evaluation.counted_at.is_not(None),
        or_(Draw.hq_share.is_not(None), and_(Draw.supplement > 0, Draw.calls <= ALL_UP_TO)),
        ~is_judged_again(),
    ]


def _scores(session: Session, month: date, office_code: str | None, uncounted: set[uuid.UUID]) -> Iterator[Item]:
    newer = aliased(Judgement)
    is_newer = and_(newer.evaluation_id == Judgement.evaluation_id, newer.n > Judgement.n)
    query = (
        select(Evaluation.id, Call.office_code, officer_of_call(), Call.offered_at, Judgement.score, Call.id)
        .select_from(Evaluation)
        .join(Call, Call.id == Evaluation.call_id)
        .join(Ticket, Ticket.id == Evaluation.ticket_id)
        .join(Draw, Draw.id == Ticket.draw_id)
        .join(Judgement, Judgement.evaluation_id == Evaluation.id)
        .where(*_called(month, office_code), *_counting())
        .where(~select(newer.id).where(is_newer).correlate(Judgement).exists())
    )
    for evaluation_id, office, person, at, score, call_id in session.execute(query):
        if evaluation_id not in uncounted:
            yield Item(Figure.SCORE, str(evaluation_id), office, person, local(at).date(), score, call_id)


def _findings(session: Session, month: date, office_code: str | None, uncounted: set[uuid.UUID]) -> Iterator[Item]:
    query = (
        select(
            Treatment.id, Treatment.evaluation_id, Call.office_code, officer_of_call(), Call.offered_at, Call.id
        )
        .select_from(Treatment)
        .join(Evaluation, Evaluation.id == Treatment.evaluation_id)
        .join(Call, Call.id == Evaluation.call_id)
        .join(Ticket, Ticket.id == Evaluation.ticket_id)
        .join(Draw, Draw.id == Ticket.draw_id)
        .where(*_called(month, office_code), *_counting(), Treatment.state != Standing.GONE)
    )
    for treatment_id, evaluation_id, office, person, at, call_id in session.execute(query):
        if evaluation_id not in uncounted:
            yield Item(Figure.FINDINGS, str(treatment_id), office, person, local(at).date(), 1, call_id)


def _rings(session: Session, month: date, office_code: str | None) -> Iterator[Item]:
    """Who answered is judged by it, but not a leader who stepped in since nobody else answered."""
    first = and_(Segment.call_id == Call.id, Segment.n == 1)
    query = (
        select(Call.id, Call.office_code, officer_of_call(), Call.offered_at, Call.rings, Segment.kind)
        .select_from(Call)
        .outerjoin(Segment, first)
        .where(*_called(month, office_code), Call.answered_at.is_not(None))
    )
    for call_id, office, person, at, rings, kind in session.execute(query):
        own = None if kind is SegmentKind.BACKUP_LEADER else person
        in_time = int(rings <= RINGS_IN_TIME)
        yield Item(Figure.RINGS, str(call_id), office, own, local(at).date(), in_time, call_id)


def _complaints(session: Session, month: date, office_code: str | None) -> Iterator[Item]:
    begins, ends = day_bounds(month)[0], day_bounds(next_month(month))[0]
    decided = Complaint.decided_at >= begins, Complaint.decided_at < ends
    query = select(Complaint).where(*decided, Complaint.verdict == Verdict.UPHELD)
    if office_code is not None:
        query = query.where(Complaint.office_code == office_code)
    for one in session.scalars(query.options(selectinload(Complaint.calls))):
        call = one.calls[0].call_id if one.calls else None
        on = local(one.decided_at or begins).date()
        yield Item(Figure.COMPLAINTS, str(one.id), one.office_code, one.person_id, on, 1, call)


def _quotas(session: Session, month: date, at: datetime, office_code: str | None) -> Iterator[Item]:
    """The office's own lists that were due, each kept or not: all of it reviewed by its day.

    One that is whole through headquarters' failure is headquarters' to review. Through the office's own it stays
    the office's quota, or withholding a share would spare it that.
    """
    begins, ends = day_bounds(month)[0], day_bounds(next_month(month))[0]
    undone = func.count().filter(Ticket.state.in_(UNDONE))
    last = func.max(Ticket.done_at)
    query = (
        select(Draw.id, Draw.office_code, Draw.due_at, undone, last)
        .join(Ticket, Ticket.draw_id == Draw.id)
        .where(
            Draw.tier == Tier.OFFICE,
            Draw.reviewer == Party.OFFICE,
            Draw.state.in_((DrawState.DRAWN, DrawState.WHOLE)),
            Draw.due_at > begins,
            Draw.due_at <= min(ends, at),
            Ticket.state.not_in((TicketState.UNUSABLE, TicketState.RELEASED)),
        )
        .group_by(Draw.id, Draw.office_code, Draw.due_at)
    )
    if office_code is not None:
        query = query.where(Draw.office_code == office_code)
    for draw_id, office, due_at, left, done_at in session.execute(query):
        due = due_at or ends  # the query has none without
        kept = int(left == 0 and (done_at is None or done_at <= due))
        yield Item(Figure.QUOTAS, str(draw_id), office, None, local(due - AN_INSTANT).date(), kept)


def _rectifications(
    session: Session, month: date, at: datetime, office_code: str | None, uncounted: set[uuid.UUID]
) -> Iterator[Item]:
    """Each reply that headquarters asked of the office, in time or not; and those that are overdue.

    Of a notice nothing counts that was withdrawn, or each of whose findings was taken back or is contested.
    """
    of_hq: list[ColumnElement[bool]] = [
        Rectification.party == Party.HQ,
        Rectification.state != RectificationState.WITHDRAWN,
        _rests_on_something(uncounted),
    ]
    if office_code is not None:
        of_hq.append(Rectification.office_code == office_code)
    replies = select(Rectification.id, Rectification.office_code, Reply.n, Reply.due_on, Reply.at).join(
        Reply, Reply.rectification_id == Rectification.id
    )
    within = Reply.due_on >= month, Reply.due_on < next_month(month)
    for notice, office, n, due_on, replied_at in session.execute(replies.where(*of_hq, *within)):
        in_time = int(local(replied_at).date() <= due_on)
        yield Item(Figure.RECTIFICATIONS, f"{notice}:{n}", office, None, due_on, in_time)
    number = select(func.count()).where(Reply.rectification_id == Rectification.id).scalar_subquery()
    late = Rectification.due_on >= month, Rectification.due_on < min(next_month(month), local(at).date())
    waiting = select(Rectification.id, Rectification.office_code, number, Rectification.due_on)
    waiting = waiting.where(*of_hq, *late, Rectification.state.in_(UNANSWERED))
    for notice, office, n, due_on in session.execute(waiting):
        yield Item(Figure.RECTIFICATIONS, f"{notice}:{n + 1}", office, None, due_on, 0)


def _rests_on_something(uncounted: set[uuid.UUID]) -> ColumnElement[bool]:
    """Whether a notice is about a finding that stands, beside `Rectification`."""
    about = RectificationFinding.rectification_id == Rectification.id
    stands = Treatment.state != Standing.GONE, Treatment.evaluation_id.not_in(uncounted)
    own = select(Treatment.id).join(RectificationFinding, RectificationFinding.treatment_id == Treatment.id)
    return own.where(about, *stands).correlate(Rectification).exists()


def _conduct(
    session: Session, month: date, office_code: str | None, sources: Sequence[ConductSource]
) -> Iterator[Item]:
    for one in (found for source in sources for found in source.list_conduct(session, month, next_month(month))):
        if office_code is None or one.office_code == office_code:
            figure = Figure.DISCIPLINE if one.discipline else Figure.COMMENDATIONS
            record, person = str(one.record_id), one.person_id
            yield Item(figure, record, one.office_code, person, one.on, one.points, one.call)
