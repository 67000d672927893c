"""The steps of a deletion, before and after the files go, at headquarters and at a node (rule 11).

From `take_out_of_use` on nobody can hold the recording any more; a worker that dies between the steps leaves
`deleting`, and the next one goes on from there. Headquarters owns the decision and calls nobody: nodes ask what to
delete and say what they removed, so a node that was away for a month asks when it is back.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import local
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident
from supervision.incidents.set_aside import Item, take_up
from supervision.recordings.messages import send_recording
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.retention.messages import AT_ONCE, Agreed, Order, Orders
from supervision.retention.models import Deletion, DeletionItem, DeletionOrder
from supervision.retention.queries import has_open_ticket, holds_of, times_of
from supervision.retention.rules import DeletionState, ItemState, SpareReason, may_delete
from supervision.retention.service import advance, agreeing

OPEN = (ItemState.WAITING, ItemState.DELETING)
Key = tuple[uuid.UUID, uuid.UUID]
OF_CONTENT = (Cause.CONTENT_CHANGED, Cause.DISK_FAULT)
TASKS = ("seal", "scrub")  # whose work a recording is, until it is deleted


@dataclass(frozen=True)
class DeletionTarget:
    """One recording to be deleted: where its files are follows from these."""

    call_id: uuid.UUID
    office_code: str
    offered_at: datetime
    parts: tuple[str, ...]
    deletion_id: uuid.UUID | None = None


def next_item(session: Session, at: datetime) -> Key | None:
    """The recording whose turn it is, unless it is being sealed anew; what was begun comes first."""
    query = (
        select(DeletionItem.deletion_id, DeletionItem.call_id)
        .join(Deletion, Deletion.id == DeletionItem.deletion_id)
        .join(Recording, Recording.call_id == DeletionItem.call_id)
        .where(
            Deletion.state == DeletionState.AGREED,
            DeletionItem.state.in_(OPEN),
            or_(Recording.claimed_until.is_(None), Recording.claimed_until <= at),
        )
        .order_by(DeletionItem.state, Deletion.ready_at, DeletionItem.call_id)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row.deletion_id, row.call_id)


def take_out_of_use(session: Session, key: Key, at: datetime) -> DeletionTarget | None:
    """Write one recording's proof down and take it out of use; None if it may not be deleted, and is spared."""
    recording = session.get_one(Recording, key[1], with_for_update=True)
    item = session.get_one(DeletionItem, key, with_for_update=True)
    call = session.get_one(Call, key[1])
    parts = list(session.scalars(select(Part).where(Part.call_id == call.id).order_by(Part.name)))
    target = DeletionTarget(call.id, call.office_code, call.offered_at, tuple(part.name for part in parts), key[0])
    if item.state is ItemState.DELETING:
        return target
    if item.state is not ItemState.WAITING:
        return None
    deletion, held = item.deletion, times_of(holds_of(session, call.id))
    drawn, today = has_open_ticket(session, call.id), local(at).date()
    allowed = may_delete(deletion.state, agreeing(deletion), held, today, open_ticket=drawn)
    if not allowed or recording.state is not RecordingState.READY:
        not_allowed = SpareReason.TICKET if drawn else SpareReason.HELD
        item.state, item.spared_because = ItemState.SPARED, SpareReason.NOT_READY if allowed else not_allowed
        session.flush()
        return None
    item.pcm_sha256, item.flac_sha256 = recording.pcm_sha256, recording.flac_sha256
    item.flac_bytes, item.duration_ms = recording.flac_bytes, recording.duration_ms
    item.parts = [{"name": part.name, "bytes": part.length_bytes, "sha256": part.sha256} for part in parts]
    item.state, recording.state = ItemState.DELETING, RecordingState.DELETED
    recording.due_at = None
    session.flush()
    return target


def finish_item(session: Session, key: Key, at: datetime) -> None:
    """Write down that the files are gone."""
    item = session.get_one(DeletionItem, key, with_for_update=True)
    if item.state is not ItemState.DELETING:
        return
    item.state, item.deleted_at = ItemState.DELETED, at
    names = []
    for part in session.scalars(select(Part).where(Part.call_id == item.call_id)):
        part.put_away_at = part.put_away_at or at
        names.append(part.name)
    session.flush()
    heal_deleted(session, item.deletion.office_code, item.call_id, names, at)
    detail = {
        "deletion": str(item.deletion_id),
        "cause": item.deletion.cause.value,
        "pcm_sha256": item.pcm_sha256,
        "flac_sha256": item.flac_sha256,
        "agreed_by": [f"{one.name} ({one.account_id})" for one in item.deletion.agreements],
    }
    record(
        session,
        None,
        "recording_deleted",
        subject_of("recording", item.call_id),
        detail,
        item.deletion.office_code,
        at,
    )


