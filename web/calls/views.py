"""The calls page, its live numbers, and the page of one call."""

import uuid
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from supervision.audit.service import note_calls_exported
from supervision.calls.queries import CallFilter
from supervision.calls.service import Caller, reveal_caller
from supervision.people.rules import Act
from web.access import current_actor, current_scope, leaves_evidence, needs, unattended
from web.calls import wording
from web.calls.export import filter_noted, rows_to_export, send_workbook, workbook
from web.calls.forms import parse_filter, parse_sorting
from web.calls.page import CallsPage, choices, gather_call, gather_calls, news, page_links
from web.calls.searches import note_search
from web.design.navigation import NavItem
from web.draws import wording as draw_wording
from web.evaluations import wording as evaluation_wording
from web.incidents import wording as incident_wording
from web.language import lazy_gettext
from web.paging import parse_cursor
from web.recordings import wording as recording_wording
from web.recordings.csp import allow_player_style, new_nonce
from web.retention import wording as retention_wording
from web.retention.card import card_of
from web.site import at_headquarters, chosen_office, chosen_scope, shows_offices, waits_for_offices
from web.unit import keep_first, session

bp = Blueprint("calls", __name__, url_prefix="/calls", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Calls"), endpoint="calls.index", act=Act.SEE_CALLS, icon="phone")]


@bp.get("/")
@needs(Act.SEE_CALLS)
def index() -> str:
    """The list of calls, filtered, page by page."""
    shown = _gather()
    return render_template(
        "calls/index.html",
        shown=shown,
        news=news(shown),
        wording=wording,
        recording_wording=recording_wording,
        draw_wording=draw_wording,
        evaluation_wording=evaluation_wording,
        judged_at="evaluations.show" if at_headquarters() else "evaluation_copies.show",
        **page_links(shown, request.args),
        office=chosen_office(request.args),
        shows_offices=shows_offices(),
        waits=waits_for_offices(),
        filtered=shown.wanted != CallFilter() or bool(chosen_office(request.args)),
        **choices(session(), chosen_scope(request.args)),
    )


@bp.get("/live")
@unattended
@needs(Act.SEE_CALLS)
def live() -> dict[str, Any]:
    """What changes on the list while one looks at it: the numbers and the calls in progress."""
    return news(_gather())


@bp.get("/export")
@leaves_evidence
@needs(Act.DOWNLOAD)
def export() -> Response:
    """What the filter finds as a workbook; that it was taken away is written down first."""
    actor, scope = current_actor(), chosen_scope(request.args)
    wanted, sorting = parse_filter(request.args, actor), parse_sorting(request.args)
    rows = rows_to_export(session(), scope, wanted, sorting)
    noted = filter_noted(wanted, sorting, chosen_office(request.args))
    keep_first(lambda fresh: note_calls_exported(fresh, actor, noted, len(rows)))
    return send_workbook(workbook(session(), actor, scope, rows))


@bp.get("/<uuid:call_id>")
@needs(Act.SEE_CALLS)
def show(call_id: uuid.UUID) -> Response:
    """One call: who, when, rings, what happened, its recording and the player."""
    return _show(call_id, None)


@bp.post("/<uuid:call_id>")
@needs(Act.UNMASK)
def reveal(call_id: uuid.UUID) -> Response:
    """The same page with the caller's whole number, which is written down."""
    return _show(call_id, reveal_caller(session(), current_actor(), current_scope(), call_id))


def _gather() -> CallsPage:
    actor = current_actor()
    note_search(parse_filter(request.args, actor).number, turned=parse_cursor(request.args) is not None)
    return gather_calls(session(), actor, chosen_scope(request.args), request.args)


def _show(call_id: uuid.UUID, revealed: Caller | None) -> Response:
    nonce = new_nonce()
    page = render_template(
        "calls/show.html",
        shown=gather_call(session(), current_actor(), current_scope(), call_id),
        revealed=revealed,
        style_nonce=nonce,
        wording=wording,
        recording_wording=recording_wording,
        retention_wording=retention_wording,
        keeping=card_of(session(), current_actor(), call_id, at_hq=at_headquarters()),
        incident_wording=incident_wording,
        at_headquarters=at_headquarters(),
        shows_offices=shows_offices(),
    )
    return allow_player_style(make_response(page), nonce)
