"""Every refusal of the intake as RFC 9457 problem details, with a type of its own for each cause."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from supervision.certificates.trust import NotTrusted, Reason
from supervision.errors import Conflict, DomainError, InvalidInput, NotFound, Refused, Unavailable
from supervision.parts import errors as part_errors

CHECKSUM_DIFFERS = 460  # of the tus protocol's checksum extension
_TYPE = "urn:supervision:problem:"

log = structlog.get_logger()

# The first that fits counts.
_KINDS: tuple[tuple[type[DomainError], int, str, str], ...] = (
    (part_errors.Damaged, 500, "damaged", "What was acknowledged is damaged here"),
    (part_errors.DiskFull, 507, "disk-full", "No room on the disk"),
    (part_errors.DiskFault, 503, "disk-fault", "The disk failed"),
    (part_errors.Locked, 423, "locked", "Somebody else is writing to this part"),
    (part_errors.LengthFixed, 409, "length-fixed", "The length was fixed before"),
    (part_errors.AlreadyFinal, 409, "final", "The part is final"),
    (part_errors.TooManyUnfinished, 429, "too-many-unfinished", "Too many unfinished parts"),
    (NotFound, 404, "not-found", "No such part"),
    (InvalidInput, 422, "invalid-input", "What was sent is not what it should be"),
    (Refused, 409, "refused", "Not allowed in this state"),
    (Conflict, 409, "conflict", "What is held is another"),
    (Unavailable, 503, "unavailable", "Not possible for the moment"),
)
_TRY_AGAIN_S = {423: "1", 429: "60", 503: "10", 507: "60"}


class Problem(Exception):
    """A refusal of the protocol itself."""

    def __init__(
        self, status: int, kind: str, title: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.headers = headers or {}


def install(app: Flask) -> None:
    """Handle all of them."""
    app.register_error_handler(Problem, _of_protocol)
    app.register_error_handler(NotTrusted, _of_identity)
    app.register_error_handler(DomainError, of_domain)
    app.register_error_handler(RecursionError, _of_depth)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_fault)


def _of_protocol(error: Problem) -> ResponseReturnValue:
    return _answer(error.status, error.kind, error.title, str(error), error.headers)


def _of_identity(error: NotTrusted) -> ResponseReturnValue:
    known = error.reason in (Reason.UNFIT, Reason.REVOKED)
    status = HTTPStatus.FORBIDDEN if known else HTTPStatus.UNAUTHORIZED
    return _answer(status, f"certificate-{error.reason}", "The certificate is not accepted", error.reason)


def of_domain(error: DomainError) -> ResponseReturnValue:
    """The answer to a refusal of the domain."""
    _, status, kind, title = next(row for row in _KINDS if isinstance(error, row[0]))
    headers = {"Retry-After": _TRY_AGAIN_S[status]} if status in _TRY_AGAIN_S else {}
    return _answer(status, kind, title, str(error), headers)


def _of_depth(_error: Exception) -> ResponseReturnValue:
    """JSON that lies too deep in itself: nothing of ours goes so deep."""
    return of_domain(InvalidInput("body", "nested too deep"))


def _of_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    headers = {
        name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}
    }
    title = HTTPStatus(status).phrase
    return _answer(status, title.lower().replace(" ", "-"), title, error.description or title, headers)


def _of_fault(error: Exception) -> ResponseReturnValue:
    log.exception("intake_fault", error=str(error))
    return _answer(500, "fault", "A fault of the intake", "It was written down.", {})


def _answer(status: int, kind: str, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    answer = jsonify(type=_TYPE + kind, title=title, status=int(status), detail=detail)
    answer.status_code = int(status)
    answer.mimetype = "application/problem+json"
    answer.headers.update(headers or {})
    return answer
