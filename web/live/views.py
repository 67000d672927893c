"""The live page and its stream. Listening to a call in progress comes later, as a route of its own."""

from typing import Any, cast

from flask import Blueprint, Response, current_app, render_template, request, stream_with_context

from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.people.rules import Act, may, narrowed, scope_of
from web.access import needs, unattended
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.live.page import look
from web.live.stream import Streams, events
from web.paging import address
from web.place import chosen_office, chosen_scope, shows_offices, waits_for_offices
from web.unit import database, session
from web.visitors import look_again

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
        stream_url=address("live.stream", chosen),
        again_url=address("live.index", {**chosen, "unattended": "1"}),
    )


@bp.get("/stream")
@unattended
@needs(Act.SEE_CALLS)
def stream() -> Response:
    """The same as server-sent events, for as long as the person may see it and a connection lasts."""
    office = chosen_office(request.args)

    def news() -> dict[str, Any] | None:
        with database().reading() as looking:
            visitor = look_again(looking)
            if visitor is None or not may(visitor.actor.role, Act.SEE_CALLS):
                return None
            return look(looking, narrowed(scope_of(visitor.actor), office), now()).told()

    streams = cast(Streams, current_app.extensions["streams"])
    told = events(streams, news, lambda: now().isoformat())
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return Response(stream_with_context(told), mimetype="text/event-stream", headers=headers)
