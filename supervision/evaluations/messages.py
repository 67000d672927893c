"""What headquarters sends an office of the evaluations of its calls, and the copies that a node keeps of them.

Whole versions are sent, and up to where headquarters looked. What changed is read from its log, whose numbers are
in the order of commits: nothing that is written later comes before what was sent. A re-score is headquarters' look
at a reviewer, and stays there. A field that a node does not know yet is passed over: headquarters may be newer
than its offices.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.audit import messages as log
from supervision.audit.rules import BEGINNING, Head
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.database import on_days
from supervision.errors import NotFound
from supervision.evaluations.models import Evaluation, EvaluationCopy, Finding, Judgement
from supervision.evaluations.queries import Scored, submitted_by_id
from supervision.evaluations.rules import Category, FindingKind, Kind
from supervision.paging import PAGE_SIZE, Cursor, Order, Page, read_page
from supervision.regulation.models import Clause
from supervision.scorecards.rules import Grade

AT_ONCE = 100
KIND = "evaluations"


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SentMark(_Sent):
    """One criterion with what was given for it; no points where it did not apply."""

    name: str
    weight: int
    points: int | None
    critical_failed: bool
    remark: str


class SentFinding(_Sent):
    """One finding; `clause` is the text of what it cites, with its number."""

    at_s: float
    kind: FindingKind
    category: Category
    text: str
    by_rule: bool
    clause_n: int | None
    clause: str


class SentEvaluation(_Sent):
    """One evaluation as it stands: its latest version, of how many, by whom and why.

    `counts`: whether it counts for the quota; None from a headquarters that does not send it. `set_aside`: an
    appeal against it was upheld.
    """

    id: uuid.UUID
    call_id: uuid.UUID
    kind: Kind
    reviewer: str
    author: str
    submitted_at: AwareDatetime
    at: AwareDatetime
    n: int = Field(ge=1)
    in_place: bool
    reason: str
    score: int = Field(ge=0, le=100)
    grade: Grade
    remark: str
    card: int
    counts: bool | None = None
    set_aside: bool = False
    marks: tuple[SentMark, ...]
    findings: tuple[SentFinding, ...]


class SentEvaluations(_Sent):
    """What changed after an entry of headquarters' log: up to entry `n`, which has that hash.

    `more`: there is more. `anew`: the node has copies from another log: what it keeps goes before this comes.
    """

    n: int = Field(ge=0)
    hash: str = ""
    anew: bool = False
    more: bool
    copies: tuple[SentEvaluation, ...]


ACTS = ("evaluation_submitted", "evaluation_amended", "evaluation_counted", "evaluation_set_aside")
COPIES_BY_SUBMISSION: Order[EvaluationCopy] = Order(EvaluationCopy.submitted_at, EvaluationCopy.evaluation_id)


@dataclass(frozen=True)
class CopyFilter:
    """What the person looks for; None: all. Days are the bureau's, of the submission, both included."""

    from_day: date | None = None
    to_day: date | None = None
    lowest: int | None = None
    highest: int | None = None
    counts: bool | None = None


def changed_after(session: Session, office_code: str, known: Head = BEGINNING) -> SentEvaluations:
    """At headquarters: the office's evaluations that changed after an entry of the log, the earliest first."""
    changed = log.changed_after(session, office_code, ACTS, known, AT_ONCE)
    found = submitted_by_id(session, Scope(office_code=office_code), changed.ids)
    clauses = _cited(session, found.values())
    there = (found[one] for one in changed.ids if one in found)
    copies = tuple(_sent(one, clauses) for one in there if one.kind is not Kind.RESCORE)
    return SentEvaluations(
        n=changed.here.n, hash=changed.here.hash, anew=changed.anew, more=changed.more, copies=copies
    )


def apply_copies(session: Session, office_code: str, sent: SentEvaluations) -> None:
    """On a node: keep what headquarters sent, each evaluation as it stands now."""
    if sent.anew:
        session.execute(delete(EvaluationCopy))
    ids = [one.id for one in sent.copies]
    kept = session.scalars(select(EvaluationCopy).where(EvaluationCopy.evaluation_id.in_(ids)))
    known = {one.evaluation_id: one for one in kept}
    for one in sent.copies:
        copy = known.setdefault(one.id, EvaluationCopy(evaluation_id=one.id))
        copy.call_id, copy.submitted_at = one.call_id, one.submitted_at
        copy.score, copy.grade, copy.counts = one.score, one.grade, one.counts
        copy.received = one.model_dump(mode="json")
        session.add(copy)
    log.note_copied(session, office_code, KIND, Head(sent.n, sent.hash))


