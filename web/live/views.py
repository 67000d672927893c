"""The live page and its stream, and listening to a call in progress."""

import uuid
from collections.abc import Callable
from typing import cast

from flask import (
    Blueprint,
    Response,
    current_app,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy.orm import Session

from supervision.actor import Scope, narrowed, scope_of
from supervision.calls.queries import get_call, office_names
from supervision.clock import now
from supervision.errors import NotFound
from supervision.listening.service import open_live_listening
from supervision.people.rules import Act, may
from supervision.recordings.models import RecordingState
from supervision.recordings.queries import find_recording
from web.access import current_context, current_scope, leaves_evidence, needs, unattended
from web.calls.page import follow_call
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.live.forms import parse_place
from web.live.page import look
from web.live.sending import send_sound
from web.live.stream import NO_STORE, News, Streams, events, never_stuck
from web.paging import address
from web.sign_ins import look_again
from web.site import at_headquarters, chosen_office, chosen_scope, shows_offices, waits_for_offices
from web.unit import database, session

bp = Blueprint("live", __name__, url_prefix="/live", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Live"), endpoint="live.index", act=Act.SEE_CALLS, icon="pulse")]


@bp.get("/")
@needs(Act.SEE_CALLS)
def index() -> str:
    """Every call in progress within the person's scope; a script keeps it fresh by the stream."""
    office = chosen_office(request.args)
    chosen = {"office": office} if office else {}
    return render_template(
        "live/index.html",
        moment=look(session(), chosen_scope(request.args), now()),
        now=now(),
        office=office,
        offices=office_names(session()) if shows_offices() else {},
        waits=waits_for_offices(),
        at_headquarters=at_headquarters(),
        stream_url=address("live.stream", chosen),
        again_url=address("live.index", {**chosen, "unattended": "1"}),
    )


@bp.get("/stream")
@unattended
@needs(Act.SEE_CALLS)
def stream() -> Response:
    """The same as server-sent events, for as long as the person may see it and a connection lasts."""
    office = chosen_office(request.args)
    return _streamed(lambda looking, scope: look(looking, narrowed(scope, office), now()).news())


@bp.get("/calls/<uuid:call_id>/stream")
@unattended
@needs(Act.SEE_CALLS)
def follow(call_id: uuid.UUID) -> Response:
    """One call in the same way, for its page: how far it has come, and whether that is the end of it."""
    with database().reading() as looking:  # and held no longer: the stream may last
        get_call(looking, current_scope(), call_id)  # not found is said before it begins
    return _streamed(lambda fresh, scope: {"call": vars(follow_call(fresh, scope, call_id, now()))})


def _streamed(see: Callable[[Session, Scope], News]) -> Response:
    def news() -> News | None:
        with database().reading() as looking:
            sign_in = look_again(looking)
            if sign_in is None or not may(sign_in.actor.role, Act.SEE_CALLS):
                return None
            try:
                return see(looking, scope_of(sign_in.actor))
            except NotFound:  # it is no longer this person's to see
                return None

    streams = cast(Streams, current_app.extensions["streams"])
    never_stuck(request.environ)
    frames = events(streams, news, lambda: now().isoformat())
    return Response(stream_with_context(frames), mimetype="text/event-stream", headers=NO_STORE)


@bp.post("/calls/<uuid:call_id>/listenings")
@needs(Act.LISTEN)
def listen(call_id: uuid.UUID) -> tuple[dict[str, str], int]:
    """Begin to listen to a call in progress: the addresses of its sound and of the reports."""
    opened = open_live_listening(current_context(), call_id)
    return {
        "sound": url_for(".audio", call_id=call_id, listening=opened.id),
        "heard": url_for("recordings.heard", listening_id=opened.id),
    }, 201


@bp.get("/calls/<uuid:call_id>/recording")
@unattended
@needs(Act.LISTEN)
def recording(call_id: uuid.UUID) -> dict[str, bool]:
    """Whether the recording of a call that was heard live can be heard as a whole by now."""
    found = find_recording(session(), current_scope(), call_id)
    return {"ready": found is not None and found.state is RecordingState.READY}


@bp.get("/calls/<uuid:call_id>/audio")
@leaves_evidence
@needs(Act.LISTEN)
def audio(call_id: uuid.UUID) -> Response:
    """The sound of a call in progress, from a place on, in frames (`web/live/frames.py`)."""
    return send_sound(call_id, *parse_place(request.args, call_id))
