"""Where a call in progress stands, which desks ring, and how long its caller waited while none did."""

import enum
from collections.abc import Iterable
from datetime import datetime, timedelta

from supervision.calls.rules import TRIED, Event, EventKind, in_order

ATTEMPTED = TRIED | {EventKind.DESKS_BUSY}


class Progress(enum.StrEnum):
    """Where a call in progress stands: no desk has rung yet, desks ring, or a person has answered."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"


def progress(first_rang_at: datetime | None, answered_at: datetime | None) -> Progress:
    """Where a call in progress stands, by its record."""
    if answered_at is not None:
        return Progress.TALKING
    return Progress.WAITING if first_rang_at is None else Progress.RINGING


NO_LONGER_RINGS = frozenset(
    {EventKind.DESK_STOPPED, EventKind.DESK_DECLINED, EventKind.DESK_ANSWERED, EventKind.DESK_LEFT}
)


def ringing_desks(events: Iterable[Event]) -> list[str]:
    """The desks that ring at this moment, in the order in which they began."""
    ringing: dict[str, None] = {}
    for event in events:
        if event.desk and event.kind is EventKind.DESK_RANG:
            ringing[event.desk] = None
        elif event.desk and event.kind in NO_LONGER_RINGS:
            ringing.pop(event.desk, None)
    return list(ringing)


def talking_desk(events: Iterable[Event]) -> str | None:
    """The desk that talks with the caller at this moment; None before, and where it died and he was put back."""
    desk = None
    for event in events:
        if event.kind is EventKind.DESK_ANSWERED:
            desk = event.desk
        elif event.kind is EventKind.PUT_BACK:
            desk = None
    return desk


def is_put_back(events: Iterable[Event]) -> bool:
    """Whether the caller waits once more, since the desk that talked with him died."""
    happened = list(events)
    return talking_desk(happened) is None and any(event.kind is EventKind.PUT_BACK for event in happened)


def waited_ms(events: Iterable[Event], until: datetime) -> int:
    """For how long an answered line's caller waited while no desk rang, until a person came on or the call ended.

    That is before the first attempt, between two, and while all desks are busy: nobody speaks to him then. Of a
    call whose attempts nobody saw, nothing is known.
    """
    happened = in_order(events)
    if not any(event.kind in ATTEMPTED for event in happened):
        return 0
    ringing: set[str] = set()
    since: datetime | None = None
    waited = timedelta(0)
    for event in happened:
        if since is not None and not ringing:
            waited += max(timedelta(0), min(event.at, until) - since)
        if since is not None or event.kind is EventKind.LINE_ANSWERED:
            since = event.at
        if event.kind is EventKind.DESK_ANSWERED:
            return waited // timedelta(milliseconds=1)
        if event.kind is EventKind.DESK_RANG:
            ringing.add(event.channel)
        elif event.kind in NO_LONGER_RINGS:
            ringing.discard(event.channel)
    if since is not None and not ringing:
        waited += max(timedelta(0), until - since)
    return waited // timedelta(milliseconds=1)
