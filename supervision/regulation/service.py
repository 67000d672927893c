"""Writing the regulation and putting a version into force, and confirming one (domain rule 7; S7)."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Actor
from supervision.audit.rules import subject_of
from supervision.audit.service import lock_log, record
from supervision.clock import now
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.regulation.models import Clause, Confirmation, Regulation
from supervision.regulation.queries import get_version, in_force
from supervision.regulation.rules import ClauseText, VersionState, may_move, regulation_fault


def begin_draft(session: Session, actor: Actor, at: datetime | None = None) -> Regulation:
    """A draft of the next version, which starts as a copy of the one in force; the draft that is there already."""
    query = select(Regulation).where(Regulation.state == VersionState.DRAFT)
    if (draft := session.scalars(query).one_or_none()) is not None:
        return draft
    before = in_force(session)
    n = (session.scalar(select(func.max(Regulation.n))) or 0) + 1
    draft = Regulation(n=n, title=before.title if before else "", made_by=actor.account_id, made_at=at or now())
    draft.clauses = [Clause(n=c.n, chapter=c.chapter, text=c.text) for c in (before.clauses if before else ())]
    session.add(draft)
    try:
        session.flush()
    except IntegrityError as error:  # somebody began one at the same moment
        raise Conflict("regulation draft") from error
    record(session, actor, "regulation_drafted", subject_of("regulation", draft.id), {"n": n}, at=at)
    return draft


def change_draft(  # noqa: PLR0913 - a draft is these facts, and the version that was looked at
    session: Session,
    actor: Actor,
    regulation_id: uuid.UUID,
    *,
    title: str,
    clauses: Sequence[ClauseText],
    version: int,
) -> Regulation:
    """Write a draft. Raises Refused once it is in force, Conflict where it changed meanwhile."""
    draft = _draft(session, regulation_id, version)
    if (fault := regulation_fault(title, clauses)) is not None:
        raise InvalidInput("clauses", fault.value)
    draft.title = title
    draft.clauses.clear()
    _flush(session, regulation_id)
    draft.clauses = [Clause(n=n, chapter=c.chapter, text=c.text) for n, c in enumerate(clauses, 1)]
    draft.made_by, draft.made_at = actor.account_id, now()
    _flush(session, regulation_id)
    record(
        session,
        actor,
        "regulation_changed",
        subject_of("regulation", draft.id),
        {"n": draft.n, "clauses": len(clauses)},
    )
    return draft


def publish(
    session: Session, actor: Actor, regulation_id: uuid.UUID, version: int, at: datetime | None = None
) -> Regulation:
    """Put a draft into force; the version before it is retired. Everybody must confirm anew."""
    draft = _draft(session, regulation_id, version)
    texts = [ClauseText(clause.chapter, clause.text) for clause in draft.clauses]
    if (fault := regulation_fault(draft.title, texts)) is not None:
        raise InvalidInput("clauses", fault.value)
    before = in_force(session)
    if before is not None:
        before.state = VersionState.RETIRED
        session.flush()
    draft.state, draft.published_at = VersionState.IN_FORCE, at or now()
    _flush(session, regulation_id)
    record(session, actor, "regulation_published", subject_of("regulation", draft.id), {"n": draft.n}, at=at)
    return draft


def confirm(session: Session, actor: Actor, regulation_id: uuid.UUID, at: datetime | None = None) -> None:
    """A person's word that he has read the version in force. Said twice, it is written once."""
    regulation = get_version(session, regulation_id, drafts=False)
    if regulation.state is not VersionState.IN_FORCE:
        raise Refused("regulation_retired")
    lock_log(session)  # two clicks at once are one word
    if session.get(Confirmation, (regulation_id, actor.account_id)) is not None:
        return
    session.add(Confirmation(regulation_id=regulation_id, account_id=actor.account_id, at=at or now()))
    detail = {"n": regulation.n}
    record(
        session,
        actor,
        "regulation_confirmed",
        subject_of("regulation", regulation_id),
        detail,
        actor.office_code,
        at,
    )


def _draft(session: Session, regulation_id: uuid.UUID, version: int) -> Regulation:
    draft = get_version(session, regulation_id, drafts=True)
    if not may_move(draft.state, VersionState.IN_FORCE):
        raise Refused("version_published")
    if draft.version != version:
        raise Conflict(f"regulation {regulation_id}")
    return draft


def _flush(session: Session, regulation_id: uuid.UUID) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"regulation {regulation_id}") from error
