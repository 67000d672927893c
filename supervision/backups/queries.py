"""How the backups of this machine stand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.backups.models import Backup
from supervision.backups.service import newest_backup


@dataclass(frozen=True)
class BackupState:
    """The newest backup, and when one was last verified and rehearsed. `number` 0: there is none yet.

    `fault`: what was wrong with the newest. `recipient`: the public keys for which backups are encrypted.
    """

    number: int
    at: datetime | None
    size_bytes: int
    log_at: datetime | None
    verified_at: datetime | None
    rehearsed_at: datetime | None
    fault: str
    recipient: str


def backup_state(session: Session, recipient: str) -> BackupState:
    """How they stand now."""
    newest = newest_backup(session)
    verified, rehearsed = session.execute(
        select(func.max(Backup.verified_at), func.max(Backup.rehearsed_at))
    ).one()
    if newest is None:
        return BackupState(0, None, 0, None, None, None, "", recipient)
    return BackupState(
        newest.number,
        newest.at,
        newest.size_bytes,
        newest.wal_at,
        verified,
        rehearsed,
        newest.fault,
        recipient,
    )
