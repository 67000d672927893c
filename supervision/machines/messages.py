"""A node's disks and backlog, as it sends them to headquarters."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.machines.models import Machine
from supervision.machines.rules import Volume
from supervision.received_times import Moment, Receipt

MOST_BYTES = 2**63 - 1


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SentVolume(_Sent):
    """One file system."""

    name: str = Field(min_length=1, max_length=32)
    total_bytes: int = Field(ge=0, le=MOST_BYTES)
    free_bytes: int = Field(ge=0, le=MOST_BYTES)
    read_only: bool
    level: int | None = Field(ge=0, le=100)


class SentBackup(_Sent):
    """How a machine's backups stand. `number` 0: none was made yet."""

    number: int = Field(ge=0, le=MOST_BYTES)
    at: Moment | None = None
    size_bytes: int = Field(default=0, ge=0, le=MOST_BYTES)
    log_at: Moment | None = None
    verified_at: Moment | None = None
    rehearsed_at: Moment | None = None
    fault: str = Field(default="", max_length=300)
    recipient: str = Field(default="", max_length=1000)
    late: bool = False


class MachineFact(_Sent):
    """A machine as it stands."""

    seen_at: Moment
    volumes: tuple[SentVolume, ...] = Field(max_length=20)
    waiting_parts: int = Field(ge=0, lt=2**31)
    waiting_bytes: int = Field(ge=0, le=MOST_BYTES)
    oldest_unsent_at: Moment | None
    backup: SentBackup | None = None


def volumes_of(machine: Machine | None) -> tuple[Volume, ...]:
    """Its file systems as they were when last looked at."""
    sent = (SentVolume.model_validate(row) for row in (machine.volumes if machine else ()))
    return tuple(Volume(**row.model_dump()) for row in sent)


def backup_of(machine: Machine | None) -> SentBackup | None:
    """How its backups stood when it was last looked at; None: none is made."""
    return SentBackup.model_validate(machine.backup) if machine and machine.backup else None


def rows_of(volumes: Sequence[Volume]) -> list[dict[str, Any]]:
    """File systems as they are kept."""
    return [{name: getattr(volume, name) for name in SentVolume.model_fields} for volume in volumes]


def send_machine(session: Session, machine: Machine) -> None:
    """Send headquarters how this node stands."""
    fact = MachineFact(**{name: getattr(machine, name) for name in MachineFact.model_fields})
    send_fact(session, machine.code, FactKind.MACHINE, fact.model_dump(mode="json"))


def apply_machine(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Write down how an office's node stands."""
    fact = MachineFact.model_validate(body, context=receipt)
    machine = session.get(Machine, office_code) or Machine(code=office_code)
    for name, value in fact.model_dump(mode="python").items():
        setattr(machine, name, list(value) if name == "volumes" else value)
    machine.backup = fact.backup.model_dump(mode="json") if fact.backup else None
    session.add(machine)
    session.flush()
