"""What an office is asked to put right, as its node asks for it: all that changed after an entry of the log."""

from flask import Blueprint, Response, current_app, request

from supervision.database import Database
from supervision.errors import InvalidInput
from supervision.rectification.messages import changed_after
from web.intake.identity import office

bp = Blueprint("rectifications", __name__, url_prefix="/v1")


@bp.get("/rectifications")
def show() -> Response:
    """The notices to the office that asks, and to no other."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise InvalidInput("after", after[:40], "the number of an entry")
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        told = changed_after(session, office(), int(after))
    return Response(told.model_dump_json(), mimetype="application/json")
