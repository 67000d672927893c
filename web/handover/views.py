"""For whom something waits, and handing it over."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.handover import service
from supervision.handover.queries import (
    get_holder,
    list_handovers,
    list_holders,
    list_in_reach,
    names_of_takers,
)
from supervision.people.rules import Act
from web.access import current_actor, current_context, needs
from web.design.navigation import NavItem
from web.form_actions import carry_out
from web.handover import wording
from web.handover.forms import parse_wanted
from web.language import gettext, lazy_gettext
from web.unit import session
from web.wording import role

bp = Blueprint("handover", __name__, url_prefix="/handover", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Handover"), endpoint="handover.index", act=Act.HAND_OVER, icon="people")]


@bp.get("/")
@needs(Act.HAND_OVER)
def index() -> str:
    """The people for whom something waits by name, those who are gone first."""
    return render_template(
        "handover/index.html",
        holders=list_holders(session(), current_actor()),
        offices=office_names(session()),
        role_name=role,
    )


@bp.get("/<uuid:account_id>")
@needs(Act.HAND_OVER)
def show(account_id: uuid.UUID) -> str:
    """What waits for one person, and who may take it."""
    account = get_holder(session(), current_actor(), account_id)
    held = list_in_reach(session(), current_actor(), account_id)
    names = names_of_takers(session(), held)
    return render_template(
        "handover/show.html",
        account=account,
        held=held,
        takers=[(key, name) for key, name in names.items() if key != account_id],
        takers_of=lambda one: wording.takers(one, names),
        handovers=list_handovers(session(), current_actor(), account_id),
        offices=office_names(session()),
        role_name=role,
        today=today(),
        wording=wording,
    )


@bp.post("/<uuid:account_id>")
@needs(Act.HAND_OVER)
def give(account_id: uuid.UUID) -> ResponseReturnValue:
    """Hand over what was chosen."""
    get_holder(session(), current_actor(), account_id)  # whoever may not see the person learns nothing of the form

    def act() -> None:
        service.hand_over(current_context(), account_id, parse_wanted(request.form))

    back = url_for("handover.show", account_id=account_id)
    return carry_out(act, gettext("It is handed over, and the new person finds it on the start page."), back)
