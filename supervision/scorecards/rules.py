"""Score and grade of a call, and what a scorecard must be: pure rules (domain rule 5; S13)."""

import enum
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

WHOLE = 100
MOST_CRITERIA = 20
LONGEST_NAME = 60
LONGEST_GUIDE = 500


class Grade(enum.StrEnum):
    """A score in a word."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"  # noqa: S105 - a grade
    FAIL = "fail"


@dataclass(frozen=True)
class Grades:
    """From which score on a grade is given."""

    excellent_from: int = 90
    good_from: int = 80
    pass_from: int = 60


@dataclass(frozen=True)
class CriterionRule:
    """One criterion as far as the arithmetic goes: its weight is the most points that it gives.

    `needs_no_reason`: where it does not apply to a call, nobody has to write why.
    """

    id: uuid.UUID
    weight: int
    critical: bool = False
    may_not_apply: bool = False
    needs_no_reason: bool = False


@dataclass(frozen=True)
class MarkGiven:
    """What a reviewer gave for one criterion: points, or that it does not apply to this call; and why.

    `points` is None as long as nothing was given, and where the criterion does not apply.
    """

    points: int | None = None
    critical_failed: bool = False
    not_applicable: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Score:
    """The sum, its grade, and the critical criteria that were failed: each opens a finding by itself."""

    points: int
    grade: Grade
    failed: tuple[uuid.UUID, ...] = ()


class CardFault(enum.StrEnum):
    """Why a scorecard cannot come into force."""

    NO_TITLE = "no_title"
    NO_CRITERIA = "no_criteria"
    NAME_MISSING = "name_missing"
    NOTHING_APPLIES = "nothing_applies"
    WEIGHTS_NOT_WHOLE = "weights_not_whole"
    GRADES_NOT_IN_ORDER = "grades_not_in_order"
    SHARE_TOO_LOW = "share_too_low"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class CriterionText:
    """One criterion as it is written in the editor; `clause_ns` are numbers of clauses of the regulation.

    `may_not_apply`: its reviewer may say that it does not apply to the call; with a reason, unless
    `needs_no_reason`.
    """

    name: str
    guide: str
    weight: int
    critical: str = ""
    clause_ns: tuple[int, ...] = ()
    may_not_apply: bool = False
    needs_no_reason: bool = False


@dataclass(frozen=True)
class Card:
    """A whole scorecard as it is written: criteria, grades, and how much of a call must be heard."""

    title: str
    criteria: tuple[CriterionText, ...]
    grades: Grades = Grades()
    heard_percent: int = 60
    whole_under_s: int = 60


LOWEST_HEARD_PERCENT = 60


def card_fault(card: Card) -> CardFault | None:
    """What keeps a scorecard from coming into force, or None: weights of 100, names, grades in order.

    One criterion at least applies to every call, so that there is always something to judge.
    """
    return next(_faults(card), None)


def draft_fault(card: Card) -> CardFault | None:
    """What keeps a draft from being saved, or None: it is written bit by bit, so its weights come to any sum."""
    return next((fault for fault in _faults(card) if fault is not CardFault.WEIGHTS_NOT_WHOLE), None)


def _faults(card: Card) -> Iterator[CardFault]:
    weights, grades = [one.weight for one in card.criteria], card.grades
    in_order = 0 < grades.pass_from < grades.good_from < grades.excellent_from <= WHOLE
    share_fits = LOWEST_HEARD_PERCENT <= card.heard_percent <= WHOLE and card.whole_under_s >= 0
    faults = {
        CardFault.NO_TITLE: not card.title.strip(),
        CardFault.NO_CRITERIA: not card.criteria,
        CardFault.NAME_MISSING: any(not one.name.strip() for one in card.criteria),
        CardFault.NOTHING_APPLIES: all(one.may_not_apply for one in card.criteria),
        CardFault.WEIGHTS_NOT_WHOLE: sum(weights) != WHOLE or min(weights, default=0) < 1,
        CardFault.GRADES_NOT_IN_ORDER: not in_order,
        CardFault.SHARE_TOO_LOW: not share_fits,
        CardFault.TOO_LONG: _too_long(card),
    }
    return (fault for fault, is_so in faults.items() if is_so)


def _too_long(card: Card) -> bool:
    long_texts = (max(len(one.guide), len(one.critical)) > LONGEST_GUIDE for one in card.criteria)
    long_names = (len(one.name) > LONGEST_NAME for one in card.criteria)
    return len(card.criteria) > MOST_CRITERIA or len(card.title) > WHOLE or any(long_names) or any(long_texts)


def missing(criteria: Sequence[CriterionRule], marks: Mapping[uuid.UUID, MarkGiven]) -> list[uuid.UUID]:
    """The criteria, in order, for which no points within 0 … weight were given, nor that they do not apply."""
    return [c.id for c in criteria if c.id not in marks or not _is_given(c, marks[c.id])]


def unreasoned(criteria: Sequence[CriterionRule], marks: Mapping[uuid.UUID, MarkGiven]) -> list[uuid.UUID]:
    """The criteria marked down, failed critically or left out without a word why, in order (clause 8)."""
    return [c.id for c in criteria if c.id in marks and _owes_reason(c, marks[c.id]) and not marks[c.id].reason]


def failed_of(criteria: Sequence[CriterionRule], marks: Mapping[uuid.UUID, MarkGiven]) -> tuple[uuid.UUID, ...]:
    """The critical criteria that were failed; one that does not apply is not failed."""
    return tuple(c.id for c in criteria if c.id in marks and _is_failed(c, marks[c.id]))


def score_of(criteria: Sequence[CriterionRule], marks: Mapping[uuid.UUID, MarkGiven], grades: Grades) -> Score:
    """The score: the points' share of the weights that apply, or 0 as soon as one critical criterion was failed.

    Where all apply that is the sum of points. What does not apply takes its weight away, and the rest is set to
    100 again, rounded half up: so 100 is given only where nothing was deducted (domain rule 5). Raises
    ValueError where a criterion has no points, or more than its weight.
    """
    if absent := missing(criteria, marks):
        raise ValueError(f"no points for {len(absent)} criteria")
    if failed := failed_of(criteria, marks):
        return Score(0, grade_of(0, grades), failed)
    applying = [c for c in criteria if not marks[c.id].not_applicable]
    whole, given = sum(c.weight for c in applying), sum(marks[c.id].points or 0 for c in applying)
    if whole == 0:
        raise ValueError("no criterion applies")
    points = (2 * WHOLE * given + whole) // (2 * whole)
    return Score(points, grade_of(points, grades))


def score_so_far(
    criteria: Sequence[CriterionRule], marks: Mapping[uuid.UUID, MarkGiven], grades: Grades
) -> Score | None:
    """The score as far as it is certain: 0 as soon as a critical criterion was failed, else once all is given."""
    if failed := failed_of(criteria, marks):
        return Score(0, grade_of(0, grades), failed)
    return None if missing(criteria, marks) else score_of(criteria, marks, grades)


def _is_given(criterion: CriterionRule, mark: MarkGiven) -> bool:
    if mark.not_applicable:
        return criterion.may_not_apply
    return mark.points is not None and 0 <= mark.points <= criterion.weight


def _is_failed(criterion: CriterionRule, mark: MarkGiven) -> bool:
    return criterion.critical and mark.critical_failed and not mark.not_applicable


def _owes_reason(criterion: CriterionRule, mark: MarkGiven) -> bool:
    if mark.not_applicable:
        return not criterion.needs_no_reason
    return _is_failed(criterion, mark) or (mark.points is not None and mark.points < criterion.weight)


def grade_of(points: int, grades: Grades) -> Grade:
    """The grade of a score."""
    if points >= grades.excellent_from:
        return Grade.EXCELLENT
    if points >= grades.good_from:
        return Grade.GOOD
    return Grade.PASS if points >= grades.pass_from else Grade.FAIL
