"""Writing a week's roster and putting it in force, by whoever may edit the office's.

A draft may have holes; a roster that is put in force may not. Every act says which edition and version of the week
was looked at: of two people who edit at once, the second is told, and nothing of the first's is lost. Who sits at
which desk follows from what is in force (`seating.py` of `offices`).
"""

import enum
import itertools
import uuid
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.offices.rules import Sitting
from supervision.offices.seating import seat_by_roster
from supervision.rosters import rules, week_rules
from supervision.rosters.models import Roster, RosterState
from supervision.rosters.queries import (
    Looked,
    find_in_force,
    find_latest,
    get_office,
    hours_of,
    list_lines,
    moment,
    roster_of,
    rows_of,
    shifts_of,
    surroundings_of,
    wall,
)
from supervision.rosters.rules import WEEK, Post, Shift
from supervision.rosters.week_rules import (
    MOST_ON_DUTY,
    SHORTEST,
    ConflictKind,
    LeftOut,
    Place,
    RosterConflict,
    Surroundings,
    add_post,
    copy_week,
    find_conflicts,
    in_order,
    raise_post,
    refusing,
    remove_post,
    substitute,
)
from supervision.texts import optional_text, required_text

FARTHEST = timedelta(days=366)
NAMED_AT_MOST = 5

Change = Callable[[tuple[Shift, ...]], Iterable[Shift]]


def set_shift(
    context: Context, office_code: str, looked: Looked, shift: Shift, replaces: Place | None = None
) -> None:
    """Write a shift into the draft of its week, in place of the one in that place, if one is named.

    Raises InvalidInput where its times, people or desks cannot be; Conflict where the week has changed since.
    """
    around = _checked_shift(context, office_code, shift)
    monday = rules.monday_of(shift.day)

    def change(shifts: tuple[Shift, ...]) -> Iterable[Shift]:
        kept = [one for one in shifts if replaces is None or not replaces.holds(one)]
        if replaces is not None and len(kept) == len(shifts):
            raise Conflict(f"roster {office_code} {monday}")
        if any(_is_beside(one, shift) for one in kept):
            raise InvalidInput("starts", "overlaps")
        return [*kept, shift]

    _edit(context, office_code, monday, looked, change, "roster_shift_set", _shown(shift), around)


def remove_shift(context: Context, office_code: str, looked: Looked, place: Place) -> None:
    """Take a shift out of the draft of its week. Raises Conflict where it is not there any more."""
    monday = rules.monday_of(place.day)

    def change(shifts: tuple[Shift, ...]) -> Iterable[Shift]:
        kept = [one for one in shifts if not place.holds(one)]
        if len(kept) == len(shifts):
            raise Conflict(f"roster {office_code} {monday}")
        return kept

    _edit(context, office_code, monday, looked, change, "roster_shift_removed", {"place": _place(place)})


class PostMove(enum.StrEnum):
    """What is done with one person in the week's table."""

    ADD = "add"
    MOVE = "move"
    REMOVE = "remove"
    RAISE = "raise"


def move_post(  # noqa: PLR0913 - who, from where to where, as the week was looked at
    context: Context,
    office_code: str,
    looked: Looked,
    move: PostMove,
    post: Post,
    *,
    at_place: Place,
    to: Place | None = None,
    leader: bool = False,
) -> None:
    """Put one person into a shift, out of it, into another of the same week, or one place earlier in it.

    Raises InvalidInput where he or the desk cannot be there, or where the other shift overlaps one of its line;
    Refused where nothing changes.
    """
    monday = rules.monday_of(at_place.day)
    target = to or at_place
    around = _checked_shift(context, office_code, Shift(target.line, target.day, target.span, (post,)))
    if rules.monday_of(target.day) != monday:
        raise InvalidInput("day", target.day.isoformat(), "a day of the same week")

    def change(shifts: tuple[Shift, ...]) -> Iterable[Shift]:
        changed = shifts
        if move in {PostMove.MOVE, PostMove.REMOVE}:
            changed = remove_post(changed, post.account_id, at_place)
        if move in {PostMove.MOVE, PostMove.ADD}:
            changed = add_post(changed, post, target, leader=leader)
        if move is PostMove.RAISE:
            changed = raise_post(changed, post.account_id, at_place)
        if in_order(changed) == in_order(shifts):
            raise Refused("roster_unchanged")
        if any(_is_beside(one, other) for one, other in itertools.combinations(changed, 2)):
            raise InvalidInput("starts", "overlaps")
        return changed

    detail = {
        "move": move.value,
        "post": f"{post.account_id}@{post.desk}",
        "place": _place(at_place),
        "to": _place(target),
        "leader": leader,
    }
    _edit(context, office_code, monday, looked, change, "roster_post_moved", detail, around)


