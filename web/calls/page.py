"""What the pages of calls show, gathered from the store in one go."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.calls.detail import CallDetail, count_events, get_detail
from supervision.calls.live import calls_in_progress
from supervision.calls.ordering import Sorting
from supervision.calls.queries import (
    CallFilter,
    CallRow,
    count_calls,
    get_row,
    list_calls,
    list_desks,
    list_lines,
    list_officers,
    office_names,
)
from supervision.calls.rules import Disposition
from supervision.clock import now, today
from supervision.draws.queries import DrawnIn, drawn_in
from supervision.evaluations.messages import copied_scores
from supervision.evaluations.queries import Scored, may_hear, scores_of
from supervision.incidents.models import Incident
from supervision.incidents.queries import incidents_of_call
from supervision.listening.models import Listening
from supervision.listening.queries import get_heard
from supervision.paging import Page
from supervision.people.rules import Act, may
from supervision.recordings.messages import SEALED
from supervision.recordings.models import Recording, RecordingState
from supervision.recordings.queries import find_recording, recording_states
from web.calls import wording
from web.calls.forms import IN_PROGRESS, UNANSWERED, cut_at, parse_filter, parse_sorting
from web.language import gettext
from web.paging import address, page_addresses, parse_cursor, without_cursor
from web.site import at_headquarters, shows_offices

SETTLED = SEALED | {RecordingState.FAILED}
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class CallsPage:
    """One page of the list, with what goes on at this moment. `cut_at`: the first day that its order takes in."""

    wanted: CallFilter
    page: Page[CallRow]
    states: Mapping[uuid.UUID, RecordingState]
    count: int
    in_progress: Sequence[CallRow]
    sorting: Sorting
    drawn: Mapping[uuid.UUID, Sequence[DrawnIn]]
    scores: Mapping[uuid.UUID, Sequence[Scored]]
    cut_at: date | None = None

    @property
    def stamp(self) -> str:
        """Changes whenever the page would look different."""
        judged = sorted(self.drawn.items()), sorted(self.scores.items())
        seen = repr((self.count, self.page.rows, sorted(self.states.items()), self.in_progress, judged))
        return hashlib.blake2s(seen.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Followed:
    """How far a call's page has come: its stamp changes when the page would; `settled`: it changes no more."""

    stamp: str
    settled: bool


@dataclass(frozen=True)
class CallPage:
    """One call with all that belongs to it. `hearable`: its recording is the person's to hear, if there is one."""

    detail: CallDetail
    recording: Recording | None
    followed: Followed
    hearable: bool
    heard: Sequence[tuple[Listening, str]]
    incidents: Sequence[Incident]


def follow_call(session: Session, scope: Scope, call_id: uuid.UUID, at: datetime) -> Followed:
    """How a call stands. Raises NotFound outside the scope.

    It is settled once its recording is, or where that has not come long after the end: an office may be away.
    """
    row = get_row(session, scope, call_id)
    return _followed(session, row, recording_states(session, [call_id]).get(call_id), at)


def _followed(session: Session, row: CallRow, state: RecordingState | None, at: datetime) -> Followed:
    seen = repr((row, count_events(session, row.id), state)).encode()
    is_over = row.ended_at is not None and (state in SETTLED or at > row.ended_at + PATIENCE)
    return Followed(hashlib.blake2s(seen, digest_size=8).hexdigest(), is_over)


def gather_calls(session: Session, actor: Actor, scope: Scope, arguments: Mapping[str, str]) -> CallsPage:
    """The page of calls that an address asks for."""
    wanted, sorting = parse_filter(arguments, actor), parse_sorting(arguments)
    page = list_calls(session, scope, wanted, parse_cursor(arguments), sorting=sorting)
    ids = [row.id for row in page.rows]
    return CallsPage(
        wanted=wanted,
        page=page,
        states=recording_states(session, ids),
        count=count_calls(session, scope, wanted),
        in_progress=calls_in_progress(session, scope),
        sorting=sorting,
        drawn=drawn_in(session, ids) if may(actor.role, Act.SEE_DRAWS) else {},
        scores=scores_shown(session, actor, scope, ids),
        cut_at=cut_at(arguments, wanted),
    )


