"""For how long a caller waited on an answered line while nobody could speak to him.

Pure rules.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from supervision.calls.rules import NO_LONGER_RINGS, TRIED, Event, EventKind

ATTEMPTED = TRIED | {EventKind.DESKS_BUSY}


def waited_ms(events: Iterable[Event], until: datetime) -> int:
    """For how long an answered line's caller waited while no desk rang, until a person came on or the call ended.

    That is before the first attempt, between two, and while all desks are busy: nobody speaks to him then. Of a
    call whose attempts nobody saw, nothing is known.
    """
    happened = sorted(events, key=lambda event: event.at)
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
