"""Orders that muted a MixMonitor while its call went on.

Asterisk writes it in no log, and the file keeps its length: only AMI tells, and only whoever listens then. So it
becomes an incident at once, which outlives this process, and part of the call's switch record.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = 1_000
DIRECTIONS = {"read": frozenset({"read"}), "write": frozenset({"write"}), "both": frozenset({"read", "write"})}


@dataclass(frozen=True)
class Mute:
    """One order: the MixMonitor of a channel takes silence, or sound again, for what comes in or goes out there.

    `direction`: `read` (what the caller says), `write` (what he hears) or `both`, as Asterisk says.
    """

    uniqueid: str
    direction: str
    on: bool
    at: datetime


def parse_mute(event: Mapping[str, str], at: datetime) -> Mute | None:
    """The order that an AMI event tells of; None if it is not understood."""
    uniqueid, direction = event.get("uniqueid", ""), event.get("direction", "").lower()
    if not uniqueid or direction not in DIRECTIONS:
        return None
    return Mute(uniqueid, direction, event.get("state") in {"1", "true", "True"}, at)


def muted_ms(orders: Iterable[Mute], until: datetime) -> int:
    """For how long either direction was muted, until that moment."""
    muted: set[str] = set()
    total, since = timedelta(0), until
    for order in orders:
        if muted:
            total += max(timedelta(0), min(order.at, until) - since)
        muted = muted | DIRECTIONS[order.direction] if order.on else muted - DIRECTIONS[order.direction]
        since = order.at
    if muted:
        total += max(timedelta(0), until - since)
    return total // timedelta(milliseconds=1)


@dataclass
class Mutes:
    """The orders of the latest channels; `report` is called for each that mutes."""

    report: Callable[[Mute], None]
    _orders: dict[str, list[Mute]] = field(default_factory=dict)

    def see(self, event: Mapping[str, str], at: datetime) -> None:
        """Handle one AMI event; never waits."""
        mute = parse_mute(event, at)
        if mute is None:
            return
        self._orders.setdefault(mute.uniqueid, []).append(mute)
        while len(self._orders) > KEPT:
            self._orders.pop(next(iter(self._orders)))
        if mute.on:
            self.report(mute)

    def muted_ms(self, uniqueid: str, until: datetime) -> int:
        """For how long a channel's MixMonitor was muted in either direction, as far as was heard."""
        return muted_ms(self._orders.get(uniqueid, ()), until)
