"""Raw parts that are not needed any more: sealed here, received at headquarters, and the set time over.

The sealed copies stay on both sides; only the second copies that the raw parts were go. While a file of the call
is in doubt, its raw parts may be the only good copy: they stay, however old they are.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.retention.deleting import DeletionTarget, heal_removed
from supervision.retention.rules import RawParts, may_put_away
from supervision.settings import Mode

AT_ONCE = 50
DOUBTS = (
    Cause.FILE_MISSING,
    Cause.FILE_SIZE_DIFFERS,
    Cause.CONTENT_CHANGED,
    Cause.DISK_FAULT,
    Cause.PART_CHANGED,
    Cause.COPIES_DIFFER,
)


@dataclass(frozen=True)
class OnlySealed:
    """One recording of which nothing but the sealed copy is to be left, and what that must hold."""

    target: DeletionTarget
    flac_sha256: str | None


def parts_to_put_away(session: Session, mode: Mode, kept: timedelta, at: datetime) -> list[OnlySealed]:
    """Recordings whose raw parts may go, the oldest first."""
    query = (
        select(Recording, Call)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Recording.state == RecordingState.READY,
            Recording.closed_at <= at - kept,
            or_(Recording.claimed_until.is_(None), Recording.claimed_until <= at),
            Recording.call_id.in_(select(Part.call_id).where(Part.put_away_at.is_(None))),
            Recording.call_id.not_in(select(Part.call_id).where(Part.received_at.is_(None))),
            ~_DOUBTED,
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
            target = DeletionTarget(call.id, call.office_code, call.offered_at, tuple(part.name for part in parts))
            found.append(OnlySealed(target, recording.flac_sha256))
    return found


def _raw(session: Session, mode: Mode, recording: Recording, parts: list[Part]) -> RawParts:
    copy = session.get(OfficeCopy, recording.call_id) if mode is Mode.HQ else None
    return RawParts(
        sealed=recording.state is RecordingState.READY and recording.pcm_sha256 is not None,
        received=all(part.received_at is not None for part in parts),
        copies_agree=mode is Mode.OFFICE or (copy is not None and copy.pcm_sha256 == recording.pcm_sha256),
        closed_at=recording.closed_at,
    )


def is_as_sealed(path: Path, flac_sha256: str | None) -> bool:
    """Whether the sealed file can be read and is, byte for byte, what was sealed."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == flac_sha256
    except OSError:
        return False


def have_looked_through(session: Session, call_id: uuid.UUID, at: datetime) -> None:
    """Its sealed file is not what was sealed: the scrub looks at once, and names what it finds."""
    due = update(Recording).where(Recording.call_id == call_id, Recording.state == RecordingState.READY)
    session.execute(due.values(scrub_due_at=at))


def note_put_away(session: Session, target: DeletionTarget, at: datetime) -> None:
    """Write down that a recording's raw parts were removed on purpose."""
    for part in session.scalars(select(Part).where(Part.call_id == target.call_id, Part.put_away_at.is_(None))):
        part.put_away_at = at
    session.flush()
    heal_removed(session, target.office_code, target.parts, at)


_DOUBTED = (
    select(Incident.id)
    .where(Incident.call_id == Recording.call_id, Incident.cause.in_(DOUBTS), Incident.healed_at.is_(None))
    .exists()
)
