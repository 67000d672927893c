"""The order of what is to be done: what is overdue first, then by the day, what has no day last."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from supervision.incidents.rules import Cause


class Subject(enum.StrEnum):
    """What is to be done; the page says it in words and knows where it leads."""

    DRAW_DIFFERS = "draw_differs"
    REVIEW = "review"
    CONFIRM_NONE = "confirm_none"
    RESCORE = "rescore"
    UNUSABLE = "unusable"
    ANSWER = "answer"
    VERIFY = "verify"
    TREAT = "treat"
    TREAT_OVERDUE = "treat_overdue"
    AGREE = "agree"
    CONFIRM_TREATMENT = "confirm_treatment"
    DECIDE_APPEAL = "decide_appeal"
    DECIDE_RECORD = "decide_record"
    CONFIRM_RECORD = "confirm_record"
    READ_JUDGEMENT = "read_judgement"
    DECIDE_SIGN = "decide_sign"
    FINISH_SIGN = "finish_sign"
    HAND_OVER = "hand_over"
    COMPLAINT = "complaint"
    ATTEST_ZERO = "attest_zero"
    CLOSE_MONTH = "close_month"
    CALENDAR = "calendar"
    REQUESTS = "requests"
    DELETIONS = "deletions"
    RESETS = "resets"
    REGULATION = "regulation"
    INCIDENTS = "incidents"


@dataclass(frozen=True)
class Todo:
    """One thing to do: how many of it, until when, and which one.

    `record` is the id of what it leads to, of several the one due first; `office_code` is empty where it is of no
    office, or of his own.
    `provisional`: the day was counted with a year whose holidays are not known yet.
    """

    subject: Subject
    number: int = 1
    due_on: date | None = None
    name: str = ""
    record: str = ""
    office_code: str = ""
    provisional: bool = False


def in_order(todos: Iterable[Todo]) -> list[Todo]:
    """By their days, what has none last; on the same day in the order of the subjects."""
    subjects = list(Subject)
    there = [one for one in todos if one.number > 0]
    return sorted(there, key=lambda one: (one.due_on or date.max, subjects.index(one.subject)))


# Which incident says of something overdue what the list says itself: its cause, and its subject; "": any.
_INCIDENTS: Mapping[Subject, tuple[Cause, str]] = MappingProxyType(
    {
        Subject.REVIEW: (Cause.REVIEW_OVERDUE, "{name}"),
        Subject.CONFIRM_NONE: (Cause.REVIEW_OVERDUE, "{name}"),
        Subject.ANSWER: (Cause.RECTIFICATION_OVERDUE, "rectification:{record}"),
        Subject.DECIDE_APPEAL: (Cause.APPEAL_OVERDUE, "appeal:{record}"),
        Subject.DECIDE_RECORD: (Cause.DISCIPLINE_OVERDUE, "record:{record}"),
        Subject.DECIDE_SIGN: (Cause.SIGN_OVERDUE, "sign:{record}"),
        Subject.FINISH_SIGN: (Cause.SIGN_OVERDUE, "sign:{record}"),
        Subject.TREAT: (Cause.FINDING_UNTREATED, ""),
        Subject.TREAT_OVERDUE: (Cause.FINDING_UNTREATED, ""),
        Subject.AGREE: (Cause.FINDING_UNTREATED, ""),
        Subject.HAND_OVER: (Cause.WAITS_FOR_NOBODY, ""),
        Subject.REQUESTS: (Cause.REQUEST_OVERDUE, ""),
        Subject.CALENDAR: (Cause.CALENDAR_PROVISIONAL, ""),
    }
)


def named_already(todos: Iterable[Todo]) -> frozenset[tuple[Cause, str]]:
    """The incidents that would name once more what is on the list: cause and subject, or "" for any subject."""
    found = ((one, _INCIDENTS[one.subject]) for one in todos if one.subject in _INCIDENTS)
    return frozenset((cause, about.format(name=one.name, record=one.record)) for one, (cause, about) in found)
