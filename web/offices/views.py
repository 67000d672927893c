"""The offices page: which are online, and what each has not sent yet."""

from flask import Blueprint, render_template, request

from supervision.clock import now
from supervision.overview.queries import CodeCursor, OfficesPage, count_offices, list_offices
from supervision.people.rules import Act
from web.access import current_scope, needs
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.offices import wording
from web.offices.forms import parse_cursor, parse_filter
from web.paging import address
from web.site import waits_for_offices
from web.unit import session

bp = Blueprint("offices", __name__, url_prefix="/offices", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Offices"), endpoint="offices.index", act=Act.SEE_OFFICES, icon="building")]


@bp.get("/")
@needs(Act.SEE_OFFICES)
def index() -> str:
    """The offices, filtered, page by page."""
    scope, wanted, at = current_scope(), parse_filter(request.args), now()
    page = list_offices(session(), scope, wanted, at, parse_cursor(request.args))
    return render_template(
        "offices/index.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", ""),
        known=wording.offices_known(*count_offices(session(), scope, at)),
        waits=waits_for_offices(),
        **_turns(page),
    )


def _turns(page: OfficesPage) -> dict[str, str | None]:
    kept = {name: value for name, value in request.args.items() if name in {"text", "state"} and value}

    def leads(cursor: CodeCursor | None, name: str) -> str | None:
        return address("offices.index", {**kept, name: cursor.code}) if cursor else None

    return {"before_url": leads(page.before, "before"), "after_url": leads(page.after, "after")}
