"""Weeks, shifts, posts and days as somebody types them in or drags them, parsed."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from supervision.errors import InvalidInput
from supervision.rosters.queries import Looked
from supervision.rosters.rules import Absence, Deputy, LinePolicy, Post, RingOrder, Shift, Span, Way, monday_of
from supervision.rosters.week_rules import MOST_ON_DUTY, Place
from web import arguments as given

DeskOf = Callable[[uuid.UUID, bool], str]  # where a person sits if nobody says: as officer, or as leader


def parse_week(arguments: Mapping[str, str], otherwise: date) -> date:
    """The Monday of the week that is looked at. Raises InvalidInput."""
    return monday_of(given.day(arguments, "week") or otherwise)


def parse_looked(form: Mapping[str, str]) -> Looked:
    """Which edition and version of the week the person looked at. Raises InvalidInput."""
    return Looked(given.count(form, "edition") or 0, given.version(form))


def parse_time(form: Mapping[str, str], name: str) -> time | None:
    """A time of the day, as an HTML field gives it. Raises InvalidInput."""
    text = given.text(form, name)
    if not text:
        return None
    try:
        found = time.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(name, text, "a time such as 08:30") from error
    if found.tzinfo is not None:
        raise InvalidInput(name, text, "a time such as 08:30")
    return found.replace(second=0, microsecond=0)


def parse_span(form: Mapping[str, str], first: str = "starts", last: str = "ends") -> Span | None:
    """From when until when; None where both are left empty. Raises InvalidInput where one is."""
    starts, ends = parse_time(form, first), parse_time(form, last)
    if starts is None and ends is None:
        return None
    if starts is None:
        raise InvalidInput("starts", "missing")
    if ends is None:
        raise InvalidInput("ends", "missing")
    return Span(starts, ends)


def needed_span(form: Mapping[str, str], first: str = "starts", last: str = "ends") -> Span:
    """From when until when. Raises InvalidInput."""
    found = parse_span(form, first, last)
    if found is None:
        raise InvalidInput("starts", "missing")
    return found


def needed_day(form: Mapping[str, str], name: str) -> date:
    """A day that must be given. Raises InvalidInput."""
    found = given.day(form, name)
    if found is None:
        raise InvalidInput(name, "missing")
    return found


def parse_place(form: Mapping[str, str], before: str = "") -> Place:
    """A cell of the week's table: line, day and times, by fields that begin alike. Raises InvalidInput."""
    named = _under(form, before)
    return Place(given.text(named, "line"), needed_day(named, "day"), needed_span(named))


def find_place(form: Mapping[str, str], before: str) -> Place | None:
    """The same where the fields may be empty."""
    return parse_place(form, before) if given.text(_under(form, before), "day") else None


def _under(form: Mapping[str, str], before: str) -> Mapping[str, str]:
    """The fields whose names begin so, without that."""
    return {name.removeprefix(before): value for name, value in form.items() if name.startswith(before)}


def parse_post(form: Mapping[str, str], desk_of: DeskOf, *, leader: bool) -> Post:
    """One person, at the desk that is named or at his usual one. Raises InvalidInput."""
    account_id = given.needed_identity(form, "person")
    return Post(account_id, given.text(form, "desk") or desk_of(account_id, leader))


def parse_shift(form: Mapping[str, str], desk_of: DeskOf) -> Shift:
    """A whole shift: its place, its duty officers in their order, its leader. Raises InvalidInput."""
    place = parse_place(form)
    duty = []
    for n in range(1, MOST_ON_DUTY + 1):
        account_id = given.identity(form, f"person-{n}")
        if account_id is not None:
            duty.append(Post(account_id, given.text(form, f"desk-{n}") or desk_of(account_id, False)))
    leader_id = given.identity(form, "leader")
    leader = None
    if leader_id is not None:
        leader = Post(leader_id, given.text(form, "leader_desk") or desk_of(leader_id, True))
    return Shift(place.line, place.day, place.span, tuple(duty), leader)


def parse_since(form: Mapping[str, str]) -> datetime:
    """From which day and time on, by the wall clock; without a time: from the day's beginning."""
    return datetime.combine(needed_day(form, "first"), parse_time(form, "starts") or time.min)


def parse_ways(form: Mapping[str, str]) -> LinePolicy:
    """What is chosen for a line. Raises InvalidInput."""
    return LinePolicy(
        order=given.needed_choice(form, "ring_order", RingOrder),
        overflow=given.needed_choice(form, "overflow", Way),
        overflow_office=given.text(form, "overflow_office"),
        closed=given.needed_choice(form, "closed", Way),
    )


def parse_absence(form: Mapping[str, str]) -> Absence:
    """Who is on leave when. Raises InvalidInput."""
    first = needed_day(form, "first")
    return Absence(given.needed_identity(form, "person"), first, given.day(form, "last") or first)


def parse_deputy(form: Mapping[str, str]) -> Deputy:
    """Who stands in for whom, when. Raises InvalidInput."""
    first = needed_day(form, "first")
    leader_id, deputy_id = given.needed_identity(form, "leader"), given.needed_identity(form, "deputy")
    return Deputy(leader_id, deputy_id, first, given.day(form, "last") or first)
