"""The findings, one finding with its treatment, and what is written down about it."""

import uuid
from collections.abc import Callable, Sequence

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.evaluations.rules import Category
from supervision.findings import service
from supervision.findings.models import Treatment
from supervision.findings.queries import FindingFilter, count_untreated, get_treatment, list_treatments
from supervision.findings.rules import DUE_IN_WORKING_DAYS, Measure, Standing, TreatmentAct, is_overdue, objection
from supervision.people.rules import Act, may
from supervision.rectification.queries import rectifications_of
from web import arguments as given
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.evaluations import wording as evaluation_wording
from web.findings import wording
from web.findings.forms import (
    ALL,
    OVERDUE,
    TO_AGREE,
    UNFINISHED,
    parse_filter,
    parse_measure,
    parse_prevention,
)
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import address, page_addresses, parse_cursor, without_cursor
from web.site import chosen_office, shows_offices
from web.unit import session

bp = Blueprint("findings", __name__, url_prefix="/findings", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Findings"), endpoint="findings.index", act=Act.SEE_FINDINGS, icon="flag")]


@bp.get("/")
@needs(Act.SEE_FINDINGS)
def index() -> str:
    """The findings, the latest first; at first what is not finished."""
    me = current_actor().account_id
    wanted = parse_filter(request.args, chosen_office(request.args), today(), me)
    page = list_treatments(session(), current_scope(), wanted, parse_cursor(request.args), me)
    untreated = count_untreated(session(), current_scope(), today())
    states = [(UNFINISHED, gettext("Not finished")), (OVERDUE, gettext("Overdue")), (ALL, gettext("All"))]
    if may(current_actor().role, Act.TREAT_FINDINGS):
        states.insert(2, (TO_AGREE, gettext("Awaits my agreement")))
    return render_template(
        "findings/index.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", UNFINISHED),
        due_in=DUE_IN_WORKING_DAYS,
        untreated=wording.untreated(untreated.number, untreated.overdue),
        person=_person(wanted, page.rows),
        without_person=address("findings.index", {**without_cursor(request.args), "person": ""}),
        late=_late,
        standing=_standing,
        today=today(),
        offices=office_names(session()),
        shows_offices=shows_offices(),
        categories=[(one.value, evaluation_wording.category(one)) for one in Category],
        states=states + [(one.value, wording.standing(one)[0]) for one in Standing],
        evaluation_wording=evaluation_wording,
        wording=wording,
        **page_addresses("findings.index", page, request.args),
    )


@bp.get("/<uuid:treatment_id>")
@needs(Act.SEE_FINDINGS)
def show(treatment_id: uuid.UUID) -> str:
    """One finding: the moment of the call, and both halves of its treatment."""
    found = get_treatment(session(), current_scope(), treatment_id, me=current_actor().account_id)
    against = {act.value: _objection(act, found) for act in TreatmentAct}
    return render_template(
        "findings/show.html",
        one=found,
        may={act: objected is None for act, objected in against.items()},
        late=_late(found),
        due_in=DUE_IN_WORKING_DAYS,
        longest=service.LONGEST,
        standing=_standing(found),
        has_left=_has_left(found),
        sees_call=current_scope().office_code in {None, found.office_code},
        notices=rectifications_of(session(), current_scope(), found.id),
        office=office_names(session(), [found.office_code]).get(found.office_code, found.office_code),
        measures=[(one.value, wording.measure(one)) for one in Measure],
        evaluation_wording=evaluation_wording,
        wording=wording,
    )


@bp.post("/<uuid:treatment_id>/person")
@needs(Act.TREAT_FINDINGS)
def person(treatment_id: uuid.UUID) -> ResponseReturnValue:
    """Write down education or criticism."""

    def act() -> None:
        measure, version = parse_measure(request.form), given.version(request.form)
        service.treat_person(current_context(), treatment_id, *measure, version=version)

    return _done(treatment_id, act, gettext("It is written down; the person confirms it."))


@bp.post("/<uuid:treatment_id>/prevention")
@needs(Act.TREAT_FINDINGS)
def prevention(treatment_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what keeps it from happening again, or why nothing is needed."""

    def act() -> None:
        (text, needed), version = parse_prevention(request.form), given.version(request.form)
        service.prevent(current_context(), treatment_id, text, needed=needed, version=version)

    return _done(treatment_id, act, gettext("It is written down."))


@bp.post("/<uuid:treatment_id>/agree")
@needs(Act.TREAT_FINDINGS)
def agree(treatment_id: uuid.UUID) -> ResponseReturnValue:
    """Agree that nothing is needed."""

    def act() -> None:
        service.agree(current_context(), treatment_id, version=given.version(request.form))

    return _done(treatment_id, act, gettext("You agreed that nothing more is needed."))


@bp.post("/<uuid:treatment_id>/decline")
@needs(Act.TREAT_FINDINGS)
def decline(treatment_id: uuid.UUID) -> ResponseReturnValue:
    """Do not agree to it."""

    def act() -> None:
        version = given.version(request.form)
        service.decline(current_context(), treatment_id, request.form.get("reason", ""), version=version)

    return _done(treatment_id, act, gettext("A measure is still to be written down."))


@bp.post("/<uuid:treatment_id>/confirm")
@needs(Act.CONFIRM_TREATMENTS)
def confirm(treatment_id: uuid.UUID) -> ResponseReturnValue:
    """The person confirms what was said to him."""

    def act() -> None:
        service.confirm(current_context(), treatment_id, version=given.version(request.form))

    return _done(treatment_id, act, gettext("You have confirmed it."))


def _objection(act: TreatmentAct, found: Treatment) -> object:
    return (
        "gone" if found.state is Standing.GONE else objection(current_actor(), act, found.given, found.office_code)
    )


def _person(wanted: FindingFilter, rows: Sequence[Treatment]) -> str:
    """Whose findings are looked for, in words; empty: everybody's. A name only where it is on the page anyway."""
    if wanted.nobody:
        return gettext("nobody known")
    if wanted.person_id is None:
        return ""
    me = current_actor()
    if wanted.person_id == me.account_id:
        return me.name
    return next((one.person.name for one in rows if one.person), gettext("one person"))


def _late(one: Treatment) -> bool:
    return is_overdue(one.state, one.due_on, today())


def _has_left(one: Treatment) -> bool:
    """Whether the person is not there any more to confirm what was said to him."""
    return one.person is not None and not (one.person.active and may(one.person.role, Act.CONFIRM_TREATMENTS))


def _standing(one: Treatment) -> tuple[str, str]:
    return wording.standing(one.state, has_left=_has_left(one))


def _done(treatment_id: uuid.UUID, act: Callable[[], None], said: str) -> ResponseReturnValue:
    return carry_out(act, said, url_for("findings.show", treatment_id=treatment_id))
