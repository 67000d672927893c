"""Noting how machines stand: incidents of too little room and of what ends; a node sends it to headquarters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.backups import service as backups
from supervision.certificates.rules import Ending, warns
from supervision.exchange.models import OutboxEntry, OutboxHead
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident
from supervision.machines.messages import SentBackup, rows_of, send_machine, volumes_of
from supervision.machines.models import Machine
from supervision.machines.rules import Backlog, Volume, level_of, waits_too_long, worth_sending
from supervision.recordings.models import Part

HEADQUARTERS = backups.HEADQUARTERS
UNSENT = "unsent"


@dataclass(frozen=True)
class Limits:
    """When to say something: free shares in percent, and how long what is for headquarters may wait."""

    levels: Sequence[int]
    longest_unsent: timedelta


@dataclass(frozen=True)
class Seen:
    """What was seen of one machine."""

    code: str
    volumes: Sequence[Volume] = ()
    backlog: Backlog = field(default_factory=Backlog)
    backup: SentBackup | None = None


@dataclass(frozen=True)
class _State:
    """Something that may be wrong with a machine, and whether it is."""

    cause: Cause
    subject: str
    lasts: bool
    detail: dict[str, Any]


def note_machine(session: Session, seen: Seen, limits: Limits, at: datetime) -> Machine:
    """Write down how a machine stands; open and heal its incidents; a node sends it to headquarters."""
    code, backlog = seen.code, seen.backlog
    machine = session.get(Machine, code) or Machine(code=code, volumes=[])
    before = volumes_of(machine)
    levels = {volume.name: volume.level for volume in before}
    after = [
        replace(volume, level=level_of(volume, limits.levels, levels.get(volume.name))) for volume in seen.volumes
    ]
    machine.seen_at, machine.volumes = at, rows_of(after)
    machine.waiting_parts, machine.waiting_bytes = backlog.parts, backlog.size_bytes
    machine.oldest_unsent_at = backlog.oldest_at
    backup_before, machine.backup = machine.backup, seen.backup.model_dump(mode="json") if seen.backup else None
    session.add(machine)
    states = [state for volume in after for state in _states_of(volume, limits.levels)]
    for state in (*states, _state_of(backlog, limits, at)):
        _note(session, code, state, at)
    if backup_before != machine.backup or worth_sending(before, after, machine.sent_at, at):
        machine.sent_at = at
        session.flush()
        send_machine(session, machine)
    session.flush()
    return machine


def backlog_of(session: Session, office_code: str) -> Backlog:
    """What headquarters still lacks of this office: parts that it has not confirmed, and facts."""
    parts, size, oldest_part = session.execute(
        select(func.count(), func.coalesce(func.sum(Part.length_bytes), 0), func.min(Part.closed_at)).where(
            Part.received_at.is_(None), Part.closed_at.is_not(None)
        )
    ).one()
    oldest_fact = session.scalar(
        select(OutboxEntry.at)
        .join(OutboxHead, OutboxHead.epoch == OutboxEntry.epoch)
        .where(OutboxHead.office_code == office_code, OutboxEntry.n == OutboxHead.received_n + 1)
    )
    oldest = min((moment for moment in (oldest_part, oldest_fact) if moment is not None), default=None)
    return Backlog(parts or 0, int(size or 0), oldest)


def note_endings(session: Session, office_code: str, endings: Iterable[Ending], at: datetime) -> None:
    """Open an incident of each that ends within sixty days; heal that of each that does not."""
    for ending in endings:
        about: Any = {"office_code": office_code, "cause": Cause.CERTIFICATE_ENDS, "subject": ending.paper.value}
        if not warns(ending, at):
            heal_incident(session, **about, at=at)
        elif not is_open(session, office_code, Cause.CERTIFICATE_ENDS, ending.paper.value):
            open_incident(session, **about, at=at, detail=_detail(ending))


def _states_of(volume: Volume, levels: Sequence[int]) -> list[_State]:
    figures = {"free_bytes": volume.free_bytes, "total_bytes": volume.total_bytes}
    low = [
        _State(Cause.DISK_LOW, f"{volume.name}:{level}", volume.level == level, {"level": level, **figures})
        for level in levels
    ]
    return [*low, _State(Cause.DISK_FAULT, volume.name, volume.read_only, {"read_only": True, **figures})]


def _state_of(backlog: Backlog, limits: Limits, at: datetime) -> _State:
    late = waits_too_long(backlog, at, limits.longest_unsent)
    waited_s = int((at - backlog.oldest_at).total_seconds()) if backlog.oldest_at else 0
    detail = {"waited_s": waited_s, "parts": backlog.parts, "bytes": backlog.size_bytes}
    return _State(Cause.BACKLOG_OLD, UNSENT, late, detail)


def _note(session: Session, code: str, state: _State, at: datetime) -> None:
    """A state is one incident from when it is first seen until it is over, however often one looks."""
    if not state.lasts:
        heal_incident(session, office_code=code, cause=state.cause, subject=state.subject, at=at)
    elif not is_open(session, code, state.cause, state.subject):
        open_incident(
            session, office_code=code, cause=state.cause, subject=state.subject, at=at, detail=state.detail
        )


def _detail(ending: Ending) -> dict[str, str]:
    return {"paper": ending.paper.value, "ends_at": ending.ends_at.isoformat()}
