"""Writing the regulation and putting a version into force, and confirming one (domain rule 7; S7)."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.rules import subject_of
from supervision.audit.service import lock_log, record
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.regulation.models import Clause, Confirmation, Consequence, Regulation
from supervision.regulation.queries import get_version, in_force
from supervision.regulation.rules import (
    ClauseText,
    ConsequenceText,
    VersionState,
    consequence_fault,
    may_move,
    regulation_fault,
)


def begin_draft(context: Context) -> Regulation:
    """A draft of the next version, which starts as a copy of the one in force; the draft that is there already."""
    session = context.session
    query = select(Regulation).where(Regulation.state == VersionState.DRAFT)
    if (draft := session.scalars(query).one_or_none()) is not None:
        return draft
    before = in_force(session)
    n = (session.scalar(select(func.max(Regulation.n))) or 0) + 1
    draft = Regulation(
        n=n, title=before.title if before else "", made_by=context.actor.account_id, made_at=context.at
    )
    draft.clauses = [Clause(n=c.n, chapter=c.chapter, text=c.text) for c in (before.clauses if before else ())]
    draft.consequences = [
        Consequence(n=c.n, side=c.side, name=c.name, points=c.points)
        for c in (before.consequences if before else ())
    ]
    session.add(draft)
    try:
        session.flush()
    except IntegrityError as error:  # somebody began one at the same moment
        raise Conflict("regulation draft") from error
    _note_act(context, "regulation_drafted", draft, {"n": n})
    return draft


def change_draft(  # noqa: PLR0913 - the parts of a regulation, each given by its name
    context: Context,
    regulation_id: uuid.UUID,
    *,
    title: str,
    clauses: Sequence[ClauseText],
    version: int,
    consequences: Sequence[ConsequenceText] | None = None,
) -> Regulation:
    """Write a draft; without `consequences` its table of kinds and points stays.

    Raises Refused once it is in force, Conflict where it changed meanwhile.
    """
    session = context.session
    draft = _draft(session, regulation_id, version)
    if (fault := regulation_fault(title, clauses)) is not None:
        raise InvalidInput("clauses", fault.value)
    if (fault := consequence_fault(consequences or ())) is not None:
        raise InvalidInput("consequences", fault.value)
    draft.title = title
    draft.clauses.clear()
    if consequences is not None:
        draft.consequences.clear()
    _flush(session, regulation_id)
    if consequences is not None:
        draft.consequences = [
            Consequence(n=n, side=c.side, name=c.name, points=c.points) for n, c in enumerate(consequences, 1)
        ]
    draft.clauses = [Clause(n=n, chapter=c.chapter, text=c.text) for n, c in enumerate(clauses, 1)]
    draft.made_by, draft.made_at = context.actor.account_id, context.at
    _flush(session, regulation_id)
    _note_act(context, "regulation_changed", draft, {"n": draft.n, "clauses": len(clauses)})
    return draft


def publish(context: Context, regulation_id: uuid.UUID, version: int) -> Regulation:
    """Put a draft into force; the version before it is retired. Everybody must confirm anew."""
    session = context.session
    draft = _draft(session, regulation_id, version)
    texts = [ClauseText(clause.chapter, clause.text) for clause in draft.clauses]
    if (fault := regulation_fault(draft.title, texts)) is not None:
        raise InvalidInput("clauses", fault.value)
    before = in_force(session)
    if before is not None:
        before.state = VersionState.RETIRED
        session.flush()
    draft.state, draft.published_at = VersionState.IN_FORCE, context.at
    _flush(session, regulation_id)
    _note_act(context, "regulation_published", draft, {"n": draft.n})
    return draft


def confirm(context: Context, regulation_id: uuid.UUID) -> None:
    """A person's word that he has read the version in force. Said twice, it is written once."""
    session, actor = context.session, context.actor
    regulation = get_version(session, regulation_id, drafts=False)
    if regulation.state is not VersionState.IN_FORCE:
        raise Refused("regulation_retired")
    lock_log(session)  # two clicks at once are one word
    if session.get(Confirmation, (regulation_id, actor.account_id)) is not None:
        return
    session.add(Confirmation(regulation_id=regulation_id, account_id=actor.account_id, at=context.at))
    record(
        session,
        actor,
        "regulation_confirmed",
        subject_of("regulation", regulation_id),
        {"n": regulation.n},
        actor.office_code,
        context.at,
    )


def _note_act(context: Context, act: str, draft: Regulation, detail: Mapping[str, int]) -> None:
    subject = subject_of("regulation", draft.id)
    record(context.session, context.actor, act, subject, detail, at=context.at)


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
