"""Draws: an office says how each of its draws stands, and headquarters answers all that it may know.

This is where headquarters' own share is given: after the office's, in the transaction that checks it.
"""

from typing import cast

from flask import Blueprint, Response, current_app, request

from supervision.clock import now
from supervision.draws.hq import answer_message, apply_message
from supervision.draws.messages import parse_message
from supervision.draws.share_files import ShareFiles
from supervision.paths import Paths
from supervision.settings import Settings
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import session

bp = Blueprint("draws", __name__, url_prefix="/v1")


@bp.post("/draws")
def receive_message() -> Response:
    """Apply a message, and answer it."""
    at = now()
    message = parse_message(request.get_data(), at)
    files = ShareFiles(Paths(cast(Settings, current_app.extensions["settings"]).home))
    apply_message(session(), files, office(), message, at)
    return as_json(answer_message(session(), office(), message, at))
