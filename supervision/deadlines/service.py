"""Keeping the last day of a complaint, a notice, a proposal or an appeal (domain rules 2 and 6)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.clock import day_bounds, local
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.quotas.rules import Urgency, urgency
from supervision.workdays.queries import working_days_after
from supervision.workdays.rules import Counted, recounted


class Due(Protocol):
    """A row with a last day, and when its people were last reminded of it."""

    office_code: str
    due_on: date
    provisional: bool
    reminded_on: date | None

    @property
    def number(self) -> str:
        """What people call it."""

    @property
    def subject(self) -> str:
        """What the log and the incidents call it."""


@dataclass(frozen=True)
class Deadline:
    """So many working days from a day on; lateness is an incident, another last day an entry of the log."""

    since: date
    working_days: int
    overdue: Cause
    recounted_as: str


def keep_deadline(session: Session, one: Due, deadline: Deadline, at: datetime) -> Urgency | None:
    """Count its last day anew, since days may have been entered, and say how urgent it is.

    None unless somebody is to be reminded of it now, which happens once a day. The incident of what is late ends
    once it is late no more. The log is written last, as by everything that touches both.
    """
    today, known = local(at).date(), Counted(one.due_on, one.provisional)
    due = recounted(known, working_days_after(session, deadline.since, deadline.working_days), today)
    one.due_on, one.provisional = due.day, due.provisional
    how = urgency(day_bounds(due.day)[1], at, met=False)
    is_reminded = how is not Urgency.IN_TIME and one.reminded_on != today
    if is_reminded:
        one.reminded_on = today
    session.flush()
    detail = {"number": one.number, "due_on": due.day.isoformat()}
    if how is not Urgency.OVERDUE:
        heal_overdue(session, one, deadline.overdue, at)
    elif is_reminded:
        open_incident(
            session, office_code=one.office_code, cause=deadline.overdue, subject=one.subject, at=at, detail=detail
        )
    if due != known:
        record(session, None, deadline.recounted_as, one.subject, detail, one.office_code, at)
    return how if is_reminded else None


def heal_overdue(session: Session, one: Due, overdue: Cause, at: datetime) -> None:
    """It is late no more: its incident, if there is one, is over."""
    heal_incident(session, office_code=one.office_code, cause=overdue, subject=one.subject, at=at)
