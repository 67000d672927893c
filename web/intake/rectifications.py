"""What an office is asked to put right, as its node asks for it: all that changed after an entry of the log."""

from flask import Blueprint, Response

from supervision.rectification.messages import changed_after
from web.intake.bodies import as_json
from web.intake.identity import office
from web.intake.positions import told_before
from web.unit import session

bp = Blueprint("rectifications", __name__, url_prefix="/v1")


@bp.get("/rectifications")
def show() -> Response:
    """The notices to the office that asks, and to no other."""
    return as_json(changed_after(session(), office(), told_before()))
