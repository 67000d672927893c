"""Gathering what a person has to do at headquarters' site, and the figures of the offices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from supervision.actor import Actor, Role, Scope, scope_of
from supervision.assessment.queries import months_to_close
from supervision.caller_requests.models import CallerRequest
from supervision.caller_requests.rules import OPEN as OPEN_REQUESTS
from supervision.calls.models import Call
from supervision.calls.queries import RINGS_IN_TIME, office_names
from supervision.calls.rules import UNANSWERED
from supervision.clock import local
from supervision.complaints.queries import list_waiting, months_to_attest
from supervision.discipline.points import does_count
from supervision.discipline.queries import appeals_to_decide, count_unread, to_confirm, to_decide
from supervision.draws.queries import list_differing, list_proposed
from supervision.draws.rules import Party
from supervision.early_signs.queries import list_unfinished as unfinished_signs
from supervision.early_signs.rules import SignState
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.queries import is_judged_again
from supervision.evaluations.queue import count_without_ticket
from supervision.findings.models import Treatment
from supervision.findings.queries import list_to_treat, waiting_for_confirmation
from supervision.findings.rules import Standing
from supervision.handover.queries import list_holders
from supervision.incidents.queries import count_unseen
from supervision.people.resets import list_open_resets, why_not
from supervision.people.rules import Act, may
from supervision.people.service import get_account
from supervision.quotas.queries import Quota, list_quotas, list_unmet
from supervision.quotas.rules import Urgency
from supervision.rectification.queries import count_unfinished as count_notices
from supervision.rectification.queries import to_answer, to_judge
from supervision.regulation.queries import confirmed_at, in_force
from supervision.retention.queries import list_open_deletions
from supervision.retention.rules import Agreeing
from supervision.retention.rules import objection as objection_to_agreement
from supervision.retention.service import agreeing
from supervision.today.rules import Subject, Todo, in_order, named_already
from supervision.workdays.queries import get_calendar
from supervision.workdays.rules import provisional_years

AT_ONCE = timedelta(milliseconds=1)


def list_todos(session: Session, actor: Actor, at: datetime) -> list[Todo]:
    """What is the person's to do, in order of urgency."""
    put_right = *_put_right(session, actor, at), *_decide(session, actor)
    own = [*_reviews(session, actor, at), *put_right, *_rest(session, actor, at)]
    return in_order([*own, *list_everywhere(session, actor, at, own)])


def _reviews(session: Session, actor: Actor, at: datetime) -> Iterator[Todo]:
    """The draws that are his side's to review, each with its day; what else waits in the review room."""
    if not may(actor.role, Act.EVALUATE):
        return
    side = Party.OFFICE if actor.office_code is not None else Party.HQ
    for one in list_unmet(session, scope_of(actor), at):
        due_on, which = local(one.due_at - AT_ONCE).date(), (one.draw.name, str(one.draw.id), one.draw.office_code)
        if _lacks_word(one, side):
            yield Todo(Subject.CONFIRM_NONE, 1, due_on, *which)
        elif one.reviewer is side and one.left:
            yield Todo(Subject.REVIEW, one.left, due_on, *which)
    yield Todo(Subject.RESCORE, count_without_ticket(session, actor, scope_of(actor), at))
    if may(actor.role, Act.JUDGE_TICKETS):
        proposed = list_proposed(session, scope_of(actor))
        yield Todo(Subject.UNUSABLE, sum(one.proposed_by != actor.account_id for one in proposed))


def _lacks_word(one: Quota, side: Party) -> bool:
    given = one.draw.none_by_office if side is Party.OFFICE else one.draw.none_by_hq
    return one.unconfirmed and not given


def _put_right(session: Session, actor: Actor, at: datetime) -> Iterator[Todo]:
    """Notices, findings and signs."""
    for notice in to_answer(session, actor):
        yield Todo(Subject.ANSWER, 1, notice.due_on, notice.number, str(notice.id), provisional=notice.provisional)
    for notice in to_judge(session, actor, scope_of(actor)):
        which = notice.number, str(notice.id), notice.office_code
        yield Todo(Subject.VERIFY, 1, notice.due_on, *which, provisional=notice.provisional)
    if may(actor.role, Act.TREAT_FINDINGS):
        yield from _findings(session, actor, local(at).date())
    if may(actor.role, Act.CONFIRM_TREATMENTS):
        waiting = waiting_for_confirmation(session, actor.account_id)
        yield Todo(Subject.CONFIRM_TREATMENT, waiting.number, record=str(waiting.first_id))
    for sign in unfinished_signs(session, scope_of(actor)) if may(actor.role, Act.SEE_SIGNS) else ():
        which = str(sign.category), str(sign.id), sign.office_code
        if sign.state is SignState.OPEN and may(actor.role, Act.HANDLE_SIGNS):
            yield Todo(Subject.DECIDE_SIGN, 1, sign.due_on, *which)
        elif sign.owner_id == actor.account_id:
            yield Todo(Subject.FINISH_SIGN, 1, sign.due_on, *which)


