"""An office's own people, as its node copies them: whole, or "as you have it" (304)."""

from flask import Blueprint, Response, request

from supervision.offices.people_copy import people_of
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import session

bp = Blueprint("people", __name__, url_prefix="/v1")


@bp.get("/people")
def show() -> Response:
    """The people of the office that asks, and of no other."""
    people = people_of(session(), office())
    known = request.if_none_match.contains(people.etag)
    answer = Response(status=304) if known else as_json(people)
    answer.set_etag(people.etag)
    answer.headers["Cache-Control"] = "no-store"
    return answer
