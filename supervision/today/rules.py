"""The order of what is to be done: what is overdue first, then by the day, what has no day last."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SOON = timedelta(days=2)


class Subject(enum.StrEnum):
    """What is to be done; the page says it in words and knows where it leads."""

    REVIEW = "review"
    CONFIRM_NONE = "confirm_none"
    RESCORE = "rescore"
    UNUSABLE = "unusable"
    ANSWER = "answer"
    VERIFY = "verify"
    TREAT = "treat"
    CONFIRM_TREATMENT = "confirm_treatment"
    DECIDE_APPEAL = "decide_appeal"
    DECIDE_RECORD = "decide_record"
    CONFIRM_RECORD = "confirm_record"
    READ_JUDGEMENT = "read_judgement"
    DECIDE_SIGN = "decide_sign"
    FINISH_SIGN = "finish_sign"
    CALENDAR = "calendar"
    REQUESTS = "requests"
    DELETIONS = "deletions"
    RESETS = "resets"
    REGULATION = "regulation"
    INCIDENTS = "incidents"


class Urgency(enum.StrEnum):
    """How urgent it is on a day."""

    OVERDUE = "overdue"
    SOON = "soon"
    IN_TIME = "in_time"
    NO_DAY = "no_day"


@dataclass(frozen=True)
class Todo:
    """One thing to do: how many of it, until when, which one (`record`: the id of what it leads to)."""

    subject: Subject
    number: int = 1
    due_on: date | None = None
    name: str = ""
    record: str = ""


def urgency(due_on: date | None, today: date) -> Urgency:
    """How urgent: on its last day it is not overdue yet."""
    if due_on is None:
        return Urgency.NO_DAY
    if today > due_on:
        return Urgency.OVERDUE
    return Urgency.SOON if due_on - today <= SOON else Urgency.IN_TIME


def in_order(todos: Iterable[Todo]) -> list[Todo]:
    """By their days, what has none last; on the same day in the order of the subjects."""
    subjects = list(Subject)
    there = [one for one in todos if one.number > 0]
    return sorted(there, key=lambda one: (one.due_on or date.max, subjects.index(one.subject)))
