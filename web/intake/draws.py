"""Draws: an office says how each of its draws stands, and headquarters answers all that it may know.

This is where headquarters' own share is given: after the office's, in the transaction that checks it.
"""

from typing import cast

from flask import Blueprint, Response, current_app, request

from supervision.clock import now
from supervision.database import Database
from supervision.draws.hq import apply_message
from supervision.draws.hq_answers import answer_message
from supervision.draws.messages import parse_message
from supervision.draws.share_files import ShareFiles
from supervision.paths import Paths
from supervision.settings import Settings
from web.intake.identity import office
from web.intake.problems import Problem

LONGEST_BYTES = 8 * 2**20

bp = Blueprint("draws", __name__, url_prefix="/v1")


@bp.post("/draws")
def receive_message() -> Response:
    """Apply a message, and answer it."""
    if (request.content_length or 0) > LONGEST_BYTES:
        raise Problem(413, "message-too-large", "The message is too large", f"At most {LONGEST_BYTES} bytes")
    message, at = parse_message(request.get_data()), now()
    database: Database = current_app.extensions["database"]
    files = ShareFiles(Paths(cast(Settings, current_app.extensions["settings"]).home))
    with database.transaction() as session:
        apply_message(session, files, office(), message, at)
        answer = answer_message(session, office(), message, at)
    return Response(answer.model_dump_json(), mimetype="application/json")
