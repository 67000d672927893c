"""What the page of a week shows: a table for each line, its conflicts, and the people to put into it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from supervision.errors import InvalidInput
from supervision.offices.models import Desk, Line, Office
from supervision.offices.seating import people_for
from supervision.people.models import Account
from supervision.rosters import rules
from supervision.rosters.messages import find_standing
from supervision.rosters.queries import (
    Looked,
    get_week,
    list_desks,
    list_lines,
    roster_of,
    surroundings_of,
    usual_desks,
    wall,
)
from supervision.rosters.rules import Post, Shift, Span, monday_of
from supervision.rosters.week_rules import MAY_STAND, Place, RosterConflict, days_of, find_conflicts
from web.rosters import wording


@dataclass(frozen=True)
class Chip:
    """One person in a shift: at which desk, and whether he is on leave then or gone."""

    account_id: uuid.UUID
    name: str
    desk: str
    away: bool


@dataclass(frozen=True)
class Cell:
    """One day of a row: its shift, if there is one, and in a few words what is wrong with it."""

    place: Place
    duty: Sequence[Chip]
    leader: Chip | None
    faults: Sequence[tuple[str, str]]
    worked: bool
    expected: bool

    @property
    def anchor(self) -> str:
        """Its name on the page."""
        span = self.place.span
        return f"cell-{self.place.line}-{self.place.day.isoformat()}-{span.starts:%H%M}-{span.ends:%H%M}"

    @property
    def filled(self) -> bool:
        """Whether there is a shift."""
        return bool(self.duty) or self.leader is not None


@dataclass(frozen=True)
class Row:
    """The same times on all days of a week."""

    span: Span
    cells: Sequence[Cell]


@dataclass(frozen=True)
class LineTable:
    """One line's week."""

    line: Line
    rows: Sequence[Row]


@dataclass(frozen=True)
class Day:
    """One column."""

    day: date
    name: str
    worked: bool
    today: bool


@dataclass(frozen=True)
class Helper:
    """Somebody who can be put into a shift; `desk` is his usual one."""

    account: Account
    desk: str


@dataclass(frozen=True)
class WeekPage:
    """One week of an office. `copied`: looked at from a node's copy, where nothing is edited."""

    office: Office
    monday: date
    days: Sequence[Day]
    tables: Sequence[LineTable]
    conflicts: Sequence[tuple[str, str]]
    people: Sequence[Helper]
    looked: Looked
    is_draft: bool
    put_at: datetime | None
    has_hours: bool
    copied: bool = False

    @property
    def refuses(self) -> bool:
        """Whether something keeps it from being put in force."""
        return any(tone == "bad" for _, tone in self.conflicts)

    @property
    def is_empty(self) -> bool:
        """Whether there is no shift in it."""
        return not any(cell.filled for table in self.tables for row in table.rows for cell in row.cells)


@dataclass(frozen=True)
class Desks:
    """Where people sit if nobody says: their desk of another line just then, their
    usual one, or else the first that is free for the post.
    """

    desks: Sequence[Desk]
    usual: Mapping[uuid.UUID, Sequence[str]]
    taken: Sequence[Post] = ()

    def of(self, account_id: uuid.UUID, leader: bool) -> str:
        """The desk for a post. Raises InvalidInput where there is none."""
        fitting = [desk.extension for desk in self.desks if desk.leader is leader]
        here = [post.desk for post in self.taken if post.account_id == account_id]
        usual = [one for one in (*here, *self.usual.get(account_id, ())) if one in fitting]
        others = {post.desk for post in self.taken if post.account_id != account_id}
        free = [one for one in fitting if leader or one not in others]
        found = next(iter([*usual, *free]), "")
        if not found:
            raise InvalidInput("desk", "missing")
        return found


def gather_desks(session: Session, office_code: str, at: datetime, taken: Sequence[Post] = ()) -> Desks:
    """The desks of an office, and who usually sits where."""
    return Desks(list_desks(session, office_code), usual_desks(session, office_code, at), taken)


