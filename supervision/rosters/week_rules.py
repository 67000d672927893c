"""A week's roster as it is written: its conflicts, last week copied onto it, one person taken over by another."""

import enum
import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from supervision.offices.rules import Sitting
from supervision.rosters.rules import WEEK, Post, Roster, Shift, Span, find_holes, present

MOST_ON_DUTY = 8
SHORTEST = timedelta(minutes=5)


@dataclass(frozen=True)
class Person:
    """Somebody who is known: of which office, and whether he can sign in."""

    name: str
    office_code: str | None
    active: bool = True


@dataclass(frozen=True)
class DeskFacts:
    """A desk of the office; `leader`: it is the backup leader's on some line."""

    leader: bool = False
    active: bool = True


@dataclass(frozen=True)
class Surroundings:
    """What a roster is looked at against: the office, its lines, its desks, and the people."""

    office_code: str
    lines: tuple[str, ...]
    desks: Mapping[str, DeskFacts]
    people: Mapping[uuid.UUID, Person]


class ConflictKind(enum.StrEnum):
    """What is wrong with a shift."""

    HOLE = "hole"
    TWO_PLACES = "two_places"
    ONE_DESK = "one_desk"
    LEADER_ON_DUTY = "leader_on_duty"
    INACTIVE = "inactive"
    WRONG_OFFICE = "wrong_office"
    WRONG_DESK = "wrong_desk"
    ON_LEAVE = "on_leave"
    NO_LEADER = "no_leader"


# These are shown, and do not keep a roster from being put in force: a leave that leaves nobody is a hole.
MAY_STAND = frozenset({ConflictKind.ON_LEAVE, ConflictKind.NO_LEADER})


@dataclass(frozen=True)
class RosterConflict:
    """One thing that is wrong: where, and with whom or at which desk."""

    kind: ConflictKind
    line: str
    day: date
    span: Span
    account_id: uuid.UUID | None = None
    desk: str = ""

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return datetime.combine(self.day, self.span.ends)


def days_of(monday: date) -> list[date]:
    """The seven days of a week."""
    return [monday + timedelta(days=n) for n in range(7)]


def in_order(shifts: Iterable[Shift]) -> list[Shift]:
    """In the order of days, times and lines."""
    return sorted(shifts, key=lambda one: (one.day, one.span, one.line))


def find_conflicts(roster: Roster, monday: date, around: Surroundings) -> list[RosterConflict]:
    """All that is wrong with the shifts of a week, in the order of days, times and lines."""
    days = days_of(monday)
    shifts = [one for one in roster.shifts if one.day in days]
    found = [
        RosterConflict(ConflictKind.HOLE, hole.line, hole.day, hole.span)
        for hole in find_holes(roster, around.lines, days)
    ]
    for shift in shifts:
        found += _of_shift(roster, shift, around)
    for one, other in itertools.combinations(shifts, 2):
        if one.day == other.day and one.span.overlaps(other.span):
            found += _of_two(one, other)
    order = {line: n for n, line in enumerate(around.lines)}
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda one: (one.day, one.span, order.get(one.line, len(order)), one.kind))


def refusing(conflicts: Iterable[RosterConflict], at: datetime) -> list[RosterConflict]:
    """Those that keep a roster from being put in force at a moment; what is over by then is past mending."""
    return [one for one in conflicts if one.kind not in MAY_STAND and one.ends_at > at]


def _of_shift(roster: Roster, shift: Shift, around: Surroundings) -> Iterator[RosterConflict]:
    def conflict(kind: ConflictKind, post: Post | None = None) -> RosterConflict:
        who, desk = (post.account_id, post.desk) if post else (None, "")
        return RosterConflict(kind, shift.line, shift.day, shift.span, who, desk)

    for post in shift.posts:
        person, desk = around.people.get(post.account_id), around.desks.get(post.desk)
        if person is None or person.office_code != around.office_code:
            yield conflict(ConflictKind.WRONG_OFFICE, post)
        elif not person.active:
            yield conflict(ConflictKind.INACTIVE, post)
        elif roster.is_away(post.account_id, shift.day):
            yield conflict(ConflictKind.ON_LEAVE, post)
        if desk is None or not desk.active or desk.leader is not (post is shift.leader):
            yield conflict(ConflictKind.WRONG_DESK, post)
    for one, other in itertools.combinations(shift.duty, 2):
        yield from _of_posts(shift, one, shift, other)
    if shift.leader is not None:
        for post in shift.duty:
            yield from _of_leader(shift, shift.leader, shift, post)
    if shift.duty and present(roster, shift).leader is None:
        yield conflict(ConflictKind.NO_LEADER)


