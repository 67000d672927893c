"""Looking at the machines: what they sent of themselves, and how much room the disks of this one have."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.machines.messages import SentBackup, backup_of, volumes_of
from supervision.machines.models import Machine
from supervision.machines.rules import Backlog, Volume
from supervision.machines.service import HEADQUARTERS
from supervision.offices.models import Office
from supervision.paths import HqPaths, Paths

REPORT_OVERDUE_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class MachineRow:
    """One machine; `name` is its office's, empty at headquarters itself. `seen_at` None: it has sent nothing."""

    code: str
    name: str
    seen_at: datetime | None
    volumes: Sequence[Volume]
    backlog: Backlog
    silent: bool
    backup: SentBackup | None = None

    @property
    def is_headquarters(self) -> bool:
        """Whether it is headquarters' own."""
        return self.code == HEADQUARTERS

    @property
    def level(self) -> int:
        """The worst level of its disks; 100 where all have room."""
        return min((volume.level for volume in self.volumes if volume.level is not None), default=100)


def list_machines(session: Session, scope: Scope, at: datetime) -> list[MachineRow]:
    """Headquarters' own machine first, then each office's, in the order of their codes."""
    machines = {row.code: row for row in session.scalars(select(Machine))}
    names = {row.code: row.name for row in session.scalars(select(Office))}
    codes = sorted({*machines, *names}, key=lambda code: (code != HEADQUARTERS, code))
    return [
        _row(code, names.get(code, ""), machines.get(code), at)
        for code in codes
        if scope.office_code in (None, code)
    ]


def folders_of(home: Path, *, headquarters: bool) -> Mapping[str, Path]:
    """Our folders that fill, by the names under which their file systems are spoken of."""
    node = Paths(home)
    ours = {"home": home, "archive": node.archive}
    return ours | ({"incoming": HqPaths(home).incoming} if headquarters else {"spool": node.spool})


def volumes(folders: Mapping[str, Path]) -> list[Volume]:
    """The file systems of these folders, each once, named after the first of them there.

    A folder that is not there yet will be on the file system of the one above. Raises OSError.
    """
    found: dict[int, Volume] = {}
    for name, folder in folders.items():
        path = next(one for one in (folder, *folder.parents) if one.exists())
        stat = os.statvfs(path)
        volume = Volume(
            name,
            total_bytes=(stat.f_blocks - stat.f_bfree + stat.f_bavail) * stat.f_frsize,
            free_bytes=stat.f_bavail * stat.f_frsize,
            read_only=bool(stat.f_flag & os.ST_RDONLY),
        )
        found.setdefault(path.stat().st_dev, volume)
    return list(found.values())


def _row(code: str, name: str, machine: Machine | None, at: datetime) -> MachineRow:
    if machine is None:
        return MachineRow(code, name, None, (), Backlog(), silent=True)
    backlog = Backlog(machine.waiting_parts, machine.waiting_bytes, machine.oldest_unsent_at)
    silent = at - machine.seen_at > REPORT_OVERDUE_AFTER
    return MachineRow(code, name, machine.seen_at, volumes_of(machine), backlog, silent, backup_of(machine))
