"""Working hours that begin with nobody rostered: noted from the day before on, until somebody is."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident, renew_open
from supervision.rosters.queries import (
    list_lines,
    offices_with_rosters,
    roster_of,
    shifts_in_force,
    wall,
)
from supervision.rosters.rules import Hole, Roster, find_holes

FARTHEST = 14  # days to the next one that is worked: no public holiday is longer


def watch_rosters(session: Session, at: datetime) -> None:
    """Note each line that nobody is on duty for today or on the next working day; heal what is over."""
    for code in offices_with_rosters(session):
        _watch_office(session, code, at)


def _watch_office(session: Session, office_code: str, at: datetime) -> None:
    here = wall(at)
    today = here.date()
    shifts = shifts_in_force(session, office_code, today, today + timedelta(days=FARTHEST))
    roster = roster_of(session, office_code, shifts)
    lines = {line.key: line.name for line in list_lines(session, office_code)}
    holes = find_holes(roster, lines, days_watched(roster, today))
    there = _by_subject(one for one in holes if datetime.combine(one.day, one.span.ends) > here)
    for subject in _open_subjects(session, office_code) - there.keys():
        heal_incident(session, office_code=office_code, cause=Cause.ROSTER_HOLE, subject=subject, at=at)
    for subject, found in there.items():
        detail = {
            "line": lines[found[0].line],
            "day": found[0].day.isoformat(),
            "spans": ", ".join(f"{one.span.starts:%H:%M}–{one.span.ends:%H:%M}" for one in found),
        }
        if not renew_open(session, office_code, Cause.ROSTER_HOLE, subject, detail):
            open_incident(
                session, office_code=office_code, cause=Cause.ROSTER_HOLE, subject=subject, at=at, detail=detail
            )


def days_watched(roster: Roster, today: date) -> Sequence[date]:
    """Today, and the next day that is worked: what is missing is seen before it is needed."""
    later = (today + timedelta(days=n) for n in range(1, FARTHEST + 1))
    return [today, *[day for day in later if roster.is_worked(day)][:1]]


def _by_subject(holes: Iterable[Hole]) -> dict[str, list[Hole]]:
    found: dict[str, list[Hole]] = {}
    for one in holes:
        found.setdefault(f"line:{one.line}:{one.day.isoformat()}", []).append(one)
    return found


def _open_subjects(session: Session, office_code: str) -> set[str]:
    query = select(Incident.subject).where(
        Incident.office_code == office_code,
        Incident.cause == Cause.ROSTER_HOLE,
        Incident.healed_at.is_(None),
        Incident.received.is_(False),
    )
    return set(session.scalars(query))
