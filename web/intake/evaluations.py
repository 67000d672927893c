"""What was judged of an office's calls, as its node asks for it: all that changed after an entry of the log."""

from flask import Blueprint, Response

from supervision.evaluations.messages import changed_after
from web.intake.bodies import as_json
from web.intake.identity import office
from web.intake.positions import told_before
from web.unit import session

bp = Blueprint("evaluations", __name__, url_prefix="/v1")


@bp.get("/evaluations")
def show() -> Response:
    """The evaluations of the office that asks, and of no other."""
    return as_json(changed_after(session(), office(), told_before()))
