"""What an office's numbered facts say of themselves, at headquarters and on its node: no gap.

Pure rules.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.exchange.rules import OFFLINE_LONG_AFTER
from supervision.incidents.rules import Cause
from supervision.reconcile.rules import Disagreement

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class SaidByInbox:
    """One epoch of an office's facts, as headquarters took them in.

    `n` is the last number, `taken` how many facts were received; `gap_n` is a number that came while an earlier
    one was wanted. `clock_off_ms` is the office's clock minus headquarters'. `heartbeats`: it speaks each minute.
    """

    office_code: str
    epoch: uuid.UUID
    n: int
    taken: int
    heard_at: datetime
    gap_n: int | None = None
    clock_off_ms: int = 0
    heartbeats: bool = True


@dataclass(frozen=True)
class SaidByOutbox:
    """A node's numbered facts, as its own database has them.

    `last_n` is the last number given, `received_n` up to which headquarters says that it has them; `waiting` is
    how many of those between are there to be sent.
    """

    office_code: str
    epoch: uuid.UUID
    last_n: int
    received_n: int
    waiting: int


@dataclass(frozen=True)
class Bounds:
    """How long an office may be silent, with heartbeats and without, and how far its clock may be off."""

    silent: timedelta = OFFLINE_LONG_AFTER
    silent_without_heartbeats: timedelta = timedelta(days=3)
    clock: timedelta = timedelta(minutes=10)


BOUNDS = Bounds()


def compare_inboxes(inboxes: Iterable[SaidByInbox], at: datetime, bounds: Bounds = BOUNDS) -> list[Disagreement]:
    """What is wrong with the offices' inboxes, in an order that does not depend on theirs.

    Numbers are looked at in every epoch; silence and the clock in the one that an office spoke in last.
    """
    found: dict[tuple[str, str, str], Disagreement] = {}
    latest: dict[str, SaidByInbox] = {}
    for inbox in inboxes:
        found |= {one.key: one for one in _sequence(inbox)}
        known = latest.get(inbox.office_code, inbox)
        latest[inbox.office_code] = max(known, inbox, key=lambda one: (one.heard_at, one.epoch))
    for inbox in latest.values():
        found |= {one.key: one for one in _contact(inbox, at, bounds)}
    return [found[key] for key in sorted(found)]


def compare_outboxes(outboxes: Iterable[SaidByOutbox]) -> list[Disagreement]:
    """Facts that a node numbered and can no longer send, or numbers that it gives a second time.

    Headquarters has more than was ever numbered where the node's database was put back from a copy: what it
    writes down from then on has numbers that headquarters takes for known.
    """
    return [
        Disagreement(
            Cause.SEQUENCE_SKIPPED,
            one.office_code,
            f"outbox:{one.epoch}",
            numbers={"written": one.last_n, "received": one.received_n, "waiting": one.waiting},
        )
        for one in sorted(outboxes, key=lambda one: (one.office_code, one.epoch))
        if one.received_n > one.last_n or one.waiting != one.last_n - one.received_n
    ]


def _sequence(inbox: SaidByInbox) -> Iterator[Disagreement]:
    if inbox.taken != inbox.n or inbox.gap_n is not None:
        numbers = {"wanted": inbox.n + 1, "came": inbox.gap_n, "last": inbox.n, "taken": inbox.taken}
        yield Disagreement(Cause.SEQUENCE_SKIPPED, inbox.office_code, f"inbox:{inbox.epoch}", numbers=numbers)


def _contact(inbox: SaidByInbox, at: datetime, bounds: Bounds) -> Iterator[Disagreement]:
    subject = f"office:{inbox.office_code}"
    silent = at - inbox.heard_at
    if silent >= (bounds.silent if inbox.heartbeats else bounds.silent_without_heartbeats):
        seconds = {"silent_s": int(silent.total_seconds())}
        yield Disagreement(Cause.OFFICE_SILENT, inbox.office_code, subject, numbers=seconds)
    if abs(inbox.clock_off_ms) * _MS > bounds.clock:
        off = {"clock_off_s": round(inbox.clock_off_ms / 1000)}
        yield Disagreement(Cause.CLOCK_OFF, inbox.office_code, subject, numbers=off)
