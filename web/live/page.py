"""What the live page shows, and what its stream sends of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, url_for
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.calls.live import LIVE_LIMIT, LiveCall, live_calls
from supervision.calls.progress_rules import Progress
from supervision.exchange.rules import is_offline
from supervision.listening.queries import Levels, Sides
from supervision.overview.queries import last_heard
from web.calls import wording as calls_wording
from web.design.shown import clock, length
from web.language import gettext
from web.live import wording
from web.live.stream import News
from web.site import at_headquarters


@dataclass(frozen=True)
class Moment:
    """The calls in progress at a moment, each with the texts of its row."""

    count: str
    calls: list[dict[str, str]]
    levels: dict[str, Sides | None]

    def news(self) -> News:
        """As the stream sends it: without what only counts up with the clock, the levels by themselves."""
        moving = {"duration", "talk"}
        calls = [{name: text for name, text in call.items() if name not in moving} for call in self.calls]
        return {"scene": {"count": self.count, "calls": calls}, "levels": self.levels}


def look(session: Session, scope: Scope, at: datetime) -> Moment:
    """What goes on within a scope at a moment."""
    calls = live_calls(session, scope, at)
    heard = last_heard(session, scope) if at_headquarters() else None
    levels, moment = cast(Levels, current_app.extensions["levels"]), time.monotonic()
    return Moment(
        count=calls_wording.calls_in_progress(len(calls))
        if len(calls) < LIVE_LIMIT
        else wording.first_calls(LIVE_LIMIT),
        calls=[_row(call, heard, at) for call in calls],
        levels={_url(call): levels.of(call.office_code, call.id, moment) for call in calls},
    )


def _row(call: LiveCall, heard: Mapping[str, datetime] | None, at: datetime) -> dict[str, str]:
    last = heard.get(call.office_code) if heard is not None else None
    silent = heard is not None and is_offline(last, at)
    return {
        "url": _url(call),
        "listen": url_for("live.listen", call_id=call.id),
        "recording": url_for("live.recording", call_id=call.id),
        "state": "silent" if silent else call.progress.value,
        "state_text": wording.progress(call.progress),
        "note": gettext("no word from the office since %(time)s", time=clock(last)) if silent else "",
        "office": call.office_name,
        "line": call.line_name,
        "number": call.masked_number or gettext("Unknown number"),
        "who": gettext(", ").join(call.people) or "–",
        "rings": calls_wording.rings(call.rings) if call.rings else "–",
        "came": clock(call.offered_at),
        "since": call.offered_at.isoformat(),
        "talk_since": call.answered_at.isoformat() if call.answered_at else "",
        "duration": _lasts(call.offered_at, at),
        "talk": _lasts(call.answered_at, at) if call.progress is Progress.TALKING else "–",
    }


def _url(call: LiveCall) -> str:
    return url_for("calls.show", call_id=call.id)


def _lasts(since: datetime | None, at: datetime) -> str:
    return length(max(0.0, (at - since).total_seconds())) if since else "–"
