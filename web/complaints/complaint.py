"""One complaint, and what is done about it."""

import uuid
from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.complaints import service
from supervision.discipline.service import rest_on_complaint
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_context, needs
from web.complaints import page
from web.complaints.forms import parse_call, parse_proposal, parse_received, parse_search, parse_verdict
from web.complaints.views import bp
from web.form_actions import OVERTAKEN, carry_out
from web.language import gettext
from web.unit import give_up, session
from web.wording import refusal


@bp.get("/<uuid:complaint_id>")
@needs(Act.HANDLE_COMPLAINTS)
def show(complaint_id: uuid.UUID) -> str:
    """Who complains of what, its calls, its steps, and what is to be done next."""
    return page.show(complaint_id)


@bp.post("/<uuid:complaint_id>/number")
@needs(Act.HANDLE_COMPLAINTS)
def number(complaint_id: uuid.UUID) -> str:
    """The same page with the whole number, which is written down."""
    return page.show(complaint_id, service.reveal_number(current_context(), complaint_id))


@bp.post("/<uuid:complaint_id>/find")
@needs(Act.HANDLE_COMPLAINTS)
def find(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """The same page with the calls that may be meant; the search is written down."""
    try:
        found = service.find_calls(current_context(), complaint_id, parse_search(request.form))
    except InvalidInput as error:
        return page.show(complaint_id, refused=refusal(error)), 422
    return page.show(complaint_id, candidates=found)


@bp.post("/<uuid:complaint_id>/calls")
@needs(Act.HANDLE_COMPLAINTS)
def tie(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Say that the complaint is about a call."""

    def act(version: int) -> None:
        service.tie_call(current_context(), complaint_id, parse_call(request.form), version=version)

    return _done(complaint_id, act, gettext("The call belongs to the complaint; its recording is held."))


@bp.post("/<uuid:complaint_id>/calls/untie")
@needs(Act.HANDLE_COMPLAINTS)
def untie(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Say that it is not about a call after all."""

    def act(version: int) -> None:
        service.untie_call(current_context(), complaint_id, parse_call(request.form), version=version)

    return _done(complaint_id, act, gettext("The call no longer belongs to the complaint."))


@bp.get("/<uuid:complaint_id>/correct")
@needs(Act.HANDLE_COMPLAINTS)
def correction(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """The form in which what was entered wrongly is put right; the complaint's page where none can be."""
    try:
        return page.show_correction(complaint_id)
    except Refused:
        return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


@bp.post("/<uuid:complaint_id>/correct")
@needs(Act.HANDLE_COMPLAINTS)
def correct(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Put it right, or say why not, with what was typed."""
    try:
        entered = parse_received(request.form, office_names(session()), today())
        reason, version = request.form.get("reason", ""), given.version(request.form)
        service.correct(current_context(), complaint_id, entered, reason, version=version)
    except InvalidInput as error:
        give_up()
        return page.show_correction(complaint_id, request.form, refusal(error)), 422
    except (Refused, Conflict) as error:
        give_up()
        flash(refusal(error), OVERTAKEN if isinstance(error, Conflict) else "bad")
    else:
        flash(gettext("The entry is corrected; what stood there before is in the audit log."))
    return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


@bp.post("/<uuid:complaint_id>/take")
@needs(Act.HANDLE_COMPLAINTS)
def take(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Take it in hand, or over."""

    def act(version: int) -> None:
        service.take(current_context(), complaint_id, version=version)

    return _done(complaint_id, act, gettext("You have the complaint in hand."))


@bp.post("/<uuid:complaint_id>/proposal")
@needs(Act.HANDLE_COMPLAINTS)
def propose(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Say what was found."""

    def act(version: int) -> None:
        service.propose(current_context(), complaint_id, parse_proposal(request.form), version=version)

    return _done(complaint_id, act, gettext("It is proposed; another person decides."))


@bp.post("/<uuid:complaint_id>/return")
@needs(Act.HANDLE_COMPLAINTS)
def give_back(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Give it back to be looked into once more."""

    def act(version: int) -> None:
        note = request.form.get("note", "")
        service.return_to_handler(current_context(), complaint_id, note, version=version)

    return _done(complaint_id, act, gettext("It is given back to who handles it."))


@bp.post("/<uuid:complaint_id>/decision")
@needs(Act.HANDLE_COMPLAINTS)
def decide(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Decide it."""

    def act(version: int) -> None:
        verdict, note = parse_verdict(request.form), request.form.get("note", "")
        service.decide(current_context(), complaint_id, verdict, note, version=version)

    return _done(complaint_id, act, gettext("It is decided."))


@bp.post("/<uuid:complaint_id>/close")
@needs(Act.HANDLE_COMPLAINTS)
def close(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Who complained was told."""

    def act(version: int) -> None:
        service.close(current_context(), complaint_id, request.form.get("reply", ""), version=version)

    return _done(complaint_id, act, gettext("The complaint is answered."))


@bp.post("/<uuid:complaint_id>/withdraw")
@needs(Act.HANDLE_COMPLAINTS)
def withdraw(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Who complained took it back."""

    def act(version: int) -> None:
        service.withdraw(current_context(), complaint_id, request.form.get("note", ""), version=version)

    return _done(complaint_id, act, gettext("The complaint is withdrawn."))


@bp.post("/<uuid:complaint_id>/reopen")
@needs(Act.REOPEN_COMPLAINTS)
def reopen(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Have a decision looked into again."""

    def act(version: int) -> None:
        service.reopen(current_context(), complaint_id, request.form.get("reason", ""), version=version)

    return _done(complaint_id, act, gettext("The complaint is open again."))


@bp.post("/<uuid:complaint_id>/discipline")
@needs(Act.PROPOSE_DISCIPLINE)
def link_record(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Say which record came of it."""
    return carry_out(
        lambda: rest_on_complaint(current_context(), given.needed_identity(request.form, "record"), complaint_id),
        gettext("The record is linked to the complaint."),
        url_for("complaints.show", complaint_id=complaint_id),
    )


def _done(complaint_id: uuid.UUID, act: Callable[[int], None], said: str) -> ResponseReturnValue:
    here = url_for("complaints.show", complaint_id=complaint_id)
    return carry_out(lambda: act(given.version(request.form)), said, here)
