"""How a request ends: the head grants or refuses; the caller takes it back; what was granted is carried out."""

import uuid
from collections.abc import Callable

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from supervision.caller_requests import service
from supervision.people.rules import Act
from web.access import current_context, needs
from web.doing import done
from web.language import gettext
from web.retention.forms import parse_version

bp = Blueprint("deciding", __name__, url_prefix="/caller-requests")


@bp.post("/<uuid:request_id>/grant")
@needs(Act.DECIDE_REQUESTS)
def grant(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say yes."""
    return _ends(request_id, service.grant, gettext("The request is granted."))


@bp.post("/<uuid:request_id>/refuse")
@needs(Act.DECIDE_REQUESTS)
def refuse(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say no, with a reason."""
    return _ends(request_id, service.refuse, gettext("The request is refused."))


@bp.post("/<uuid:request_id>/withdraw")
@needs(Act.HANDLE_REQUESTS)
def withdraw(request_id: uuid.UUID) -> ResponseReturnValue:
    """The caller took it back."""
    return _ends(request_id, service.withdraw, gettext("The request is withdrawn."))


@bp.post("/<uuid:request_id>/close")
@needs(Act.HANDLE_REQUESTS)
def close(request_id: uuid.UUID) -> ResponseReturnValue:
    """What was granted has been done, and the caller was told."""
    return done(
        lambda: service.close(current_context(), request_id, version=parse_version(request.form)),
        gettext("The request is closed."),
        url_for("caller_requests.one", request_id=request_id),
    )


def _ends(request_id: uuid.UUID, end: Callable[..., object], said: str) -> ResponseReturnValue:
    words = request.form.get("outcome", "")
    return done(
        lambda: end(current_context(), request_id, words, version=parse_version(request.form)),
        said,
        url_for("caller_requests.one", request_id=request_id),
    )
