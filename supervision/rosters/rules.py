"""Who answers a line at a moment, until when, and how its queue rings (S8, S9; domain rules 3 and 4).

The node applies the answers to Asterisk's queues, and headquarters shows them: both ask the same functions. All
times here, moments too, are what the bureau's wall clock shows, without a zone: `wall` and `moment` of `queries`
convert them.
"""

import enum
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

LOOK_AHEAD_DAYS = 14  # further ahead nothing is looked for: the node asks again by then
WEEK = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of one day; its end is not part of it."""

    starts: time
    ends: time

    def has(self, moment: time) -> bool:
        """Whether it is within."""
        return self.starts <= moment < self.ends

    def overlaps(self, other: "Span") -> bool:
        """Whether both have a moment in common."""
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True)
class Post:
    """A person at a desk, by its extension."""

    account_id: uuid.UUID
    desk: str


@dataclass(frozen=True)
class Shift:
    """Who answers a line on a day between two times: duty officers in their order, and the backup leader."""

    line: str
    day: date
    span: Span
    duty: tuple[Post, ...] = ()
    leader: Post | None = None

    @property
    def posts(self) -> tuple[Post, ...]:
        """Everybody in it."""
        return self.duty if self.leader is None else (*self.duty, self.leader)

    @property
    def starts_at(self) -> datetime:
        """When it begins."""
        return datetime.combine(self.day, self.span.starts)

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return datetime.combine(self.day, self.span.ends)


@dataclass(frozen=True)
class Absence:
    """Days on which a person is on leave, both included."""

    account_id: uuid.UUID
    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether he is away on that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Deputy:
    """Who stands in for a backup leader while he is away, on which days, both included."""

    leader_id: uuid.UUID
    deputy_id: uuid.UUID
    first: date
    last: date


def _monday_to_friday(day: date) -> bool:
    return day.weekday() < 5


@dataclass(frozen=True)
class Roster:
    """All that says who answers an office's lines. Without `hours` a line is never closed.

    `gone`: people who are switched off or belong to another office now.
    """

    shifts: tuple[Shift, ...] = ()
    hours: tuple[Span, ...] = ()
    is_worked: Callable[[date], bool] = _monday_to_friday
    absences: tuple[Absence, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    gone: frozenset[uuid.UUID] = frozenset()

    def is_away(self, account_id: uuid.UUID, day: date) -> bool:
        """Whether a person is on leave on that day."""
        return any(one.account_id == account_id and one.covers(day) for one in self.absences)

    def hours_of(self, day: date) -> tuple[Span, ...]:
        """The working hours of a day; none on a day that is not worked."""
        return self.hours if self.is_worked(day) else ()


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def present(roster: Roster, shift: Shift) -> Shift:
    """A shift as it is really held: who has left or is on leave is not there; a leader's deputy takes his desk."""

    def here(account_id: uuid.UUID) -> bool:
        return account_id not in roster.gone and not roster.is_away(account_id, shift.day)

    duty = tuple(post for post in shift.duty if here(post.account_id))
    leader = shift.leader
    if leader is not None and not here(leader.account_id):
        on_duty = {post.account_id for post in duty}
        deputies = (
            one.deputy_id
            for one in roster.deputies
            if one.leader_id == leader.account_id and one.first <= shift.day <= one.last
        )
        taker = next((one for one in deputies if here(one) and one not in on_duty), None)
        leader = Post(taker, leader.desk) if taker is not None else None
    return replace(shift, duty=duty, leader=leader)


class LineState(enum.StrEnum):
    """Whether a line is served at a moment."""

    OPEN = "open"
    """Somebody is on duty."""

    CLOSED = "closed"
    """After hours, or a day that is not worked."""

    UNROSTERED = "unrostered"
    """Working hours, and nobody is on duty: the line falls back on the desks of its description."""


@dataclass(frozen=True)
class Duty:
    """Who answers a line at a moment."""

    state: LineState
    duty: tuple[Post, ...] = ()
    leader: Post | None = None


def duty_at(roster: Roster, line: str, moment: datetime) -> Duty:
    """Who answers a line at a moment: duty officers in their order, and the backup leader.

    A shift outside the working hours opens the line for its time.
    """
    day, clock = moment.date(), moment.time()
    found = [
        present(roster, one)
        for one in roster.shifts
        if one.line == line and one.day == day and one.span.has(clock)
    ]
    duty = tuple(dict.fromkeys(post for one in found for post in one.duty))
    leader = next((one.leader for one in found if one.leader is not None), None)
    if duty:
        return Duty(LineState.OPEN, duty, leader)
    is_open = not roster.hours or any(span.has(clock) for span in roster.hours_of(day))
    return Duty(LineState.UNROSTERED, (), leader) if is_open else Duty(LineState.CLOSED)


def next_change(roster: Roster, lines: Iterable[str], moment: datetime) -> datetime:
    """When the answer of `duty_at` changes next for one of these lines; at the latest in two weeks.

    What the node's timer waits for. A roster that is edited meanwhile is another roster: ask again.
    """
    watched = tuple(lines)
    now = {line: duty_at(roster, line, moment) for line in watched}
    for at in _edges(roster, watched, moment):
        if any(duty_at(roster, line, at) != now[line] for line in watched):
            return at
    return moment + timedelta(days=LOOK_AHEAD_DAYS)


