"""Listening to a call in progress: written down before the first byte leaves, as all listening is (S3).

What leaves is the copy that grows on this machine, at headquarters what was acknowledged. The listening's
seconds are those of the recording's timeline, so the same second counts once, whoever is cut off between.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, selectinload

from supervision.actor import Actor, Scope
from supervision.calls.models import Call
from supervision.calls.queries import get_call
from supervision.clock import now
from supervision.errors import NotFound, Refused
from supervision.parts.store import PartStore
from supervision.recordings.listening import begin_listening, get_own
from supervision.recordings.live_rules import FoundPart, LaidPart, lay
from supervision.recordings.models import Listening, Part, Recording, RecordingState
from supervision.recordings.service import begin_recording


@dataclass(frozen=True)
class GrowingRecording:
    """What there is of a recording at this moment. `closed`: no part will be added to it."""

    office_code: str
    parts: list[LaidPart]
    closed: bool


def open_live_listening(
    session: Session, actor: Actor, scope: Scope, call_id: uuid.UUID, at: datetime | None = None
) -> Listening:
    """Begin to listen to a call in progress. Raises NotFound outside the scope, Refused once it is over."""
    call = get_call(session, scope, call_id)
    if call.ended_at is not None:
        raise Refused("call_over")
    begin_recording(session, call.id)  # its sound may be here before the office has told of it
    at = at or now()
    return begin_listening(
        session, actor, call.id, call.office_code, act="live_listening_started", at=at, live=True
    )


def continue_live_listening(
    session: Session, actor: Actor, scope: Scope, call_id: uuid.UUID, listening_id: uuid.UUID
) -> None:
    """Let a connection go on with a listening.

    Raises NotFound outside the scope and for a listening that is not his, of this call and live; Refused once
    it has ended.
    """
    get_call(session, scope, call_id)
    listening = get_own(session, actor, listening_id)
    if listening.call_id != call_id or not listening.live:
        raise NotFound(f"listening {listening_id}")
    if listening.ended_at is not None:
        raise Refused("listening_over")
    listening.last_heard_at = max(now(), listening.last_heard_at)


def note_live_served(
    session: Session, actor: Actor, listening_id: uuid.UUID, sent_bytes: int, at: datetime | None = None
) -> None:
    """Add up the audio that is about to leave. Raises Refused once the listening has ended."""
    listening = get_own(session, actor, listening_id)
    if listening.ended_at is not None:
        raise Refused("listening_over")
    listening.served_bytes += sent_bytes
    listening.last_heard_at = max(at or now(), listening.last_heard_at)


def growing_recording(session: Session, scope: Scope, copy: PartStore, call_id: uuid.UUID) -> GrowingRecording:
    """What there is of a call's recording on this machine. Raises NotFound outside the scope."""
    call = get_call(session, scope, call_id)
    recording = session.get(Recording, call.id, options=[selectinload(Recording.parts)])
    return GrowingRecording(call.office_code, lay(_found(call, recording, copy)), _is_closed(call, recording))


def _found(call: Call, recording: Recording | None, copy: PartStore) -> list[FoundPart]:
    """The parts that are on disk; the record may not know of them yet, or know of others that are not here."""
    known = {part.name: part for part in recording.parts} if recording else {}
    found = []
    for name in copy.names(call.office_code, call.id):
        held, row = copy.held(call.office_code, name), known.pop(str(name), None)
        found.append(_part(row, held) if row else FoundPart(str(name), held))
    return found + [_part(row, 0) for row in known.values()]


def _part(row: Part, held: int) -> FoundPart:
    return FoundPart(row.name, held, row.started_at, row.length_bytes)


def _is_closed(call: Call, recording: Recording | None) -> bool:
    if call.ended_at is None:
        return False
    return recording is None or recording.closed_at is not None or recording.state is not RecordingState.GROWING
