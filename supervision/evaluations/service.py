"""Submitting and amending a judgement, and counting it (domain rules 1 and 5; S4, S5, S13)."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope
from supervision.audit.rules import subject_of
from supervision.audit.service import lock_log, record
from supervision.context import Context
from supervision.database import new_id
from supervision.draws.models import Draw, Ticket
from supervision.draws.rules import TicketState, Tier
from supervision.draws.service import finish_ticket
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations.content_rules import Content, DraftFinding, content_json, parse_content
from supervision.evaluations.drafts import claim_ticket, note_act
from supervision.evaluations.models import Draft, Evaluation, Finding, Judgement, Mark
from supervision.evaluations.queries import get_submitted, get_task, refuse_hidden
from supervision.evaluations.queue import assignment_of
from supervision.evaluations.rules import (
    LEASE,
    TAKEN_OVER,
    Category,
    Counting,
    EvaluationState,
    FindingKind,
    Kind,
    Norm,
    advance,
    chosen,
    counting,
    first_calls,
)
from supervision.listening.queries import measure_heard
from supervision.paths import Paths
from supervision.people.models import Account
from supervision.regulation.models import Clause
from supervision.scorecards.models import Scorecard
from supervision.scorecards.queries import get_version
from supervision.scorecards.rules import Score, missing, score_of, unreasoned
from supervision.secret_files import keep_secret
from supervision.settings import Settings
from supervision.texts import required_text

_UNCOUNTED = (
    Evaluation.kind == Kind.TICKET,
    Evaluation.state != EvaluationState.DRAFT,
    Evaluation.counted_at.is_(None),
    Evaluation.ticket_id.in_(select(Ticket.id).where(Ticket.state.in_((TicketState.TAKEN, TicketState.WAITING)))),
)


@dataclass(frozen=True)
class Rescoring:
    """Headquarters' key for choosing what is judged twice, and the share of each draw, in percent."""

    key: bytes
    percent: int


def submit(context: Context, evaluation_id: uuid.UUID, *, version: int, rescoring: Rescoring) -> Counting:
    """Submit the draft of that version; whether it counts, and why not.

    Raises Refused where another has it in hand or it is submitted, Conflict where the draft went on elsewhere,
    InvalidInput where a criterion has no points, or is marked down without a reason.
    """
    session, actor, at = context.session, context.actor, context.at
    evaluation = get_task(session, actor, context.scope, evaluation_id)
    lock_log(session)  # before any row, as whoever takes the same ticket does
    session.refresh(evaluation, with_for_update=True)
    if evaluation.is_judged:
        raise Refused("submitted_already")
    if evaluation.reviewer_id != actor.account_id:
        raise Refused("not_in_hand")
    claim_ticket(context, evaluation)
    draft = session.get(Draft, (evaluation_id, actor.account_id), with_for_update=True)
    if draft is None or draft.version != version:
        raise Conflict(f"draft of {evaluation_id}")
    in_place = bool(evaluation.judgements)
    reason = TAKEN_OVER if in_place else ""
    judged = _judge(context, evaluation, parse_content(draft.content), reason, in_place=in_place)
    evaluation.state = advance(evaluation.state)
    evaluation.held_until = at + LEASE if evaluation.kind is Kind.TICKET else None
    evaluation.submitted_at = evaluation.submitted_at or at
    session.flush()
    found = count_evaluation(context, evaluation, rescoring)
    detail = {
        "n": judged.n,
        "score": judged.score,
        "grade": judged.grade,
        "counting": found,
        "heard_s": evaluation.heard_s,
    }
    note_act(context, "evaluation_submitted", evaluation, detail)
    return found


def amend(context: Context, evaluation_id: uuid.UUID, content: Content, *, reason: str, n: int) -> Judgement:
    """Put a new version beside those that are there. Only its reviewer and the supervision head may."""
    session, actor = context.session, context.actor
    evaluation = get_submitted(session, context.scope, evaluation_id)
    lock_log(session)
    session.refresh(evaluation, with_for_update=True)
    if actor.account_id in assignment_of(session, evaluation).talked:
        raise Refused("own_call")
    if not may_amend(actor, evaluation):
        raise Refused("not_your_evaluation")
    refuse_hidden(session, actor, evaluation)
    reason = required_text(reason)
    if evaluation.judgements[-1].n != n:
        raise Conflict(f"evaluation {evaluation_id}")
    judged = _judge(context, evaluation, content, reason)
    evaluation.state = advance(evaluation.state)
    detail = {"n": judged.n, "score": judged.score, "grade": judged.grade, "reason": reason}
    note_act(context, "evaluation_amended", evaluation, detail)
    return judged


