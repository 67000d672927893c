"""Audio, waveform and download of a recording, and what its player reports."""

import uuid

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from supervision.clock import now
from supervision.discipline.queries import refuse_unheard
from supervision.listening import service as listening
from supervision.people.rules import Act
from supervision.reconcile import scrub
from supervision.recordings.queries import get_sealed
from web.access import current_actor, current_context, current_scope, leaves_evidence, needs
from web.arguments import identity
from web.language import gettext
from web.recordings.forms import parse_heard, starts_at_the_beginning
from web.recordings.sending import count_served, send_audio, send_download, send_peaks
from web.unit import database, own_transaction, session

bp = Blueprint("recordings", __name__, url_prefix="/recordings", template_folder="templates")


@bp.post("/<uuid:call_id>/listenings")
@needs(Act.HEAR)
def listen(call_id: uuid.UUID) -> tuple[dict[str, str], int]:
    """Begin to listen: the addresses of the audio and of the reports."""
    refuse_unheard(session(), current_actor(), call_id)
    opened = listening.open_listening(current_context(), call_id)
    return {
        "audio": url_for(".audio", call_id=call_id, listening=opened.id),
        "heard": url_for(".heard", listening_id=opened.id),
    }, 201


@bp.post("/listenings/<uuid:listening_id>/heard")
@needs(Act.HEAR)
def heard(listening_id: uuid.UUID) -> dict[str, float]:
    """Take down what was heard so far."""
    stretches, ended = parse_heard(request.get_json(silent=True))
    seconds = listening.report_heard(current_context(), listening_id, stretches, ended=ended)
    return {"seconds": seconds}


@bp.post("/<uuid:call_id>/content")
@needs(Act.LISTEN)
def content(call_id: uuid.UUID) -> ResponseReturnValue:
    """Have the content of a recording's files looked through at once."""
    found = get_sealed(session(), current_scope(), call_id)
    scrub.ask(session(), current_actor(), found.call_id, now())
    flash(gettext("The worker looks through the recording now; what it finds appears among the incidents."))
    return redirect(url_for("calls.show", call_id=call_id), 303)


@bp.get("/<uuid:call_id>/audio")
@leaves_evidence
@needs(Act.HEAR)
def audio(call_id: uuid.UUID) -> Response:
    """The sealed audio, whole or a range of it. The listening is committed before the first byte leaves."""
    refuse_unheard(session(), current_actor(), call_id)
    with own_transaction() as own:
        found, listening_id = listening.continue_listening(
            current_context(own),
            call_id,
            identity(request.args, "listening"),
            from_start=starts_at_the_beginning(request.headers.get("Range")),
        )
    store, actor = database(), current_actor()

    def note(sent_bytes: int) -> None:
        with store.transaction() as served:
            listening.note_served(served, actor, listening_id, sent_bytes)

    return count_served(send_audio(found), note)


@bp.get("/<uuid:call_id>/peaks")
@needs(Act.HEAR)
def peaks(call_id: uuid.UUID) -> Response:
    """The waveform's peaks, as made when the recording was sealed."""
    refuse_unheard(session(), current_actor(), call_id)
    return send_peaks(get_sealed(session(), current_scope(), call_id))


@bp.get("/<uuid:call_id>/download")
@leaves_evidence
@needs(Act.DOWNLOAD)
def download(call_id: uuid.UUID) -> Response:
    """The sealed audio as a file to keep; written down before the first byte leaves."""
    with own_transaction() as own:
        found = listening.download(current_context(own), call_id)
    return send_download(found)
