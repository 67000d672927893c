"""What a person and an office are assessed by, and what it comes to (domain rule 8; S7).

Plain functions on plain data. Every figure is the sum of its items: months add up to quarters and years, people to
offices, and a later correction of a closed month is one more entry, with its sign. So a figure always equals what
it opens into.
"""

import enum
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import NormalDist
from typing import TypeVar

from supervision.workdays.rules import next_month

Key = TypeVar("Key")

CLOSES_ON = 16  # of the month after: headquarters' draw is due on the 15th
LEAST_FOR_MEAN = 5
CONFIDENCE = 0.95


class Figure(enum.StrEnum):
    """What is counted."""

    SCORE = "score"
    RINGS = "rings"
    FINDINGS = "findings"
    COMMENDATIONS = "commendations"
    DISCIPLINE = "discipline"
    COMPLAINTS = "complaints"
    QUOTAS = "quotas"
    RECTIFICATIONS = "rectifications"


OF_OFFICES = frozenset({Figure.QUOTAS, Figure.RECTIFICATIONS})
SHARES = (Figure.SCORE, Figure.RINGS, Figure.QUOTAS, Figure.RECTIFICATIONS)


@dataclass(frozen=True)
class Item:
    """One thing that a figure rests on: an evaluation with its score, a call that was answered in time or not, …

    `key`: the record, which is in a figure at most once. `value`: a score, points, or 1 and 0 for yes and no. No
    person: it is the office's only.
    """

    figure: Figure
    key: str
    office_code: str
    person: uuid.UUID | None
    on: date
    value: int
    call: uuid.UUID | None = None


@dataclass(frozen=True)
class Entry:
    """An item that was put into a figure (1), or taken out of it again (-1)."""

    item: Item
    sign: int = 1
    correction: bool = False


@dataclass(frozen=True)
class Tally:
    """How many items, what they come to together, and their squares: all of it adds up."""

    n: int = 0
    total: int = 0
    squares: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float | None:
        """The mean of the items; None where there is none."""
        return self.total / self.n if self.n else None


Figures = Mapping[Figure, Tally]
NOTHING = Tally()


def tally_of(entries: Iterable[Entry]) -> Tally:
    """What entries come to."""
    found = NOTHING
    for one in entries:
        value = one.item.value
        found += Tally(one.sign, one.sign * value, one.sign * value * value)
    return found


def figures_of(entries: Iterable[Entry]) -> dict[Figure, Tally]:
    """The figures that entries come to."""
    found: dict[Figure, Tally] = {}
    for one in entries:
        found[one.item.figure] = found.get(one.item.figure, NOTHING) + tally_of([one])
    return found


def add(one: Figures, other: Figures) -> dict[Figure, Tally]:
    """Two sets of figures together."""
    return {name: one.get(name, NOTHING) + other.get(name, NOTHING) for name in {*one, *other}}


def current_items(entries: Iterable[Entry]) -> dict[tuple[Figure, str], Item]:
    """The items that stand after all entries, in their order."""
    found: dict[tuple[Figure, str], Item] = {}
    for one in entries:
        if one.sign > 0:
            found[one.item.figure, one.item.key] = one.item
        else:
            found.pop((one.item.figure, one.item.key), None)
    return found


def corrections(known: Iterable[Entry], now: Iterable[Item]) -> list[Entry]:
    """What must be entered so that the entries come to what is so now: what changed goes out and comes in anew."""
    stand = current_items(known)
    live = {(one.figure, one.key): one for one in now}
    found = []
    for name in sorted(stand.keys() | live.keys()):
        before, after = stand.get(name), live.get(name)
        if before == after:
            continue
        if before is not None:
            found.append(Entry(before, -1, correction=True))
        if after is not None:
            found.append(Entry(after, 1, correction=True))
    return found


@dataclass(frozen=True)
class Weights:
    """What the figures weigh: shares of 100 points, points off, and how much a ranking needs.

    `finding`: points off for one finding in ten evaluated calls; `complaint`: for each upheld complaint.
    Commendations and discipline bring their own points, which are the regulation's.
    """

    score: int = 60
    rings: int = 20
    quotas: int = 10
    rectifications: int = 10
    finding: int = 2
    complaint: int = 5
    least_calls: int = 30
    least_evaluated: int = 10

    def of(self, figure: Figure) -> int:
        """What a share weighs."""
        return {
            Figure.SCORE: self.score,
            Figure.RINGS: self.rings,
            Figure.QUOTAS: self.quotas,
            Figure.RECTIFICATIONS: self.rectifications,
        }[figure]


class WeightFault(enum.StrEnum):
    """What is wrong with weights, named by the field."""

    SCORE = "score"
    FINDING = "finding_points"
    COMPLAINT = "complaint_points"
    LEAST_CALLS = "least_calls"
    LEAST_EVALUATED = "least_evaluated"


