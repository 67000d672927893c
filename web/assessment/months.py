"""What a figure opens into, the months that are closed, and the weights."""

from datetime import date, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.actor import Scope
from supervision.assessment import service
from supervision.assessment.queries import (
    closed_months,
    entries_within,
    first_month,
    get_person,
    list_weights,
    page_of,
    weights_for,
)
from supervision.assessment.rules import Figure, Period, Span, Weights, close_objection, tally_of
from supervision.calls.queries import office_names, rows_by_id
from supervision.clock import now, today
from supervision.people.queries import names_of
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_context, current_scope, needs
from web.assessment import wording
from web.assessment.forms import parse_month, parse_weights
from web.assessment.views import bp
from web.form_actions import carry_out
from web.language import gettext
from web.paging import page_addresses, parse_cursor
from web.site import chosen_office, chosen_scope
from web.unit import session

SHOWN_MONTHS = 24


@bp.get("/entries")
@needs(Act.SEE_ASSESSMENT)
def entries() -> str:
    """What one month's figure of a person or an office is the sum of, each with its call."""
    figure, month = given.needed_choice(request.args, "figure", Figure), parse_month(request.args)
    person = given.identity(request.args, "person")
    scope, name = chosen_scope(request.args), ""
    if person is not None:
        name = get_person(session(), current_scope(), person).name
        scope = Scope(scope.office_code, scope.own or person)
    found = entries_within(session(), scope, month, now(), figure)
    page = page_of(found, parse_cursor(request.args))
    return render_template(
        "assessment/entries.html",
        figure=figure,
        month=month,
        person=person,
        name=name,
        office=chosen_office(request.args),
        page=page,
        tally=tally_of(found),
        closed=tally_of(one for one in found if not one.correction),
        is_corrected=any(one.correction for one in found),
        rows=rows_by_id(session(), current_scope(), {one.item.call for one in page.rows if one.item.call}),
        names=names_of(session(), [one.item.person for one in page.rows]),
        offices=office_names(session()),
        wording=wording,
        **page_addresses("assessment.entries", page, request.args),
    )


@bp.get("/months")
@needs(Act.SEE_WEIGHTS)
def months() -> str:
    """The last two years' months: closed by whom and when, corrected, or open."""
    listed = _months()
    closed = closed_months(session(), Period("", Span.YEAR, listed))
    return render_template(
        "assessment/months.html",
        months=listed,
        closed=closed,
        may_close={one for one in listed if close_objection(one, today(), closed=one in closed) is None},
    )


@bp.post("/months")
@needs(Act.CLOSE_MONTHS)
def close() -> ResponseReturnValue:
    """Freeze a month's figures."""
    return carry_out(
        lambda: service.close_month(current_context(), parse_month(request.form)),
        gettext("The month is closed; what changes from now on is shown as a correction."),
        url_for("assessment.months"),
    )


@bp.get("/weights")
@needs(Act.SEE_WEIGHTS)
def weights() -> str:
    """What the figures weigh now, every version, and the head's form for the next."""
    month = today().replace(day=1)
    version = weights_for(session(), month)
    current = version.weights if version else Weights()
    by_field = {**vars(current), "finding_points": current.finding, "complaint_points": current.complaint}
    return render_template(
        "assessment/weights.html",
        values=[(field, name, by_field[field]) for field, name in wording.weights().items()],
        version=version,
        versions=list_weights(session()),
        month=month,
    )


@bp.post("/weights")
@needs(Act.CLOSE_MONTHS)
def set_weights() -> ResponseReturnValue:
    """Set the weights from a month on."""

    def act() -> None:
        since = parse_month(request.form, "since")
        reason = request.form.get("reason", "")
        service.set_weights(current_context(), parse_weights(request.form), since, reason)

    return carry_out(act, gettext("The weights are set."), url_for("assessment.weights"))


def _months() -> list[date]:
    first, month = first_month(session()), today().replace(day=1)
    found: list[date] = []
    while (first is None or month >= first) and len(found) < (SHOWN_MONTHS if first else 1):
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found
