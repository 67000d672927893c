"""What is unusual among the findings of a week (S5 苗头性问题, S6), as a rule that the page states.

Each Monday, for each office and category and for the bureau as a whole: of the drawn calls that were evaluated in
the last four weeks, in how many was there a finding of the category, compared with the 26 weeks before. If nothing
had changed, the calls with a finding would be spread over both spans by chance. How probable as many as these are
in the last four weeks is Fisher's exact test (the upper tail of the hypergeometric distribution): where that is
less than the level, it is a sign. Where the rest of the bureau rose as well (the same test, at 1 %), the office
must have risen more than the rest (at 0.1 %): what all do is the bureau's sign.

The test takes calls for independent. Where the share varies from week to week by more than that (reviewers who
take turns, one bad week), how much more is measured by the spread of the 26 weeks of all offices (Pearson's
chi-square by its degrees of freedom, as in a quasi-binomial model), and a rise counts for so much less.

The level is 5 % a year, spread evenly over all comparisons of a year (offices and bureau × categories × weeks). So
in a quiet year the chance of any sign at all is at most 5 % (Bonferroni). Calls are counted, not findings: two
findings of a category in one call are one. `python -m bench.early_signs` measures both errors.
"""

import enum
import math
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from types import MappingProxyType

from supervision.actor import Actor, Role

WINDOW_WEEKS = 4
BEFORE_WEEKS = 26
LONGEST_MEASURE = timedelta(days=366)  # no measure is due when nobody remembers it
A_YEAR = 0.05
LOOKS_A_YEAR = 53
ROSE = 0.01
OUTGREW = 0.001
LEAST_CALLS = 5
DECIDE_DAYS = 14  # within which the section decides on a sign
_NOTHING = 1e-12


@dataclass(frozen=True)
class Tally:
    """How many drawn calls were evaluated in a span, and in how many there was a finding of the category."""

    calls: int = 0
    found: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.calls + other.calls, self.found + other.found)

    def __sub__(self, other: "Tally") -> "Tally":
        """The one without the other."""
        return Tally(self.calls - other.calls, self.found - other.found)

    @property
    def share(self) -> float:
        """The share of calls with a finding."""
        return self.found / self.calls if self.calls else 0.0


NONE = Tally()


@dataclass(frozen=True)
class Span:
    """The last four weeks, and the 26 before."""

    window: Tally
    before: Tally

    def __sub__(self, other: "Span") -> "Span":
        """The one without the other: the rest of the bureau."""
        return Span(self.window - other.window, self.before - other.before)


def level(groups: int, categories: int) -> float:
    """How improbable a comparison must be to be a sign; `groups`: the offices, and the bureau."""
    return A_YEAR / (max(1, groups) * max(1, categories) * LOOKS_A_YEAR)


def spread(histories: Sequence[Sequence[Tally]]) -> float:
    """How many times as much the share varies from week to week as by chance alone, at least once.

    `histories`: of each office its weeks. Each has a share of its own; what is added up is how its weeks differ.
    """
    squares, freedom = 0.0, 0
    for weeks in histories:
        share, counted = sum(weeks, NONE).share, [one for one in weeks if one.calls]
        if 0 < share < 1:
            squares += sum(
                (one.found - one.calls * share) ** 2 / (one.calls * share * (1 - share)) for one in counted
            )
            freedom += len(counted) - 1
    return max(1.0, squares / freedom) if freedom else 1.0


def chance(span: Span, spread: float = 1.0) -> float:
    """The chance of as many calls with a finding in the window, or more, if the calls of both spans are alike.

    `spread`: how many times as much the share varies as by chance; its root divides the number of standard
    deviations.
    """
    exact = _fisher(span)
    if spread <= 1 or exact >= 0.5:
        return exact
    normal = NormalDist()
    return normal.cdf(normal.inv_cdf(max(exact, sys.float_info.min)) / math.sqrt(spread))


def _fisher(span: Span) -> float:
    calls, found = span.window.calls, span.window.found
    every, all_found = calls + span.before.calls, found + span.before.found
    if found <= max(0, calls + all_found - every):
        return 1.0
    if found * every <= calls * all_found:  # no more than are expected: summed from there on, it would be lost
        return max(0.0, 1.0 - _fewer(every, calls, all_found, found))
    term = total = _exactly(every, calls, all_found, found)
    for k in range(found, min(calls, all_found)):
        term *= (all_found - k) * (calls - k) / ((k + 1) * (every - all_found - calls + k + 1))
        total += term
        if term <= total * _NOTHING:
            break
    return min(1.0, total)


