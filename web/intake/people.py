"""An office's own people, as its node copies them: whole, or "as you have it" (304)."""

from flask import Blueprint, Response, current_app, request

from supervision.database import Database
from supervision.offices.handing import people_of
from web.intake.identity import office

bp = Blueprint("people", __name__, url_prefix="/v1")


@bp.get("/people")
def show() -> Response:
    """The people of the office that asks, and of no other."""
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        people = people_of(session, office())
    known = request.if_none_match.contains(people.etag)
    answer = Response(status=304) if known else Response(people.model_dump_json(), mimetype="application/json")
    answer.set_etag(people.etag)
    answer.headers["Cache-Control"] = "no-store"
    return answer
