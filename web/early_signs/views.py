"""Tendencies by category, office and person, week by week; the early signs, and what is done about each."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import list_officers, office_names
from supervision.clock import today
from supervision.early_signs import service
from supervision.early_signs.queries import get_sign, list_owners, list_signs, trend
from supervision.early_signs.rules import BEFORE_WEEKS, WINDOW_WEEKS, last_week, weeks_of
from supervision.errors import InvalidInput
from supervision.evaluations.rules import Category
from supervision.findings.models import Treatment
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_actor, current_scope, needs
from web.design.navigation import NavItem
from web.doing import done
from web.early_signs import wording
from web.evaluations import wording as evaluation_wording
from web.language import gettext, lazy_gettext
from web.place import chosen_office, chosen_scope, shows_offices
from web.unit import session

bp = Blueprint("early_signs", __name__, url_prefix="/early-signs", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Early signs"), endpoint="early_signs.index", act=Act.SEE_SIGNS, icon="pulse")]
WEEKS = 8
BY = {"category": Treatment.category, "office": Treatment.office_code, "person": Treatment.person_id}


@bp.get("/")
@needs(Act.SEE_SIGNS)
def index() -> str:
    """The last eight weeks, and the signs, the latest first."""
    by, category = _parse_by(request.args), given.choice(request.args, "category", Category)
    scope = chosen_scope(request.args)
    weeks = [last_week(today()) - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    found = trend(session(), scope, BY[by], weeks, category)
    return render_template(
        "early_signs/index.html",
        trend=found,
        by=by,
        names=_names(by),
        signs=list_signs(session(), scope),
        category=category,
        office=chosen_office(request.args),
        offices=office_names(session()),
        shows_offices=shows_offices(),
        categories=[(one.value, evaluation_wording.category(one)) for one in Category],
        groups=[("category", gettext("Category")), ("office", gettext("Office")), ("person", gettext("Person"))],
        until=lambda week: week + timedelta(days=6),
        window_weeks=WINDOW_WEEKS,
        before_weeks=BEFORE_WEEKS,
        evaluation_wording=evaluation_wording,
        wording=wording,
    )


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
        until=sign.week + timedelta(days=6),
        late=sign.due_on is not None and sign.due_on < today(),
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
        owner_id, due_on = given.needed_identity(request.form, "owner"), _due(request.form)
        who, version = (session(), current_actor()), given.count(request.form, "version") or 0
        text = request.form.get("text", "")
        service.take_measure(*who, sign_id, text, owner_id=owner_id, due_on=due_on, version=version)

    return done(act, gettext("The measure is written down."), _here(sign_id))


@bp.post("/<uuid:sign_id>/dismiss")
@needs(Act.HANDLE_SIGNS)
def dismiss(sign_id: uuid.UUID) -> ResponseReturnValue:
    """Say why nothing is to be done."""

    def act() -> None:
        who, version = (session(), current_actor()), given.count(request.form, "version") or 0
        service.dismiss(*who, sign_id, request.form.get("reason", ""), version=version)

    return done(act, gettext("The sign is dismissed, with the reason."), _here(sign_id))


@bp.post("/<uuid:sign_id>/finish")
@needs(Act.HANDLE_SIGNS)
def finish(sign_id: uuid.UUID) -> ResponseReturnValue:
    """Say that the measure is done."""

    def act() -> None:
        who, version = (session(), current_actor()), given.count(request.form, "version") or 0
        service.finish(*who, sign_id, request.form.get("outcome", ""), version=version)

    return done(act, gettext("The measure is done."), _here(sign_id))


def _due(form: Mapping[str, str]) -> date:
    found = given.day(form, "due_on")
    if found is None:
        raise InvalidInput("due_on", "missing")
    return found


def _parse_by(arguments: Mapping[str, str]) -> str:
    by = given.text(arguments, "by") or "category"
    if by not in BY:
        raise InvalidInput("by", by, ", ".join(BY))
    return by


def _names(by: str) -> Mapping[str, str]:
    if by == "office":
        return office_names(session())
    if by == "person":
        return {str(one.id): one.name for one in list_officers(session(), current_scope())}
    return {one.value: evaluation_wording.category(one) for one in Category}


def _here(sign_id: uuid.UUID) -> str:
    return url_for("early_signs.show", sign_id=sign_id)
