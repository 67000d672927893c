"""The figures by month, the register and a new complaint. What is done about one: `complaint.py`."""

from typing import cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.caller_rules import mask_number
from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.complaints import service
from supervision.complaints.queries import (
    about,
    count_open,
    first_year,
    list_complaints,
    month_figures,
    zero_months,
)
from supervision.complaints.rules import (
    Channel,
    ComplaintKind,
    ComplaintState,
    MonthFigures,
    Verdict,
    is_overdue,
    last_day,
    quarters_of,
    zero_objection,
)
from supervision.complaints.zero import attest_zero
from supervision.errors import Conflict, InvalidInput
from supervision.people.rules import Act, may
from supervision.settings import Settings
from web.access import current_actor, current_context, leaves_evidence, needs
from web.complaints import wording
from web.complaints.forms import OPEN, OVERDUE, parse_filter, parse_month, parse_received, parse_year
from web.complaints.page import show_form
from web.complaints.presenters import complaint_charts
from web.design.chart_files import send_csv
from web.design.charts import Chart
from web.design.navigation import NavItem
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import give_up, session
from web.wording import refusal

bp = Blueprint("complaints", __name__, url_prefix="/complaints", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Complaints"),
        endpoint="complaints.index",
        act=Act.SEE_COMPLAINT_FIGURES,
        icon="info",
    )
]


@bp.get("/")
@needs(Act.SEE_COMPLAINT_FIGURES)
def index() -> str:
    """A year's complaints by quarter and month, with the day on which the system went live."""
    year, months = parse_year(request.args, today()), _months()
    return render_template(
        "complaints/index.html",
        months=months,
        charts=_charts(months),
        last_day_of=last_day,
        quarters=quarters_of(months),
        zeros={one.month: one for one in zero_months(session(), year)},
        may_attest={
            one.month
            for one in months
            if zero_objection(one.month, today(), one.received, attested=one.attested) is None
        },
        year=year,
        years=[(one, one) for one in range(today().year, (first_year(session()) or today().year) - 1, -1)],
        office=chosen_office(request.args),
        offices=office_names(session()),
        shows_offices=shows_offices(),
        standing=wording.standing(*count_open(session(), today())),
        wording=wording,
    )


@bp.get("/figures.csv")
@leaves_evidence
@needs(Act.SEE_COMPLAINT_FIGURES)
def figures() -> Response:
    """A year's complaints by quarter or by month, as a file."""
    return send_csv(_charts(_months()), _asked_for())


@bp.post("/zero")
@needs(Act.ATTEST_ZERO)
def attest() -> ResponseReturnValue:
    """Attest that a month had no complaint."""

    def act() -> None:
        attest_zero(current_context(), parse_month(request.form), request.form.get("note", ""))

    here = url_for("complaints.index", year=request.form.get("month", "")[:4])
    return carry_out(act, gettext("It is attested that the month had no complaint."), here)


@bp.get("/register")
@needs(Act.HANDLE_COMPLAINTS)
def register() -> str:
    """The register, the latest entry first; numbers only masked."""
    wanted = parse_filter(request.args, today())
    page = list_complaints(session(), wanted, parse_cursor(request.args))
    more = [(OPEN, gettext("Not closed yet")), (OVERDUE, gettext("Overdue"))]
    return render_template(
        "complaints/register.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", ""),
        standing=wording.standing(*count_open(session(), today())),
        late=lambda one: is_overdue(one.state, one.due_on, today()),
        masked=mask_number,
        about_me=about(session(), current_actor().account_id, page.rows),
        offices=office_names(session()),
        kinds=[(one.value, wording.kind(one)) for one in ComplaintKind],
        channels=[(one.value, wording.channel(one)) for one in Channel],
        verdicts=[(one.value, wording.verdict(one)[0]) for one in Verdict],
        states=more + [(one.value, wording.state(one)[0]) for one in ComplaintState],
        wording=wording,
        **page_addresses("complaints.register", page, request.args),
    )


@bp.get("/new")
@needs(Act.HANDLE_COMPLAINTS)
def new() -> str:
    """The form for a new complaint."""
    return show_form({"received_on": today().isoformat()})


@bp.post("/new")
@needs(Act.HANDLE_COMPLAINTS)
def enter() -> ResponseReturnValue:
    """Enter a complaint, or say why not, with what was typed."""
    try:
        given = parse_received(request.form, office_names(session()), today())
        entered = service.register(current_context(), given)
    except (InvalidInput, Conflict) as error:
        give_up()
        return show_form(request.form, refusal(error)), 422 if isinstance(error, InvalidInput) else 409
    flash(gettext("The complaint is entered as %(number)s.", number=entered.number))
    return redirect(url_for("complaints.show", complaint_id=entered.id), 303)


def _months() -> list[MonthFigures]:
    live_on = cast(Settings, current_app.extensions["settings"]).went_live_on
    year = parse_year(request.args, today())
    return month_figures(session(), chosen_scope(request.args), year, today(), live_on)


def _asked_for() -> dict[str, str]:
    year, office = parse_year(request.args, today()), chosen_office(request.args)
    return {"year": str(year), **({"office": office} if office else {})}


def _charts(months: list[MonthFigures]) -> list[Chart]:
    opens = may(current_actor().role, Act.HANDLE_COMPLAINTS)
    return complaint_charts(months, _asked_for(), opens=opens)