def _fewer(every: int, calls: int, all_found: int, found: int) -> float:
    """The chance of fewer calls with a finding among these."""
    least = max(0, calls + all_found - every)
    term = total = _exactly(every, calls, all_found, found - 1)
    for k in range(found - 1, least, -1):
        term *= k * (every - all_found - calls + k) / ((all_found - k + 1) * (calls - k + 1))
        total += term
        if term <= total * _NOTHING:
            break
    return total


def _exactly(every: int, calls: int, all_found: int, found: int) -> float:
    ways = _log_choose(all_found, found) + _log_choose(every - all_found, calls - found)
    return math.exp(ways - _log_choose(every, calls))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def did_rise(span: Span) -> bool:
    """Whether the share of calls with a finding is higher than before, in as many calls as a sign needs."""
    window, before = span.window, span.before
    return window.found >= LEAST_CALLS and window.found * before.calls > before.found * window.calls


def is_unusual(span: Span, most: float, rest: Span | None = None, *, spread: float = 1.0) -> bool:
    """Whether it is a sign: improbable for the office itself, and not what the rest of the bureau does as well.

    `most`: the level. `rest`: the other offices; None for the bureau as a whole. `spread`: as of `chance`.
    """
    if not did_rise(span) or chance(span, spread) > most:
        return False
    return rest is None or not did_rise(rest) or chance(rest, spread) > ROSE or _outgrew(span, rest, spread)


def _outgrew(span: Span, rest: Span, spread: float) -> bool:
    """Whether it rose more than the rest: of the calls with a finding, how many are the window's."""
    here = Tally(span.window.found + span.before.found, span.window.found)
    there = Tally(rest.window.found + rest.before.found, rest.window.found)
    return chance(Span(here, there), spread) <= OUTGREW


class SignState(enum.StrEnum):
    """Where a sign stands: open until somebody takes a measure or dismisses it, done when the measure is."""

    OPEN = "open"
    MEASURE = "measure"
    DONE = "done"
    DISMISSED = "dismissed"


class SignMove(enum.StrEnum):
    """What can be done with a sign."""

    TAKE_MEASURE = "take_measure"
    DISMISS = "dismiss"
    FINISH = "finish"


MOVES: Mapping[tuple[SignState, SignMove], SignState] = MappingProxyType(
    {
        (SignState.OPEN, SignMove.TAKE_MEASURE): SignState.MEASURE,
        (SignState.OPEN, SignMove.DISMISS): SignState.DISMISSED,
        (SignState.MEASURE, SignMove.TAKE_MEASURE): SignState.MEASURE,
        (SignState.MEASURE, SignMove.FINISH): SignState.DONE,
    }
)
UNFINISHED = frozenset({SignState.OPEN, SignState.MEASURE})


def after(state: SignState, move: SignMove) -> SignState | None:
    """The state after a move; None where there is no such move."""
    return MOVES.get((state, move))


class Objection(enum.StrEnum):
    """Why a person may not."""

    NOT_YOURS = "not_yours"
    OWN_MEASURE = "own_measure"


_SECTION = frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD})


def objection(actor: Actor, move: SignMove, owner_id: uuid.UUID | None) -> Objection | None:
    """What stands against a move, or None: the section decides, and who sees to the measure says it is done.

    Who sees to it gives himself no other day, and hands it to nobody: another of the section does.
    """
    is_owner = actor.account_id == owner_id
    if actor.role not in _SECTION and not (move is SignMove.FINISH and is_owner):
        return Objection.NOT_YOURS
    return Objection.OWN_MEASURE if move is SignMove.TAKE_MEASURE and is_owner else None


def is_overdue(state: SignState, due_on: date | None, today: date) -> bool:
    """Whether the decision or the measure is late: on its last day it is not yet."""
    return state in UNFINISHED and due_on is not None and today > due_on


def last_week(today: date) -> date:
    """The Monday of the last week that is over."""
    return today - timedelta(days=today.weekday() + 7)


def weeks_of(last: date) -> tuple[list[date], list[date]]:
    """The Mondays of the window that ends with a week, and of the weeks before it."""
    window = [last - timedelta(weeks=n) for n in range(WINDOW_WEEKS)]
    before = [last - timedelta(weeks=n) for n in range(WINDOW_WEEKS, WINDOW_WEEKS + BEFORE_WEEKS)]
    return window[::-1], before[::-1]


def may_be_new(last: date, seen: date | None) -> bool:
    """Whether a sign of the same office and category may be another one: its window holds no week of the last."""
    return seen is None or last - seen >= timedelta(weeks=WINDOW_WEEKS)
