"""Headquarters' copy: a part is received when all of it is here, with the office's hash (decision 2)."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.errors import NotFound
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident
from supervision.incidents.set_aside import resting
from supervision.parts.errors import Damaged, Differs, DiskFault, DiskFull, Incomplete, Locked
from supervision.parts.incoming import Incoming
from supervision.paths import PartName
from supervision.recordings.models import Part, Recording, RecordingState

MOST_ANNOUNCED = 1000  # of one office, looked at at once
_RANK = func.row_number().over(partition_by=Call.office_code, order_by=Call.offered_at.desc()).label("rank")


@dataclass(frozen=True)
class Announced:
    """A part that an office has closed, and that is not known to be here."""

    office_code: str
    call_id: uuid.UUID
    name: str
    length_bytes: int
    sha256: str


def parts_received(session: Session, office_code: str, names: Sequence[str]) -> dict[str, datetime]:
    """When each of an office's parts was received; those that were not are left out."""
    rows = session.execute(
        select(Part.name, Part.received_at)
        .join(Call, Call.id == Part.call_id)
        .where(Call.office_code == office_code, Part.name.in_(names), Part.received_at.is_not(None))
    )
    return {row.name: row.received_at for row in rows}


def announced(session: Session, at: datetime, most: int = MOST_ANNOUNCED) -> list[Announced]:
    """The parts that offices have closed and that are not here, the latest calls' first; so many of each office.

    One that is here otherwise than its office closed it rests between two looks: each reads all of it.
    """
    waiting = (
        select(Call.office_code, Part.call_id, Part.name, Part.length_bytes, Part.sha256, _RANK)
        .join(Call, Call.id == Part.call_id)
        .join(Recording, Recording.call_id == Part.call_id)
        .where(
            Recording.state == RecordingState.GROWING,
            Part.closed_at.is_not(None),
            Part.received_at.is_(None),
        )
        .subquery()
    )
    rests = resting(session, Cause.PART_CHANGED, at)
    rows = session.execute(select(waiting).where(waiting.c.rank <= most).order_by(waiting.c.rank))
    return [
        Announced(row.office_code, row.call_id, row.name, row.length_bytes or 0, row.sha256 or "")
        for row in rows
        if (row.office_code, row.name) not in rests
    ]


def more_than_announced(codes: Iterable[str]) -> set[str]:
    """The offices that may have more of them than were asked for: near the limit, since some of these may rest."""
    return {code for code, number in Counter(codes).items() if number >= MOST_ANNOUNCED // 2}


def is_here(incoming: Incoming, part: Announced) -> bool | Exception:
    """Whether all of a part is here, now final; or what is wrong with it.

    A part that was empty at the office need not have been sent.
    """
    name = PartName.parse(part.name)
    if name is None:
        return ValueError(part.name)
    try:
        if part.length_bytes == 0:
            incoming.create(part.office_code, name, 0, most_unfinished=2**31, most_open=2**31)
        incoming.finalize(part.office_code, name, part.length_bytes, part.sha256, wait_s=0)
    except (NotFound, Incomplete, Locked):
        return False
    except (Differs, Damaged, DiskFault, DiskFull) as error:
        return error
    return True


def note_received(session: Session, part: Announced, at: datetime) -> None:
    """Write down that a part is here; with the last of them, the recording can be sealed."""
    row = session.get_one(Part, part.name)
    row.received_at = row.received_at or at
    heal_incident(session, office_code=part.office_code, cause=Cause.DISK_FAULT, subject=part.name, at=at)
    session.flush()
    finish_arrived(session, part.call_id, at)


def note_differs(session: Session, part: Announced, error: Exception, at: datetime) -> None:
    """Write down that what is here is not what the office closed."""
    open_incident(
        session,
        office_code=part.office_code,
        cause=Cause.PART_CHANGED,
        subject=part.name,
        at=at,
        call_id=part.call_id,
        detail={"where": "incoming", "error": str(error)[:200], "closed_sha256": part.sha256},
    )


def note_unreadable(session: Session, office_code: str, name: str, error: Exception, at: datetime) -> None:
    """Write down that the disk does not give, or does not take, what belongs to a part; it is tried again."""
    if is_open(session, office_code, Cause.DISK_FAULT, name):
        return
    part = session.get(Part, name)  # bytes may come before the fact that there is such a part
    open_incident(
        session,
        office_code=office_code,
        cause=Cause.DISK_FAULT,
        subject=name,
        at=at,
        call_id=part.call_id if part else None,
        detail={"where": "incoming", "error": f"{type(error).__name__}: {error}"[:200]},
    )


def finish_arrived(session: Session, call_id: uuid.UUID, at: datetime) -> bool:
    """Hand a recording over to be sealed if the office has closed it and all its parts are here.

    A part that was begun and of which the office had no file when it closed the recording never comes.
    """
    recording = session.get_one(Recording, call_id, with_for_update=True)
    if recording.closed_at is None or recording.state is not RecordingState.GROWING:
        return False
    parts = session.scalars(select(Part).where(Part.call_id == call_id, Part.closed_at.is_not(None)))
    if any(part.received_at is None for part in parts):
        return False
    recording.state, recording.due_at = RecordingState.FINAL, at
    session.flush()
    return True


def closed_without_parts(session: Session) -> list[tuple[str, uuid.UUID]]:
    """Recordings that the office has closed, all of whose parts (none, maybe) are here, each with its office.

    So many of each office, the latest calls' first.
    """
    waiting = select(Part.call_id).where(Part.received_at.is_(None), Part.closed_at.is_not(None))
    whole = (
        select(Call.office_code, Recording.call_id, _RANK)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Recording.state == RecordingState.GROWING,
            Recording.closed_at.is_not(None),
            Recording.call_id.not_in(waiting),
        )
        .subquery()
    )
    rows = session.execute(select(whole).where(whole.c.rank <= MOST_ANNOUNCED).order_by(whole.c.rank))
    return [(row.office_code, row.call_id) for row in rows]
