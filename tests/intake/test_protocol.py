"""tus 1.0.0 as the intake speaks it: what is begun, added, refused, and what is held afterwards."""

import base64
import errno
import hashlib
import io
import os
import threading
import uuid
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths
from supervision.settings import Settings
from tests.intake.conftest import CHUNK, PART, URL, Office
from web.intake import create_intake, limits
from web.intake.limits import Rate
from web.intake.problems import Problem


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def refused(answer: TestResponse, status: int, kind: str) -> TestResponse:
    """The answer is this problem, as RFC 9457 wants it."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["type"] == f"urn:supervision:problem:{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return answer


def test_a_server_says_what_it_can_do(node: Office) -> None:
    answer = node.ask("OPTIONS", "/v1/parts", {"Tus-Resumable": ""})
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-defer-length,checksum"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer.headers["Tus-Max-Size"] == "1000"


def test_a_part_of_known_length_comes_in_chunks(node: Office, paths: HqPaths) -> None:
    answer = node.create(length=10)
    assert answer.status_code == 201
    assert answer.headers["Location"] == URL
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    answer = node.add(0, b"01234")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "5")
    assert node.add(5, b"56789").headers["Upload-Offset"] == "10"
    looked = node.ask("HEAD", URL)
    assert looked.headers["Upload-Length"] == "10"
    assert looked.headers["Upload-Offset"] == "10"
    assert looked.headers["Cache-Control"] == "no-store"
    assert looked.headers["Upload-Metadata"].startswith("filename ")
    assert paths.incoming_part("3301", PART).read_bytes() == b"0123456789"


def test_a_growing_part_is_given_its_length_at_the_end(node: Office) -> None:
    node.create()
    assert node.ask("HEAD", URL).headers["Upload-Defer-Length"] == "1"
    node.add(0, b"01234")
    assert node.add(5, b"56", Upload_Length="7").status_code == 204
    assert node.ask("HEAD", URL).headers["Upload-Length"] == "7"
    refused(node.add(7, b"", Upload_Length="8"), 409, "length-fixed")
    refused(node.add(7, b"7"), 413, "part-too-large")


def test_beginning_again_leads_to_the_same_part(node: Office) -> None:
    node.create(length=10)
    node.add(0, b"01234")
    answer = node.create(length=10)
    assert (answer.status_code, answer.headers["Location"]) == (201, URL)
    assert node.held() == 5
    refused(node.create(length=11), 409, "length-fixed")


def test_the_trailing_slash_of_some_clients_does_no_harm(node: Office) -> None:
    encoded = base64.b64encode(str(PART).encode()).decode()
    headers = {"Upload-Metadata": f"filetype YQ==,filename {encoded}", "Upload-Length": "3"}
    assert node.ask("POST", "/v1/parts/", headers).headers["Location"] == URL


@pytest.mark.parametrize("offset", [0, 4, 6])
def test_a_chunk_at_another_offset_is_refused_and_changes_nothing(node: Office, offset: int) -> None:
    node.create()
    node.add(0, b"01234")
    answer = refused(node.add(offset, b"xxx"), 409, "wrong-offset")
    assert answer.headers["Upload-Offset"] == "5"
    assert node.held() == 5


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_chunk_with_its_checksum_is_kept(node: Office, algorithm: str) -> None:
    node.create()
    assert node.add(0, b"01234", Upload_Checksum=checksum(b"01234", algorithm)).status_code == 204


def test_nothing_of_a_chunk_with_a_wrong_checksum_is_kept(node: Office, paths: HqPaths) -> None:
    node.create()
    node.add(0, b"01234")
    answer = node.add(5, b"wrong", Upload_Checksum=checksum(b"right"), Upload_Length="10")
    refused(answer, 460, "checksum-differs")
    assert node.held() == 5
    assert node.ask("HEAD", URL).headers["Upload-Defer-Length"] == "1"
    assert paths.incoming_part("3301", PART).read_bytes() == b"01234"


@pytest.mark.parametrize("text", ["", "md5 AAAA", "sha1", "sha1 ???", "sha256 AAAA"])
def test_a_checksum_that_cannot_be_read_is_refused(node: Office, text: str) -> None:
    node.create()
    answer = node.add(0, b"01234", Upload_Checksum=text or " ")
    refused(answer, 400, "bad-checksum")
    assert node.held() == 0


class Breaking(io.BytesIO):
    """A body whose sender dies after what it holds."""

    def read(self, size: int | None = -1) -> bytes:
        """As usual, then the connection is reset."""
        if block := super().read(size):
            return block
        raise ConnectionResetError


def broken_off(node: Office, data: bytes, announced: int, **more: str) -> TestResponse:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    headers |= {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
    return node.client.open(
        URL,
        method="PATCH",
        headers=headers,
        input_stream=Breaking(data),
        environ_overrides={
            "gunicorn.socket": node.connection,
            "wsgi.input_terminated": True,
            "CONTENT_LENGTH": str(announced),
        },
    )


def test_what_came_before_a_break_is_kept(node: Office) -> None:
    node.create()
    refused(broken_off(node, b"01234", 100), 408, "broken-off")
    assert node.held() == 5
    assert node.add(5, b"56").status_code == 204


def test_what_came_before_a_break_is_dropped_if_it_was_to_be_checked(node: Office) -> None:
    node.create()
    refused(broken_off(node, b"01234", 100, Upload_Checksum=checksum(b"0" * 100)), 408, "broken-off")
    assert node.held() == 0


def test_sizes_have_limits(node: Office) -> None:
    refused(node.create(length=1001), 413, "part-too-large")
    node.create()
    refused(node.add(0, b"x" * 201), 413, "chunk-too-large")
    refused(node.add(0, b"x", Upload_Length="1001"), 413, "part-too-large")
    for offset in range(0, 1000, 200):
        assert node.add(offset, b"x" * 200).status_code == 204
    refused(node.add(1000, b"x"), 413, "part-too-large")


def test_a_body_of_unknown_length_has_the_same_limit(node: Office) -> None:
    node.create()
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
    environ = {"gunicorn.socket": node.connection, "wsgi.input_terminated": True}
    for data, status in ((b"x" * 201, 413), (b"x" * 200, 204)):
        answer = node.client.open(
            URL, method="PATCH", headers=headers, input_stream=io.BytesIO(data), environ_overrides=environ
        )
        assert answer.status_code == status
    assert node.held() == 200


def test_an_office_has_only_so_many_unfinished_parts(node: Office, neighbour: Office) -> None:
    names = [f"{uuid.uuid4()}.d1.raw" for _ in range(4)]
    for name in names[:3]:
        assert node.create(name).status_code == 201
    answer = refused(node.create(names[3]), 429, "too-many-unfinished")
    assert int(answer.headers["Retry-After"]) > 0
    assert node.create(names[0]).status_code == 201
    assert neighbour.create(names[3]).status_code == 201
    assert node.add(0, b"", f"/v1/parts/{names[0]}", Upload_Length="0").status_code == 204
    assert node.create(names[3]).status_code == 201


def test_who_asks_too_often_learns_when_to_come_again() -> None:
    at = 0.0
    rate = Rate(2, lambda: at)
    for _ in range(4):
        rate.take("3301")
    with pytest.raises(Problem) as caught:
        rate.take("3301")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "1")
    rate.take("3302")
    at = 0.5
    rate.take("3301")


def test_the_rate_is_limited_for_each_office(settings: Settings, node: Office, neighbour: Office) -> None:
    slow = create_intake(settings.model_copy(update={"intake_requests_per_s": 0.001}))
    assert Office(slow, node.connection).create().status_code == 201
    answer = refused(Office(slow, node.connection).create(), 429, "too-many-requests")
    assert int(answer.headers["Retry-After"]) > 1
    assert Office(slow, neighbour.connection).create().status_code == 201


class Dripping(io.RawIOBase):
    """A body that does not come to its end before it is let go."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Nothing, once it is let go."""
        self.asked.set()
        self.let_go.wait()
        return 0