def weight_fault(weights: Weights) -> WeightFault | None:
    """What is wrong: shares that are not 100 together, or that leave out score and rings; points beyond 100."""
    shares = [weights.of(one) for one in SHARES]
    if sum(shares) != 100 or min(shares) < 0 or weights.score + weights.rings == 0:
        return WeightFault.SCORE
    limits = {
        WeightFault.FINDING: (weights.finding, 0, 100),
        WeightFault.COMPLAINT: (weights.complaint, 0, 100),
        WeightFault.LEAST_CALLS: (weights.least_calls, 1, 100_000),
        WeightFault.LEAST_EVALUATED: (weights.least_evaluated, LEAST_FOR_MEAN, 100_000),
    }
    return next((fault for fault, (given, low, high) in limits.items() if not low <= given <= high), None)


@dataclass(frozen=True)
class Points:
    """What an assessment comes to, and from what: points by figure, those off with their minus; never under 0."""

    parts: Mapping[Figure, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The sum, to a tenth."""
        return round(max(0.0, math.fsum(self.parts.values())), 1)


def share_of(figure: Figure, tally: Tally) -> float | None:
    """A figure between 0 and 1; None where it rests on nothing."""
    mean = tally.mean
    return mean if mean is None or figure is not Figure.SCORE else mean / 100


def points_of(figures: Figures, weights: Weights, *, office: bool) -> Points | None:
    """What the figures come to; None where nothing was answered or evaluated.

    What rests on nothing weighs nothing: the other shares make up the 100 points among themselves.
    """
    shares: dict[Figure, float] = {}
    for one in SHARES:
        share = share_of(one, figures.get(one, NOTHING))
        if share is not None and weights.of(one) and (office or one not in OF_OFFICES):
            shares[one] = share
    if not shares.keys() & {Figure.SCORE, Figure.RINGS}:
        return None
    whole = sum(weights.of(one) for one in shares)
    parts = {one: 100 * weights.of(one) * share / whole for one, share in shares.items()}
    evaluated = figures.get(Figure.SCORE, NOTHING).n
    findings, complaints = figures.get(Figure.FINDINGS, NOTHING).n, figures.get(Figure.COMPLAINTS, NOTHING).n
    if findings and evaluated:
        parts[Figure.FINDINGS] = -10.0 * weights.finding * findings / evaluated
    if complaints:
        parts[Figure.COMPLAINTS] = -float(weights.complaint * complaints)
    for one, sign in ((Figure.COMMENDATIONS, 1.0), (Figure.DISCIPLINE, -1.0)):
        if total := figures.get(one, NOTHING).total:
            parts[one] = sign * total
    return Points(parts)


def half_width(score: Tally, calls: int) -> float | None:
    """How far the mean score of a sample may lie from that of all calls: half of the 95 % interval (Student's t).

    `calls`: of how many answered calls they are a sample; the more of them were evaluated, the narrower. None
    where there are too few to say.
    """
    n = score.n
    if n < LEAST_FOR_MEAN:
        return None
    variance = max(0.0, (score.squares - score.total * score.total / n) / (n - 1))
    left = max(0.0, 1 - n / calls) if calls >= n else 1.0
    return _quantile(n - 1) * math.sqrt(variance / n * left)


def _quantile(freedom: int) -> float:
    """Student's t for the 95 % interval, by its expansion in the normal quantile (within 0.3 % from 4 on)."""
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def is_enough(figures: Figures, weights: Weights) -> bool:
    """Whether there are enough calls for a place in the ranking."""
    answered, evaluated = figures.get(Figure.RINGS, NOTHING).n, figures.get(Figure.SCORE, NOTHING).n
    return answered >= weights.least_calls and evaluated >= weights.least_evaluated


def ranks_of(points: Mapping[Key, float]) -> dict[Key, int]:
    """The place of each, the most points first; who has as many shares a place."""
    return {one: 1 + sum(other > mine for other in points.values()) for one, mine in points.items()}


class Span(enum.StrEnum):
    """How long a period of assessment is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Period:
    """A month, a quarter or a year, by the first days of its months."""

    name: str
    span: Span
    months: Sequence[date]


def parse_period(name: str) -> Period:
    """A period by its name: 2026-03, 2026-Q1 or 2026. Raises ValueError."""
    year, _, part = name.partition("-")
    if len(year) != 4 or not (year.isascii() and year.isdigit()) or not 1970 <= int(year) <= 9000:
        raise ValueError(name)
    if not part:
        return Period(year, Span.YEAR, [date(int(year), n, 1) for n in range(1, 13)])
    if part[:1] == "Q" and part[1:] in {"1", "2", "3", "4"}:
        first = 3 * int(part[1:]) - 2
        return Period(name, Span.QUARTER, [date(int(year), n, 1) for n in range(first, first + 3)])
    if len(part) != 2 or not (part.isascii() and part.isdigit()):
        raise ValueError(name)
    return Period(name, Span.MONTH, [date(int(year), int(part), 1)])


class CloseObjection(enum.StrEnum):
    """Why a month cannot be closed."""

    NOT_YET = "not_yet"
    CLOSED_ALREADY = "closed_already"


def close_objection(month: date, today: date, *, closed: bool) -> CloseObjection | None:
    """What stands against closing a month: headquarters' draw of it is not due yet, or it is closed."""
    if today < next_month(month).replace(day=CLOSES_ON):
        return CloseObjection.NOT_YET
    return CloseObjection.CLOSED_ALREADY if closed else None
