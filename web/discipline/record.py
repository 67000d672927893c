"""One record: deciding, declining, withdrawing, confirming, and appealing against it."""

import uuid
from collections.abc import Callable

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.clock import today
from supervision.complaints.queries import complaints_of_record
from supervision.discipline import appeals, service
from supervision.discipline.evidence import list_taken, take_record
from supervision.discipline.points import contested_grounds
from supervision.discipline.queries import get_record
from supervision.discipline.rules import Move, after, is_in_time, objection
from supervision.paths import Paths
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_actor, current_context, leaves_evidence, needs
from web.design.documents import send_document
from web.discipline.forms import parse_objected
from web.discipline.printing import is_printable, number_of, print_record
from web.discipline.sending import explanation, send_package
from web.discipline.views import bp, common
from web.form_actions import carry_out
from web.language import gettext
from web.sign_ins import site_settings
from web.unit import own_transaction, session


@bp.get("/<uuid:record_id>")
@needs(Act.SEE_DISCIPLINE)
def show(record_id: uuid.UUID) -> str:
    """One record as it stands, and what the person may do next."""
    found = get_record(session(), current_actor(), record_id)
    may = {
        move.value: after(found.state, move) is not None and objection(current_actor(), move, found.case) is None
        for move in Move
    }
    may["appeal"] = may["appeal"] and found.appeal_until is not None and is_in_time(found.appeal_until, today())
    return render_template(
        "discipline/show.html",
        one=found,
        may={**may, "appeal": may["appeal"] and found.appeal is None},
        number=number_of(found) if is_printable(found) else "",
        contested=contested_grounds(session(), found),
        complaints=complaints_of_record(session(), found.id),
        taken=list_taken(session(), found.subject) if current_actor().office_code is None else [],
        longest=appeals.LONGEST_TEXT,
        **common(found.office_code),
    )


@bp.post("/<uuid:record_id>/decide")
@needs(Act.DECIDE_DISCIPLINE)
def decide(record_id: uuid.UUID) -> ResponseReturnValue:
    """Decide it as proposed."""

    def act() -> None:
        version = given.version(request.form)
        service.decide(current_context(), record_id, request.form.get("note", ""), version=version)

    return _done(record_id, act, gettext("It is decided; the person is told."))


@bp.post("/<uuid:record_id>/decline")
@needs(Act.DECIDE_DISCIPLINE)
def decline(record_id: uuid.UUID) -> ResponseReturnValue:
    """Decide that nothing comes of it."""

    def act() -> None:
        version = given.version(request.form)
        service.decline(current_context(), record_id, request.form.get("note", ""), version=version)

    return _done(record_id, act, gettext("It is declined; the person is not told of it."))


@bp.post("/<uuid:record_id>/withdraw")
@needs(Act.PROPOSE_DISCIPLINE)
def withdraw(record_id: uuid.UUID) -> ResponseReturnValue:
    """Take one's proposal back."""

    def act() -> None:
        version = given.version(request.form)
        service.withdraw(current_context(), record_id, request.form.get("note", ""), version=version)

    return _done(record_id, act, gettext("The proposal is withdrawn."))


@bp.post("/<uuid:record_id>/confirm")
@needs(Act.APPEAL)
def confirm(record_id: uuid.UUID) -> ResponseReturnValue:
    """The person confirms that he was told."""

    def act() -> None:
        service.confirm(current_context(), record_id, version=given.version(request.form))

    return _done(record_id, act, gettext("You have confirmed it."))


@bp.post("/<uuid:record_id>/appeal")
@needs(Act.APPEAL)
def appeal_record(record_id: uuid.UUID) -> ResponseReturnValue:
    """Appeal against it."""

    def act() -> None:
        objected, version = parse_objected(request.form), given.version(request.form)
        appeals.appeal_record(current_context(), record_id, objected, version=version)

    return _done(record_id, act, gettext("Your appeal is filed. Until it is decided, this does not count."))


@bp.get("/<uuid:record_id>/evidence")
@leaves_evidence
@needs(Act.TAKE_EVIDENCE)
def evidence(record_id: uuid.UUID) -> Response:
    """The evidence as one ZIP; that it was taken is written down before the first byte leaves."""
    with own_transaction() as own:
        package = take_record(current_context(own), record_id, Paths(site_settings().home), explanation())
    return send_package(package)


@bp.get("/<uuid:record_id>/decision.pdf")
@leaves_evidence
@needs(Act.SEE_DISCIPLINE)
def pdf(record_id: uuid.UUID) -> ResponseReturnValue:
    """The decision on paper; what is not decided is only on the screen."""
    found = get_record(session(), current_actor(), record_id)
    if not is_printable(found):
        return redirect(url_for("discipline.show", record_id=record_id), 303)
    content = print_record(session(), found)
    noted = found.subject, found.office_code, number_of(found)
    name = f"{found.side.value}-{found.number}.pdf"
    with own_transaction() as own:  # what is not written down is not given out
        service.note_printed(current_context(own), *noted)
    return send_document(content, name)


def _done(record_id: uuid.UUID, act: Callable[[], None], said: str) -> ResponseReturnValue:
    return carry_out(act, said, url_for("discipline.show", record_id=record_id))