def test_an_office_that_sends_byte_by_byte_holds_only_so_many_threads(
    app: Flask, node: Office, neighbour: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OFFICE_AT_ONCE", 2, raising=False)
    app = create_intake(app.extensions["settings"])
    bodies, threads = [Dripping() for _ in range(2)], []
    for body in bodies:
        office, name = Office(app, node.connection), f"{uuid.uuid4()}.d1.raw"
        assert office.create(name).status_code == 201
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": CHUNK}
        environ = {"gunicorn.socket": node.connection, "wsgi.input": body, "CONTENT_LENGTH": "100"}
        sent = {"method": "PATCH", "headers": headers, "environ_overrides": environ}
        threads.append(threading.Thread(target=office.client.open, args=(f"/v1/parts/{name}",), kwargs=sent))
        threads[-1].start()
    try:
        for body in bodies:
            assert body.asked.wait(60)
        refused(Office(app, node.connection).create(), 429, "too-many-at-once")
        assert Office(app, neighbour.connection).create().status_code == 201
    finally:
        for body, thread in zip(bodies, threads, strict=True):
            body.let_go.set()
            thread.join(60)
    assert Office(app, node.connection).create().status_code == 201


def test_a_part_that_is_being_written_to_is_locked(node: Office, paths: HqPaths) -> None:
    node.create()
    with Incoming(paths).open("3301", PART, 0):
        answer = refused(node.add(0, b"01234"), 423, "locked")
        assert answer.headers["Retry-After"] == "1"
        assert node.held() == 0
    assert node.add(0, b"01234").status_code == 204


def test_nothing_can_be_added_to_a_final_part(node: Office, paths: HqPaths) -> None:
    node.create()
    node.add(0, b"01234")
    Incoming(paths).finalize("3301", PART, 5, hashlib.sha256(b"01234").hexdigest())
    refused(node.add(5, b"5"), 413, "part-too-large")
    assert node.add(5, b"").status_code == 204
    assert node.ask("HEAD", URL).headers["Upload-Length"] == "5"


@pytest.mark.parametrize(
    "name",
    ["", "x", "../../etc/passwd", f"{PART}\n", f"{PART.call_id}.x1.raw", f"{PART.call_id}.a01.raw", f"{PART}/.."],
)
def test_only_the_name_of_a_part_names_a_part(node: Office, name: str, paths: HqPaths) -> None:
    refused(node.create(name), 422, "invalid-input")
    assert not paths.incoming.exists()


@pytest.mark.parametrize("metadata", ["", "filename", "filename ???", "filename 5Lit5paH", "other YQ=="])
def test_without_a_name_nothing_is_begun(node: Office, metadata: str) -> None:
    headers = {"Upload-Metadata": metadata, "Upload-Length": "3"}
    refused(node.ask("POST", "/v1/parts", headers), 422, "invalid-input")


@pytest.mark.parametrize("path", ["x", f"{PART}.offset", str(PART).upper(), "%2e%2e", f"{PART.call_id}.a2.raw"])
@pytest.mark.parametrize("method", ["HEAD", "PATCH"])
def test_what_is_no_part_is_not_found(node: Office, path: str, method: str) -> None:
    node.create()
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert node.ask(method, f"/v1/parts/{path}", headers).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "1e3"},
        {"Upload-Length": "9" * 30},
        {"Upload-Defer-Length": "2"},
    ],
)
def test_a_length_is_a_number_or_deferred(node: Office, headers: dict[str, str]) -> None:
    encoded = base64.b64encode(str(PART).encode()).decode()
    answer = node.ask("POST", "/v1/parts", {"Upload-Metadata": f"filename {encoded}", **headers})
    refused(answer, 400, "bad-header")