def list_copies(
    session: Session,
    scope: Scope,
    wanted: CopyFilter = CopyFilter(),
    cursor: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> Page[EvaluationCopy]:
    """On a node: one page of what was judged of its calls, or of a person's own, the latest first."""
    query = select(EvaluationCopy).where(_within(scope), *_matching(wanted))
    return read_page(session, query, COPIES_BY_SUBMISSION, cursor, limit)


def get_copy(session: Session, scope: Scope, evaluation_id: uuid.UUID) -> SentEvaluation:
    """On a node: one evaluation as headquarters sent it. Raises NotFound outside the scope."""
    query = select(EvaluationCopy).where(EvaluationCopy.evaluation_id == evaluation_id, _within(scope))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"evaluation {evaluation_id}")
    return SentEvaluation.model_validate(found.received)


def copied_scores(session: Session, scope: Scope, call_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Scored]]:
    """On a node: the scores of calls, by call."""
    query = select(EvaluationCopy).where(EvaluationCopy.call_id.in_(call_ids), _within(scope))
    found: dict[uuid.UUID, list[Scored]] = {}
    for one in session.scalars(query.order_by(EvaluationCopy.submitted_at)):
        found.setdefault(one.call_id, []).append(Scored(one.evaluation_id, one.score, one.grade))
    return found


def _matching(wanted: CopyFilter) -> list[ColumnElement[bool]]:
    conditions = on_days(EvaluationCopy.submitted_at, wanted.from_day, wanted.to_day)
    if wanted.lowest is not None:
        conditions.append(EvaluationCopy.score >= wanted.lowest)
    if wanted.highest is not None:
        conditions.append(EvaluationCopy.score <= wanted.highest)
    if wanted.counts is not None:
        conditions.append(EvaluationCopy.counts.is_(wanted.counts))
    return conditions


def _within(scope: Scope) -> ColumnElement[bool]:
    conditions = [Call.id == EvaluationCopy.call_id]
    if scope.office_code is not None:
        conditions.append(Call.office_code == scope.office_code)
    if scope.own is not None:
        conditions.append(officer_of_call() == scope.own)
    return select(Call.id).where(and_(*conditions)).exists()


def _cited(session: Session, evaluations: Iterable[Evaluation]) -> Mapping[uuid.UUID, Clause]:
    """The clauses that the latest versions cite, by id."""
    ids = {found.clause_id for one in evaluations for found in one.judgements[-1].findings if found.clause_id}
    return {clause.id: clause for clause in session.scalars(select(Clause).where(Clause.id.in_(ids)))}


def _sent(evaluation: Evaluation, clauses: Mapping[uuid.UUID, Clause]) -> SentEvaluation:
    latest = evaluation.judgements[-1]
    reviewer = evaluation.reviewer if evaluation.is_judged and evaluation.reviewer else latest.author
    return SentEvaluation(
        id=evaluation.id,
        call_id=evaluation.call_id,
        kind=evaluation.kind,
        reviewer=reviewer.name,
        author=latest.author.name,
        submitted_at=evaluation.submitted_at or latest.at,
        at=latest.at,
        n=latest.n,
        in_place=latest.in_place,
        reason=latest.reason,
        score=latest.score,
        grade=latest.grade,
        remark=latest.remark,
        card=evaluation.scorecard.n,
        counts=evaluation.counted_at is not None,
        set_aside=evaluation.set_aside_at is not None,
        marks=sent_marks(latest),
        findings=sent_findings(latest, clauses),
    )


def sent_marks(judged: Judgement) -> tuple[SentMark, ...]:
    """The marks of a judgement, in the order of the scorecard's criteria."""
    return tuple(
        SentMark(
            name=one.criterion.name,
            weight=one.criterion.weight,
            points=one.points,
            critical_failed=one.critical_failed,
            remark=one.remark,
        )
        for one in sorted(judged.marks, key=lambda mark: mark.criterion.n)
    )


def sent_findings(judged: Judgement, clauses: Mapping[uuid.UUID, Clause]) -> tuple[SentFinding, ...]:
    """The findings of a judgement, each with the clause that it cites."""
    return tuple(
        _sent_finding(one, clauses.get(one.clause_id) if one.clause_id else None) for one in judged.findings
    )


def _sent_finding(one: Finding, clause: Clause | None) -> SentFinding:
    return SentFinding(
        at_s=one.at_s,
        kind=one.kind,
        category=one.category,
        text=one.text,
        by_rule=one.by_rule,
        clause_n=clause.n if clause else None,
        clause=clause.text if clause else "",
    )
