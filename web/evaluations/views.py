"""The evaluations page, one evaluation with all its versions, and amending it."""

import uuid
from functools import partial

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import get_row, list_officers, office_names, officers_of
from supervision.clock import today
from supervision.discipline.appeals import LONGEST_TEXT
from supervision.discipline.queries import appeal_against, find_notice
from supervision.discipline.rules import is_in_time
from supervision.draws.rules import Tier
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations.messages import sent_findings, sent_marks
from supervision.evaluations.queries import (
    EvaluationFilter,
    get_submitted,
    hidden_ids,
    list_evaluations,
    refuse_hidden,
    rescores_of,
)
from supervision.evaluations.rules import Kind
from supervision.evaluations.service import amend, content_of, counting_of, may_amend
from supervision.people.rules import Act
from supervision.recordings.queries import find_recording
from supervision.regulation.queries import clauses_by_id
from supervision.scorecards.queries import get_version
from supervision.scorecards.rules import Grade
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.discipline import wording as discipline_wording
from web.draws import wording as draw_wording
from web.evaluations import wording
from web.evaluations.forms import parse_amendment, parse_filter
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.recordings import wording as recording_wording
from web.recordings.csp import allow_player_style, new_nonce
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import anew, session
from web.wording import refusal

bp = Blueprint("evaluations", __name__, url_prefix="/evaluations", template_folder="templates")
NAV = [
    NavItem(label=lazy_gettext("Evaluations"), endpoint="evaluations.index", act=Act.SEE_EVALUATIONS, icon="star")
]


@bp.get("/")
@needs(Act.SEE_EVALUATIONS)
def index() -> str:
    """What was submitted, filtered, page by page."""
    wanted = parse_filter(request.args, chosen_office(request.args))
    page = list_evaluations(session(), current_scope(), wanted, parse_cursor(request.args))
    return render_template(
        "evaluations/index.html",
        page=page,
        wanted=wanted,
        filtered=wanted != EvaluationFilter(),
        hidden=hidden_ids(session(), current_actor(), [one.id for one in page.rows]),
        offices=office_names(session()),
        officers=officers_of(session(), [one.call_id for one in page.rows]),
        officer_choices=[(one.id, one.name) for one in list_officers(session(), chosen_scope(request.args))],
        shows_offices=shows_offices(),
        kinds=[(one.value, wording.kind(one)) for one in Kind],
        tiers=[(one.value, draw_wording.tier(one)) for one in Tier],
        grades=[(one.value, wording.grade(one)[0]) for one in Grade],
        counting_of=counting_of,
        wording=wording,
        **page_addresses("evaluations.index", page, request.args),
    )


@bp.get("/<uuid:evaluation_id>")
@needs(Act.SEE_EVALUATIONS)
def show(evaluation_id: uuid.UUID) -> Response:
    """One evaluation: its versions, whether it counts and why not, and headquarters' second judgement."""
    evaluation = get_submitted(session(), current_scope(), evaluation_id)
    refuse_hidden(session(), current_actor(), evaluation)
    again = rescores_of(session(), [evaluation_id]) if current_actor().office_code is None else {}
    nonce = new_nonce()
    notice = find_notice(session(), current_actor(), evaluation_id)
    latest = evaluation.judgements[-1]
    appeal = appeal_against(session(), current_actor(), notice.judgement_id if notice else latest.id)
    is_open = notice is not None and notice.judgement_id == latest.id and evaluation.set_aside_at is None
    clauses, card = clauses_by_id(session()), get_version(session(), evaluation.scorecard_id)
    page = render_template(
        "evaluations/show.html",
        evaluation=evaluation,
        again=again.get(evaluation_id),
        row=get_row(session(), current_scope(), evaluation.call_id),
        audio=find_recording(session(), current_scope(), evaluation.call_id),
        card=card,
        marks_of=sent_marks,
        findings_of=partial(sent_findings, clauses=clauses),
        counting=counting_of(evaluation),
        may_amend=may_amend(current_actor(), evaluation),
        notice=notice,
        appeal=appeal,
        may_appeal=is_open and notice is not None and is_in_time(notice.appeal_until, today()),
        longest=LONGEST_TEXT,
        discipline_wording=discipline_wording,
        style_nonce=nonce,
        recording_wording=recording_wording,
        wording=wording,
    )
    return allow_player_style(make_response(page), nonce)


@bp.get("/<uuid:evaluation_id>/amend")
@needs(Act.EVALUATE)
def amending(evaluation_id: uuid.UUID) -> str:
    """The form that puts a new version beside those that are there."""
    return _form(evaluation_id, "")


@bp.post("/<uuid:evaluation_id>/amend")
@needs(Act.EVALUATE)
def amended(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Put it there, or say why not, with what was typed."""
    try:
        before = content_of(get_submitted(session(), current_scope(), evaluation_id).judgements[-1])
        content, reason, n = parse_amendment(request.form, before)
        amend(current_context(), evaluation_id, content, reason=reason, n=n)
    except (InvalidInput, Conflict) as error:
        return _form(evaluation_id, refusal(error)), 422 if isinstance(error, InvalidInput) else 409
    flash(gettext("The amendment stands beside the version before it."))
    return redirect(url_for(".show", evaluation_id=evaluation_id), 303)


def _form(evaluation_id: uuid.UUID, refused: str) -> str:
    fresh = anew()
    evaluation = get_submitted(fresh, current_scope(), evaluation_id)
    refuse_hidden(fresh, current_actor(), evaluation)
    if not may_amend(current_actor(), evaluation):
        raise Refused("not_your_evaluation")
    return render_template(
        "evaluations/amend.html",
        evaluation=evaluation,
        latest=evaluation.judgements[-1],
        marks={mark.criterion_id: mark for mark in evaluation.judgements[-1].marks},
        card=get_version(fresh, evaluation.scorecard_id),
        typed=request.form,
        refusal=refused,
        wording=wording,
    )