def set_aside(context: Context, evaluation: Evaluation, why: str) -> None:
    """An appeal against it was upheld: from now on nothing rests on it. That it was reviewed stays so."""
    evaluation.set_aside_at = context.at
    context.session.flush()
    note_act(context, "evaluation_set_aside", evaluation, {"why": why})


def may_amend(actor: Actor, evaluation: Evaluation) -> bool:
    """Whether the person may put a version beside it: its reviewer, once he has judged, and the head."""
    is_his = evaluation.reviewer_id == actor.account_id or actor.role is Role.SUPERVISION_HEAD
    return is_his and evaluation.is_judged and evaluation.set_aside_at is None


def count_evaluation(context: Context, evaluation: Evaluation, rescoring: Rescoring) -> Counting:
    """See whether an evaluation counts by now, and if so have its ticket done. The actor is its reviewer."""
    if evaluation.counted_at is not None:
        return Counting.COUNTS
    heard = measure_heard(context.session, context.actor.account_id, evaluation.call_id)
    evaluation.heard_s, evaluation.duration_s = heard.seconds, heard.duration_s
    found = _counting(evaluation)
    if found is Counting.COUNTS and evaluation.ticket_id is not None:
        evaluation.counted_at, evaluation.held_until = context.at, None
        claim_ticket(context, evaluation)  # nobody has it, where it was found usable after all
        finish_ticket(replace(context, scope=Scope()), evaluation.ticket_id)  # whoever he is, the ticket is his
        _choose_for_rescoring(context.session, evaluation, rescoring, context.at)
    return found


def count_late(context: Context, evaluation: Evaluation, rescoring: Rescoring) -> Counting:
    """See whether what was submitted too early counts by now; that it has come to is written down."""
    counted_before = evaluation.counted_at is not None
    found = count_evaluation(context, evaluation, rescoring)
    if found is Counting.COUNTS and not counted_before:
        note_act(context, "evaluation_counted", evaluation, {"heard_s": evaluation.heard_s})
    return found


def counting_of(evaluation: Evaluation) -> Counting:
    """Whether a submitted evaluation counts, as was seen when it was last looked at."""
    if evaluation.counted_at is not None:
        return Counting.COUNTS
    found = _counting(evaluation)
    return Counting.TOO_LITTLE_HEARD if found is Counting.COUNTS else found


def _counting(evaluation: Evaluation) -> Counting:
    """What the rule says to what was measured; a ticket that is proposed or found unusable counts for nobody."""
    card, measured = evaluation.scorecard, (evaluation.heard_s, evaluation.duration_s)
    if evaluation.ticket is not None and evaluation.ticket.state in {TicketState.PROPOSED, TicketState.UNUSABLE}:
        return Counting.UNUSABLE
    if not evaluation.is_judged:
        return Counting.NOT_SUBMITTED
    if evaluation.ticket is not None and evaluation.ticket.state is TicketState.RELEASED:
        return Counting.DIRECTED  # its list was whole, and it was not drawn
    return counting(evaluation.kind, evaluation.state, *measured, Norm(card.heard_percent, card.whole_under_s))


def uncounted(session: Session) -> list[tuple[str, uuid.UUID]]:
    """The tickets that were submitted before enough of them was heard, each with its office."""
    query = select(Evaluation.office_code, Evaluation.id).where(*_UNCOUNTED).order_by(Evaluation.id)
    return [(row.office_code, row.id) for row in session.execute(query)]


def count_one_more(
    session: Session, rescoring: Rescoring, after: uuid.UUID | None, at: datetime
) -> uuid.UUID | None:
    """Look at the next ticket that was submitted too early: did its reviewer hear on? The id; None at the end."""
    lock_log(session)
    query = select(Evaluation, Account).join(Account, Account.id == Evaluation.reviewer_id)
    query = query.where(*_UNCOUNTED, *([Evaluation.id > after] if after else []))
    row = session.execute(query.order_by(Evaluation.id).limit(1).with_for_update(of=Evaluation)).one_or_none()
    if row is None:
        return None
    evaluation, account = row
    actor = Actor(account.id, account.login, account.name, account.role, account.office_code)
    count_late(Context(session, actor, Scope(), at), evaluation, rescoring)
    return uuid.UUID(str(evaluation.id))


