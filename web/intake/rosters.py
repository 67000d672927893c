"""An office's rosters, as its node copies them: whole, or "as you have it" (304)."""

from flask import Blueprint, Response, request

from supervision.clock import now
from supervision.rosters.messages import sent_roster
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import session

bp = Blueprint("rosters", __name__, url_prefix="/v1")


@bp.get("/roster")
def show() -> Response:
    """The rosters of the office that asks, and of no other."""
    roster = sent_roster(session(), office(), now())
    known = request.if_none_match.contains(roster.etag)
    answer = Response(status=304) if known else as_json(roster)
    answer.set_etag(roster.etag)
    answer.headers["Cache-Control"] = "no-store"
    return answer
