"""When somebody may sign in: how long after a wrong password, and for how long by a node's copy of its people.

Attempts are counted by name and address together, and by address. A name alone is never locked: whoever knows it
could keep its owner out. From another address the owner gets in. For how long a node may rest on its copy of its
people is in architecture.md ("Who owns what").
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

FREE_ATTEMPTS = 3
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
ADDRESS_EVERY = timedelta(seconds=3)
OWN_NETWORK_BITS = 64  # one machine can have all of its IPv6 network's addresses


def delay_after(failures: int) -> timedelta:
    """How long one name waits at one address after so many wrong passwords there; the first few cost nothing."""
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    doubled: int = 1 << min(failures - FREE_ATTEMPTS, 20)
    return min(LONGEST_DELAY, FIRST_DELAY * doubled)


@dataclass(frozen=True)
class Level:
    """How many attempts of an address weigh on it; one is taken off every ADDRESS_EVERY."""

    attempts: float
    at: datetime

    def now(self, at: datetime) -> "Level":
        """The same at a later moment; a clock that was set back takes nothing off."""
        passed = max(timedelta(0), at - self.at)
        return Level(max(0.0, self.attempts - passed / ADDRESS_EVERY), at)

    def wait(self, most: int) -> timedelta:
        """How long until one attempt more is no more than `most`."""
        return max(timedelta(0), (self.attempts + 1 - most) * ADDRESS_EVERY)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the network of an IPv6 address that one machine can have."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    bits = 128 - OWN_NETWORK_BITS
    return f"{IPv6Address(int(found) >> bits << bits)}/{OWN_NETWORK_BITS}"


def is_worth_writing(attempts: int) -> bool:
    """Whether so many attempts are written down: the 1st, 2nd, 4th, 8th …, so that nobody fills the log."""
    return attempts > 0 and attempts & (attempts - 1) == 0


VALID_FOR = timedelta(days=7)
AHEAD_AT_MOST = timedelta(hours=1)  # a clock that was set back must not lengthen the seven days


class CopyState(enum.StrEnum):
    """Whose the accounts of a machine are, and whether they may be used."""

    OWN = "own"
    MISSING = "missing"
    VALID = "valid"
    STALE = "stale"


def copy_state(from_hq: bool, confirmed_at: datetime | None, at: datetime) -> CopyState:
    """How a machine's accounts stand: made here, or a copy that headquarters confirmed at that time."""
    if not from_hq:
        return CopyState.OWN
    if confirmed_at is None:
        return CopyState.MISSING
    fresh = confirmed_at - AHEAD_AT_MOST <= at < confirmed_at + VALID_FOR
    return CopyState.VALID if fresh else CopyState.STALE


def sign_ins_end_at(state: CopyState, confirmed_at: datetime | None, at: datetime) -> datetime | None:
    """When the signed-in sessions of a machine ended because its copy is no good; None while they go on."""
    if state in {CopyState.OWN, CopyState.VALID}:
        return None
    return at if confirmed_at is None else min(at, confirmed_at + VALID_FOR)
