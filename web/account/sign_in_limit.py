"""A limit of sign-ins at the same moment, so low that a crowd costs the others next to nothing.

A form, a page and a password each take milliseconds of this process. Whoever comes while the limit is reached gets
an answer in a word, before anything else is done for him.
"""

from collections.abc import Iterable
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from supervision.people.passwords import AGAIN_S, AT_WORK, WAITING
from web.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SIGN_IN = "/account/sign-in"
FULL = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>请稍后重试 Try again</title>
<p>此刻登录的人较多，请几秒钟后返回重试。</p>
<p lang="en">Many are signing in at this moment. Go back and try again in a few seconds.</p></html>
"""


class SignInLimit:
    """A WSGI application before another: at most `most` sign-ins are inside at once in this process."""

    def __init__(self, inside: "WSGIApplication", most: int = AT_WORK + WAITING) -> None:
        self._inside = inside
        self._places = BoundedSemaphore(most)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Let in, or send away."""
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != SIGN_IN:
            return self._inside(environ, start_response)
        if not self._places.acquire(blocking=False):
            return _full()(environ, start_response)
        try:
            return self._inside(environ, start_response)  # the page is whole by then: nothing of it is streamed
        finally:
            self._places.release()


def _full() -> Response:
    headers = {**HEADERS, "Retry-After": str(AGAIN_S), "Cache-Control": "no-store"}
    return Response(FULL, HTTPStatus.SERVICE_UNAVAILABLE, headers, mimetype="text/html")
