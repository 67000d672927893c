"""Offices ask which recordings they must delete, and say which they have: headquarters calls nobody (rule 11)."""

import uuid

from flask import Blueprint, Response, request

from supervision.clock import now
from supervision.errors import InvalidInput
from supervision.retention import deleting
from supervision.retention.messages import AT_ONCE
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import looking, session

bp = Blueprint("orders", __name__, url_prefix="/v1")


@bp.post("/deletions")
def deletions() -> Response:
    """Take down what the office has deleted; answers what it has still to delete."""
    gone = _parse(request.get_json(force=True, silent=True))
    if gone:
        deleting.note_gone(session(), office(), gone, now())
    with looking() as looked:
        return as_json(deleting.outstanding(looked, office()))


def _parse(listed: object) -> list[uuid.UUID]:
    if not isinstance(listed, list) or len(listed) > AT_ONCE:
        raise InvalidInput("gone", "not_a_list", f"a list of at most {AT_ONCE} calls")
    try:
        return [uuid.UUID(str(one)) for one in listed]
    except ValueError as error:
        raise InvalidInput("gone", "not_a_call", "the ids of calls") from error
