"""Texts on the screen about rosters."""

from collections.abc import Mapping
from datetime import date

from supervision.rosters.rules import RingOrder, Way
from supervision.rosters.week_rules import ConflictKind, LeftOutReason, RosterConflict
from web.language import gettext


def conflict(one: RosterConflict, line: str, person: str) -> str:
    """What is wrong with a shift, in a sentence."""
    facts = {
        "line": line,
        "day": one.day.isoformat(),
        "span": f"{one.span.starts:%H:%M}–{one.span.ends:%H:%M}",
        "name": person,
        "desk": one.desk,
    }
    return {
        ConflictKind.HOLE: gettext("%(line)s, %(day)s, %(span)s: nobody is on duty.", **facts),
        ConflictKind.TWO_PLACES: gettext(
            "%(line)s, %(day)s, %(span)s: %(name)s is at two desks at once (here at %(desk)s).", **facts
        ),
        ConflictKind.ONE_DESK: gettext(
            "%(line)s, %(day)s, %(span)s: two people are at desk %(desk)s (%(name)s is one of them).", **facts
        ),
        ConflictKind.LEADER_ON_DUTY: gettext(
            "%(line)s, %(day)s, %(span)s: %(name)s is duty officer and backup leader of the same line.", **facts
        ),
        ConflictKind.INACTIVE: gettext(
            "%(line)s, %(day)s, %(span)s: the account of %(name)s is switched off.", **facts
        ),
        ConflictKind.WRONG_OFFICE: gettext(
            "%(line)s, %(day)s, %(span)s: %(name)s is not of this office.", **facts
        ),
        ConflictKind.WRONG_DESK: gettext(
            "%(line)s, %(day)s, %(span)s: desk %(desk)s is not for this post. Leaders sit at a backup leader's "
            "desk, officers at a duty desk.",
            **facts,
        ),
        ConflictKind.ON_LEAVE: gettext("%(line)s, %(day)s, %(span)s: %(name)s is on leave.", **facts),
        ConflictKind.NO_LEADER: gettext("%(line)s, %(day)s, %(span)s: there is no backup leader.", **facts),
    }[one.kind]


def conflict_short(kind: ConflictKind) -> str:
    """The same beside the cell, in a few words."""
    return {
        ConflictKind.HOLE: gettext("Nobody on duty"),
        ConflictKind.TWO_PLACES: gettext("At two desks"),
        ConflictKind.ONE_DESK: gettext("Two at one desk"),
        ConflictKind.LEADER_ON_DUTY: gettext("Leader on duty"),
        ConflictKind.INACTIVE: gettext("Switched off"),
        ConflictKind.WRONG_OFFICE: gettext("Not of this office"),
        ConflictKind.WRONG_DESK: gettext("Wrong desk"),
        ConflictKind.ON_LEAVE: gettext("On leave"),
        ConflictKind.NO_LEADER: gettext("No backup leader"),
    }[kind]


def left_out(reason: LeftOutReason) -> str:
    """Why something of last week was not copied."""
    return {
        LeftOutReason.NOT_WORKED: gettext("not a working day"),
        LeftOutReason.LEFT: gettext("no longer of this office, or switched off"),
        LeftOutReason.ON_LEAVE: gettext("on leave"),
        LeftOutReason.LINE_GONE: gettext("the line is gone"),
        LeftOutReason.DESK_GONE: gettext("the desk is gone"),
    }[reason]


def weekday(day: date) -> str:
    """The day of the week."""
    return (
        gettext("Mon"),
        gettext("Tue"),
        gettext("Wed"),
        gettext("Thu"),
        gettext("Fri"),
        gettext("Sat"),
        gettext("Sun"),
    )[day.weekday()]


def ring_order(value: RingOrder) -> str:
    """How duty officers ring."""
    return {
        RingOrder.IN_ORDER: gettext("In their order: the first who is free"),
        RingOrder.LONGEST_IDLE: gettext("Whoever has been idle longest"),
        RingOrder.ALL: gettext("All who are free at once"),
    }[value]


def way(value: Way) -> str:
    """Where a call goes."""
    return {
        Way.ANNOUNCEMENT: gettext("Apology, then the call ends"),
        Way.VOICEMAIL: gettext("Voicemail, with a task to call back"),
        Way.OTHER_OFFICE: gettext("Another office"),
        Way.HOTLINE_12366: gettext("The 12366 hotline"),
    }[value]


def refusals() -> Mapping[str, str]:
    """Why an act on a roster was refused."""
    return {
        "roster_unchanged": gettext("That is how it stands already; nothing was changed."),
        "roster_nothing_to_copy": gettext("There is nothing in last week's roster that could be copied."),
        "roster_no_post": gettext("This person has no post in the week from then on."),
        "roster_no_hours": gettext("Set the office's working hours first: without them no gap can be seen."),
        "roster_hole": gettext("A roster with a gap is not put in force."),
        "roster_conflict": gettext("A roster with conflicts is not put in force."),
    }


def refused_there(reason: str, where: str) -> str:
    """The same with the places named, where the refusal names them; empty for another refusal."""
    return {
        "roster_hole": gettext("Not put in force. Nobody is on duty: %(where)s", where=where),
        "roster_conflict": gettext("Not put in force. Look at the conflicts of: %(where)s", where=where),
    }.get(reason, "")


def faults() -> Mapping[tuple[str, str], str]:
    """What is wrong with a field."""
    return {
        ("duty", "missing"): gettext("Choose at least one duty officer."),
        ("duty", "person_twice"): gettext("One person is in the shift twice."),
        ("duty", "too_many_on_duty"): gettext("These are too many people for one shift."),
        ("duty", "not_of_office"): gettext("Choose people of this office."),
        ("desk", "missing"): gettext("Choose a desk: none is known for this person."),
        ("line", "unknown"): gettext("There is no such line in this office."),
        ("desk", "unknown"): gettext("There is no such desk in this office."),
        ("ends", "before_starts"): gettext("The end must lie after the beginning."),
        ("starts", "overlaps"): gettext("There is another shift on this line at that time. Change that one."),
        ("afternoon_starts", "overlaps"): gettext("The afternoon must begin after the morning ends."),
        ("overflow_office", "unknown"): gettext("Choose which other office."),
        ("deputy", "same_person"): gettext("Choose another person as the deputy."),
    }


def fields() -> Mapping[str, str]:
    """What the fields are called."""
    return {
        "duty": gettext("Duty officers"),
        "starts": gettext("From"),
        "ends": gettext("Until"),
        "afternoon_starts": gettext("Afternoon from"),
        "overflow": gettext("When nobody answers"),
        "overflow_office": gettext("Which office"),
        "closed": gettext("After hours and on holidays"),
        "ring_order": gettext("How duty officers ring"),
        "deputy": gettext("Deputy"),
        "leader": gettext("Backup leader"),
        "monday": gettext("Week"),
        "absent": gettext("Instead of"),
        "anchor": gettext("Shift"),
        "as": gettext("Post"),
        "edition": gettext("Edition of the roster"),
        "move": gettext("What is done"),
        "leader_desk": gettext("At desk"),
        "week": gettext("Week"),
    }
