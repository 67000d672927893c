"""The machines page, for whoever keeps them running."""

from flask import Blueprint, render_template

from supervision.clock import now
from supervision.machines.queries import list_machines
from supervision.people.rules import Act
from web.access import current_scope, needs
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.machines import wording
from web.site import at_headquarters
from web.unit import session

bp = Blueprint("machines", __name__, url_prefix="/machines", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Machines"), endpoint="machines.index", act=Act.SEE_MACHINES, icon="disk")]


@bp.get("/")
@needs(Act.SEE_MACHINES)
def index() -> str:
    """Every machine with its disks, and what it has still to send."""
    at = now()
    machines = list_machines(session(), current_scope(), at)
    return render_template(
        "machines/index.html", machines=machines, at=at, wording=wording, at_headquarters=at_headquarters()
    )
