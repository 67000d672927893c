"""How a deletion reaches the office's own copy: nodes ask, headquarters answers, nodes say what they removed.

Headquarters owns the decision and calls nobody: a node that was away for a month asks when it is back.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.recordings.messages import SHA256, tell_recording
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.retention.claims import Doomed
from supervision.retention.healing import heal_deleted
from supervision.retention.models import Deletion, DeletionItem, DeletionOrder
from supervision.retention.rules import DeletionCause, ItemState

AT_ONCE = 200


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Agreed(_Told):
    """One of the two who agreed."""

    name: str = Field(max_length=128)
    at: AwareDatetime


class Order(_Told):
    """One recording that the office must delete as well, and who decided that."""

    call_id: uuid.UUID
    deletion_id: uuid.UUID
    cause: DeletionCause
    agreed_by: tuple[Agreed, Agreed]
    pcm_sha256: str | None = Field(pattern=SHA256)


class Orders(_Told):
    """What headquarters answers."""

    orders: tuple[Order, ...] = Field(max_length=AT_ONCE)


def outstanding(session: Session, office_code: str) -> Orders:
    """Headquarters: what this office has still to delete, the oldest first."""
    query = (
        select(DeletionItem)
        .join(Deletion, Deletion.id == DeletionItem.deletion_id)
        .where(
            Deletion.office_code == office_code,
            DeletionItem.state == ItemState.DELETED,
            DeletionItem.office_deleted_at.is_(None),
        )
        .order_by(DeletionItem.deleted_at, DeletionItem.call_id)
        .limit(AT_ONCE)
    )
    return Orders(orders=tuple(_order(item) for item in session.scalars(query)))


def _order(item: DeletionItem) -> Order:
    first, second = (Agreed(name=one.name, at=one.at) for one in item.deletion.agreements)
    return Order(
        call_id=item.call_id,
        deletion_id=item.deletion_id,
        cause=item.deletion.cause,
        agreed_by=(first, second),
        pcm_sha256=item.pcm_sha256,
    )


def note_gone(session: Session, office_code: str, gone: Iterable[uuid.UUID], at: datetime) -> int:
    """Headquarters: an office says that it has removed these; how many of them were its own and new."""
    items = session.scalars(
        select(DeletionItem)
        .join(Deletion, Deletion.id == DeletionItem.deletion_id)
        .where(
            Deletion.office_code == office_code,
            DeletionItem.call_id.in_(list(gone)),
            DeletionItem.state == ItemState.DELETED,
            DeletionItem.office_deleted_at.is_(None),
        )
    ).all()
    for item in items:
        item.office_deleted_at = at
    session.flush()
    return len(items)


def take_orders(session: Session, orders: Orders, at: datetime) -> int:
    """Node: write down what is to be deleted; how many of the orders are new."""
    new = 0
    for order in orders.orders:
        known = session.get(DeletionOrder, order.call_id)
        if known is not None:
            known.told_at = None  # headquarters does not know yet that it is done: it is said again
            continue
        agreed = [one.model_dump(mode="json") for one in order.agreed_by]
        told = {**order.model_dump(exclude={"agreed_by"}), "agreed_by": agreed}
        session.add(DeletionOrder(**told, ordered_at=at))
        new += 1
    session.flush()
    return new


def next_order(session: Session, at: datetime) -> uuid.UUID | None:
    """Node: the recording whose turn it is; one that is being sealed at this moment waits until it is."""
    query = (
        select(DeletionOrder.call_id)
        .outerjoin(Recording, Recording.call_id == DeletionOrder.call_id)
        .where(
            DeletionOrder.done_at.is_(None), or_(Recording.claimed_until.is_(None), Recording.claimed_until <= at)
        )
        .order_by(DeletionOrder.ordered_at, DeletionOrder.call_id)
        .limit(1)
    )
    return session.scalar(query)


def begin_order(session: Session, call_id: uuid.UUID) -> Doomed:
    """Node: take the recording out of use. A node that was made anew may never have heard of the call."""
    order, call = session.get_one(DeletionOrder, call_id), session.get(Call, call_id)
    if call is None:
        return Doomed(call_id, "", order.ordered_at, (), order.deletion_id)
    recording = session.get(Recording, call.id, with_for_update=True)
    if recording is not None:
        recording.state, recording.due_at, recording.claimed_until = RecordingState.DELETED, None, None
        session.flush()
    names = session.scalars(select(Part.name).where(Part.call_id == call.id).order_by(Part.name))
    return Doomed(call.id, call.office_code, call.offered_at, tuple(names), order.deletion_id)


def finish_order(session: Session, doomed: Doomed, at: datetime) -> None:
    """Node: write down that the files are gone, and tell headquarters with the recording."""
    order = session.get_one(DeletionOrder, doomed.call_id)
    order.done_at = at
    session.execute(
        update(Part).where(Part.call_id == doomed.call_id, Part.put_away_at.is_(None)).values(put_away_at=at)
    )
    heal_deleted(session, doomed.office_code, doomed.call_id, doomed.parts, at)
    detail = {"deletion": str(order.deletion_id), "agreed_by": [one["name"] for one in order.agreed_by]}
    office_code = doomed.office_code or None
    record(session, None, "recording_deleted", f"recording:{doomed.call_id}", detail, office_code, at)
    if doomed.office_code and session.get(Recording, doomed.call_id) is not None:
        tell_recording(session, doomed.office_code, doomed.call_id)


def done_untold(session: Session) -> Sequence[uuid.UUID]:
    """Node: what was removed and headquarters does not know of."""
    query = select(DeletionOrder.call_id).where(
        DeletionOrder.done_at.is_not(None), DeletionOrder.told_at.is_(None)
    )
    return session.scalars(query.order_by(DeletionOrder.done_at).limit(AT_ONCE)).all()


def note_told(session: Session, call_ids: Iterable[uuid.UUID], at: datetime) -> None:
    """Node: headquarters knows of these."""
    session.execute(update(DeletionOrder).where(DeletionOrder.call_id.in_(list(call_ids))).values(told_at=at))