def _findings(session: Session, actor: Actor, today: date) -> Iterator[Todo]:
    """The findings of which a step is his: to agree that nothing is needed, or to treat what is not treated."""
    treat = Subject.TREAT if actor.office_code is not None else Subject.TREAT_OVERDUE
    found: dict[Subject, list[Treatment]] = {}
    for one in list_to_treat(session, actor, scope_of(actor), today):
        subject = Subject.AGREE if one.state is Standing.AWAITING_AGREEMENT else treat
        found.setdefault(subject, []).append(one)
    for subject, waiting in found.items():
        first = waiting[0]
        yield Todo(subject, len(waiting), first.due_on, record=str(first.id), provisional=first.provisional)


def _decide(session: Session, actor: Actor) -> Iterator[Todo]:
    """Records and appeals to decide, and what a person was told of."""
    for appeal in appeals_to_decide(session, actor):
        which = appeal.number, str(appeal.id), appeal.office_code
        yield Todo(Subject.DECIDE_APPEAL, 1, appeal.due_on, *which, provisional=appeal.provisional)
    for one in to_decide(session, actor):
        which = one.number, str(one.id), one.office_code
        yield Todo(Subject.DECIDE_RECORD, 1, one.due_on, *which, provisional=one.provisional)
    if may(actor.role, Act.APPEAL):
        for one in to_confirm(session, actor):
            yield Todo(Subject.CONFIRM_RECORD, 1, None, one.number, str(one.id))
        yield Todo(Subject.READ_JUDGEMENT, count_unread(session, actor.account_id))


def _handovers(session: Session, actor: Actor) -> Iterator[Todo]:
    """What waits for people who are gone, of those whose things he may hand over; a person at a time."""
    for one in list_holders(session, actor) if may(actor.role, Act.HAND_OVER) else ():
        yield Todo(Subject.HAND_OVER, one.stranded, None, one.account.name, str(one.account.id))


def _rest(session: Session, actor: Actor, at: datetime) -> Iterator[Todo]:
    if may(actor.role, Act.HANDLE_REQUESTS):
        yield from _requests(session)
    yield from _handovers(session, actor)
    if may(actor.role, Act.HANDLE_COMPLAINTS):
        for complaint in list_waiting(session, actor):
            which = complaint.number, str(complaint.id), complaint.office_code
            yield Todo(Subject.COMPLAINT, 1, complaint.due_on, *which, provisional=complaint.provisional)
        for month in months_to_attest(session, local(at).date()):
            yield Todo(Subject.ATTEST_ZERO, 1, None, f"{month:%Y-%m}")
    if may(actor.role, Act.CLOSE_MONTHS):
        for month in months_to_close(session, at):
            yield Todo(Subject.CLOSE_MONTH, 1, None, f"{month:%Y-%m}")
    if may(actor.role, Act.ENTER_WORKDAYS):
        for year in provisional_years(get_calendar(session), local(at).date()):
            yield Todo(Subject.CALENDAR, 1, date(year, 1, 1) - timedelta(days=1), str(year))
    if may(actor.role, Act.AGREE_DELETIONS):
        yield Todo(Subject.DELETIONS, _to_agree(session, actor))
    regulation = in_force(session)
    if regulation is not None and confirmed_at(session, actor, regulation.id) is None:
        yield Todo(Subject.REGULATION)


def _requests(session: Session) -> Iterator[Todo]:
    query = select(CallerRequest.id, CallerRequest.due_on, CallerRequest.provisional)
    query = query.where(CallerRequest.state.in_(OPEN_REQUESTS)).order_by(CallerRequest.due_on, CallerRequest.id)
    found = session.execute(query).all()
    if found:
        first = found[0]
        yield Todo(Subject.REQUESTS, len(found), first.due_on, record=str(first.id), provisional=first.provisional)


def _to_agree(session: Session, actor: Actor) -> int:
    """How many deletions wait for this person's agreement, and not for another's."""
    person = Agreeing(actor.account_id, head=actor.role is Role.SUPERVISION_HEAD)
    found = list_open_deletions(session)
    return sum(objection_to_agreement(one.state, agreeing(one), person) is None for one in found)


