"""The board of what is open, the register, and a new notice. One notice: `notice.py`."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import local, today
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.findings.queries import treatments_of
from supervision.people.rules import Act
from supervision.rectification.queries import board, list_addressees, list_rectifications
from supervision.rectification.rules import (
    DUE_IN_WORKING_DAYS,
    MOST_WORKING_DAYS,
    WATCHED,
    RectificationState,
    is_overdue,
)
from supervision.rectification.service import LONGEST_DEMAND, issue
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.evaluations import wording as evaluation_wording
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.rectification import wording
from web.rectification.forms import OVERDUE, UNFINISHED, parse_asked, parse_filter, parse_findings
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import anew, session
from web.wording import NOTHING_WRONG, by_field, refusal

bp = Blueprint("rectification", __name__, url_prefix="/rectification", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Rectifications"),
        endpoint="rectification.index",
        act=Act.SEE_RECTIFICATIONS,
        icon="repair",
    )
]


@bp.get("/")
@needs(Act.SEE_RECTIFICATIONS)
def index() -> str:
    """The board: what is open, by office and age."""
    return render_template(
        "rectification/index.html",
        boards=board(session(), chosen_scope(request.args), today()),
        office=chosen_office(request.args),
        watched_days=WATCHED.days,
        **_common(),
    )


@bp.get("/register")
@needs(Act.SEE_RECTIFICATIONS)
def register() -> str:
    """All notices, the latest first."""
    wanted = parse_filter(request.args, chosen_office(request.args), today())
    page = list_rectifications(session(), current_scope(), wanted, parse_cursor(request.args))
    states = [(UNFINISHED, gettext("Open")), (OVERDUE, gettext("Overdue"))]
    return render_template(
        "rectification/register.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", ""),
        states=states + [(one.value, wording.state(one)[0]) for one in RectificationState],
        **_common(),
        **page_addresses("rectification.register", page, request.args),
    )


@bp.get("/new")
@needs(Act.ISSUE_RECTIFICATIONS)
def new() -> ResponseReturnValue:
    """The form for a notice about findings that were chosen."""
    try:
        parse_findings(request.args)
    except InvalidInput as error:
        flash(refusal(error), "bad")
        return redirect(url_for("findings.index"), 303)
    return _new({"days": str(DUE_IN_WORKING_DAYS)})


@bp.post("/new")
@needs(Act.ISSUE_RECTIFICATIONS)
def issued() -> ResponseReturnValue:
    """Issue it, or say why not, with what was typed."""
    try:
        found = issue(current_context(), parse_asked(request.form))
    except (InvalidInput, Refused, Conflict) as error:
        wrong = by_field(error) if isinstance(error, InvalidInput) else {}
        return _new(request.form, refusal(error), wrong), 422 if wrong else 409
    flash(gettext("The rectification is issued as %(number)s.", number=found.number))
    return redirect(url_for("rectification.show", rectification_id=found.id), 303)


def _new(typed: Mapping[str, str], refused: str = "", wrong: Mapping[str, str] = NOTHING_WRONG) -> str:
    looking = anew()
    ids = parse_findings(request.values)
    findings = treatments_of(looking, current_scope(), ids)
    if not findings:
        raise NotFound("findings")
    return render_template(
        "rectification/new.html",
        typed=typed,
        refused=refused,
        wrong=wrong,
        findings=findings,
        addressees=[(one.id, one.name) for one in list_addressees(looking, current_actor())],
        longest=LONGEST_DEMAND,
        most_days=MOST_WORKING_DAYS,
        **_common(),
    )


def _common() -> dict[str, Any]:
    return {
        "today": today(),
        "issued_on": lambda one: local(one.issued_at).date(),
        "late": lambda one: is_overdue(one.state, one.due_on, today()),
        "offices": office_names(session()),
        "shows_offices": shows_offices(),
        "evaluation_wording": evaluation_wording,
        "wording": wording,
    }
