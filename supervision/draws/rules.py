"""What is drawn from a list, exactly as draw.md computes it: list, root, commitment, seed, tickets, order of work.

Text is UTF-8, each line ended by one LF, hashes are SHA-256 in lower-case hex. `verify_draw.py` at the top of the
repository computes the same without any of this code.
"""

import enum
import hashlib
import heapq
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

UNKNOWN = "unknown"
NO_AUDIO = "-"
ALL_UP_TO = 5


class Tier(enum.StrEnum):
    """Whose quota a draw serves: the office's own each week, or headquarters' each month (S4, S5)."""

    OFFICE = "office"
    HQ = "hq"


class Party(enum.StrEnum):
    """Who holds a share: the office's node, or headquarters."""

    OFFICE = "office"
    HQ = "hq"

    @property
    def other(self) -> "Party":
        """The one at the other end."""
        return Party.HQ if self is Party.OFFICE else Party.OFFICE


FLOOR_PERCENT: Mapping[Tier, int] = {Tier.OFFICE: 20, Tier.HQ: 10}


@dataclass(frozen=True, order=True)
class Entry:
    """One answered call of the list: the person who first answered, as frozen, and the audio's hash."""

    call_id: str
    stratum: str
    audio: str

    @property
    def line(self) -> str:
        """Its line of the list, without the line's end."""
        return f"{self.call_id} {self.stratum} {self.audio}"


@dataclass(frozen=True, order=True)
class Drawn:
    """One call with its ticket; sorted, they are in the order of work."""

    ticket: str
    call_id: str
    stratum: str


def digest(*lines: str) -> str:
    """H of draw.md: the SHA-256 of these lines."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """The list sorted by call as bytes, whatever the order it came in."""
    return sorted(entries, key=lambda entry: entry.call_id.encode())


def root_of(entries: Iterable[Entry]) -> str:
    """The hash of the whole list; of an empty one, of nothing."""
    return digest(*(entry.line for entry in in_order(entries)))


def commitment_of(draw: str, party: Party, share: str) -> str:
    """What a party gives away of its share before anybody may know it."""
    return digest(draw, party.value, share)


def seed_of(draw: str, root: str, office_share: str, hq_share: str, dice: str = "") -> str:
    """What all tickets follow from; without dice the last line is empty."""
    return digest(draw, root, office_share, hq_share, dice)


def tickets_of(seed: str, entries: Iterable[Entry]) -> list[Drawn]:
    """Every call's ticket, from lowest to highest."""
    head = hashlib.sha256(f"{seed}\n".encode())
    drawn = []
    for entry in entries:
        hashed = head.copy()
        hashed.update(f"{entry.call_id}\n".encode())
        drawn.append(Drawn(hashed.hexdigest(), entry.call_id, entry.stratum))
    drawn.sort()
    return drawn


def sizes_of(entries: Iterable[Entry]) -> dict[str, int]:
    """How many calls each stratum has, by its name."""
    sizes: dict[str, int] = {}
    for entry in entries:
        sizes[entry.stratum] = sizes.get(entry.stratum, 0) + 1
    return dict(sorted(sizes.items()))


def wanted(rate: Fraction, calls: int) -> int:
    """How many of a stratum's calls are drawn: `ceil(rate x n)`, exactly (domain rule 1)."""
    return math.ceil(rate * calls)


def quota_of(rate: Fraction, sizes: Iterable[int]) -> int:
    """How many tickets a list of such strata gives."""
    return sum(wanted(rate, size) for size in sizes)


def draw(seed: str, rate: Fraction, entries: Sequence[Entry]) -> list[Drawn]:
    """The tickets that are drawn, in the order of work: of each stratum its lowest ones."""
    strata: dict[str, list[Drawn]] = {}
    for one in tickets_of(seed, entries):
        strata.setdefault(one.stratum, []).append(one)
    chosen = (ones[: wanted(rate, len(ones))] for ones in strata.values())
    return list(heapq.merge(*chosen))


def successor(seed: str, entries: Iterable[Entry], taken: Collection[str], stratum: str) -> Drawn | None:
    """What takes the place of an unusable ticket: the next of its stratum, then of the list; None: exhausted."""
    left = [one for one in tickets_of(seed, entries) if one.call_id not in taken]
    return next((one for one in left if one.stratum == stratum), left[0] if left else None)


def order_of_whole(draw_name: str, root: str, entries: Iterable[Entry]) -> list[Drawn]:
    """A list drawn whole in its order of work, which decides nothing but the order."""
    return tickets_of(digest(draw_name, root, "whole"), entries)


def worked(
    seed: str, rate: Fraction, entries: Sequence[Entry], unusable: Iterable[str]
) -> list[tuple[Drawn, str]]:
    """The tickets that are worked on, each with the call in whose place it came (empty: drawn at first).

    `unusable`: the calls that were agreed to be so, in that order. One that is no ticket by then has no successor.
    """
    found = [(one, "") for one in draw(seed, rate, entries)]
    taken = {one.call_id: one.stratum for one, _ in found}
    waiting = list(unusable)
    # A list that was whole may have had a later successor found unusable first: each is looked at in its order.
    while ready := next((call for call in waiting if call in taken), None):
        waiting.remove(ready)
        added = successor(seed, entries, taken, taken[ready])
        if added is not None:
            taken[added.call_id] = added.stratum
            found.append((added, ready))
    return found


@dataclass(frozen=True)
class Difference:
    """One call on which two lists differ; None where a list does not have it."""

    call_id: str
    office: Entry | None
    hq: Entry | None


def differences(office: Iterable[Entry], hq: Iterable[Entry]) -> list[Difference]:
    """The entries that are not the same in both lists, by call."""
    ours = {entry.call_id: entry for entry in office}
    theirs = {entry.call_id: entry for entry in hq}
    every = sorted(ours.keys() | theirs.keys(), key=str.encode)
    return [Difference(one, ours.get(one), theirs.get(one)) for one in every if ours.get(one) != theirs.get(one)]