def _of_two(one: Shift, other: Shift) -> Iterator[RosterConflict]:
    for mine, yours in itertools.product(one.duty, other.duty):
        yield from _of_posts(one, mine, other, yours)
    for leading, shift in ((one, other), (other, one)):
        if leading.leader is not None:
            for post in shift.duty:
                yield from _of_leader(leading, leading.leader, shift, post)
    if one.leader is not None and other.leader is not None:
        yield from _of_posts(one, one.leader, other, other.leader)


def _of_posts(one: Shift, mine: Post, other: Shift, yours: Post) -> Iterator[RosterConflict]:
    """The same person at two desks, or two people at one; once in each of the shifts."""
    if mine.account_id == yours.account_id and (mine.desk != yours.desk or one is other):
        kind = ConflictKind.TWO_PLACES
    elif mine.account_id != yours.account_id and mine.desk == yours.desk:
        kind = ConflictKind.ONE_DESK
    else:
        return
    yield RosterConflict(kind, one.line, one.day, one.span, mine.account_id, mine.desk)
    if one is not other:
        yield RosterConflict(kind, other.line, other.day, other.span, yours.account_id, yours.desk)


def _of_leader(leading: Shift, leader: Post, shift: Shift, post: Post) -> Iterator[RosterConflict]:
    """Nobody backs himself up: a leader on duty on the same line is one person less."""
    if leader.account_id == post.account_id and leading.line == shift.line:
        yield RosterConflict(
            ConflictKind.LEADER_ON_DUTY, shift.line, shift.day, shift.span, post.account_id, post.desk
        )
    else:
        yield from _of_posts(leading, leader, shift, post)


class LeftOutReason(enum.StrEnum):
    """Why something of last week was not copied."""

    NOT_WORKED = "not_worked"
    LEFT = "left"
    ON_LEAVE = "on_leave"
    LINE_GONE = "line_gone"
    DESK_GONE = "desk_gone"


@dataclass(frozen=True)
class LeftOut:
    """Something of last week that was not copied to a day, and why; without a person: the whole shift."""

    reason: LeftOutReason
    line: str
    day: date
    span: Span
    account_id: uuid.UUID | None = None


def copy_week(
    last: Sequence[Shift], monday: date, roster: Roster, around: Surroundings
) -> tuple[tuple[Shift, ...], tuple[LeftOut, ...]]:
    """The shifts of the week before on the days of a week, and what was left out of them.

    Days that are not worked stay empty, unless the day a week before was not worked either and was rostered all
    the same. People who have left or are on leave are left out, and a shift that nobody is left in.
    """
    copied: list[Shift] = []
    left: list[LeftOut] = []
    for shift in (one for one in last if one.day + WEEK in days_of(monday)):
        day = shift.day + WEEK
        if roster.is_worked(shift.day) and not roster.is_worked(day):
            left.append(LeftOut(LeftOutReason.NOT_WORKED, shift.line, day, shift.span))
            continue
        if shift.line not in around.lines:
            left.append(LeftOut(LeftOutReason.LINE_GONE, shift.line, day, shift.span))
            continue
        kept: list[Post] = []
        for post in shift.posts:
            reason = _why_not(post, day, roster, around)
            if reason is None:
                kept.append(post)
            else:
                left.append(LeftOut(reason, shift.line, day, shift.span, post.account_id))
        duty = tuple(post for post in shift.duty if post in kept)
        leader = shift.leader if shift.leader in kept else None
        if duty or leader:
            copied.append(replace(shift, day=day, duty=duty, leader=leader))
    return tuple(copied), tuple(left)


def _why_not(post: Post, day: date, roster: Roster, around: Surroundings) -> LeftOutReason | None:
    person, desk = around.people.get(post.account_id), around.desks.get(post.desk)
    if person is None or not person.active or person.office_code != around.office_code:
        return LeftOutReason.LEFT
    if desk is None or not desk.active:
        return LeftOutReason.DESK_GONE
    return LeftOutReason.ON_LEAVE if roster.is_away(post.account_id, day) else None


def substitute(
    shifts: Iterable[Shift], absent: uuid.UUID, taker: uuid.UUID, since: datetime, last: date
) -> tuple[Shift, ...]:
    """One person's posts taken over by another from a moment up to the end of a day, at the same desks.

    A shift that goes on at the moment is cut in two. Who is in a shift already does not take a second post in it.
    """
    found: list[Shift] = []
    for shift in shifts:
        in_time = shift.ends_at > since and shift.day <= last
        if not in_time or absent not in {post.account_id for post in shift.posts}:
            found.append(shift)
        elif shift.starts_at >= since:
            found.append(_taken_over(shift, absent, taker))
        else:
            cut = minute_of(since)
            found.append(replace(shift, span=Span(shift.span.starts, cut)))
            found.append(_taken_over(replace(shift, span=Span(cut, shift.span.ends)), absent, taker))
    return tuple(one for one in found if one.span.starts < one.span.ends)