def content_of(judged: Judgement) -> Content:
    """A submitted version as a page can edit it; what a rule opened by itself is not a person's to edit."""
    marks = {
        str(m.criterion_id): {
            "points": m.points,
            "critical_failed": m.critical_failed,
            "remark": m.remark,
            "not_applicable": m.not_applicable,
        }
        for m in judged.marks
    }
    findings = tuple(
        DraftFinding(f.key, f.at_s, f.kind, f.category, f.text, f.clause_id)
        for f in judged.findings
        if not f.by_rule
    )
    whole = content_json(Content(findings=findings, remark=judged.remark))
    return parse_content({**whole, "marks": marks})


def _judge(
    context: Context, evaluation: Evaluation, content: Content, reason: str, *, in_place: bool = False
) -> Judgement:
    session = context.session
    card = get_version(session, evaluation.scorecard_id)
    rules, given = [c.rule for c in card.criteria], content.given()
    if absent := missing(rules, given):
        raise InvalidInput("marks", "missing", str(len(absent)))
    if bare := unreasoned(rules, given):
        raise InvalidInput("marks", "reason_missing", str(len(bare)))
    score = score_of(rules, given, card.grades)
    judged = Judgement(
        evaluation_id=evaluation.id,
        n=evaluation.judgements[-1].n + 1 if evaluation.judgements else 1,
        author_id=context.actor.account_id,
        at=context.at,
        reason=reason,
        in_place=in_place,
        score=score.points,
        grade=score.grade,
        critical_failed=bool(score.failed),
        remark=content.remark,
    )
    judged.marks = [
        Mark(
            criterion_id=c.id,
            points=given[c.id].points,
            not_applicable=given[c.id].not_applicable,
            critical_failed=c.id in score.failed,
            remark=content.marks[c.id].remark,
        )
        for c in card.criteria
    ]
    judged.findings = [*_findings(session, content.findings), *_opened_by_rule(card, score)]
    session.add(judged)
    try:
        session.flush()
    except IntegrityError as error:  # the same version was submitted at the same moment
        raise Conflict(f"evaluation {evaluation.id}") from error
    session.refresh(evaluation, ["judgements"])
    return judged


def _findings(session: Session, noted: Iterable[DraftFinding]) -> list[Finding]:
    noted = list(noted)
    cited = {one.clause_id for one in noted if one.clause_id}
    known = set(session.scalars(select(Clause.id).where(Clause.id.in_(cited))))
    if cited - known:
        raise InvalidInput("clauses", "missing")
    return [
        Finding(key=f.key, at_s=f.at_s, kind=f.kind, category=f.category, text=f.text, clause_id=f.clause_id)
        for f in noted
    ]


def _opened_by_rule(card: Scorecard, score: Score) -> list[Finding]:
    """A failed critical criterion opens a finding by itself (domain rule 5), with the clause that it cites."""
    return [
        Finding(
            key=c.id,
            at_s=0.0,
            kind=FindingKind.BREACH,
            category=Category.OTHER,
            text=f"{c.name}：{c.critical}",
            clause_id=min(c.citations, key=lambda one: one.clause.n).clause_id if c.citations else None,
            criterion_id=c.id,
            by_rule=True,
        )
        for c in card.criteria
        if c.id in score.failed
    ]


def _choose_for_rescoring(session: Session, evaluation: Evaluation, rescoring: Rescoring, at: datetime) -> None:
    """Open a blind re-score, if this call is of the share of its draw that is judged twice."""
    if evaluation.tier is not Tier.OFFICE:
        return
    ticket = session.get_one(Ticket, evaluation.ticket_id)
    draw = session.get_one(Draw, ticket.draw_id)
    seed = draw.seed or draw.root or ""  # a list that is drawn whole has no seed
    drawn = select(Ticket.id, Ticket.call_id, Ticket.successor_of).where(Ticket.draw_id == ticket.draw_id)
    places = first_calls((row.id, row.call_id, row.successor_of) for row in session.execute(drawn))
    if places[evaluation.call_id] not in chosen(rescoring.key, seed, set(places.values()), rescoring.percent):
        return
    again = Evaluation(
        id=new_id(),
        kind=Kind.RESCORE,
        call_id=evaluation.call_id,
        office_code=evaluation.office_code,
        rescore_of=evaluation.id,
        scorecard_id=evaluation.scorecard_id,
        opened_at=at,
    )
    session.add(again)
    session.flush()
    record(session, None, "rescore_chosen", subject_of("evaluation", again.id), {}, evaluation.office_code, at)


def rescoring_of(settings: Settings) -> Rescoring:
    """The key, made when first needed, and the share. Whoever has the key knows what is judged again."""
    key = keep_secret(Paths(settings.home).secret("rescore"), lambda: secrets.token_bytes(32))
    return Rescoring(key, settings.rescore_percent)
