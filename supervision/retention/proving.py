"""Headquarters writes down what two people agreed to delete, before and after the files go (rule 11).

From `take_out_of_use` on nobody can hold the recording any more; a worker that dies between the steps leaves
`deleting`, and the next one goes on from there.
"""

import uuid
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import local
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.retention.claims import Doomed
from supervision.retention.deletions import advance, agreeing
from supervision.retention.healing import heal_deleted
from supervision.retention.holds import holds_of, times_of
from supervision.retention.models import Deletion, DeletionItem
from supervision.retention.rules import DeletionState, ItemState, may_delete
from supervision.retention.tickets import has_open_ticket

OPEN = (ItemState.WAITING, ItemState.DELETING)
Key = tuple[uuid.UUID, uuid.UUID]


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


def take_out_of_use(session: Session, key: Key, at: datetime) -> Doomed | None:
    """Write one recording's proof down and take it out of use; None if it may not be deleted, and is spared."""
    recording = session.get_one(Recording, key[1], with_for_update=True)
    item = session.get_one(DeletionItem, key, with_for_update=True)
    call = session.get_one(Call, key[1])
    parts = list(session.scalars(select(Part).where(Part.call_id == call.id).order_by(Part.name)))
    doomed = Doomed(call.id, call.office_code, call.offered_at, tuple(part.name for part in parts), key[0])
    if item.state is ItemState.DELETING:
        return doomed
    if item.state is not ItemState.WAITING:
        return None
    deletion, held = item.deletion, times_of(holds_of(session, call.id))
    drawn, today = has_open_ticket(session, call.id), local(at).date()
    allowed = may_delete(deletion.state, agreeing(deletion), held, today, open_ticket=drawn)
    if not allowed or recording.state is not RecordingState.READY:
        item.state = ItemState.SPARED
        item.spared_because = "not_ready" if allowed else "ticket" if drawn else "held"
        session.flush()
        return None
    item.pcm_sha256, item.flac_sha256 = recording.pcm_sha256, recording.flac_sha256
    item.flac_bytes, item.duration_ms = recording.flac_bytes, recording.duration_ms
    item.parts = [{"name": part.name, "bytes": part.length_bytes, "sha256": part.sha256} for part in parts]
    item.state, recording.state = ItemState.DELETING, RecordingState.DELETED
    recording.due_at = None
    session.flush()
    return doomed


def finish(session: Session, key: Key, at: datetime) -> None:
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
    record(session, None, "recording_deleted", f"recording:{item.call_id}", detail, item.deletion.office_code, at)


def is_any_done(session: Session) -> bool:
    """Whether there is a deletion to be closed."""
    return session.scalar(select(Deletion.id).where(*_DONE).limit(1)) is not None


def close_done(session: Session, at: datetime) -> None:
    """Close the deletions in which nothing is left to do."""
    for deletion in session.scalars(select(Deletion).where(*_DONE).with_for_update()):
        advance(deletion, DeletionState.DONE)
        deletion.done_at = at
    session.flush()


_LEFT = exists().where(DeletionItem.deletion_id == Deletion.id, DeletionItem.state.in_(OPEN))
_DONE = (Deletion.state == DeletionState.AGREED, ~_LEFT)
