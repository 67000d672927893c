"""Noting what became of backups, and the incidents of those that are late, unverified or damaged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.backups.models import Backup
from supervision.backups.rules import digest_of, is_late
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident

HEADQUARTERS = "hq"  # no office's code has letters
WHOLE, LOG = "backup", "log"  # what is late


@dataclass(frozen=True)
class Limits:
    """When to say something. `longest_log` None: there is no log to be sent."""

    longest: timedelta
    longest_unverified: timedelta
    longest_log: timedelta | None = None


@dataclass(frozen=True)
class Verification:
    """What reading a backup back has found. `rehearsed`: with the private key."""

    number: int
    at: datetime
    fault: str = ""
    rehearsed: bool = False


def newest_backup(session: Session) -> Backup | None:
    """The last one that this machine made."""
    return session.scalars(select(Backup).order_by(Backup.number.desc()).limit(1)).one_or_none()


def note_backup(session: Session, made: Backup) -> None:
    """Write down that a backup is at the second place. The log went on being sent while it was made."""
    before = newest_backup(session)
    if made.wal_at and before is not None and before.wal_at:
        made.wal_at = max(made.wal_at, before.wal_at)
    session.add(made)
    session.flush()


def note_log(session: Session, at: datetime) -> None:
    """Write down up to when the database's log is at the second place, behind the last backup."""
    newest = newest_backup(session)
    if newest is not None:
        newest.wal_at = at
        session.flush()


def note_dropped(session: Session, number: int, at: datetime) -> None:
    """Write down that a backup was removed from the second place."""
    found = session.get(Backup, number)
    if found is not None:
        found.dropped_at = at
        session.flush()


def lost_backups(session: Session, texts: Mapping[int, str]) -> list[str]:
    """Which backups that were made here, and were not removed by us, are not there, or are others there."""
    query = select(Backup.number, Backup.digest).where(Backup.dropped_at.is_(None)).order_by(Backup.number)
    found = []
    for number, digest in session.execute(query):
        if number not in texts:
            found.append(f"backup {number} is not at the second place any more")
        elif digest_of(texts[number]) != digest:
            found.append(f"backup {number} at the second place is not the one that was made here")
    return found


def note_verification(session: Session, found: Verification) -> bool:
    """Write down what a verification found; False where this database does not know the backup."""
    backup = session.get(Backup, found.number)
    if backup is None:
        return False
    backup.fault = found.fault[:300]
    if not found.fault:
        backup.verified_at = found.at
        backup.rehearsed_at = found.at if found.rehearsed else backup.rehearsed_at
    session.flush()
    return True


def watch_backups(session: Session, code: str, limits: Limits, at: datetime) -> None:
    """Open and heal the incidents of this machine's backups."""
    newest = newest_backup(session)
    verified = session.scalars(
        select(Backup).where(Backup.verified_at.is_not(None)).order_by(Backup.verified_at.desc()).limit(1)
    ).one_or_none()
    made_at = newest.at if newest else None
    _note(session, code, Cause.BACKUP_LATE, WHOLE, _since(made_at), at, lasts=is_late(made_at, at, limits.longest))
    if limits.longest_log is not None and newest is not None:
        log_at = newest.wal_at
        late = is_late(log_at, at, limits.longest_log)
        _note(session, code, Cause.BACKUP_LATE, LOG, _since(log_at), at, lasts=late)
    verified_at = verified.verified_at if verified else None
    first_at = session.scalar(select(Backup.at).order_by(Backup.number).limit(1))
    unverified = is_late(verified_at or first_at or at, at, limits.longest_unverified)
    _note(session, code, Cause.BACKUP_UNVERIFIED, WHOLE, _since(verified_at), at, lasts=unverified)
    damaged = newest is not None and bool(newest.fault)
    detail = {"number": newest.number, "fault": newest.fault} if newest and damaged else {}
    _note(session, code, Cause.BACKUP_DAMAGED, WHOLE, detail, at, lasts=damaged)


def heal_all(session: Session, code: str, at: datetime) -> None:
    """No backup is to be made here any more: nothing of it is wrong."""
    for cause in (Cause.BACKUP_LATE, Cause.BACKUP_UNVERIFIED, Cause.BACKUP_DAMAGED):
        for subject in (WHOLE, LOG):
            heal_incident(session, office_code=code, cause=cause, subject=subject, at=at)


def _since(last_at: datetime | None) -> dict[str, Any]:
    return {"last_at": last_at.isoformat() if last_at else None}


def _note(  # noqa: PLR0913, PLR0917 - one incident, all that it says
    session: Session, code: str, cause: Cause, subject: str, detail: dict[str, Any], at: datetime, *, lasts: bool
) -> None:
    if not lasts:
        heal_incident(session, office_code=code, cause=cause, subject=subject, at=at)
    elif not is_open(session, code, cause, subject):
        open_incident(session, office_code=code, cause=cause, subject=subject, at=at, detail=detail)
