"""Headquarters behind the documented nginx: who lingers or floods holds up nobody else, and forgeries fail."""

import contextlib
import http.client
import select as readable
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bench.strangers import ASKS, stays_after_the_answer
from demo.headquarters import LoopbackHeadquarters
from supervision.actor import Role
from supervision.certificates import authority
from supervision.paths import PartName
from supervision.people.models import SignIn
from tests.demo.strangers import (
    half_closes,
    half_closes_in_tls,
    half_shakes_hands,
    says_nothing,
    stops_in_mid_request,
)
from tests.factories import PASSWORD, make_account
from tests.intake.conftest import CHUNK, PART, URL
from tests.intake.server import ask, create
from tests.web.conftest import TOKEN

pytestmark = pytest.mark.enable_socket

STRANGERS = 10  # of each kind; of one, gunicorn's only dispatch thread waits two seconds for each
ANSWERED_WITHIN_S = 10.0  # far more than it takes, and far less than they hold up who waits for them


@pytest.fixture(scope="module")
def hq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackHeadquarters]:
    """A headquarters as the demo has it, with one process for each kind of client, and nginx's own limits."""
    settings = {"SUPERVISION_WEB_WORKERS": "1", "SUPERVISION_INTAKE_WORKERS": "1"}
    settings |= {"SUPERVISION_INTAKE_THREADS": "32"}
    headquarters = LoopbackHeadquarters(tmp_path_factory.mktemp("hq"), settings, by_address=True)
    try:
        headquarters.start_intake()
        headquarters.start_site()
        yield headquarters
    finally:
        headquarters.stop()


@contextlib.contextmanager
def lingering(port: int, *kinds: Callable[[socket.socket], None]) -> Iterator[None]:
    """So many strangers of each kind, connected until the end."""
    with ExitStack() as strangers:
        for kind in kinds:
            for _ in range(STRANGERS):
                kind(strangers.enter_context(socket.create_connection(("127.0.0.1", port), ANSWERED_WITHIN_S)))
        yield


def test_strangers_who_linger_at_the_site_keep_nobody_from_his_page(hq: LoopbackHeadquarters) -> None:
    kinds = (says_nothing, stops_in_mid_request, half_closes, stays_after_the_answer)
    with lingering(hq.web_port, *kinds):
        answer = httpx.get(f"{hq.site}/account/sign-in", timeout=ANSWERED_WITHIN_S, trust_env=False)
        assert answer.status_code == 200


def test_strangers_who_linger_at_the_intake_keep_no_office_from_sending(
    hq: LoopbackHeadquarters, tmp_path: Path
) -> None:
    context = context_of(hq, "3301", tmp_path)
    with lingering(hq.intake_port, says_nothing, stops_in_mid_request, half_shakes_hands, half_closes_in_tls):
        office = http.client.HTTPSConnection(
            "127.0.0.1", hq.intake_port, timeout=ANSWERED_WITHIN_S, context=context
        )
        assert create(office, PART).status == 201
        added = ask(office, "PATCH", URL, {"Upload-Offset": "0", "Content-Type": CHUNK}, b"heard")
        assert (added.status, added.headers["Upload-Offset"]) == (204, "5")
        office.close()


def test_one_offices_key_does_not_take_the_intake_from_the_others(
    hq: LoopbackHeadquarters, tmp_path: Path
) -> None:
    begun = b"POST /v1/facts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n{"
    contexts = [context_of(hq, code, tmp_path) for code in ("3302", "3303")]
    with ExitStack() as slow:
        waiting = set()
        for _ in range(40):  # the intake has 32 threads here
            plain = slow.enter_context(socket.create_connection(("127.0.0.1", hq.intake_port), ANSWERED_WITHIN_S))
            held = slow.enter_context(contexts[0].wrap_socket(plain, server_hostname="127.0.0.1"))
            held.sendall(begun)
            held.setblocking(False)
            waiting.add(held)
        while len(waiting) > 24:
            ready, _, _ = readable.select(list(waiting), [], [], ANSWERED_WITHIN_S)
            assert ready, "of one office no more are kept"
            waiting -= {one for one in ready if _is_answered(one)}
        other = http.client.HTTPSConnection(
            "127.0.0.1", hq.intake_port, timeout=ANSWERED_WITHIN_S, context=contexts[1]
        )
        assert create(other, PartName(uuid.UUID("01890000-0000-7000-8000-00000000000b"), "a", 1)).status == 201
        other.close()


def test_two_offices_keys_that_send_facts_byte_by_byte_take_the_intake_from_nobody(
    hq: LoopbackHeadquarters, tmp_path: Path
) -> None:
    begun = b"POST /v1/facts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n{"
    with ExitStack() as slow:
        for code in ("3304", "3305"):
            context = context_of(hq, code, tmp_path)
            for _ in range(20):  # both together are more than the intake's 32 threads
                plain = slow.enter_context(
                    socket.create_connection(("127.0.0.1", hq.intake_port), ANSWERED_WITHIN_S)
                )
                slow.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1")).sendall(begun)
        context = context_of(hq, "3306", tmp_path)
        other = http.client.HTTPSConnection(
            "127.0.0.1", hq.intake_port, timeout=ANSWERED_WITHIN_S, context=context
        )
        assert create(other, PartName(uuid.UUID("01890000-0000-7000-8000-00000000000c"), "a", 1)).status == 201
        other.close()


