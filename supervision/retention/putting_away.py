"""Raw parts that are not needed any more: sealed here, received at headquarters, and the set time over.

The sealed copies stay on both sides; only the second copies that the raw parts were go.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.retention.claims import Doomed
from supervision.retention.rules import RawParts, may_put_away
from supervision.settings import Mode

AT_ONCE = 50


def parts_to_put_away(session: Session, mode: Mode, kept: timedelta, at: datetime) -> list[Doomed]:
    """Recordings whose raw parts may go, the oldest first."""
    query = (
        select(Recording, Call)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Recording.state == RecordingState.READY,
            Recording.closed_at <= at - kept,
            Recording.call_id.in_(select(Part.call_id).where(Part.put_away_at.is_(None))),
            Recording.call_id.not_in(select(Part.call_id).where(Part.received_at.is_(None))),
        )
        .order_by(Recording.closed_at)
        .limit(AT_ONCE)
    )
    if mode is Mode.HQ:
        query = query.join(OfficeCopy, OfficeCopy.call_id == Recording.call_id).where(
            OfficeCopy.pcm_sha256 == Recording.pcm_sha256
        )
    found = []
    for recording, call in session.execute(query):
        parts = list(session.scalars(select(Part).where(Part.call_id == call.id).order_by(Part.name)))
        if may_put_away(_raw(session, mode, recording, parts), kept, at):
            found.append(Doomed(call.id, call.office_code, call.offered_at, tuple(part.name for part in parts)))
    return found


def _raw(session: Session, mode: Mode, recording: Recording, parts: list[Part]) -> RawParts:
    copy = session.get(OfficeCopy, recording.call_id) if mode is Mode.HQ else None
    return RawParts(
        sealed=recording.state is RecordingState.READY and recording.pcm_sha256 is not None,
        received=all(part.received_at is not None for part in parts),
        copies_agree=mode is Mode.OFFICE or (copy is not None and copy.pcm_sha256 == recording.pcm_sha256),
        closed_at=recording.closed_at,
    )


def note_put_away(session: Session, call_id: uuid.UUID, at: datetime) -> None:
    """Write down that a recording's raw parts were removed on purpose."""
    for part in session.scalars(select(Part).where(Part.call_id == call_id, Part.put_away_at.is_(None))):
        part.put_away_at = at
    session.flush()
