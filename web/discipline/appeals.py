"""The appeals, one appeal with the evidence opened to who decides it, and its end."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.actor import Scope
from supervision.calls.queries import get_row, office_names
from supervision.clock import today
from supervision.discipline import appeals
from supervision.discipline.evidence import list_taken, take_appeal
from supervision.discipline.models import Appeal
from supervision.discipline.queries import contest_of, get_appeal, list_appeals
from supervision.discipline.rules import AppealState, Move, Remedy, Target, appeal_after, appeal_objection
from supervision.discipline.service import note_printed
from supervision.evaluations.messages import sent_findings, sent_marks
from supervision.evaluations.models import Judgement
from supervision.paths import Paths
from supervision.people.rules import Act
from supervision.recordings.queries import find_recording
from supervision.regulation.queries import clauses_by_id
from web import arguments as given
from web.access import current_actor, current_context, leaves_evidence, needs
from web.design.documents import send_document
from web.design.navigation import NavItem
from web.discipline import wording
from web.discipline.forms import parse_appeal_filter, parse_remedy
from web.discipline.printing import is_printable, number_of, print_appeal
from web.discipline.sending import explanation, send_package
from web.discipline.views import common
from web.evaluations import wording as evaluation_wording
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.recordings import wording as recording_wording
from web.recordings.csp import allow_player_style, new_nonce
from web.sign_ins import site_settings
from web.site import chosen_office, shows_offices
from web.unit import own_transaction, session

bp = Blueprint("appeals", __name__, url_prefix="/appeals", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Appeals"), endpoint="appeals.index", act=Act.SEE_DISCIPLINE, icon="letter")]


@bp.get("/")
@needs(Act.SEE_DISCIPLINE)
def index() -> str:
    """The appeals, the latest first."""
    wanted = parse_appeal_filter(request.args, chosen_office(request.args))
    page = list_appeals(session(), current_actor(), wanted, parse_cursor(request.args))
    return render_template(
        "discipline/appeals.html",
        page=page,
        wanted=wanted,
        states=[(one.value, wording.appeal_state(one)[0]) for one in AppealState],
        targets=[(one.value, wording.target(one)) for one in Target],
        offices=office_names(session()),
        shows_offices=shows_offices(),
        today=today(),
        wording=wording,
        **page_addresses("appeals.index", page, request.args),
    )


@bp.get("/<uuid:appeal_id>")
@needs(Act.SEE_DISCIPLINE)
def show(appeal_id: uuid.UUID) -> Response:
    """One appeal with what it is against: the judgement as it was, its clauses, and the recording."""
    found, nonce = get_appeal(session(), current_actor(), appeal_id), new_nonce()
    page = render_template(
        "discipline/appeal.html",
        one=found,
        may=_steps(found),
        number=number_of(found) if is_printable(found) else "",
        is_amended=found.record_id is None and appeals.is_amended(current_context(), found),
        remedies=[(one.value, wording.remedy(one)) for one in Remedy],
        taken=list_taken(session(), found.subject) if current_actor().office_code is None else [],
        evidence=[_evidence(one) for one in _judgements(found)],
        findings_of=partial(sent_findings, clauses=clauses_by_id(session())),
        marks_of=sent_marks,
        longest=appeals.LONGEST_TEXT,
        style_nonce=nonce,
        recording_wording=recording_wording,
        **{**common(found.office_code), "evaluation_wording": evaluation_wording},
    )
    return allow_player_style(make_response(page), nonce)


@bp.post("/<uuid:appeal_id>/dismiss")
@needs(Act.DECIDE_APPEALS)
def dismiss(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """Decide that it stands."""

    def act() -> None:
        version = given.version(request.form)
        appeals.dismiss(current_context(), appeal_id, request.form.get("reason", ""), version=version)

    return _done(appeal_id, act, gettext("The appeal is dismissed."))


@bp.post("/<uuid:appeal_id>/uphold")
@needs(Act.DECIDE_APPEALS)
def uphold(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """Decide that it does not stand."""

    def act() -> None:
        remedy, version = parse_remedy(request.form), given.version(request.form)
        reason = request.form.get("reason", "")
        appeals.uphold(current_context(), appeal_id, reason, remedy, version=version)

    return _done(appeal_id, act, gettext("The appeal is upheld, and what rested on it is corrected."))


@bp.post("/<uuid:appeal_id>/retract")
@needs(Act.APPEAL)
def retract(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """Take one's appeal back."""

    def act() -> None:
        appeals.retract(current_context(), appeal_id, version=given.version(request.form))

    return _done(appeal_id, act, gettext("You have retracted your appeal."))


@bp.get("/<uuid:appeal_id>/evidence")
@leaves_evidence
@needs(Act.TAKE_EVIDENCE)
def evidence(appeal_id: uuid.UUID) -> Response:
    """The evidence as one ZIP; that it was taken is written down before the first byte leaves."""
    with own_transaction() as own:
        package = take_appeal(current_context(own), appeal_id, Paths(site_settings().home), explanation())
    return send_package(package)


@bp.get("/<uuid:appeal_id>/decision.pdf")
@leaves_evidence
@needs(Act.SEE_DISCIPLINE)
def pdf(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """The decision on paper; what is not decided is only on the screen."""
    found = get_appeal(session(), current_actor(), appeal_id)
    if not is_printable(found):
        return redirect(url_for("appeals.show", appeal_id=appeal_id), 303)
    content = print_appeal(session(), found)
    noted, name = (found.subject, found.office_code, number_of(found)), f"appeal-{found.number}.pdf"
    with own_transaction() as own:  # what is not written down is not given out
        note_printed(current_context(own), *noted)
    return send_document(content, name)


def _steps(found: Appeal) -> dict[str, bool]:
    contest = contest_of(session(), found)
    return {
        move.value: appeal_after(found.state, move) is not None
        and appeal_objection(current_actor(), move, contest) is None
        for move in Move
    }


def _judgements(found: Appeal) -> list[Judgement]:
    if found.record is not None:
        return [one.judgement for one in found.record.grounds]
    return [found.judgement] if found.judgement is not None else []


def _evidence(judgement: Judgement) -> dict[str, Any]:
    """A judgement with its call and recording: whoever sees the appeal sees what it is about."""
    call_id = judgement.evaluation.call_id
    return {
        "judgement": judgement,
        "row": get_row(session(), Scope(), call_id),
        "audio": find_recording(session(), Scope(), call_id),
    }


def _done(appeal_id: uuid.UUID, act: Callable[[], None], said: str) -> ResponseReturnValue:
    return carry_out(act, said, url_for("appeals.show", appeal_id=appeal_id))