def gather_week(session: Session, office: Office, monday: date, at: datetime, *, copied: bool) -> WeekPage:
    """The page of a week: as it is written, or at a node as the copy has it."""
    today = wall(at).date()
    week = get_week(session, office.code, monday)
    shifts, roster = week.shifts, roster_of(session, office.code, week.shifts)
    if copied:
        standing = find_standing(session, office.code, at, copied=True)
        roster = standing.roster if standing else rules.Roster()
        shifts = tuple(one for one in roster.shifts if monday_of(one.day) == monday)
    around = surroundings_of(session, office.code, shifts)
    conflicts = find_conflicts(roster, monday, around) if roster.hours or shifts else []
    names = {account_id: person.name for account_id, person in around.people.items()}
    lines = list_lines(session, office.code)
    line_names = {line.key: line.name for line in lines}
    usual = usual_desks(session, office.code, at)
    return WeekPage(
        office=office,
        monday=monday,
        days=[Day(day, wording.weekday(day), roster.is_worked(day), day == today) for day in days_of(monday)],
        tables=[_table(line, roster, shifts, monday, conflicts, names) for line in lines],
        conflicts=[
            (
                wording.conflict(
                    one,
                    line_names.get(one.line, one.line),
                    names.get(one.account_id, "–") if one.account_id else "",
                ),
                "warn" if one.kind in MAY_STAND else "bad",
            )
            for one in conflicts
        ],
        people=[Helper(one, next(iter(usual.get(one.id, ())), "")) for one in people_for(session, office.code)],
        looked=week.looked,
        is_draft=week.is_draft and not copied,
        put_at=week.put_at,
        has_hours=bool(roster.hours),
        copied=copied,
    )


def _table(  # noqa: PLR0913, PLR0917 - one step of the only caller's loop, with what that has
    line: Line,
    roster: rules.Roster,
    shifts: Sequence[Shift],
    monday: date,
    conflicts: Sequence[RosterConflict],
    names: Mapping[uuid.UUID, str],
) -> LineTable:
    mine = [one for one in shifts if one.line == line.key]
    spans = sorted({*roster.hours, *(one.span for one in mine)})
    wrong = [one for one in conflicts if one.line == line.key]

    def cell(day: date, span: Span) -> Cell:
        place = Place(line.key, day, span)
        shift = next((one for one in mine if place.holds(one)), None)
        expected = span in roster.hours_of(day) and not any(
            one.day == day and one.span.overlaps(span) for one in mine if not place.holds(one)
        )
        there = [one for one in wrong if one.day == day and _belongs(one.span, span, mine, day)]
        faults = dict.fromkeys(
            (wording.conflict_short(one.kind), "warn" if one.kind in MAY_STAND else "bad") for one in there
        )
        return Cell(
            place,
            [_chip(post, day, roster, names) for post in shift.duty] if shift else [],
            _chip(shift.leader, day, roster, names) if shift and shift.leader else None,
            list(faults),
            roster.is_worked(day),
            expected,
        )

    return LineTable(line, [Row(span, [cell(day, span) for day in days_of(monday)]) for span in spans])


def _belongs(wrong: Span, span: Span, shifts: Sequence[Shift], day: date) -> bool:
    """Whether a conflict is shown in the row of these times: its own, or, of a gap, the first that it touches."""
    if wrong == span:
        return True
    touched = sorted(one.span for one in shifts if one.day == day and one.span.starts <= wrong.ends)
    return bool(touched) and wrong.starts <= span.ends and wrong.ends >= span.starts and span in touched


def _chip(post: Post, day: date, roster: rules.Roster, names: Mapping[uuid.UUID, str]) -> Chip:
    away = post.account_id in roster.gone or roster.is_away(post.account_id, day)
    return Chip(post.account_id, names.get(post.account_id, "–"), post.desk, away)