def scores_shown(
    session: Session, actor: Actor, scope: Scope, ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[Scored]]:
    """What was given to calls: at headquarters as it was judged, on a node as it was received."""
    if not may(actor.role, Act.SEE_EVALUATIONS):
        return {}
    return scores_of(session, actor, scope, ids) if at_headquarters() else copied_scores(session, scope, ids)


def gather_call(session: Session, actor: Actor, scope: Scope, call_id: uuid.UUID) -> CallPage:
    """One call; who heard it and what went wrong only for those who may know."""
    detail, recording = get_detail(session, scope, call_id), find_recording(session, scope, call_id)
    return CallPage(
        detail=detail,
        recording=recording,
        followed=_followed(session, detail.row, recording.state if recording else None, now()),
        hearable=may(actor.role, Act.HEAR) and may_hear(session, scope, call_id),
        heard=get_heard(session, scope, call_id) if may(actor.role, Act.LISTEN) else (),
        incidents=incidents_of_call(session, scope, call_id) if may(actor.role, Act.SEE_INCIDENTS) else (),
    )


def news(shown: CallsPage) -> dict[str, Any]:
    """What changes on the list while one looks at it, as the page's script takes it."""
    return {
        "texts": {
            "count": wording.calls_found(shown.count),
            "in-progress": wording.calls_in_progress(len(shown.in_progress)),
        },
        "stamp": shown.stamp,
        "in_progress": [card(row) for row in shown.in_progress],
    }


def page_links(shown: CallsPage, arguments: Mapping[str, str]) -> dict[str, Any]:
    """The addresses that lead on from a page, and the one of its live numbers, with the filter kept."""
    return {
        **page_addresses("calls.index", shown.page, arguments),
        "live_url": address("calls.live", without_cursor(arguments)),
        "turned": parse_cursor(arguments) is not None,
        "export_url": address("calls.export", without_cursor(arguments)),
        "today_url": address("calls.index", _today(arguments)),
        "is_today": shown.wanted.from_day == shown.wanted.to_day == today(),
        "sort_urls": {
            one.value: address("calls.index", {**without_cursor(arguments), "sort": one.value}) for one in Sorting
        },
    }


def _today(arguments: Mapping[str, str]) -> dict[str, str]:
    """The same filter, for the bureau's day."""
    day = today().isoformat()
    return {**without_cursor(arguments), "from": day, "to": day}


def choices(session: Session, scope: Scope) -> dict[str, list[tuple[Any, str]]]:
    """What the filter offers to choose from, within the office that was chosen, if one was.

    Desks are distinguished by their extensions, so they are offered for one office only.
    """
    names = office_names(session) if shows_offices() else {}
    lines, alone = list_lines(session, scope), scope.office_code is not None
    return {
        "office_choices": list(names.items()),
        "line_choices": [
            (line.key, line.name if alone else f"{names.get(line.office_code, line.office_code)} · {line.name}")
            for line in lines
        ],
        "officer_choices": [(person.id, person.name) for person in list_officers(session, scope)],
        "desk_choices": [(desk.extension, desk.name) for desk in list_desks(session, scope)]
        if names and alone
        else [],
        "disposition_choices": [
            (IN_PROGRESS, gettext("In progress")),
            (Disposition.ANSWERED.value, wording.disposition(Disposition.ANSWERED)),
            (UNANSWERED, gettext("Not answered")),
            *((one.value, wording.disposition(one)) for one in Disposition if one is not Disposition.ANSWERED),
        ],
    }


def card(row: CallRow) -> dict[str, str]:
    """A call in progress, as its card shows it."""
    talking = row.answered_at is not None
    return {
        "url": url_for("calls.show", call_id=row.id),
        "office": row.office_name if shows_offices() else "",
        "line": row.line_name,
        "number": row.masked_number or gettext("Unknown number"),
        "who": row.people[-1] if row.people else "",
        "state": "talking" if talking else "ringing" if row.first_rang_at else "waiting",
        "state_text": _state(row),
        "since": (row.answered_at or row.offered_at).isoformat(),
    }


def _state(row: CallRow) -> str:
    if row.answered_at is not None:
        return gettext("Talking")
    return gettext("Ringing") if row.first_rang_at is not None else gettext("Waiting")
