"""An item of work that fails is set aside as an incident and skipped, so that other offices' items go on.

What is set aside is an incident, which also says until when it rests: it is tried again after a minute, then after
two, four, … and at last each hour, and is over as soon as it succeeds, or is no work any more.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import Clock
from supervision.database import Database, is_busy
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.watchdog import TooLong, in_hand

log = structlog.get_logger(__name__)

T = TypeVar("T")
ITEM_S = 120.0
REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
MOST_BUSY = 5  # looks in a row
_LONGEST_SUBJECT = 80


@dataclass(frozen=True)
class Item:
    """One item of a task: whose it is, and what it is called."""

    office_code: str
    task: str
    name: str

    @property
    def subject(self) -> str:
        """What its incident is about."""
        return f"{self.task}: {self.name}"[:_LONGEST_SUBJECT]

    def __str__(self) -> str:
        return f"{self.office_code} {self.subject}"


_busy = Counter[Item]()  # of this process, by how many looks in a row


def rest_after(times: int) -> timedelta:
    """How long something rests that broke so many times."""
    return min(LONGEST_REST, REST * (1 << max(0, min(times - 1, 10))))


def each(  # noqa: PLR0913, PLR0917 - a task: its name, its items, what is done with each, and for how long
    database: Database,
    clock: Clock,
    task: str,
    items: Iterable[tuple[Item, T]],
    act: Callable[[T], object],
    within_s: float = ITEM_S,
    *,
    cut: Collection[str] = (),
) -> None:
    """Do it for each that does not rest. Raises SQLAlchemyError only where the database is away.

    `items` are all that the task has; what was set aside and is none of them any more is over. `cut`: offices of
    which more are left than these.
    """
    with database.reading() as looking:
        known = _set_aside(looking, task)
    listed = set()
    for item, value in items:
        listed.add((item.office_code, item.subject))
        incident = known.get((item.office_code, item.subject))
        if incident is not None and _rests(incident, clock()):
            continue
        try:
            with in_hand(item, within_s):
                act(value)
        except Exception as error:
            log.exception("set aside", task=item.task, item=item.name, office=item.office_code)
            with database.transaction() as session:
                set_aside(session, item, error, clock())
            if isinstance(error, TooLong):
                return  # the time of the whole task may be over, too: the rest has its turn at the next look
        else:
            _busy.pop(item, None)
            if incident is not None:
                with database.transaction() as session:
                    take_up(session, item, clock())
    for item in [one for one in _busy if one.task == task and one.office_code not in cut]:
        if (item.office_code, item.subject) not in listed:
            del _busy[item]
    gone = [(code, subject) for code, subject in known.keys() - listed if code not in cut]
    if gone:
        with database.transaction() as session:
            for code, subject in gone:
                _over(session, code, subject, clock())


def set_aside(session: Session, item: Item, error: Exception, at: datetime) -> None:
    """Name what broke. Where the database was only busy, nothing did: the next look tries it again.

    What finds it busy at every look is never done, and is named as well.
    """
    if is_busy(error):
        _busy[item] += 1
        if _busy[item] < MOST_BUSY:
            return
    else:
        _busy.pop(item, None)
    open_incident(
        session,
        office_code=item.office_code,
        cause=Cause.WORK_SET_ASIDE,
        subject=item.subject,
        at=at,
        detail={"task": item.task, "item": item.name, "error": error_text(error)},
    )


def error_text(error: Exception) -> str:
    """What an error says, as it can be stored."""
    text = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
    return text.replace("\0", "\\x00")[:300]


def take_up(session: Session, item: Item, at: datetime) -> None:
    """It went well."""
    _busy.pop(item, None)
    _over(session, item.office_code, item.subject, at)


def _over(session: Session, office_code: str, subject: str, at: datetime) -> None:
    heal_incident(session, office_code=office_code, cause=Cause.WORK_SET_ASIDE, subject=subject, at=at)


def resting(session: Session, cause: Cause, at: datetime) -> set[tuple[str, str]]:
    """By office and subject, what is open with a cause and need not be tried again yet."""
    return {key for key, incident in _open(session, cause).items() if _rests(incident, at)}


def _rests(incident: Incident, at: datetime) -> bool:
    return timedelta(0) <= at - incident.last_seen_at < rest_after(incident.times)


def resting_items(session: Session, task: str, at: datetime) -> set[str]:
    """The names of a task's items that were set aside and need not be tried again yet."""
    return {one.detail["item"] for one in _set_aside(session, task).values() if _rests(one, at)}


def items_set_aside(session: Session, task: str) -> list[Item]:
    """The items of a task that were set aside and are not over."""
    return [Item(one.office_code, task, one.detail["item"]) for one in _set_aside(session, task).values()]


def _set_aside(session: Session, task: str) -> dict[tuple[str, str], Incident]:
    found = _open(session, Cause.WORK_SET_ASIDE)
    return {key: one for key, one in found.items() if one.detail["task"] == task}


def _open(session: Session, cause: Cause) -> dict[tuple[str, str], Incident]:
    query = select(Incident).where(
        Incident.cause == cause, Incident.received.is_(False), Incident.healed_at.is_(None)
    )
    return {(row.office_code, row.subject): row for row in session.scalars(query)}
