"""Looking at recordings, within what the person may see of their calls."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from supervision.actor import Scope
from supervision.calls.queries import get_call
from supervision.errors import Refused
from supervision.recordings.models import Recording, RecordingState


@dataclass(frozen=True)
class SealedRecording:
    """What is needed to find and to name a recording that can be heard."""

    call_id: uuid.UUID
    office_code: str
    line_key: str
    offered_at: datetime
    flac_sha256: str


def recording_states(session: Session, call_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, RecordingState]:
    """How the recordings of calls stand; calls without one are left out. The ids come from a scoped query."""
    query = select(Recording.call_id, Recording.state).where(Recording.call_id.in_(list(call_ids)))
    return dict(session.execute(query).all())


def find_recording(session: Session, scope: Scope, call_id: uuid.UUID) -> Recording | None:
    """The recording of a call, with its parts. Raises NotFound where the call lies outside the scope."""
    call = get_call(session, scope, call_id)
    return session.get(Recording, call.id, options=[selectinload(Recording.parts)])


def get_sealed(session: Session, scope: Scope, call_id: uuid.UUID) -> SealedRecording:
    """The sealed recording of a call. Raises NotFound outside the scope, Refused while there is none to hear."""
    call = get_call(session, scope, call_id)
    recording = session.get(Recording, call.id)
    if recording is not None and recording.state is RecordingState.DELETED:
        raise Refused("recording_deleted")
    if recording is None or recording.state is not RecordingState.READY:
        raise Refused("recording_not_ready")
    return SealedRecording(call.id, call.office_code, call.line_key, call.offered_at, recording.flac_sha256 or "")
