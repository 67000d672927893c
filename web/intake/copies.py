"""What an office's node keeps copies of: all that changed after an entry of headquarters' log."""

from flask import Blueprint, Response, request

from supervision.audit.rules import Head
from supervision.discipline import messages as records
from supervision.errors import InvalidInput
from supervision.evaluations import messages as evaluations
from supervision.rectification import messages as rectifications
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import session

bp = Blueprint("copies", __name__, url_prefix="/v1")


@bp.get("/evaluations")
def show_evaluations() -> Response:
    """The evaluations of the office that asks, and of no other."""
    return as_json(evaluations.changed_after(session(), office(), _known()))


@bp.get("/rectifications")
def show_rectifications() -> Response:
    """The notices to the office that asks, and to no other."""
    return as_json(rectifications.changed_after(session(), office(), _known()))


@bp.get("/records")
def show_records() -> Response:
    """That something was decided about people of the office that asks, and of no other."""
    return as_json(records.changed_after(session(), office(), _known()))


def _known() -> Head:
    """Up to which entry the node has its copies; an older node sends no hash. Raises InvalidInput."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise InvalidInput("after", after[:40], "the number of an entry")
    return Head(int(after), request.args.get("hash", ""))
