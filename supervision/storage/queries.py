"""Looking at the machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.offices.models import Office
from supervision.storage.facts import volumes_of
from supervision.storage.models import Machine
from supervision.storage.rules import Backlog, Volume
from supervision.storage.service import HEADQUARTERS

REPORT_OVERDUE_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class MachineRow:
    """One machine; `name` is its office's, empty at headquarters itself. `seen_at` None: it has told nothing."""

    code: str
    name: str
    seen_at: datetime | None
    volumes: Sequence[Volume]
    backlog: Backlog
    silent: bool

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


def _row(code: str, name: str, machine: Machine | None, at: datetime) -> MachineRow:
    if machine is None:
        return MachineRow(code, name, None, (), Backlog(), silent=True)
    backlog = Backlog(machine.waiting_parts, machine.waiting_bytes, machine.oldest_unsent_at)
    silent = at - machine.seen_at > REPORT_OVERDUE_AFTER
    return MachineRow(code, name, machine.seen_at, volumes_of(machine), backlog, silent)