def copy_last_week(context: Context, office_code: str, monday: date, looked: Looked) -> tuple[LeftOut, ...]:
    """Write last week's shifts over the draft of a week; what was left out of them.

    Raises Refused where last week has none.
    """
    session = context.session
    get_office(session, context.scope, office_code)
    source = find_in_force(session, office_code, monday - WEEK) or find_latest(session, office_code, monday - WEEK)
    last = shifts_of(source) if source is not None else ()
    if not last:
        raise Refused("roster_nothing_to_copy")
    around = surroundings_of(session, office_code, last)
    copied, left_out = copy_week(last, monday, roster_of(session, office_code, last), around)
    detail = {"shifts": len(copied), "left_out": len(left_out)}
    _edit(context, office_code, monday, looked, lambda _: copied, "roster_copied", detail)
    return left_out


def take_over(  # noqa: PLR0913 - who for whom, from when until when, in which week, as it was looked at
    context: Context,
    office_code: str,
    looked: Looked,
    *,
    absent: uuid.UUID,
    taker: uuid.UUID,
    since: datetime,
    last: date,
) -> None:
    """Have one person's posts of a week taken over by another, from a time of the wall clock on, in the draft.

    Raises Refused where he has none then, InvalidInput for nobody of the office.
    """
    monday = rules.monday_of(since.date())
    around = surroundings_of(context.session, office_code)
    person = around.people.get(taker)
    if person is None or not person.active or person.office_code != office_code or taker == absent:
        raise InvalidInput("person", "not_of_office")
    if not since.date() <= last < monday + WEEK:
        raise InvalidInput("last", last.isoformat(), "a day of the same week")

    def change(shifts: tuple[Shift, ...]) -> Iterable[Shift]:
        changed = substitute(shifts, absent, taker, since, last)
        if changed == shifts:
            raise Refused("roster_no_post")
        return changed

    detail = {"absent": str(absent), "taker": str(taker), "since": since.isoformat(), "last": last.isoformat()}
    _edit(context, office_code, monday, looked, change, "roster_taken_over", detail)


def discard_draft(context: Context, office_code: str, monday: date, looked: Looked) -> None:
    """Give up the draft of a week; what is in force stays as it is. Raises Refused where there is none."""
    session = context.session
    get_office(session, context.scope, office_code)
    roster = _looked_at(session, office_code, monday, looked)
    if roster is None or roster.state is not RosterState.DRAFT:
        raise Refused("roster_unchanged")
    session.delete(roster)
    _flush(session, office_code, monday)
    _record(context, office_code, monday, "roster_draft_discarded", {"edition": roster.edition})


def put_in_force(context: Context, office_code: str, monday: date, looked: Looked, reason: str = "") -> None:
    """Put the draft of a week in force: the node has it within seconds, and its people sit where it says.

    Raises Refused where there is no draft, where nobody has set the working hours, and, with each of them named,
    for holes and other conflicts; InvalidInput where it changes the past and has no reason.
    """
    session, at = context.session, context.at
    get_office(session, context.scope, office_code)
    roster = _looked_at(session, office_code, monday, looked)
    if roster is None or roster.state is not RosterState.DRAFT:
        raise Refused("roster_unchanged")
    if not hours_of(session, office_code):
        raise Refused("roster_no_hours")
    held = find_in_force(session, office_code, monday)
    before, after = shifts_of(held) if held else (), shifts_of(roster)
    was, is_now = roster_of(session, office_code, before), roster_of(session, office_code, after)
    _refuse_conflicts(session, office_code, monday, is_now, wall(at))
    past = week_rules.changes_past(before, after, wall(at))
    roster.reason = required_text(reason) if past else optional_text(reason)
    if held is not None:
        held.state = RosterState.REPLACED
        _flush(session, office_code, monday)
    roster.state, roster.put_by, roster.put_at = RosterState.IN_FORCE, context.actor.account_id, at
    _flush(session, office_code, monday)
    reseat(context, office_code, was, is_now, roster.reason)
    detail = {
        "edition": roster.edition,
        "before": [_shown(one) for one in before if one not in after],
        "after": [_shown(one) for one in after if one not in before],
        "corrects_past": past,
        "reason": roster.reason,
    }
    _record(context, office_code, monday, "roster_put_in_force", detail)


def reseat(context: Context, office_code: str, was: rules.Roster, is_now: rules.Roster, reason: str) -> None:
    """Let the desks' assignments follow from what one roster said to what the next one says."""
    before, after = (week_rules.sittings_of(one, one.shifts) for one in (was, is_now))
    seat_by_roster(context, office_code, _in_utc(before), _in_utc(after), reason)


def _in_utc(sittings: dict[str, list[Sitting]]) -> dict[str, list[Sitting]]:
    return {
        desk: [
            Sitting(one.account_id, moment(one.since_at), moment(one.until_at)) for one in there if one.until_at
        ]
        for desk, there in sittings.items()
    }


