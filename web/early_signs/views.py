"""Tendencies by category, office and person, week by week; the early signs, and what is done about each."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import list_officers, office_names
from supervision.clock import today
from supervision.early_signs import service
from supervision.early_signs.queries import By, Trend, get_sign, list_owners, list_signs, trend
from supervision.early_signs.rules import (
    BEFORE_WEEKS,
    WINDOW_WEEKS,
    SignMove,
    after,
    is_overdue,
    last_week,
    level,
    objection,
    weeks_of,
)
from supervision.evaluations.rules import Category
from supervision.people.rules import Act, may
from web import arguments as given
from web.access import current_actor, current_context, current_scope, leaves_evidence, needs
from web.design.chart_files import send_csv
from web.design.charts import Chart
from web.design.navigation import NavItem
from web.early_signs import wording
from web.early_signs.forms import parse_by, parse_measure
from web.early_signs.presenters import trend_chart
from web.evaluations import wording as evaluation_wording
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import session

bp = Blueprint("early_signs", __name__, url_prefix="/early-signs", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Early signs"), endpoint="early_signs.index", act=Act.SEE_SIGNS, icon="pulse")]
WEEKS = 8


@bp.get("/")
@needs(Act.SEE_SIGNS)
def index() -> str:
    """The last eight weeks, and the signs, the latest first."""
    found, kept = _trend(), _asked_for()
    page = list_signs(session(), chosen_scope(request.args), parse_cursor(request.args))
    offices = office_names(session())
    return render_template(
        "early_signs/index.html",
        trend=found,
        chart=_chart(found),
        by=kept["by"],
        signs=page.rows,
        category=kept.get("category"),
        office=kept.get("office"),
        offices=offices,
        odds=f"{round(1 / level(len(offices) + 1, len(Category))):,}",
        shows_offices=shows_offices(),
        categories=[(one.value, evaluation_wording.category(one)) for one in Category],
        groups=[(one.value, wording.by(one)) for one in By],
        window_weeks=WINDOW_WEEKS,
        before_weeks=BEFORE_WEEKS,
        evaluation_wording=evaluation_wording,
        late=lambda sign: is_overdue(sign.state, sign.due_on, today()),
        wording=wording,
        **page_addresses("early_signs.index", page, request.args),
    )


@bp.get("/figures.csv")
@leaves_evidence
@needs(Act.SEE_SIGNS)
def figures() -> Response:
    """The numbers of the last eight weeks as a file."""
    return send_csv([_chart(_trend())], _asked_for())


@bp.get("/<uuid:sign_id>")
@needs(Act.SEE_SIGNS)
def show(sign_id: uuid.UUID) -> str:
    """One sign: its figures, its calls, and what is done."""
    sign = get_sign(session(), current_scope(), sign_id)
    window, before = weeks_of(sign.week)
    return render_template(
        "early_signs/show.html",
        sign=sign,
        first=window[0],
        first_before=before[0],
        until_before=before[-1] + timedelta(days=6),
        until=sign.week + timedelta(days=6),
        late=is_overdue(sign.state, sign.due_on, today()),
        may={
            move.value: after(sign.state, move) is not None
            and objection(current_actor(), move, sign.owner_id) is None
            for move in SignMove
        },
        owners=[(one.id, one.name) for one in list_owners(session(), sign.office_code)],
        offices=office_names(session()),
        today=today(),
        evaluation_wording=evaluation_wording,
        wording=wording,
    )


@bp.post("/<uuid:sign_id>/measure")
@needs(Act.HANDLE_SIGNS)
def measure(sign_id: uuid.UUID) -> ResponseReturnValue:
    """Give it a measure with owner and day."""

    def act() -> None:
        measure, version = parse_measure(request.form), given.version(request.form)
        service.take_measure(current_context(), sign_id, measure, version=version)

    return carry_out(act, gettext("The measure is written down."), _here(sign_id))


@bp.post("/<uuid:sign_id>/dismiss")
@needs(Act.HANDLE_SIGNS)
def dismiss(sign_id: uuid.UUID) -> ResponseReturnValue:
    """Say why nothing is to be done."""

    def act() -> None:
        version = given.version(request.form)
        service.dismiss(current_context(), sign_id, request.form.get("reason", ""), version=version)

    return carry_out(act, gettext("The sign is dismissed, with the reason."), _here(sign_id))


@bp.post("/<uuid:sign_id>/finish")
@needs(Act.FINISH_SIGNS)
def finish(sign_id: uuid.UUID) -> ResponseReturnValue:
    """Say that the measure is done."""

    def act() -> None:
        version = given.version(request.form)
        service.finish(current_context(), sign_id, request.form.get("effect", ""), version=version)

    return carry_out(act, gettext("The measure is done."), _here(sign_id))


def _asked_for() -> dict[str, str]:
    """What is looked at, as it was understood."""
    category, office = given.choice(request.args, "category", Category), chosen_office(request.args)
    chosen = {"office": office, "category": category.value if category else None}
    return {"by": parse_by(request.args).value, **{name: value for name, value in chosen.items() if value}}


def _trend() -> Trend:
    weeks = [last_week(today()) - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    category = given.choice(request.args, "category", Category)
    return trend(session(), chosen_scope(request.args), parse_by(request.args), weeks, category)


def _chart(found: Trend) -> Chart:
    by = parse_by(request.args)
    return trend_chart(found, by, _names(by), _asked_for(), opens=may(current_actor().role, Act.SEE_FINDINGS))


def _names(by: By) -> Mapping[str, str]:
    if by is By.OFFICE:
        return office_names(session())
    if by is By.PERSON:
        return {str(one.id): one.name for one in list_officers(session(), current_scope())}
    return {one.value: evaluation_wording.category(one) for one in Category}


def _here(sign_id: uuid.UUID) -> str:
    return url_for("early_signs.show", sign_id=sign_id)
