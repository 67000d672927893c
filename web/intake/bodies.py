"""How long a request's body may be: a limit for every route, announced or not; and the body of an answer.

The body of a PATCH has the limit of its part and its chunk, counted block by block (`arriving`).
"""

from flask import Flask, Response, request
from pydantic import BaseModel

from web.intake.problems import Problem

SHORT_BYTES = 64 * 1024
LONG_BYTES = 8 * 2**20
LONGEST = {"facts.receive": LONG_BYTES, "draws.receive_message": LONG_BYTES}
COUNTED = "tus.add"


def install(app: Flask) -> None:
    """Before each request: nothing longer is read. A chunked body is cut off where it passes its limit (413)."""

    def limit() -> None:
        if request.endpoint == COUNTED:
            return
        most = longest()
        request.max_content_length = most
        if (request.content_length or 0) > most:
            raise Problem(413, "body-too-large", "The body is too large", f"At most {most} bytes")

    app.before_request(limit)


def longest() -> int:
    """How long the body of this request may be, where it is none of a part."""
    return LONGEST.get(request.endpoint or "", SHORT_BYTES)


def as_json(message: BaseModel) -> Response:
    """An answer that says it."""
    return Response(message.model_dump_json(), mimetype="application/json")