def _refuse_conflicts(
    session: Session, office_code: str, monday: date, roster: rules.Roster, at: datetime
) -> None:
    """Raise Refused, with the holes named, or else the other conflicts."""
    around = surroundings_of(session, office_code, roster.shifts)
    found = refusing(find_conflicts(roster, monday, around), at)
    holes = [one for one in found if one.kind is ConflictKind.HOLE]
    if found:
        names = {line.key: line.name for line in list_lines(session, office_code)}
        shown = [_named(one, names) for one in (holes or found)]
        more = f" … (+{len(shown) - NAMED_AT_MOST})" if len(shown) > NAMED_AT_MOST else ""
        detail = "; ".join(dict.fromkeys(shown[:NAMED_AT_MOST])) + more
        if holes:
            raise Refused("roster_hole", detail)
        raise Refused("roster_conflict", detail)


def _named(conflict: RosterConflict, names: dict[str, str]) -> str:
    """Where a conflict is, in no language: line, day, from–to."""
    line = names.get(conflict.line, conflict.line)
    return f"{line} {conflict.day.isoformat()} {conflict.span.starts:%H:%M}–{conflict.span.ends:%H:%M}"


def _checked_shift(context: Context, office_code: str, shift: Shift) -> Surroundings:
    """What the shift is looked at against. Raises InvalidInput where it cannot be written at all."""
    get_office(context.session, context.scope, office_code)
    around = surroundings_of(context.session, office_code)
    people = [post.account_id for post in shift.posts]
    if shift.line not in around.lines:
        raise InvalidInput("line", "unknown")
    if not shift.duty:
        raise InvalidInput("duty", "missing")
    if len(shift.duty) > MOST_ON_DUTY:
        raise InvalidInput("duty", "too_many_on_duty")
    if shift.ends_at - shift.starts_at < SHORTEST:
        raise InvalidInput("ends", "before_starts")
    if len(set(people)) != len(people):
        raise InvalidInput("duty", "person_twice")
    if any(one not in around.people for one in people):
        raise InvalidInput("duty", "not_of_office")
    if any(post.desk not in around.desks for post in shift.posts):
        raise InvalidInput("desk", "unknown")
    return around


def _is_beside(one: Shift, other: Shift) -> bool:
    return one.line == other.line and one.day == other.day and one.span.overlaps(other.span)


def _looked_at(session: Session, office_code: str, monday: date, looked: Looked) -> Roster | None:
    """The latest edition of a week. Raises Conflict where it is not what was looked at."""
    roster = find_latest(session, office_code, monday)
    if (Looked(roster.edition, roster.version) if roster else Looked()) != looked:
        raise Conflict(f"roster {office_code} {monday}")
    return roster


def _edit(  # noqa: PLR0913, PLR0917 - one edit of a draft: where, as it was looked at, what, and how it is recorded
    context: Context,
    office_code: str,
    monday: date,
    looked: Looked,
    change: Change,
    act: str,
    detail: dict[str, Any],
    around: Surroundings | None = None,
) -> None:
    session = context.session
    if around is None:
        get_office(session, context.scope, office_code)
    if abs(monday - wall(context.at).date()) > FARTHEST:
        raise InvalidInput("monday", monday.isoformat(), "within a year")
    roster = _looked_at(session, office_code, monday, looked)
    shifts = tuple(change(shifts_of(roster) if roster else ()))
    if roster is None or roster.state is not RosterState.DRAFT:
        edition = roster.edition + 1 if roster else 1
        roster = Roster(
            office_code=office_code,
            monday=monday,
            edition=edition,
            made_by=context.actor.account_id,
            made_at=context.at,
        )
        session.add(roster)
    else:
        flag_modified(roster, "edition")  # whoever looked at it before gets a conflict
        roster.shifts = []
    _flush(session, office_code, monday)
    roster.shifts = rows_of(shifts)
    _flush(session, office_code, monday)
    _record(context, office_code, monday, act, detail)


def _place(place: Place) -> str:
    return f"{place.line} {place.day.isoformat()} {place.span.starts:%H:%M}-{place.span.ends:%H:%M}"


def _flush(session: Session, office_code: str, monday: date) -> None:
    try:
        session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise Conflict(f"roster {office_code} {monday}") from error


def _shown(shift: Shift) -> dict[str, Any]:
    return {
        "line": shift.line,
        "day": shift.day.isoformat(),
        "from": f"{shift.span.starts:%H:%M}",
        "to": f"{shift.span.ends:%H:%M}",
        "duty": [f"{post.account_id}@{post.desk}" for post in shift.duty],
        "leader": f"{shift.leader.account_id}@{shift.leader.desk}" if shift.leader else "",
    }


def _record(context: Context, office_code: str, monday: date, act: str, detail: dict[str, Any]) -> None:
    subject = subject_of("roster", f"{office_code}-{monday.isoformat()}")
    detail = {"monday": monday.isoformat(), **detail}
    record(context.session, context.actor, act, subject, detail, office_code, context.at)
