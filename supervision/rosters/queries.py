"""Reading rosters: a week with what it is looked at against, and what an office's lines follow now."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from supervision.actor import Scope
from supervision.clock import BUREAU_ZONE, local, to_milliseconds
from supervision.errors import NotFound
from supervision.offices.models import Desk, DeskAssignment, Line, Office
from supervision.people.models import Account
from supervision.rosters import rules
from supervision.rosters.models import (
    LeaderDeputy,
    Leave,
    LineWays,
    OfficeHours,
    Roster,
    RosterPost,
    RosterShift,
    RosterState,
)
from supervision.rosters.rules import Absence, Deputy, LinePolicy, Post, Shift, Span
from supervision.rosters.week_rules import DeskFacts, Person, Surroundings, in_order
from supervision.workdays.queries import get_calendar

USUAL_FOR = timedelta(days=92)


def wall(at: datetime) -> datetime:
    """What the bureau's wall clock shows at a moment."""
    return local(at).replace(tzinfo=None)


def moment(shown: datetime) -> datetime:
    """The moment at which the bureau's wall clock shows it."""
    return to_milliseconds(shown.replace(tzinfo=BUREAU_ZONE))


@dataclass(frozen=True)
class Looked:
    """Which edition of a week somebody looked at, in which version; 0: there is none."""

    edition: int = 0
    version: int = 0


@dataclass(frozen=True)
class WeekRoster:
    """One week of an office: the edition to look at, what is in force, and whether they differ."""

    office_code: str
    monday: date
    looked: Looked
    shifts: tuple[Shift, ...]
    in_force: tuple[Shift, ...] | None
    put_at: datetime | None

    @property
    def is_draft(self) -> bool:
        """Whether something is written that is not in force."""
        return bool(self.looked.edition) and self.shifts != (self.in_force or ())


def get_office(session: Session, scope: Scope, office_code: str) -> Office:
    """The office. Raises NotFound where there is none or where it lies outside the scope: the same answer."""
    office = session.get(Office, office_code)
    if office is None or scope.office_code not in {None, office_code}:
        raise NotFound(f"office {office_code}")
    return office


def find_latest(session: Session, office_code: str, monday: date) -> Roster | None:
    """The latest edition of a week: its draft, or else the one in force."""
    query = select(Roster).where(Roster.office_code == office_code, Roster.monday == monday)
    return session.scalars(_whole(query.order_by(Roster.edition.desc()).limit(1))).one_or_none()


def find_in_force(session: Session, office_code: str, monday: date) -> Roster | None:
    """The edition of a week that is in force."""
    of_week = Roster.office_code == office_code, Roster.monday == monday, Roster.state == RosterState.IN_FORCE
    return session.scalars(_whole(select(Roster).where(*of_week))).one_or_none()


def _whole(query: Select[Roster]) -> Select[Roster]:
    return query.options(selectinload(Roster.shifts).selectinload(RosterShift.posts))


def get_week(session: Session, office_code: str, monday: date) -> WeekRoster:
    """One week as it stands; empty where nobody has written it."""
    latest, held = find_latest(session, office_code, monday), find_in_force(session, office_code, monday)
    return WeekRoster(
        office_code,
        monday,
        Looked(latest.edition, latest.version) if latest else Looked(),
        shifts_of(latest) if latest else (),
        shifts_of(held) if held else None,
        held.put_at if held else None,
    )


def shifts_of(roster: Roster) -> tuple[Shift, ...]:
    """The shifts of an edition, in the order of days, times and lines."""
    return tuple(_shift(row) for row in roster.shifts)


def _shift(row: RosterShift) -> Shift:
    duty = tuple(Post(post.account_id, post.desk) for post in row.posts if not post.leader)
    leader = next((Post(post.account_id, post.desk) for post in row.posts if post.leader), None)
    return Shift(row.line_key, row.day, Span(row.starts, row.ends), duty, leader)


def shifts_in_force(session: Session, office_code: str, first: date, last: date) -> tuple[Shift, ...]:
    """The shifts in force of the weeks that reach into these days."""
    query = select(Roster).where(
        Roster.office_code == office_code,
        Roster.state == RosterState.IN_FORCE,
        Roster.monday > first - timedelta(days=7),
        Roster.monday <= last,
    )
    weeks = session.scalars(_whole(query.order_by(Roster.monday))).all()
    return tuple(shift for week in weeks for shift in shifts_of(week))


def offices_with_rosters(session: Session) -> Sequence[str]:
    """The offices that work by rosters: those that have put one in force."""
    query = select(Roster.office_code).where(Roster.state != RosterState.DRAFT).distinct()
    return session.scalars(query.order_by(Roster.office_code)).all()


def roster_of(session: Session, office_code: str, shifts: Iterable[Shift]) -> rules.Roster:
    """These shifts with all that they are held by: hours, working days, leave, deputies, who is gone."""
    kept = tuple(shifts)
    named = {post.account_id for shift in kept for post in shift.posts}
    deputies = list_deputies(session, office_code)
    named |= {one.deputy_id for one in deputies}
    here = Account.active, Account.office_code == office_code
    there = set(session.scalars(select(Account.id).where(Account.id.in_(named), *here)))
    return rules.Roster(
        shifts=kept,
        hours=hours_of(session, office_code),
        is_worked=get_calendar(session).is_worked,
        absences=tuple(Absence(one.account_id, one.first, one.last) for one in list_leaves(session, office_code)),
        deputies=tuple(Deputy(one.leader_id, one.deputy_id, one.first, one.last) for one in deputies),
        gone=frozenset(named - there),
    )


