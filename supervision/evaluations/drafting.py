"""Keeping what a reviewer types while he types it: nothing is lost, and nothing is mixed unknowingly.

A draft is one person's. Two windows of his write it by its version: the second to come is told, and its text is
set aside. Whoever lost a call to another is told, and his draft stays.
"""

import enum
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.audit.service import take_turns
from supervision.errors import NotFound
from supervision.evaluations.content import Content, content_json, parse_content
from supervision.evaluations.models import Draft, Evaluation, SetAside
from supervision.evaluations.queries import get_task
from supervision.evaluations.rules import LEASE
from supervision.people.models import Account


class Outcome(enum.StrEnum):
    """What became of a text that was sent to be kept."""

    SAVED = "saved"
    SET_ASIDE = "set_aside"
    NOT_IN_HAND = "not_in_hand"
    SUBMITTED = "submitted"


@dataclass(frozen=True)
class Saving:
    """The outcome, the draft's version now, and who has the call where it is not the writer."""

    outcome: Outcome
    version: int
    holder: str = ""


@dataclass(frozen=True)
class DraftRead:
    """What a person wrote so far; version 0: nothing yet. `aside`: what other windows of his wrote, by window."""

    content: Content
    version: int = 0
    saved_at: datetime | None = None
    aside: Sequence[tuple[uuid.UUID, Content, datetime]] = ()


def read_draft(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> DraftRead:
    """The person's own draft. The evaluation comes from a scoped query."""
    query = select(SetAside).where(
        SetAside.evaluation_id == evaluation_id, SetAside.account_id == actor.account_id
    )
    aside = [(one.window, parse_content(one.content), one.at) for one in session.scalars(query)]
    draft = session.get(Draft, (evaluation_id, actor.account_id))
    if draft is None:
        return DraftRead(Content(), aside=aside)
    return DraftRead(parse_content(draft.content), draft.version, draft.saved_at, aside)


def save_draft(  # noqa: PLR0913 - what was written, on what, in which window
    session: Session,
    actor: Actor,
    scope: Scope,
    evaluation_id: uuid.UUID,
    content: Content,
    *,
    version: int,
    window: uuid.UUID,
    at: datetime,
) -> Saving:
    """Keep what was typed, on top of the version it was typed on; else set it aside and say so."""
    evaluation = get_task(session, actor, scope, evaluation_id)
    session.refresh(evaluation, with_for_update=True)
    draft = session.get(Draft, (evaluation_id, actor.account_id), with_for_update=True)
    known = draft.version if draft else 0
    if _is_the_same(draft, content, version):
        version = known
    if known != version or evaluation.is_judged:
        _set_aside(session, actor, evaluation_id, content, window, at)
        return Saving(Outcome.SUBMITTED if evaluation.is_judged else Outcome.SET_ASIDE, known)
    if draft is None:
        draft = Draft(evaluation_id=evaluation_id, account_id=actor.account_id)
        session.add(draft)
    draft.content, draft.saved_at = content_json(content), at
    session.flush()
    if evaluation.reviewer_id != actor.account_id:
        return Saving(Outcome.NOT_IN_HAND, draft.version, _name(session, evaluation))
    _renew(evaluation, at)
    return Saving(Outcome.SAVED, draft.version)


def hold(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID, at: datetime) -> Saving:
    """Say that one is still at it, without having written anything new (a long call is being heard)."""
    evaluation = get_task(session, actor, scope, evaluation_id)
    draft = session.get(Draft, (evaluation_id, actor.account_id))
    version = draft.version if draft else 0
    if evaluation.is_judged:
        take_turns(session)  # it may come to count now, and whoever counts it holds the log before the row
    session.refresh(evaluation, with_for_update=True)
    is_mine = evaluation.reviewer_id == actor.account_id
    if is_mine and not evaluation.is_settled:
        _renew(evaluation, at)
    if evaluation.is_judged:
        return Saving(Outcome.SUBMITTED, version)
    if not is_mine:
        return Saving(Outcome.NOT_IN_HAND, version, _name(session, evaluation))
    return Saving(Outcome.SAVED, version)


def drop_aside(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID, window: uuid.UUID) -> None:
    """Throw away a text that was set aside, once its writer has looked at it."""
    get_task(session, actor, scope, evaluation_id)
    found = session.get(SetAside, (evaluation_id, actor.account_id, window))
    if found is None:
        raise NotFound(f"text {window}")
    session.delete(found)


def _set_aside(  # noqa: PLR0913, PLR0917 - whose text, of what, from where
    session: Session, actor: Actor, evaluation_id: uuid.UUID, content: Content, window: uuid.UUID, at: datetime
) -> None:
    key = (evaluation_id, actor.account_id, window)
    found = session.get(SetAside, key, with_for_update=True)
    if found is None:
        found = SetAside(evaluation_id=evaluation_id, account_id=actor.account_id, window=window)
        session.add(found)
    found.content, found.at = content_json(content), at


def _is_the_same(draft: Draft | None, content: Content, version: int) -> bool:
    """Whether this very text was kept by the request before, whose answer was lost on the way."""
    return draft is not None and draft.version == version + 1 and draft.content == content_json(content)


def _renew(evaluation: Evaluation, at: datetime) -> None:
    """Seldom, so that each letter typed does not write the row that others wait for."""
    if evaluation.held_until is None or evaluation.held_until < at + LEASE / 2:
        evaluation.held_until = at + LEASE


def _name(session: Session, evaluation: Evaluation) -> str:
    holder = session.get(Account, evaluation.reviewer_id) if evaluation.reviewer_id else None
    return holder.name if holder else ""
