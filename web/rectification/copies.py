"""On an office's node: what the office is asked to put right, as headquarters sent it; replies are given there."""

import uuid

from flask import Blueprint, render_template, request

from supervision.clock import local, today
from supervision.people.rules import Act
from supervision.rectification.messages import get_copy, list_copies, parsed
from supervision.rectification.rules import is_overdue
from web.access import current_scope, needs
from web.evaluations import wording as evaluation_wording
from web.paging import page_addresses, parse_cursor
from web.rectification import views, wording
from web.unit import session

bp = Blueprint("rectification", __name__, url_prefix="/rectification", template_folder="templates")
NAV = views.NAV


@bp.get("/")
@needs(Act.SEE_RECTIFICATIONS)
def index() -> str:
    """The office's notices, or those addressed to an officer, the latest first."""
    page = list_copies(session(), current_scope(), parse_cursor(request.args))
    return render_template(
        "rectification/copies.html",
        notices=parsed(page.rows),
        late=lambda one: is_overdue(one.state, one.due_on, today()),
        issued_on=lambda one: local(one.issued_at).date(),
        today=today(),
        wording=wording,
        **page_addresses("rectification.index", page, request.args),
    )


@bp.get("/<uuid:rectification_id>")
@needs(Act.SEE_RECTIFICATIONS)
def show(rectification_id: uuid.UUID) -> str:
    """One notice."""
    found = get_copy(session(), current_scope(), rectification_id)
    return render_template(
        "rectification/copy.html",
        one=found,
        late=is_overdue(found.state, found.due_on, today()),
        evaluation_wording=evaluation_wording,
        wording=wording,
    )