def _edges(roster: Roster, lines: Sequence[str], moment: datetime) -> Iterator[datetime]:
    """Every moment after one at which something begins or ends, in their order."""
    first = moment.date()
    for n in range(LOOK_AHEAD_DAYS + 1):
        day = first + timedelta(days=n)
        spans = [*roster.hours, *(one.span for one in roster.shifts if one.day == day and one.line in lines)]
        times = sorted({time.min, *(one.starts for one in spans), *(one.ends for one in spans)})
        yield from (at for at in (datetime.combine(day, one) for one in times) if at > moment)


@dataclass(frozen=True)
class Hole:
    """Working hours of a line in which nobody is on duty."""

    line: str
    day: date
    span: Span


def find_holes(roster: Roster, lines: Iterable[str], days: Iterable[date]) -> list[Hole]:
    """Where nobody is on duty in a working hour; in the order of days, times and lines."""
    watched = tuple(lines)
    return [
        Hole(line, day, left)
        for day in days
        for span in roster.hours_of(day)
        for line in watched
        for left in _uncovered(span, [one.span for one in held_on(roster, line, day)])
    ]


def held_on(roster: Roster, line: str, day: date) -> list[Shift]:
    """The shifts of a line on a day that somebody is on duty in, as they are really held."""
    there = (present(roster, one) for one in roster.shifts if one.line == line and one.day == day)
    return [one for one in there if one.duty]


def _uncovered(span: Span, covers: Iterable[Span]) -> Iterator[Span]:
    starts = span.starts
    for cover in sorted(covers):
        if cover.starts >= span.ends:
            break
        if cover.starts > starts:
            yield Span(starts, cover.starts)
        starts = max(starts, cover.ends)
    if starts < span.ends:
        yield Span(starts, span.ends)


class RingOrder(enum.StrEnum):
    """How duty officers ring before the leader does."""

    IN_ORDER = "in_order"
    LONGEST_IDLE = "longest_idle"
    ALL = "all"


class Way(enum.StrEnum):
    """Where a call goes that nobody answers, or that comes while the line is closed."""

    ANNOUNCEMENT = "announcement"
    VOICEMAIL = "voicemail"
    OTHER_OFFICE = "other_office"
    HOTLINE_12366 = "hotline_12366"


@dataclass(frozen=True)
class LinePolicy:
    """What the office chose for a line. `overflow_office`: whose line answers for it, by the office's code."""

    order: RingOrder = RingOrder.IN_ORDER
    overflow: Way = Way.ANNOUNCEMENT
    overflow_office: str = ""
    closed: Way = Way.ANNOUNCEMENT


@dataclass(frozen=True)
class Member:
    """A desk in a queue; the lower its penalty, the sooner it rings."""

    desk: str
    penalty: int


@dataclass(frozen=True)
class Route:
    """How a call on a line is to be offered at a moment.

    `duty`: the members of the line's queue. `backup`: those of its second queue, which rings from the fourth ring
    on. `strategy` is app_queue's word for the first. `way`: where the call goes when nobody answered, or at once
    where the line is closed.
    """

    state: LineState
    strategy: str = "ringall"
    duty: tuple[Member, ...] = ()
    backup: tuple[Member, ...] = ()
    way: Way = Way.ANNOUNCEMENT
    way_office: str = ""


@dataclass(frozen=True)
class Described:
    """The desks that the office's description gives a line: who rings where no roster says anything."""

    desks: tuple[str, ...] = ()
    leader: str = ""


STRATEGY: Mapping[RingOrder, str] = {
    RingOrder.IN_ORDER: "ringall",  # with a penalty of his own each: the first free one rings
    RingOrder.LONGEST_IDLE: "leastrecent",
    RingOrder.ALL: "ringall",
}


def route(duty: Duty, policy: LinePolicy, described: Described = Described()) -> Route:
    """How a call is offered: duty officers, from the fourth ring the leader as well, then the line's overflow."""
    if duty.state is LineState.CLOSED:
        return Route(LineState.CLOSED, way=policy.closed)
    desks = tuple(dict.fromkeys(post.desk for post in duty.duty))
    leader = duty.leader.desk if duty.leader is not None else ""
    if duty.state is LineState.UNROSTERED:
        desks, leader = described.desks, leader or described.leader
    in_order = policy.order is RingOrder.IN_ORDER
    members = tuple(Member(desk, n if in_order else 0) for n, desk in enumerate(desks))
    backup = dict.fromkeys((*desks, leader) if leader else desks)
    return Route(
        state=duty.state,
        strategy=STRATEGY[policy.order],
        duty=members,
        backup=tuple(Member(desk, 0) for desk in backup),
        way=policy.overflow,
        way_office=policy.overflow_office if policy.overflow is Way.OTHER_OFFICE else "",
    )
