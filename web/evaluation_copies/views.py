"""An office's own pages of what was judged of its calls: an officer finds his own there, and hears them."""

import uuid

from flask import Blueprint, Response, make_response, render_template, request

from supervision.calls.queries import get_row, rows_by_id
from supervision.evaluations.messages import CopyFilter, SentEvaluation, get_copy, list_copies
from supervision.people.rules import Act
from supervision.recordings.queries import find_recording
from web.access import current_scope, needs
from web.design.navigation import NavItem
from web.evaluation_copies.forms import parse_filter
from web.evaluations import wording
from web.language import lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.recordings import wording as recording_wording
from web.recordings.csp import allow_player_style, new_nonce
from web.unit import session

bp = Blueprint("evaluation_copies", __name__, url_prefix="/evaluation-copies", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Evaluations"), endpoint="evaluation_copies.index", act=Act.SEE_EVALUATIONS, icon="star"
    )
]


@bp.get("/")
@needs(Act.SEE_EVALUATIONS)
def index() -> str:
    """What was judged, page by page, the latest first."""
    wanted = parse_filter(request.args)
    page = list_copies(session(), current_scope(), wanted, parse_cursor(request.args))
    return render_template(
        "evaluation_copies/index.html",
        page=page,
        wanted=wanted,
        filtered=wanted != CopyFilter(),
        rows=[SentEvaluation.model_validate(one.received) for one in page.rows],
        calls=rows_by_id(session(), current_scope(), [one.call_id for one in page.rows]),
        wording=wording,
        **page_addresses("evaluation_copies.index", page, request.args),
    )


@bp.get("/<uuid:evaluation_id>")
@needs(Act.SEE_EVALUATIONS)
def show(evaluation_id: uuid.UUID) -> Response:
    """One evaluation as it stands, with the recording that it is about."""
    evaluation, nonce = get_copy(session(), current_scope(), evaluation_id), new_nonce()
    page = render_template(
        "evaluation_copies/show.html",
        evaluation=evaluation,
        row=get_row(session(), current_scope(), evaluation.call_id),
        audio=find_recording(session(), current_scope(), evaluation.call_id),
        style_nonce=nonce,
        recording_wording=recording_wording,
        wording=wording,
    )
    return allow_player_style(make_response(page), nonce)
