"""The register of discipline and commendation, a new proposal, and the judgements that one was told of."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.complaints.queries import get_complaint
from supervision.discipline import appeals, notices
from supervision.discipline.queries import (
    list_notices,
    list_records,
    offered_grounds,
    person_of_call,
    visible_evaluation,
)
from supervision.discipline.rules import RecordState, is_in_time
from supervision.discipline.service import LONGEST_REASON, propose
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.people.rules import Act
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from supervision.regulation.rules import Side
from web import arguments as given
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.discipline import wording
from web.discipline.forms import (
    UNFINISHED,
    Reading,
    parse_chosen,
    parse_filter,
    parse_grounds,
    parse_notice_filter,
    parse_objected,
    parse_proposal,
)
from web.evaluations import wording as evaluation_wording
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.site import chosen_office, shows_offices
from web.unit import anew, session
from web.wording import refusal

bp = Blueprint("discipline", __name__, url_prefix="/discipline", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Discipline and commendation"),
        endpoint="discipline.index",
        act=Act.SEE_DISCIPLINE,
        icon="scales",
    ),
]


@bp.get("/")
@needs(Act.SEE_DISCIPLINE)
def index() -> str:
    """The register, the latest first."""
    wanted = parse_filter(request.args, chosen_office(request.args))
    page = list_records(session(), current_actor(), wanted, parse_cursor(request.args))
    return render_template(
        "discipline/index.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", ""),
        sides=[(one.value, wording.side(one)) for one in Side],
        states=[
            (UNFINISHED, gettext("Not finished")),
            *((one.value, wording.state(one)[0]) for one in RecordState),
        ],
        offices=office_names(session()),
        shows_offices=shows_offices(),
        today=today(),
        wording=wording,
        **page_addresses("discipline.index", page, request.args),
    )


@bp.get("/new")
@needs(Act.PROPOSE_DISCIPLINE)
def new() -> ResponseReturnValue:
    """The form for a proposal that rests on evaluations that were chosen."""
    try:
        parse_grounds(request.args)
    except InvalidInput as error:
        flash(refusal(error), "bad")
        return redirect(url_for("evaluations.index"), 303)
    return _new({})


@bp.post("/new")
@needs(Act.PROPOSE_DISCIPLINE)
def proposed() -> ResponseReturnValue:
    """Propose it, or say why not, with what was typed."""
    try:
        found = propose(current_context(), parse_proposal(request.form))
    except (InvalidInput, Refused, Conflict) as error:
        return _new(request.form, refusal(error)), 422 if isinstance(error, InvalidInput) else 409
    flash(gettext("It is proposed as %(number)s; the supervision head decides.", number=found.number))
    return redirect(url_for("discipline.show", record_id=found.id), 303)


@bp.get("/judgements")
@needs(Act.APPEAL)
def judgements() -> str:
    """What the person was told of his own calls."""
    wanted = parse_notice_filter(request.args)
    page = list_notices(session(), current_actor(), wanted, parse_cursor(request.args))
    return render_template(
        "discipline/judgements.html",
        page=page,
        state=request.args.get("state", Reading.ALL.value),
        states=[(Reading.ALL.value, gettext("All")), (Reading.UNREAD.value, gettext("Not read yet"))],
        in_time=lambda one: is_in_time(one.appeal_until, today()),
        evaluation_wording=evaluation_wording,
        **page_addresses("discipline.judgements", page, request.args),
    )


@bp.post("/judgements/<uuid:evaluation_id>/read")
@needs(Act.APPEAL)
def read(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Say that one has read it."""
    return carry_out(
        lambda: notices.mark_read(current_context(), evaluation_id),
        gettext("You have read this evaluation."),
        url_for("evaluations.show", evaluation_id=evaluation_id),
    )


@bp.post("/judgements/<uuid:evaluation_id>/appeal")
@needs(Act.APPEAL)
def appeal(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Appeal against it."""
    return carry_out(
        lambda: appeals.appeal_judgement(current_context(), evaluation_id, parse_objected(request.form)),
        gettext("Your appeal is filed. Until it is decided, the evaluation does not count."),
        url_for("evaluations.show", evaluation_id=evaluation_id),
    )


def _new(typed: Mapping[str, str], refused: str = "") -> str:
    looking, chosen = anew(), parse_chosen(request.values)
    complaint_id = given.identity(request.values, "complaint")
    first = visible_evaluation(looking, current_scope(), chosen[0])
    person = person_of_call(looking, first.call_id)
    if person is None:
        raise InvalidInput("evaluations", "nobody_known")
    offered = offered_grounds(looking, person.id, chosen)
    if not offered:
        raise NotFound("evaluations")
    return render_template(
        "discipline/new.html",
        typed=typed,
        refused=refused,
        person=person,
        offered=offered,
        chosen=set(chosen),
        about=chosen[0],  # if none is ticked when it is sent, the form still knows whom it is about
        kinds=[(side, [one for one in consequences_in_force(looking) if one.side is side]) for side in Side],
        clauses=[("", "–"), *((one.id, f"{one.n}. {one.text[:60]}") for one in clauses_in_force(looking))],
        longest=LONGEST_REASON,
        complaint=get_complaint(looking, complaint_id) if complaint_id else None,
        office=office_names(looking).get(first.office_code, first.office_code),
        evaluation_wording=evaluation_wording,
        wording=wording,
    )


def common(record_office: str) -> dict[str, Any]:
    """What the pages of one record or appeal show alike."""
    return {
        "office": office_names(session()).get(record_office, record_office),
        "today": today(),
        "evaluation_wording": evaluation_wording,
        "wording": wording,
    }
