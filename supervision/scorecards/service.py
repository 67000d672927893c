"""Writing a scorecard and putting a version into force (domain rule 5; S7, S13)."""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.regulation.models import Clause
from supervision.regulation.queries import clauses_in_force
from supervision.regulation.rules import VersionState, may_move
from supervision.scorecards.models import Criterion, CriterionClause, Scorecard
from supervision.scorecards.queries import find_in_force, get_version
from supervision.scorecards.rules import Card, CriterionText, card_fault, draft_fault


def begin_draft(context: Context) -> Scorecard:
    """A draft of the next version, which starts as a copy of the one in force; the draft that is there already."""
    session = context.session
    query = select(Scorecard).where(Scorecard.state == VersionState.DRAFT)
    if (draft := session.scalars(query).one_or_none()) is not None:
        return draft
    before = find_in_force(session)
    n = (session.scalar(select(func.max(Scorecard.n))) or 0) + 1
    draft = Scorecard(n=n, title="", made_by=context.actor.account_id, made_at=context.at)
    if before is not None:
        _fill(session, draft, _carried_over(session, before))
    session.add(draft)
    try:
        session.flush()
    except IntegrityError as error:  # somebody began one at the same moment
        raise Conflict("scorecard draft") from error
    _note_act(context, "scorecard_drafted", draft)
    return draft


def change_draft(context: Context, scorecard_id: uuid.UUID, card: Card, version: int) -> Scorecard:
    """Write a draft. Raises Refused once in force, Conflict where it changed, InvalidInput for a bad card."""
    session = context.session
    draft = _draft(session, scorecard_id, version)
    if (fault := draft_fault(card)) is not None:
        raise InvalidInput("criteria", fault.value)
    draft.criteria.clear()
    _flush(session, scorecard_id)
    _fill(session, draft, card)
    draft.made_by, draft.made_at = context.actor.account_id, context.at
    _flush(session, scorecard_id)
    _note_act(context, "scorecard_changed", draft)
    return draft


def publish(context: Context, scorecard_id: uuid.UUID, version: int) -> Scorecard:
    """Put a draft into force; the version before it is retired. What was judged by it stays judged by it.

    Raises InvalidInput where the card is not whole, as `card_fault` finds.
    """
    session = context.session
    draft = _draft(session, scorecard_id, version)
    if (fault := card_fault(card_of(draft))) is not None:
        raise InvalidInput("criteria", fault.value)
    before = find_in_force(session)
    if before is not None:
        before.state = VersionState.RETIRED
        session.flush()
    draft.state, draft.published_at = VersionState.IN_FORCE, context.at
    _flush(session, scorecard_id)
    _note_act(context, "scorecard_published", draft)
    return draft


def _note_act(context: Context, act: str, draft: Scorecard) -> None:
    record(context.session, context.actor, act, subject_of("scorecard", draft.id), {"n": draft.n}, at=context.at)


def card_of(scorecard: Scorecard) -> Card:
    """A stored scorecard as it is written in the editor."""
    return Card(
        title=scorecard.title,
        criteria=tuple(
            CriterionText(
                c.name,
                c.guide,
                c.weight,
                c.critical,
                tuple(sorted(one.clause.n for one in c.citations)),
                c.may_not_apply,
                c.needs_no_reason,
            )
            for c in scorecard.criteria
        ),
        grades=scorecard.grades,
        heard_percent=scorecard.heard_percent,
        whole_under_s=scorecard.whole_under_s,
    )


def _fill(session: Session, draft: Scorecard, card: Card) -> None:
    draft.title, grades = card.title, card.grades
    draft.excellent_from, draft.good_from, draft.pass_from = (
        grades.excellent_from,
        grades.good_from,
        grades.pass_from,
    )
    draft.heard_percent, draft.whole_under_s = card.heard_percent, card.whole_under_s
    clauses = {clause.n: clause.id for clause in clauses_in_force(session)}
    draft.criteria = [_criterion(n, one, clauses) for n, one in enumerate(card.criteria, 1)]


def gone_citations(session: Session) -> list[tuple[str, Clause]]:
    """What the scorecard in force cites and the regulation in force has no more: criterion and clause."""
    card, known = find_in_force(session), _numbers_in_force(session)
    cited = [(c.name, one.clause) for c in (card.criteria if card else ()) for one in c.citations]
    return [(name, clause) for name, clause in cited if (clause.chapter, clause.text) not in known]


def _carried_over(session: Session, before: Scorecard) -> Card:
    """A card as it was, each citation by its clause's chapter and text: its number may be another's by now."""
    card, known = card_of(before), _numbers_in_force(session)
    criteria = []
    for text, criterion in zip(card.criteria, before.criteria, strict=True):
        cited = [(one.clause.chapter, one.clause.text) for one in criterion.citations]
        criteria.append(replace(text, clause_ns=tuple(sorted(known[one] for one in cited if one in known))))
    return replace(card, criteria=tuple(criteria))


def _numbers_in_force(session: Session) -> dict[tuple[str, str], int]:
    return {(clause.chapter, clause.text): clause.n for clause in clauses_in_force(session)}


def _criterion(n: int, one: CriterionText, clauses: dict[int, uuid.UUID]) -> Criterion:
    criterion = Criterion(
        n=n,
        name=one.name,
        guide=one.guide,
        weight=one.weight,
        critical=one.critical,
        may_not_apply=one.may_not_apply,
        needs_no_reason=one.needs_no_reason,
    )
    criterion.citations = [CriterionClause(clause_id=found) for found in _cited(one.clause_ns, clauses)]
    return criterion


def _cited(numbers: Iterable[int], clauses: dict[int, uuid.UUID]) -> list[uuid.UUID]:
    unknown = [n for n in numbers if n not in clauses]
    if unknown:
        raise InvalidInput("clauses", str(unknown[0]), "a clause of the regulation in force")
    return [clauses[n] for n in sorted(set(numbers))]


def _draft(session: Session, scorecard_id: uuid.UUID, version: int) -> Scorecard:
    draft = get_version(session, scorecard_id)
    if not may_move(draft.state, VersionState.IN_FORCE):
        raise Refused("version_published")
    if draft.version != version:
        raise Conflict(f"scorecard {scorecard_id}")
    return draft


def _flush(session: Session, scorecard_id: uuid.UUID) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"scorecard {scorecard_id}") from error