def is_any_done(session: Session) -> bool:
    """Whether there is a deletion to be closed."""
    return session.scalar(select(Deletion.id).where(*_DONE).limit(1)) is not None


def close_done(session: Session, at: datetime) -> None:
    """Close the deletions in which nothing is left to do."""
    for deletion in session.scalars(select(Deletion).where(*_DONE).with_for_update()):
        advance(deletion, DeletionState.DONE)
        deletion.done_at = at
    session.flush()


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


def apply_orders(session: Session, orders: Orders, at: datetime) -> int:
    """Node: write down what is to be deleted; how many of the orders are new."""
    new = 0
    for order in orders.orders:
        known = session.get(DeletionOrder, order.call_id)
        if known is not None:
            known.sent_at = None  # headquarters does not know yet that it is done: it is said again
            continue
        agreed = [one.model_dump(mode="json") for one in order.agreed_by]
        values = {**order.model_dump(exclude={"agreed_by"}), "agreed_by": agreed}
        session.add(DeletionOrder(**values, ordered_at=at))
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


def begin_order(session: Session, call_id: uuid.UUID) -> DeletionTarget:
    """Node: take the recording out of use. A node that was made anew may never have heard of the call."""
    order, call = session.get_one(DeletionOrder, call_id), session.get(Call, call_id)
    if call is None:
        return DeletionTarget(call_id, "", order.ordered_at, (), order.deletion_id)
    recording = session.get(Recording, call.id, with_for_update=True)
    if recording is not None:
        recording.state, recording.due_at, recording.claimed_until = RecordingState.DELETED, None, None
        session.flush()
    names = session.scalars(select(Part.name).where(Part.call_id == call.id).order_by(Part.name))
    return DeletionTarget(call.id, call.office_code, call.offered_at, tuple(names), order.deletion_id)


def finish_order(session: Session, target: DeletionTarget, at: datetime) -> None:
    """Node: write down that the files are gone, and send headquarters the recording."""
    order = session.get_one(DeletionOrder, target.call_id)
    order.done_at = at
    session.execute(
        update(Part).where(Part.call_id == target.call_id, Part.put_away_at.is_(None)).values(put_away_at=at)
    )
    heal_deleted(session, target.office_code, target.call_id, target.parts, at)
    detail = {"deletion": str(order.deletion_id), "agreed_by": [one["name"] for one in order.agreed_by]}
    office_code = target.office_code or None
    record(session, None, "recording_deleted", subject_of("recording", target.call_id), detail, office_code, at)
    if target.office_code and session.get(Recording, target.call_id) is not None:
        send_recording(session, target.office_code, target.call_id)


def done_unsent(session: Session) -> Sequence[uuid.UUID]:
    """Node: what was removed and headquarters does not know of."""
    query = select(DeletionOrder.call_id).where(
        DeletionOrder.done_at.is_not(None), DeletionOrder.sent_at.is_(None)
    )
    return session.scalars(query.order_by(DeletionOrder.done_at).limit(AT_ONCE)).all()


def note_sent(session: Session, call_ids: Iterable[uuid.UUID], at: datetime) -> None:
    """Node: headquarters knows of these."""
    session.execute(update(DeletionOrder).where(DeletionOrder.call_id.in_(list(call_ids))).values(sent_at=at))


def heal_removed(session: Session, office_code: str, names: Iterable[str], at: datetime) -> None:
    """Heal what is open about the content of these files, since nobody looks through them any more."""
    for name in names:
        for cause in OF_CONTENT:
            heal_incident(session, office_code=office_code, cause=cause, subject=name, at=at)


def heal_deleted(
    session: Session, office_code: str, call_id: uuid.UUID, parts: Iterable[str], at: datetime
) -> None:
    """Heal all that is open about the files of a recording that was deleted, and about work on it."""
    heal_removed(session, office_code, (f"{call_id}.flac", *parts), at)
    heal_incident(session, office_code=office_code, cause=Cause.SEALING_FAILED, subject=str(call_id), at=at)
    for task in TASKS:
        take_up(session, Item(office_code, task, str(call_id)), at)


def _order(item: DeletionItem) -> Order:
    first, second = (Agreed(name=one.name, at=one.at) for one in item.deletion.agreements)
    return Order(
        call_id=item.call_id,
        deletion_id=item.deletion_id,
        cause=item.deletion.cause,
        agreed_by=(first, second),
        pcm_sha256=item.pcm_sha256,
    )


_LEFT = exists().where(DeletionItem.deletion_id == Deletion.id, DeletionItem.state.in_(OPEN))
_DONE = (Deletion.state == DeletionState.AGREED, ~_LEFT)
