"""Draws: an office says how each of its draws stands, and headquarters answers all that it may know.

This is where headquarters' own share is revealed: after the office's, in the same transaction that checks it.
"""

from flask import Blueprint, Response, current_app, request

from supervision.clock import now
from supervision.database import Database
from supervision.draws.hq import take_letter
from supervision.draws.statements import parse_letter
from web.intake.identity import office
from web.intake.problems import Problem

LONGEST_BYTES = 8 * 2**20

bp = Blueprint("draws", __name__, url_prefix="/v1")


@bp.post("/draws")
def take() -> Response:
    """Take a letter in, and answer it."""
    if (request.content_length or 0) > LONGEST_BYTES:
        raise Problem(413, "letter-too-large", "The letter is too large", f"At most {LONGEST_BYTES} bytes")
    letter = parse_letter(request.get_data())
    database: Database = current_app.extensions["database"]
    with database.transaction() as session:
        answer = take_letter(session, office(), letter, now())
    return Response(answer.model_dump_json(), mimetype="application/json")
