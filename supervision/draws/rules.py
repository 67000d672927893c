"""What is drawn, of which period, and how a ticket moves; nothing here knows a clock or a database.

First the computation, exactly as draw.md has it: list, root, commitment, seed, tickets, order of work. Text is
UTF-8, each line ended by one LF, hashes are SHA-256 in lower-case hex. `verify_draw.py` at the top of the
repository computes the same without any of this code. Then the periods and their deadlines (domain rules 1 and
2), and the states of a ticket (draw.md, "After the draw").
"""

import enum
import functools
import hashlib
import heapq
import math
import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from operator import attrgetter

UNKNOWN = "unknown"
NO_AUDIO = "-"
ALL_UP_TO = 5
_WEEK = re.compile(r"(\d{4})-W(\d\d)")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_NAME = re.compile(r"(office|hq):([0-9a-z]{1,8}):([0-9W-]{7,8})(?:\+([1-9]\d{0,2}))?")
_NAMESPACE = uuid.UUID("c1c1d1b0-5f0e-5f43-9a57-6d0a1e7f4d11")


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

    @classmethod
    def parse(cls, line: str) -> "Entry":
        """The entry of a line. Raises ValueError."""
        call_id, stratum, audio = line.split(" ")
        return cls(call_id, stratum, audio)


@dataclass(frozen=True, order=True)
class Drawn:
    """One call with its ticket; sorted, they are in the order of work."""

    ticket: str
    call_id: str
    stratum: str


_IN_ORDER = attrgetter("ticket", "call_id", "stratum")


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
    drawn.sort(key=_IN_ORDER)  # as they compare themselves, without a call for each comparison
    return drawn


def at_least_the_floor(tier: Tier, rate: Fraction) -> Fraction:
    """A rate as it counts: below the floor, which nobody can lower, is the floor (draw.md, Order 1)."""
    return max(rate, Fraction(FLOOR_PERCENT[tier], 100))


def may_be_norm(tier: Tier, percent: int) -> bool:
    """Whether so many percent may be the norm of a tier."""
    return FLOOR_PERCENT[tier] <= percent <= 100


def wanted(rate: Fraction, calls: int) -> int:
    """How many of a stratum's calls are drawn: `ceil(rate x n)`, exactly (domain rule 1)."""
    return math.ceil(rate * calls)


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

    @property
    def is_of_stratum(self) -> bool:
        """Whether both have it with the same audio, and differ only in who answered first."""
        return self.office is not None and self.hq is not None and self.office.audio == self.hq.audio


def differences(office: Iterable[Entry], hq: Iterable[Entry]) -> list[Difference]:
    """The entries that are not the same in both lists, by call."""
    ours = {entry.call_id: entry for entry in office}
    theirs = {entry.call_id: entry for entry in hq}
    every = sorted(ours.keys() | theirs.keys(), key=str.encode)
    return [Difference(one, ours.get(one), theirs.get(one)) for one in every if ours.get(one) != theirs.get(one)]


@dataclass(frozen=True)
class Period:
    """The days of one period, both included."""

    name: str
    first: date
    last: date

    @property
    def after(self) -> date:
        """The day on which it is over, and its draw is made."""
        return self.last + timedelta(days=1)


@dataclass(frozen=True)
class DrawName:
    """What a draw is called: tier, office, period, and for calls that came late its number."""

    tier: Tier
    office_code: str
    period: Period
    supplement: int = 0

    def __str__(self) -> str:
        late = f"+{self.supplement}" if self.supplement else ""
        return f"{self.tier}:{self.office_code}:{self.period.name}{late}"

    @property
    def id(self) -> uuid.UUID:
        """The same identity on both sides."""
        return uuid.uuid5(_NAMESPACE, str(self))

    @property
    def next_supplement(self) -> "DrawName":
        """The name for calls that came later still."""
        return replace(self, supplement=self.supplement + 1)


def week_of(day: date) -> Period:
    """The ISO week of a day."""
    monday = day - timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(f"{first.year}-{first.month:02}", first, last)


def period_of(tier: Tier, day: date) -> Period:
    """The period of a tier that a day is in."""
    return week_of(day) if tier is Tier.OFFICE else month_of(day)


def period_before(tier: Tier, period: Period) -> Period:
    """The period of a tier that ended the day before this one began."""
    return period_of(tier, period.first - timedelta(days=1))


@functools.lru_cache(maxsize=256)
def parse_period(tier: Tier, text: str) -> Period:
    """A period by its name. Raises ValueError."""
    found = (_WEEK if tier is Tier.OFFICE else _MONTH).fullmatch(text)
    if found is None:
        raise ValueError(f"no period of {tier}: {text!r}")
    year, n = int(found[1]), int(found[2])
    return week_of(date.fromisocalendar(year, n, 1)) if tier is Tier.OFFICE else month_of(date(year, n, 1))


def parse_name(text: str) -> DrawName:
    """A draw's name. Raises ValueError."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise ValueError(f"no draw: {text!r}")
    tier = Tier(found[1])
    try:
        return DrawName(tier, found[2], parse_period(tier, found[3]), int(found[4] or 0))
    except OverflowError as error:  # a period whose end no calendar has
        raise ValueError(f"no draw: {text!r}") from error


def last_day(name: DrawName, drawn_on: date) -> date:
    """The last day for reviewing: Sunday of the week after, or the 15th of the month after.

    A supplementary draw has as many days from its own drawing.
    """
    days = timedelta(days=6 if name.tier is Tier.OFFICE else 14)
    regular = name.period.after + days
    return max(regular, drawn_on + days) if name.supplement else regular


class TicketState(enum.StrEnum):
    """Where a ticket stands. `done`: an evaluation that counts was submitted on it (domain rule 1).

    `released`: the list was whole and shrank to its tickets, and this is none of them.
    """

    WAITING = "waiting"
    TAKEN = "taken"
    PROPOSED = "proposed"
    UNUSABLE = "unusable"
    DONE = "done"
    RELEASED = "released"


TICKET_MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.WAITING: frozenset({TicketState.TAKEN, TicketState.PROPOSED}),
    TicketState.TAKEN: frozenset({TicketState.WAITING, TicketState.PROPOSED, TicketState.DONE}),
    TicketState.PROPOSED: frozenset({TicketState.WAITING, TicketState.UNUSABLE}),
    TicketState.UNUSABLE: frozenset(),
    TicketState.DONE: frozenset(),
    TicketState.RELEASED: frozenset(),
}
SPEECH_MS = 1000  # less than that is a click or a breath


class Unusable(enum.StrEnum):
    """Why a recording cannot be reviewed."""

    WRONG_NUMBER = "wrong_number"
    NO_SPEECH = "no_speech"
    NO_AUDIO = "no_audio"


class WrongMove(ValueError):
    """A ticket cannot go from where it stands to there."""


def advance(state: TicketState, to: TicketState) -> TicketState:
    """The state after a move. Raises WrongMove; a ticket that is done or unusable moves no more."""
    if to not in TICKET_MOVES[state]:
        raise WrongMove(f"{state} -> {to}")
    return to


def may_agree(*, proposer: object, agrees: object, is_of_hq: bool, is_head: bool, tier: Tier) -> bool:
    """Whether this person may agree that a ticket is unusable: another, of headquarters; in its draw, the head."""
    return is_of_hq and proposer != agrees and (is_head or tier is Tier.OFFICE)


def is_speech(measured_ms: int) -> bool:
    """Whether so much sound is somebody speaking: then a recording is never unusable."""
    return measured_ms >= SPEECH_MS
