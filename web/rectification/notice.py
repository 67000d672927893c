"""One notice: its findings and replies; answering, returning, verifying, closing, withdrawing it; its files."""

import uuid
from collections.abc import Callable, Mapping

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import local, today
from supervision.errors import Conflict, InvalidInput, Refused, Unavailable
from supervision.findings.queries import treatments_of
from supervision.paths import HqPaths
from supervision.people.rules import Act
from supervision.rectification import service
from supervision.rectification.attachments import keep_file
from supervision.rectification.models import Rectification
from supervision.rectification.queries import get_attachment, get_rectification
from supervision.rectification.rules import (
    JUDGED_IN_WORKING_DAYS,
    LARGEST_BYTES,
    MOST_FILES,
    MOST_WORKING_DAYS,
    WATCHED,
    Move,
    after,
    is_overdue,
    objection,
    watched_until,
)
from web import arguments as given
from web.access import current_actor, current_context, current_scope, needs
from web.evaluations import wording as evaluation_wording
from web.language import gettext
from web.rectification import wording
from web.rectification.forms import chosen_files, parse_answer, parse_days
from web.rectification.views import bp
from web.sign_ins import site_settings
from web.unit import anew, give_up, session
from web.uploads import takes_files
from web.wording import refusal

GIVEN_BACK_IN = 5  # working days that the form begins with
_STATUS: dict[type[Exception], int] = {InvalidInput: 422, Conflict: 409}


@bp.get("/<uuid:rectification_id>")
@needs(Act.SEE_RECTIFICATIONS)
def show(rectification_id: uuid.UUID) -> str:
    """One notice as it stands, and what the person may do next."""
    return _page(get_rectification(session(), current_scope(), rectification_id))


@bp.post("/<uuid:rectification_id>/reply")
@needs(Act.ANSWER_RECTIFICATIONS)
@takes_files(LARGEST_BYTES * MOST_FILES)
def reply(rectification_id: uuid.UUID) -> ResponseReturnValue:
    """Answer it, or say why not: what was typed stands there still."""
    get_rectification(session(), current_scope(), rectification_id)

    def act() -> None:
        chosen, version = chosen_files(request.files), given.version(request.form)
        answer = parse_answer(request.form, chosen)
        service.answer(current_context(), rectification_id, answer, version=version)
        for one, examined in zip(chosen, answer.files, strict=True):  # a reply that is refused leaves no file
            keep_file(HqPaths(site_settings().home), one.stream, examined)

    return _keeping(rectification_id, act, gettext("The reply is given; the other side verifies it."))


@bp.post("/<uuid:rectification_id>/return")
@needs(Act.ISSUE_RECTIFICATIONS)
def give_back(rectification_id: uuid.UUID) -> ResponseReturnValue:
    """Return the reply for more."""

    def act() -> None:
        days, version = parse_days(request.form), given.version(request.form)
        note = request.form.get("note", "")
        service.return_reply(current_context(), rectification_id, note, days=days, version=version)

    return _keeping(rectification_id, act, gettext("The reply is returned."))


@bp.post("/<uuid:rectification_id>/verify")
@needs(Act.ISSUE_RECTIFICATIONS)
def verify(rectification_id: uuid.UUID) -> ResponseReturnValue:
    """Say that it is so."""

    def act() -> None:
        version = given.version(request.form)
        service.verify(current_context(), rectification_id, request.form.get("note", ""), version=version)

    return _keeping(rectification_id, act, gettext("The reply is verified."))


@bp.post("/<uuid:rectification_id>/close")
@needs(Act.ISSUE_RECTIFICATIONS)
def close(rectification_id: uuid.UUID) -> ResponseReturnValue:
    """Close it."""

    def act() -> None:
        service.close(current_context(), rectification_id, version=given.version(request.form))

    return _keeping(
        rectification_id, act, gettext("It is closed, and watched for %(num)s days.", num=WATCHED.days)
    )


@bp.post("/<uuid:rectification_id>/withdraw")
@needs(Act.ISSUE_RECTIFICATIONS)
def withdraw(rectification_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw it."""

    def act() -> None:
        version = given.version(request.form)
        service.withdraw(current_context(), rectification_id, request.form.get("reason", ""), version=version)

    return _keeping(rectification_id, act, gettext("It is withdrawn; nobody need answer it."))


@bp.get("/attachments/<uuid:attachment_id>")
@needs(Act.SEE_RECTIFICATIONS)
def attachment(attachment_id: uuid.UUID) -> Response:
    """A file of a reply: shown in place only where it is an image or a PDF, and never sniffed."""
    found = get_attachment(session(), current_scope(), attachment_id)
    path = HqPaths(site_settings().home).attachment(found.sha256)
    if not path.is_file():
        raise Unavailable("the attachment is not on the disk")
    kind, as_file = found.media.media_type, not found.media.shown
    answer = send_file(path, kind, as_attachment=as_file, download_name=found.name, etag=found.sha256)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(found: Rectification, typed: Mapping[str, str] | None = None, refused: str = "") -> str:
    steps = {
        move.value: after(found.state, move) is not None and objection(current_actor(), move, found.notice) is None
        for move in Move
    }
    about = [one.treatment_id for one in found.findings]
    return render_template(
        "rectification/show.html",
        one=found,
        seen={one.id for one in treatments_of(session(), current_scope(), about)},
        may=steps,
        typed=typed or {},
        refused=refused,
        late=is_overdue(found.state, found.due_on, today()),
        watched_until=watched_until(local(found.closed_at).date()) if found.closed_at else None,
        office=office_names(session()).get(found.office_code, found.office_code),
        longest=service.LONGEST_REPLY,
        longest_note=service.LONGEST_NOTE,
        given_back_in=GIVEN_BACK_IN,
        most_days=MOST_WORKING_DAYS,
        judged_in=JUDGED_IN_WORKING_DAYS,
        most_files=MOST_FILES,
        largest_bytes=LARGEST_BYTES,
        evaluation_wording=evaluation_wording,
        wording=wording,
    )


def _keeping(rectification_id: uuid.UUID, act: Callable[[], None], said: str) -> ResponseReturnValue:
    """Do it, or say why not: what was typed stands on the page still, also where somebody else was quicker."""
    try:
        act()
    except Refused as error:  # what the person's own page does not offer him
        give_up()
        flash(refusal(error), "bad")
        return redirect(_here(rectification_id), 303)
    except (InvalidInput, Conflict, Unavailable) as error:
        found = get_rectification(anew(), current_scope(), rectification_id)
        said = refusal(error)
        if isinstance(error, Unavailable):
            said = gettext("The attached files cannot be kept just now. Reply without them, or try again later.")
        return _page(found, request.form, said), _STATUS.get(type(error), 503)
    flash(said)
    return redirect(_here(rectification_id), 303)


def _here(rectification_id: uuid.UUID) -> str:
    return url_for("rectification.show", rectification_id=rectification_id)