def list_everywhere(session: Session, actor: Actor, at: datetime, rest: Sequence[Todo]) -> Iterator[Todo]:
    """What is done at headquarters' site and at an office's alike; no incident of what the rest names itself.

    That a draw differs is shown to who sees draws and no incidents: the bureau leader (draw.md 5), the auditor.
    """
    if may(actor.role, Act.SEE_DRAWS) and not may(actor.role, Act.SEE_INCIDENTS):
        for draw in list_differing(session, scope_of(actor)):
            yield Todo(Subject.DRAW_DIFFERS, 1, None, draw.name, str(draw.id), draw.office_code)
    if may(actor.role, Act.AGREE_RESETS):
        resets = list_open_resets(session, at)
        since = get_account(session, actor.account_id).established_at
        yield Todo(Subject.RESETS, sum(not why_not(one, actor, since, at) for one in resets))
    if may(actor.role, Act.HANDLE_INCIDENTS):
        there = [one for one in rest if one.number]
        yield Todo(Subject.INCIDENTS, count_unseen(session, scope_of(actor), named_already(there)))


@dataclass(frozen=True)
class OfficeFigures:
    """One office in a period: calls, those answered within three rings, missed; mean score; quota; what is open.

    `reviewed` of `required` recordings are reviewed: of what is not met, and of the draws of the period.
    """

    code: str
    name: str
    calls: int
    answered: int
    in_time: int
    missed: int
    mean: float | None
    reviewed: int
    required: int
    overdue_quotas: int
    open_notices: int
    overdue_notices: int

    @property
    def share_in_time(self) -> float | None:
        """The share of answered calls that were answered within three rings."""
        return self.in_time / self.answered if self.answered else None


def list_figures(session: Session, since: datetime, at: datetime) -> list[OfficeFigures]:
    """Every office's figures of a period that goes on."""
    calls, means = _calls(session, since, at), _means(session, since, at)
    notices = count_notices(session, Scope(), local(at).date())
    quotas, no_quota = _quotas(session, since, at), (0, 0, 0)
    none, no_notices = (0, 0, 0, 0), (0, 0)
    return [
        OfficeFigures(
            code,
            name,
            *calls.get(code, none),
            means.get(code),
            *quotas.get(code, no_quota),
            *notices.get(code, no_notices),
        )
        for code, name in office_names(session).items()
    ]


def _calls(session: Session, since: datetime, at: datetime) -> Mapping[str, tuple[int, int, int, int]]:
    answered = Call.answered_at.is_not(None)
    in_time = and_(answered, Call.rings <= RINGS_IN_TIME)
    query = select(
        Call.office_code,
        func.count(),
        func.count().filter(answered),
        func.count().filter(in_time),
        func.count().filter(Call.disposition.in_(UNANSWERED)),
    ).where(Call.offered_at >= since, Call.offered_at < at)
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in session.execute(query.group_by(Call.office_code))}


def _quotas(session: Session, since: datetime, at: datetime) -> Mapping[str, tuple[int, int, int]]:
    """By office: how many recordings are reviewed, of how many, and how many quotas are overdue."""
    found: dict[str, tuple[int, int, int]] = {}
    for one in list_quotas(session, Scope(), at, since=since):
        reviewed, required, overdue = found.get(one.draw.office_code, (0, 0, 0))
        reviewed += one.progress.done if one.progress else 0
        required += one.progress.required if one.progress else 0
        found[one.draw.office_code] = (reviewed, required, overdue + (one.urgency is Urgency.OVERDUE))
    return found


def _means(session: Session, since: datetime, at: datetime) -> Mapping[str, float]:
    """By office, of drawn calls whose evaluation counts (rules 1, 8): a call that was chosen tells of itself."""
    newer = aliased(Judgement)
    is_newer = and_(newer.evaluation_id == Judgement.evaluation_id, newer.n > Judgement.n)
    query = (
        select(Evaluation.office_code, func.avg(Judgement.score))
        .join(Judgement, Judgement.evaluation_id == Evaluation.id)
        .where(
            Evaluation.submitted_at >= since,
            Evaluation.submitted_at < at,
            Evaluation.counted_at.is_not(None),  # which only tickets can have
            does_count(),
            ~is_judged_again(),
            ~select(newer.id).where(is_newer).correlate(Judgement).exists(),
        )
        .group_by(Evaluation.office_code)
    )
    return {row[0]: float(row[1]) for row in session.execute(query)}


def month_of(at: datetime) -> date:
    """The first day of the bureau's month."""
    return local(at).date().replace(day=1)


def shows_figures(role: Role) -> bool:
    """Who begins with the figures of all offices."""
    return role is Role.BUREAU_LEADER
