"""Holds: what keeps a recording beyond its time, until a person releases it with a reason (rule 11)."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.audit.service import record
from supervision.calls.queries import get_call
from supervision.clock import local, now
from supervision.errors import InvalidInput, NotFound, Refused
from supervision.recordings.models import Recording, RecordingState
from supervision.retention.models import DeletionItem, Hold
from supervision.retention.rules import HoldReason, HoldTimes, ItemState, may_move_item
from supervision.retention.words import reason_of


def place_hold(  # noqa: PLR0913 - a hold is these facts
    session: Session,
    actor: Actor,
    scope: Scope,
    call_id: uuid.UUID,
    *,
    reason: HoldReason,
    note: str,
    until: date | None = None,
    subject: str = "",
    at: datetime | None = None,
) -> Hold:
    """Keep a recording; one that waits to be deleted is spared.

    Raises NotFound outside the scope, InvalidInput for a last day that is past, and Refused once it is deleted.
    """
    at = at or now()
    call = get_call(session, scope, call_id)
    if until is not None and until < local(at).date():
        raise InvalidInput("until", until.isoformat(), "a day to come")
    lock_recording(session, call.id)
    hold = Hold(
        call_id=call.id,
        reason=reason,
        note=reason_of(note, "note"),
        subject=subject,
        until=until,
        placed_by=actor.account_id,
        placed_at=at,
    )
    session.add(hold)
    session.flush()
    spared = spare(session, call.id, f"hold:{hold.id}")
    detail = {
        "hold": str(hold.id),
        "reason": reason.value,
        "note": hold.note,
        "until": until.isoformat() if until else None,
        "spared": spared,
    }
    record(session, actor, "hold_placed", f"call:{call.id}", detail, call.office_code, at)
    return hold


def release_hold(
    session: Session, actor: Actor, hold_id: uuid.UUID, note: str, at: datetime | None = None
) -> Hold:
    """End a hold. Raises NotFound, and Refused if it was released before."""
    hold = session.get(Hold, hold_id, with_for_update=True)
    if hold is None:
        raise NotFound(f"hold {hold_id}")
    if hold.released_at is not None:
        raise Refused("hold_released")
    hold.released_at, hold.released_by = at or now(), actor.account_id
    hold.release_note = reason_of(note, "note")
    session.flush()
    detail = {"hold": str(hold.id), "reason": hold.reason.value, "note": hold.release_note}
    record(session, actor, "hold_released", f"call:{hold.call_id}", detail, hold.call.office_code, at)
    return hold


def release_holds_of(session: Session, actor: Actor, subject: str, note: str, at: datetime | None = None) -> int:
    """End all holds that were placed for one subject; how many that were."""
    query = select(Hold.id).where(Hold.subject == subject, Hold.released_at.is_(None)).order_by(Hold.id)
    found = list(session.scalars(query))
    for hold_id in found:
        release_hold(session, actor, hold_id, note, at)
    return len(found)


def holds_of(session: Session, call_id: uuid.UUID) -> Sequence[Hold]:
    """All holds of one recording, the earliest first."""
    return session.scalars(select(Hold).where(Hold.call_id == call_id).order_by(Hold.placed_at, Hold.id)).all()


def times_of(holds: Iterable[Hold]) -> list[HoldTimes]:
    """Holds as the rules see them."""
    return [HoldTimes(hold.until, hold.released_at is not None) for hold in holds]


def holding(today: date) -> ColumnElement[bool]:
    """The condition that a hold holds on the bureau's day, as `rules.holds_on` says it."""
    return Hold.released_at.is_(None) & or_(Hold.until.is_(None), Hold.until >= today)


def lock_recording(session: Session, call_id: uuid.UUID) -> None:
    """Nobody deletes or holds this recording beside us. Raises Refused once it is deleted."""
    recording = session.get(Recording, call_id, with_for_update=True)
    if recording is not None and recording.state is RecordingState.DELETED:
        raise Refused("recording_deleted")


def spare(session: Session, call_id: uuid.UUID, because: str) -> bool:
    """Take a recording out of the deletion that it waits in; False if it waited in none."""
    query = select(DeletionItem).where(DeletionItem.call_id == call_id, DeletionItem.state == ItemState.WAITING)
    item = session.scalars(query.with_for_update()).one_or_none()
    if item is None or not may_move_item(item.state, ItemState.SPARED):
        return False
    item.state, item.spared_because = ItemState.SPARED, because
    session.flush()
    return True