def test_another_type_version_or_method_is_refused(node: Office) -> None:
    node.create()
    refused(node.add(0, b"x", Content_Type="text/plain"), 415, "wrong-type")
    answer = refused(node.ask("POST", "/v1/parts", {"Tus-Resumable": "0.2.2"}), 412, "wrong-version")
    assert answer.headers["Tus-Version"] == "1.0.0"
    for method in ("GET", "DELETE", "PUT"):
        assert node.ask(method, URL).status_code == 405
    assert node.held() == 0


def test_a_patch_may_be_sent_as_a_post(node: Office) -> None:
    node.create()
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = node.ask("POST", URL, {"X-HTTP-Method-Override": "PATCH", **headers}, b"01234")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "5")


@pytest.mark.parametrize(
    ("number", "status", "kind"), [(errno.ENOSPC, 507, "disk-full"), (errno.EIO, 503, "disk-fault")]
)
def test_a_failing_disk_is_reported_and_nothing_acknowledged_is_lost(
    node: Office, monkeypatch: pytest.MonkeyPatch, number: int, status: int, kind: str
) -> None:
    node.create()
    node.add(0, b"01234")

    def fails(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", fails)
        refused(node.add(5, b"56789"), status, kind)
    assert node.held() == 5
    assert node.add(5, b"56789").status_code == 204


def test_damage_is_reported_and_never_gone_on_from(node: Office, paths: HqPaths) -> None:
    node.create()
    node.add(0, b"01234")
    os.truncate(paths.incoming_part("3301", PART), 2)
    refused(node.add(5, b"5"), 500, "damaged")
    assert node.ask("HEAD", URL).status_code == 500


def test_a_fault_of_ours_tells_nothing_of_itself(
    app: Flask, node: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Incoming, "create", fails)
    assert "secret" not in refused(node.create(), 500, "fault").text