def rows_of(shifts: Iterable[Shift]) -> list[RosterShift]:
    """The rows of shifts, as an edition keeps them."""
    return [
        RosterShift(
            line_key=one.line,
            day=one.day,
            starts=one.span.starts,
            ends=one.span.ends,
            posts=[
                RosterPost(n=n, account_id=post.account_id, desk=post.desk, leader=n > len(one.duty))
                for n, post in enumerate(one.posts, 1)
            ],
        )
        for one in in_order(shifts)
    ]


def find_hours(session: Session, office_code: str) -> OfficeHours | None:
    """The working hours as they were set, with the version to change them against."""
    return session.get(OfficeHours, office_code)


def list_ways(session: Session, office_code: str) -> Sequence[LineWays]:
    """What was chosen for an office's lines, with the versions to change them against."""
    return session.scalars(select(LineWays).where(LineWays.office_code == office_code)).all()


def hours_of(session: Session, office_code: str) -> tuple[Span, ...]:
    """The working hours of an office; none where nobody has set them."""
    row = session.get(OfficeHours, office_code)
    if row is None:
        return ()
    morning = Span(row.morning_starts, row.morning_ends)
    if row.afternoon_starts is None or row.afternoon_ends is None:
        return (morning,)
    return morning, Span(row.afternoon_starts, row.afternoon_ends)


def list_leaves(session: Session, office_code: str, since: date | None = None) -> Sequence[Leave]:
    """Who is on leave when, as far as it was not withdrawn; of leaves that last to a day or beyond."""
    query = select(Leave).where(Leave.office_code == office_code, Leave.withdrawn_at.is_(None))
    if since is not None:
        query = query.where(Leave.last >= since)
    return session.scalars(query.options(joinedload(Leave.person)).order_by(Leave.first, Leave.id)).all()


def list_deputies(session: Session, office_code: str, since: date | None = None) -> Sequence[LeaderDeputy]:
    """Who stands in for which leader when; of what lasts to a day or beyond. The latest word comes first."""
    of_office = LeaderDeputy.office_code == office_code, LeaderDeputy.withdrawn_at.is_(None)
    query = select(LeaderDeputy).where(*of_office)
    if since is not None:
        query = query.where(LeaderDeputy.last >= since)
    query = query.options(joinedload(LeaderDeputy.leader), joinedload(LeaderDeputy.deputy))
    return session.scalars(query.order_by(LeaderDeputy.entered_at.desc(), LeaderDeputy.id)).all()


def policies_of(session: Session, office_code: str) -> dict[str, LinePolicy]:
    """What the office chose for each of its lines that it chose something for."""
    query = select(LineWays).where(LineWays.office_code == office_code).order_by(LineWays.line_key)
    return {
        row.line_key: LinePolicy(row.order, row.overflow, row.overflow_office, row.closed)
        for row in session.scalars(query)
    }


def list_lines(session: Session, office_code: str) -> Sequence[Line]:
    """The lines that an office has now."""
    query = select(Line).where(Line.office_code == office_code, Line.active)
    return session.scalars(query.order_by(Line.key)).all()


def list_desks(session: Session, office_code: str) -> Sequence[Desk]:
    """The desks that an office has now."""
    query = select(Desk).where(Desk.office_code == office_code, Desk.active)
    return session.scalars(query.order_by(Desk.leader, Desk.extension)).all()


def surroundings_of(session: Session, office_code: str, shifts: Iterable[Shift] = ()) -> Surroundings:
    """What a week of an office is looked at against; with the people of these shifts, wherever they are now."""
    named = {post.account_id for shift in shifts for post in shift.posts}
    known = select(Account).where(or_(Account.office_code == office_code, Account.id.in_(named)))
    desks = session.scalars(select(Desk).where(Desk.office_code == office_code))
    return Surroundings(
        office_code,
        tuple(line.key for line in list_lines(session, office_code)),
        {desk.extension: DeskFacts(desk.leader, desk.active) for desk in desks},
        {one.id: Person(one.name, one.office_code, one.active) for one in session.scalars(known)},
    )


def usual_desks(session: Session, office_code: str, at: datetime) -> dict[uuid.UUID, list[str]]:
    """The desks that each person has sat at, those of late first: what is proposed for him."""
    query = (
        select(DeskAssignment.account_id, Desk.extension)
        .join(Desk, Desk.id == DeskAssignment.desk_id)
        .where(Desk.office_code == office_code, Desk.active)
        .where(or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at > at - USUAL_FOR))
        .order_by(DeskAssignment.since_at.desc())
    )
    found: dict[uuid.UUID, list[str]] = {}
    for account_id, extension in session.execute(query):
        desks = found.setdefault(account_id, [])
        if extension not in desks:
            desks.append(extension)
    return found
