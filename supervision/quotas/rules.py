"""When somebody is reminded of a quota, and who (domain rules 1, 2): overdue is shown one level up, every day."""

import enum
from datetime import date, datetime, timedelta

from supervision.draws.rules import Party

SOON = timedelta(days=2)


class Urgency(enum.StrEnum):
    """How a quota stands on a day."""

    MET = "met"
    IN_TIME = "in_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


class Level(enum.StrEnum):
    """Who is notified: those whose quota it is, and the next level up."""

    OFFICE = "office"
    SUPERVISION = "supervision"
    BUREAU = "bureau"


def urgency(due_at: datetime, at: datetime, *, met: bool) -> Urgency:
    """How it stands: due soon from two days before its end on."""
    if met:
        return Urgency.MET
    if at >= due_at:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if at >= due_at - SOON else Urgency.IN_TIME


def urgency_on(due_on: date, today: date) -> Urgency:
    """The same of a thing with a last day, on which it is not overdue yet."""
    if today > due_on:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if due_on - today < SOON else Urgency.IN_TIME


def notified_levels(reviewer: Party, how: Urgency, *, of_office: bool = False) -> tuple[Level, ...]:
    """Who is reminded: before the end only those whose work it is, afterwards the next level up as well.

    `of_office`: headquarters' draw waits for something that only the office can do, so it is notified first.
    """
    own, above = (
        (Level.OFFICE, Level.SUPERVISION) if reviewer is Party.OFFICE else (Level.SUPERVISION, Level.BUREAU)
    )
    levels: tuple[Level, ...] = {Urgency.DUE_SOON: (own,), Urgency.OVERDUE: (own, above)}.get(how, ())
    return (Level.OFFICE, *levels) if of_office and levels else levels
