"""How much of a body the intake reads: every route has its limit, whether the length was announced or not."""

import io
from typing import Any

import pytest
from flask import Flask

from tests.intake.conftest import CHUNK, PART, Office
from web.intake.bodies import COUNTED, LONG_BYTES, LONGEST, SHORT_BYTES

METHODS = {"GET", "POST", "PATCH", "HEAD", "OPTIONS", "PUT", "DELETE"}


class Endless(io.RawIOBase):
    """A body that never ends, and says how much of it was read."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """More of it."""
        buffer[:] = b" " * len(buffer)
        self.taken += len(buffer)
        assert self.taken < 64 * 2**20, "it is read without end"
        return len(buffer)


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Each endpoint with each of its methods and an address."""
    return [
        (rule.endpoint, method, rule.rule.replace("<name>", str(PART)))
        for rule in app.url_map.iter_rules()
        for method in sorted(METHODS & (rule.methods or set()))
    ]


def send(node: Office, method: str, path: str, body: Any, **environ: Any) -> int:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": CHUNK}
    base = {"gunicorn.socket": node.connection, "wsgi.input": body, **environ}
    answer = node.client.open(path, method=method, headers=headers, environ_overrides=base)
    return answer.status_code


def test_a_length_beyond_the_limit_is_refused_on_every_route_before_it_is_read(app: Flask, node: Office) -> None:
    node.create()
    assert {endpoint for endpoint, _, _ in routes(app)} >= LONGEST.keys() | {COUNTED}
    for endpoint, method, path in routes(app):
        body = Endless()
        announced = str(LONGEST.get(endpoint, SHORT_BYTES) + 1)
        assert send(node, method, path, body, CONTENT_LENGTH=announced) == 413, (method, path)
        assert body.taken <= SHORT_BYTES, (method, path)


def test_of_a_body_without_a_length_and_without_an_end_no_more_is_read_than_may_be(
    app: Flask, node: Office
) -> None:
    node.create()
    for endpoint, method, path in routes(app):
        body = Endless()
        chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        status = send(node, method, path, body, **chunked)
        assert body.taken <= LONGEST.get(endpoint, SHORT_BYTES) + SHORT_BYTES, (method, path)
        assert status in {413, 422} or body.taken == 0, (method, path)


@pytest.mark.parametrize("path", ["/v1/facts", "/v1/draws"])
def test_a_batch_as_long_as_may_be_is_read(node: Office, path: str) -> None:
    assert send(node, "POST", path, io.BytesIO(b" " * LONG_BYTES), CONTENT_LENGTH=str(LONG_BYTES)) == 422
