"""The calendar of one year, and what the head enters into it."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.clock import today
from supervision.people.rules import Act
from supervision.workdays import service
from supervision.workdays.queries import find_confirmed, get_calendar, list_entered
from supervision.workdays.rules import SATURDAY, WorkCalendar
from web.access import current_context, needs
from web.design.navigation import NavItem
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.unit import session
from web.workdays.forms import FREE, WORKED, parse_day, parse_days, parse_year

bp = Blueprint("workdays", __name__, url_prefix="/workdays", template_folder="templates")
NAV = [
    NavItem(label=lazy_gettext("Working days"), endpoint="workdays.index", act=Act.SEE_WORKDAYS, icon="calendar")
]


@bp.get("/")
@needs(Act.SEE_WORKDAYS)
def index() -> str:
    """One year: what differs from Monday to Friday, and what was entered by hand."""
    year, calendar = parse_year(request.args, today().year), get_calendar(session())
    return render_template(
        "workdays/index.html",
        year=year,
        today=today(),
        provisional=calendar.is_provisional(year),
        confirmed=find_confirmed(session(), year),
        special=special_days(calendar, year),
        entered=list_entered(session(), year),
        choices=[(FREE, gettext("Free")), (WORKED, gettext("Working day"))],
    )


@bp.post("/days")
@needs(Act.ENTER_WORKDAYS)
def enter() -> ResponseReturnValue:
    """Say of some days that they are worked, or free."""

    def act() -> None:
        first, last, worked = parse_days(request.form)
        reason = request.form.get("reason", "")
        service.enter_days(current_context(), first, last, worked=worked, reason=reason)

    return carry_out(act, gettext("The days are entered."), _back())


@bp.post("/days/withdraw")
@needs(Act.ENTER_WORKDAYS)
def withdraw() -> ResponseReturnValue:
    """Take back what was entered of a day."""

    def act() -> None:
        service.withdraw_day(current_context(), parse_day(request.form), request.form.get("reason", ""))

    return carry_out(act, gettext("The published calendar holds for this day again."), _back())


@bp.post("/years")
@needs(Act.ENTER_WORKDAYS)
def confirm() -> ResponseReturnValue:
    """Say that all of a year is entered."""

    def act() -> None:
        year = parse_year(request.form, today().year)
        service.confirm_year(current_context(), year, request.form.get("reason", ""))

    return carry_out(act, gettext("The year is confirmed; its deadlines are no longer provisional."), _back())


@bp.post("/years/withdraw")
@needs(Act.ENTER_WORKDAYS)
def withdraw_year() -> ResponseReturnValue:
    """Take back that all of a year is entered."""

    def act() -> None:
        year = parse_year(request.form, today().year)
        service.withdraw_year(current_context(), year, request.form.get("reason", ""))

    return carry_out(act, gettext("The year is open again; its deadlines are provisional."), _back())


def special_days(calendar: WorkCalendar, year: int) -> list[tuple[date, bool]]:
    """The days of a year that are not as Monday to Friday would have them, each with whether it is worked."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    return [(day, calendar.is_worked(day)) for day in days if calendar.is_worked(day) is not _is_weekday(day)]


def _is_weekday(day: date) -> bool:
    return day.weekday() < SATURDAY


def _back() -> str:
    return url_for("workdays.index", year=parse_year(request.form, today().year))
