"""The passwords and roles that wait for a second person, who agrees or refuses."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.clock import now
from supervision.people.reset_rules import LONGEST_REFUSAL
from supervision.people.resets import list_failed_resets, list_open_resets, refuse_reset, why_not
from supervision.people.rules import Act
from supervision.people.service import agree as agree_as_second
from supervision.people.service import get_account
from web import wording
from web.access import current_actor, current_context, needs
from web.design.navigation import NavItem
from web.language import gettext, lazy_gettext
from web.people_copy import refuse_change
from web.sign_ins import site_settings
from web.unit import session

bp = Blueprint("resets", __name__, url_prefix="/resets", template_folder="templates")

NAV = [NavItem(label=lazy_gettext("Second person"), endpoint="resets.index", act=Act.AGREE_RESETS, icon="key")]


@bp.before_request
def _leave_copies_alone() -> None:
    if request.method == "POST":
        refuse_change()


@bp.get("/")
@needs(Act.AGREE_RESETS)
def index() -> str:
    """All that go on, each with what this person may do, and what came to nothing lately."""
    actor, at = current_actor(), now()
    established_at = get_account(session(), actor.account_id).established_at
    rows = [
        (shown, wording.reset_objection(why_not(shown, actor, established_at, at)))
        for shown in list_open_resets(session(), at)
    ]
    failed = list_failed_resets(session(), at)
    return render_template("resets/index.html", rows=rows, failed=failed, longest=LONGEST_REFUSAL)


@bp.post("/<uuid:reset_id>/agree")
@needs(Act.AGREE_RESETS)
def agree(reset_id: uuid.UUID) -> ResponseReturnValue:
    """Agree as the second person."""
    asked = agree_as_second(current_context(), reset_id, settings=site_settings())
    if asked.grants is None:
        flash(gettext("You have agreed. Who asked for it can now issue the password."))
    else:
        flash(gettext("You have agreed. The account has its role from now on."))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:reset_id>/refuse")
@needs(Act.AGREE_RESETS)
def refuse(reset_id: uuid.UUID) -> ResponseReturnValue:
    """End what was asked for, with a reason that who asked sees."""
    refuse_reset(current_context(), reset_id, request.form.get("reason", ""))
    flash(gettext("It is refused."))
    return redirect(url_for(".index"), 303)
