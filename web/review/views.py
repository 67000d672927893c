"""The review room: taking a call in hand, keeping what is typed, submitting and going on to the next."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.clock import now
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations import drafts, service
from supervision.evaluations.queries import get_task
from supervision.evaluations.queue import queue_of
from supervision.evaluations.rules import Counting
from supervision.evaluations.service import rescoring_of
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_actor, current_context, current_scope, needs, unattended
from web.design.navigation import NavItem
from web.draws import wording as draw_wording
from web.draws.forms import parse_unusable
from web.evaluations import wording
from web.language import gettext, lazy_gettext
from web.recordings import wording as recording_wording
from web.recordings.csp import allow_player_style, new_nonce
from web.review.forms import parse_draft
from web.review.page import choices, gather_room, heard_text, measured
from web.review.proposals import proposals_for
from web.sign_ins import site_settings
from web.site import shows_offices
from web.unit import session
from web.wording import refusal

bp = Blueprint("review", __name__, url_prefix="/review", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Review room"), endpoint="review.index", act=Act.EVALUATE, icon="headset")]


@bp.get("/")
@needs(Act.EVALUATE)
def index() -> str:
    """The queue, or what to do where it is empty."""
    queue = queue_of(session(), current_actor(), current_scope(), now())
    return render_template(
        "review/index.html",
        queue=queue,
        first=queue.after(None),
        here=None,
        proposals=proposals_for(session(), current_actor(), current_scope()),
        shows_offices=shows_offices(),
        draw_wording=draw_wording,
        wording=wording,
    )


@bp.post("/tickets/<uuid:ticket_id>/take")
@needs(Act.EVALUATE)
def ticket(ticket_id: uuid.UUID) -> ResponseReturnValue:
    """Take a ticket in hand."""
    taken = drafts.take_ticket(current_context(), ticket_id)
    return _to_room(taken.id)


@bp.post("/calls/<uuid:call_id>/take")
@needs(Act.CHECK_DIRECTLY)
def directed(call_id: uuid.UUID) -> ResponseReturnValue:
    """Begin a directed check."""
    return _to_room(drafts.take_call(current_context(), call_id).id)


@bp.post("/<uuid:evaluation_id>/take")
@needs(Act.EVALUATE)
def take(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Go on with what was begun, or begin a re-score."""
    taken = drafts.take_again(current_context(), evaluation_id)
    return _to_room(taken.id)


@bp.post("/<uuid:evaluation_id>/back")
@needs(Act.EVALUATE)
def back(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Put a call back into the queue."""
    drafts.return_evaluation(current_context(), evaluation_id)
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:evaluation_id>/unusable")
@needs(Act.EVALUATE)
def unusable(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Propose the ticket in hand as unusable, and take the next."""
    reason, note = parse_unusable(request.form)
    drafts.find_unusable(current_context(), evaluation_id, reason=reason, note=note)
    flash(gettext("Proposed; another person of headquarters decides."))
    return _next(evaluation_id)


@bp.get("/<uuid:evaluation_id>")
@needs(Act.EVALUATE)
def room(evaluation_id: uuid.UUID) -> Response:
    """The one screen."""
    shown, nonce = gather_room(session(), current_actor(), current_scope(), evaluation_id), new_nonce()
    page = render_template(
        "review/room.html",
        room=shown,
        queue=shown.queue,
        row=shown.row,
        audio=shown.recording,
        here=shown.evaluation.call_id,
        heard_text=heard_text(shown.heard, shown.required_s),
        measured=measured(session(), current_actor(), shown.evaluation),
        counting=service.counting_of(shown.evaluation),
        style_nonce=nonce,
        shows_offices=shows_offices(),
        draw_wording=draw_wording,
        recording_wording=recording_wording,
        wording=wording,
        **choices(shown),
    )
    return allow_player_style(make_response(page), nonce)


@bp.post("/<uuid:evaluation_id>/draft")
@needs(Act.EVALUATE)
def draft(evaluation_id: uuid.UUID) -> dict[str, Any]:
    """Keep what was typed, and say what became of it."""
    typed = parse_draft(request.get_json(silent=True))
    context = current_context()
    saved = drafts.save_draft(context, evaluation_id, typed.content, version=typed.version, window=typed.window)
    return _answer(evaluation_id, saved)


@bp.post("/<uuid:evaluation_id>/hold")
@unattended
@needs(Act.EVALUATE)
def hold(evaluation_id: uuid.UUID) -> dict[str, Any]:
    """Still at it: how much was heard by now, and whether what was submitted too early counts by now."""
    held = drafts.renew_lease(current_context(), evaluation_id)
    evaluation, counts = get_task(session(), current_actor(), current_scope(), evaluation_id), ""
    is_mine = evaluation.reviewer_id == current_actor().account_id
    if evaluation.is_judged and is_mine:
        found = service.count_late(current_context(), evaluation, rescoring_of(site_settings()))
        counts = found.value
    return {**_answer(evaluation_id, held), "counting": counts}


@bp.post("/<uuid:evaluation_id>/aside/<uuid:window_id>")
@needs(Act.EVALUATE)
def drop(evaluation_id: uuid.UUID, window_id: uuid.UUID) -> ResponseReturnValue:
    """Throw a text that was set aside away."""
    drafts.drop_aside(current_context(), evaluation_id, window_id)
    return _to_room(evaluation_id)


@bp.post("/<uuid:evaluation_id>/submit")
@needs(Act.EVALUATE)
def submit(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    """Submit the draft and take the next ticket in hand; what does not count yet stays on the screen."""
    version = given.count(request.form, "version")
    if version is None:
        raise InvalidInput("version", "nothing", "the version that was looked at")
    rescoring = rescoring_of(site_settings())
    found = service.submit(current_context(), evaluation_id, version=version, rescoring=rescoring)
    if found in {Counting.TOO_LITTLE_HEARD, Counting.NOTHING_TO_HEAR}:
        flash(gettext("Submitted.") + " " + wording.counting_explained(found), "warn")
        return _to_room(evaluation_id)
    flash(gettext("Submitted.") + " " + wording.counting_explained(found))
    return _next(evaluation_id)


def _next(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    who = session(), current_actor(), current_scope()
    item = queue_of(*who, now()).after(get_task(*who, evaluation_id).call_id)
    try:
        with session().begin_nested():  # what was submitted before stays so
            if item is not None and item.ticket_id is not None:
                return _to_room(drafts.take_ticket(current_context(), item.ticket_id).id)
            if item is not None and item.evaluation_id is not None:
                return _to_room(drafts.take_again(current_context(), item.evaluation_id).id)
    except (Refused, Conflict) as error:  # another was quicker: the queue shows it
        flash(refusal(error), "warn")
    return redirect(url_for(".index"), 303)


def _answer(evaluation_id: uuid.UUID, saving: drafts.Saving) -> dict[str, Any]:
    evaluation = get_task(session(), current_actor(), current_scope(), evaluation_id)
    said = {"outcome": saving.outcome.value, "version": saving.version, "holder": saving.holder}
    return {**said, **measured(session(), current_actor(), evaluation)}


def _to_room(evaluation_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("review.room", evaluation_id=evaluation_id), 303)