def minute_of(moment: datetime) -> time:
    """The minute that a moment lies in."""
    return moment.time().replace(second=0, microsecond=0)


def _taken_over(shift: Shift, absent: uuid.UUID, taker: uuid.UUID) -> Shift:
    there = taker in {post.account_id for post in shift.posts}

    def become(post: Post) -> Post | None:
        if post.account_id != absent:
            return post
        return None if there else Post(taker, post.desk)

    duty = tuple(found for post in shift.duty if (found := become(post)) is not None)
    return replace(shift, duty=duty, leader=become(shift.leader) if shift.leader else None)


@dataclass(frozen=True)
class Place:
    """Where a shift is: the cell of the week's table."""

    line: str
    day: date
    span: Span

    def holds(self, shift: Shift) -> bool:
        """Whether that shift is there."""
        return (self.line, self.day, self.span) == (shift.line, shift.day, shift.span)


def add_post(shifts: Sequence[Shift], post: Post, place: Place, *, leader: bool = False) -> tuple[Shift, ...]:
    """One person more in the shift of a place, last of its duty officers or as its leader; the shift may be new.

    Who is in it already changes his desk, or from officer to leader and back.
    """
    there = next((one for one in shifts if place.holds(one)), Shift(place.line, place.day, place.span))
    without = _without(there, post.account_id)
    new = replace(without, leader=post) if leader else replace(without, duty=(*without.duty, post))
    return (*(one for one in shifts if not place.holds(one)), new)


def remove_post(shifts: Sequence[Shift], account_id: uuid.UUID, place: Place) -> tuple[Shift, ...]:
    """One person less in the shift of a place; a shift without anybody is gone."""
    changed = (_without(one, account_id) if place.holds(one) else one for one in shifts)
    return tuple(one for one in changed if one.posts)


def raise_post(shifts: Sequence[Shift], account_id: uuid.UUID, place: Place) -> tuple[Shift, ...]:
    """A duty officer rings one place earlier in the shift of a place."""

    def raised(shift: Shift) -> Shift:
        duty = list(shift.duty)
        for n, post in enumerate(duty):
            if n and post.account_id == account_id:
                duty[n - 1], duty[n] = duty[n], duty[n - 1]
                break
        return replace(shift, duty=tuple(duty))

    return tuple(raised(one) if place.holds(one) else one for one in shifts)


def _without(shift: Shift, account_id: uuid.UUID) -> Shift:
    leader = shift.leader if shift.leader and shift.leader.account_id != account_id else None
    duty = tuple(post for post in shift.duty if post.account_id != account_id)
    return replace(shift, duty=duty, leader=leader)


def sittings_of(roster: Roster, shifts: Iterable[Shift]) -> dict[str, list[Sitting]]:
    """Who sits at which desk, as the shifts have it: the assignments that follow from a roster, by desk, by the
    wall clock.

    Whoever was last at a desk on a day stays there until somebody else comes, at the latest until its end: a call
    that is answered on the stroke of the hour is still his.
    """
    by_desk: dict[tuple[str, date], list[tuple[datetime, datetime, uuid.UUID]]] = {}
    for shift in shifts:
        held = present(roster, shift)
        for post in held.posts:
            times = (shift.starts_at, shift.ends_at, post.account_id)
            by_desk.setdefault((post.desk, shift.day), []).append(times)
    found: dict[str, list[Sitting]] = {}
    for (desk, day), there in sorted(by_desk.items()):
        found.setdefault(desk, []).extend(
            _of_day(sorted(there), datetime.combine(day + timedelta(days=1), time.min))
        )
    return found


def _of_day(times: Sequence[tuple[datetime, datetime, uuid.UUID]], day_ends: datetime) -> Iterator[Sitting]:
    runs: list[tuple[datetime, uuid.UUID]] = []
    for starts, _, account_id in times:
        if not runs or runs[-1][1] != account_id:
            runs.append((starts, account_id))
    ends = [starts for starts, _ in runs[1:]] + [day_ends]
    for (starts, account_id), until in zip(runs, ends, strict=True):
        if starts < until:
            yield Sitting(account_id, starts, until)


def changes_past(before: Iterable[Shift], after: Iterable[Shift], at: datetime) -> bool:
    """Whether it changes who was where before a moment: that is a correction, and needs its reason."""

    def past(shifts: Iterable[Shift]) -> set[tuple[str, datetime, datetime, tuple[Post, ...], Post | None]]:
        return {
            (one.line, one.starts_at, min(one.ends_at, at), one.duty, one.leader)
            for one in shifts
            if one.starts_at < at
        }

    return past(before) != past(after)
