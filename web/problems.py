"""Every error mapped once: to a page for people, to RFC 9457 problem details for who asks for JSON."""

import errno
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NotFoundAddress
from werkzeug.routing import RequestRedirect

from supervision.errors import Busy, Conflict, DomainError, InvalidInput, NotFound, Refused, Unavailable
from web import wording
from web.language import gettext

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_STATUS: dict[type[Exception], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refused: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StaleDataError: HTTPStatus.CONFLICT,
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def install(app: Flask) -> None:
    """Handle all of them."""
    for kind in (DomainError, StaleDataError, OperationalError):
        app.register_error_handler(kind, _of_domain)
    app.register_error_handler(RecursionError, _of_depth)
    app.register_error_handler(OSError, _of_disk)
    app.register_error_handler(HTTPException, _of_http)


def wants_json() -> bool:
    """Whether the client prefers JSON to a page."""
    kinds = request.accept_mimetypes
    best = kinds.best_match(("text/html", "application/json", "application/problem+json"), "text/html")
    return best != "text/html" and kinds[best] > kinds["text/html"]


def busy_status(error: Busy) -> HTTPStatus:
    """429 where it is the asker's own doing, 503 where it is not."""
    return HTTPStatus.TOO_MANY_REQUESTS if error.own else HTTPStatus.SERVICE_UNAVAILABLE


def safe_next(given: str | None) -> str | None:
    """A path of this site to go on to after signing in; None for anything that might lead elsewhere."""
    if not given or not given.startswith("/") or given.startswith("//") or "\\" in given:
        return None
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in given):
        return None
    parts = urlsplit(given)
    return None if parts.scheme or parts.netloc else given


def _of_domain(error: Exception) -> ResponseReturnValue:
    if isinstance(error, Refused) and error.reason == "recording_deleted":
        return _problem(HTTPStatus.GONE, wording.refusal(error))
    if isinstance(error, Busy):
        return _busy(error)
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    return _problem(status, wording.refusal(error))


def _of_depth(_error: Exception) -> ResponseReturnValue:
    """JSON that lies too deep in itself: nothing of ours goes so deep."""
    return _of_domain(InvalidInput("input", "malformed"))


def _of_disk(error: Exception) -> ResponseReturnValue:
    """A full disk: what is sent is laid there before a view sees it. Any other fault is one."""
    if not (isinstance(error, OSError) and error.errno in _FULL):
        raise error
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, wording.status_explained(HTTPStatus.SERVICE_UNAVAILABLE))


def _busy(error: Busy) -> Response:
    answer = _problem(busy_status(error), wording.refusal(error))
    answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _of_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect of the routing
    status = HTTPStatus(error.code)
    if status is HTTPStatus.UNAUTHORIZED and not wants_json():
        unsent = _page_of_form()
        return redirect(url_for("account.sign_in", next=unsent or _here(), unsent="1" if unsent else None), 303)
    answer = _problem(status, wording.status_explained(status))
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer


def of_stale_form(error: HTTPException) -> ResponseReturnValue:
    """A form without this session's token: its page is shown anew, and the browser puts back what was typed."""
    page = _page_of_form()
    if page is None or wants_json():
        return _of_http(error)
    said = gettext("This page was open for too long: nothing was sent. Check what you typed and send it again.")
    flash(said, "bad")
    return redirect(page, 303)


def _page_of_form() -> str | None:
    """The page of this site whose form was sent, if it can be asked for anew."""
    sent_from = urlsplit(request.referrer or "")
    if request.method != "POST" or sent_from.netloc != request.host:
        return None
    page = safe_next(sent_from._replace(scheme="", netloc="", fragment="").geturl())
    try:
        current_app.url_map.bind("").match(sent_from.path, method="GET")
    except (NotFoundAddress, MethodNotAllowed, RequestRedirect):
        return None
    return page


def _here() -> str | None:
    """Where to come back to: only a page that was asked for by GET."""
    if request.method not in {"GET", "HEAD"} or request.path == "/":
        return None
    return request.full_path.rstrip("?")


def _problem(status: HTTPStatus, detail: str) -> Response:
    title = wording.status_title(status)
    g.bare = status >= HTTPStatus.INTERNAL_SERVER_ERROR  # the page of a fault must not ask who is signed in
    if wants_json():
        answer = jsonify(type="about:blank", title=title, status=status.value, detail=detail)
        answer.mimetype = "application/problem+json"
    else:
        page = render_template("design/problem.html", title=title, detail=detail, status=status.value)
        answer = Response(page, mimetype="text/html")
    answer.status_code = status
    return answer