def context_of(hq: LoopbackHeadquarters, code: str, folder: Path) -> ssl.SSLContext:
    """TLS with a certificate of that office."""
    files = authority.issue_office(hq.paths, code, folder / code)
    context = ssl.create_default_context(cafile=str(hq.paths.ca.certificate))
    context.load_cert_chain(files.certificate, files.key)
    return context


def _is_answered(held: ssl.SSLSocket) -> bool:
    """Whether an answer has come; TLS itself says something after the handshake, too."""
    try:
        return held.recv(1) == b"H"
    except ssl.SSLWantReadError:
        return False


def browser(hq: LoopbackHeadquarters, address: str) -> httpx.Client:
    """Somebody at an address of his own; all of 127.0.0.0/8 is loopback."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=hq.site, transport=transport, trust_env=False, timeout=ANSWERED_WITHIN_S)


def test_a_stranger_who_floods_the_site_is_asked_to_wait_and_others_are_served(hq: LoopbackHeadquarters) -> None:
    with ExitStack() as flood, browser(hq, "127.0.0.9") as other:
        stranger = [
            flood.enter_context(socket.create_connection(("127.0.0.1", hq.web_port), 60, ("127.0.0.66", 0)))
            for _ in range(300)
        ]
        for connection in stranger:
            connection.sendall(ASKS)
        assert other.get("/account/sign-in").status_code == 200
        answers = [connection.makefile("rb").read() for connection in stranger]
    refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 429 ")]
    assert refused
    assert all(b"Retry-After: 3\r\n" in answer for answer in refused)


def test_a_stranger_who_sends_many_passwords_byte_by_byte_takes_no_others_place(hq: LoopbackHeadquarters) -> None:
    begun = (
        b"POST /account/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    )
    with ExitStack() as slow, browser(hq, "127.0.0.11") as other:
        stranger = [
            slow.enter_context(socket.create_connection(("127.0.0.1", hq.web_port), 60, ("127.0.0.67", 0)))
            for _ in range(40)
        ]
        for connection in stranger:
            connection.sendall(begun)
        waiting = set(stranger)
        while len(waiting) > 24:  # at all addresses together nginx keeps no more
            answered, _, _ = readable.select(list(waiting), [], [], ANSWERED_WITHIN_S)
            assert answered
            waiting -= set(answered)
        found = TOKEN.search(other.get("/account/sign-in").text)
        assert found
        form = {"login": "nobody", "password": PASSWORD, "csrf_token": found[1]}
        assert other.post("/account/sign-in", data=form).status_code != 429


def test_a_stranger_who_sends_large_replies_slowly_fills_no_disk_and_takes_no_others_place(
    hq: LoopbackHeadquarters,
) -> None:
    reply = "/rectification/01890000-0000-7000-8000-00000000000d/reply"
    begun = f"POST {reply} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 52000000\r\n\r\nx".encode()
    with ExitStack() as slow, browser(hq, "127.0.0.12") as other:
        address = ("127.0.0.1", hq.web_port), 60, ("127.0.0.68", 0)
        waiting = {slow.enter_context(socket.create_connection(*address)) for _ in range(20)}
        for connection in waiting:
            connection.sendall(begun)
        answers = set()
        while b"HTTP/1.1 429" not in answers:  # the first four are kept until they have sent nothing for too long
            assert waiting, "all of them are kept"
            answered, _, _ = readable.select(list(waiting), [], [], 60)
            answers |= {_begin_of_answer(one) for one in answered}
            waiting -= set(answered)
        assert other.post(reply, data={"now_done": "x"}).status_code != 429


def _begin_of_answer(connection: socket.socket) -> bytes:
    """The first twelve bytes; none where it was broken off."""
    try:
        return connection.recv(12)
    except ConnectionResetError:
        return b""


def test_a_forged_address_is_overwritten_and_live_streams_come_as_they_are_sent(hq: LoopbackHeadquarters) -> None:
    with hq.database.transaction() as session:
        login = make_account(session, Role.SUPERVISOR).login
    forged = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Host": "evil.example", "X-Client-Cert": "forged"}
    with browser(hq, "127.0.0.10") as person:
        found = TOKEN.search(person.get("/account/sign-in").text)
        assert found
        form = {"login": login, "password": PASSWORD, "csrf_token": found[1]}
        answer = person.post("/account/sign-in", data=form, headers=forged)
        assert answer.status_code == 303
        assert "evil" not in answer.headers["Location"]
        with person.stream("GET", "/live/stream") as stream:
            assert "event: clock" in next(stream.iter_text()), "while the stream goes on"
    with hq.database.reading() as session:
        assert list(session.scalars(select(SignIn.address))) == ["127.0.0.10"]
