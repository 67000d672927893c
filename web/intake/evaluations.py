"""What was judged of an office's calls, as its node asks for it: all that changed after an entry of the log."""

from flask import Blueprint, Response, request

from supervision.errors import InvalidInput
from supervision.evaluations.messages import changed_after
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import session

bp = Blueprint("evaluations", __name__, url_prefix="/v1")


@bp.get("/evaluations")
def show() -> Response:
    """The evaluations of the office that asks, and of no other."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise InvalidInput("after", after[:40], "the number of an entry")
    return as_json(changed_after(session(), office(), int(after)))
