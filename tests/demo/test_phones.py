"""The phones themselves, against a real Asterisk: each act is seen by both sides."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk.ports import free_ports, free_range
from asterisk.render import Network, render
from asterisk.root import find_or_make
from asterisk.runtime import Pbx
from demo.phones import Address, Desk, Gateway
from demo.processes import until
from demo.sipp import CallSeen, PhoneFailed, Run
from supervision.offices.description import parse_description
from supervision.paths import Paths

pytestmark = [pytest.mark.pbx, pytest.mark.enable_socket]

OFFICE = """
office: {code: "3101", name: 税务所}
lines:
  - {key: one, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801"], leader: "900",
     announcement: false, ring_s: 1}
desks: [{extension: "801", name: 一号台}, {extension: "900", name: 带班领导}]
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ph."))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def pbx(home: Path) -> Iterator[Address]:
    sip, http, ami, hep = free_ports(4)
    installation = find_or_make()
    network = Network(sip, http, ami, hep, *free_range(40))
    render(parse_description(OFFICE), network, Paths(home), installation.modules)
    with Pbx(home, installation):
        yield ("127.0.0.1", sip)


@pytest.fixture
def desk(pbx: Address, home: Path) -> Iterator[Desk]:
    with Desk(pbx, "801", secret(home, "sip-desk-801"), home / "phones") as phone:
        yield phone


@pytest.fixture
def caller(pbx: Address, home: Path) -> Iterator[Gateway]:
    with Gateway(pbx, "fxo1", secret(home, "sip-line-one"), home / "phones") as port:
        yield port


def wait_for_calls(run: Run, n: int = 1, *, answered: bool = True, timeout_s: float = 60) -> list[CallSeen]:
    """Wait until n calls (answered ones, unless `answered` is False) are over."""
    done: list[CallSeen] = []

    def are_over() -> bool:
        done[:] = [call for call in run.calls() if call.over and (call.answered or not answered)]
        return len(done) >= n

    until(f"{n} calls over", are_over, timeout_s)
    return done


def secret(home: Path, name: str) -> str:
    return Paths(home).secret(name).read_text().strip()


def test_a_call_is_answered_and_the_caller_hangs_up(desk: Desk, caller: Gateway) -> None:
    ringing = desk.answers(after_s=0.5)
    (call,) = caller.dials("62310001", talks_s=1).wait()
    (heard,) = wait_for_calls(ringing)
    assert 500 <= heard.at_ms("200 INVITE") - heard.at_ms("180 INVITE") < 700
    assert 1000 <= call.length_ms < 1200
    assert call.find("BYE") == next(message for message in call.messages if message.name == "BYE" and message.sent)


def test_the_officer_hangs_up_and_the_caller_hears_it(desk: Desk, caller: Gateway) -> None:
    desk.answers(after_s=0.1, hangs_up_after_s=1)
    (call,) = caller.dials("62310001").wait()
    bye = call.find("BYE")
    assert bye is not None
    assert not bye.sent


def test_a_caller_gives_up_while_it_rings(desk: Desk, caller: Gateway) -> None:
    ringing = desk.rings()
    (call,) = caller.dials("62310001", gives_up_after_s=1).wait()
    assert not call.answered
    (heard,) = wait_for_calls(ringing, answered=False)
    assert [message.name for message in heard.messages][-4:] == ["CANCEL", "200 CANCEL", "487 INVITE", "ACK"]


def test_a_desk_turns_calls_down(desk: Desk, caller: Gateway) -> None:
    rejecting = desk.rejects()
    caller.dials("62310001", gives_up_after_s=1).wait()
    assert rejecting.calls()[0].find("486 INVITE") is not None


def test_a_wrong_password_is_refused_at_once(pbx: Address, home: Path) -> None:
    with Desk(pbx, "801", "wrong", home / "phones") as phone, pytest.raises(PhoneFailed, match="not registered"):
        phone.register()
    with Gateway(pbx, "fxo1", "wrong", home / "phones") as port:
        (call,) = port.dials("62310001", talks_s=1).wait()
        assert not call.answered


@pytest.mark.parametrize("caller_id", [b'"; rm -rf / ; ${SHELL(id)}<script>', b"9" * 5000, b"", b"\xff\xc3("])
def test_any_caller_id_gets_through(desk: Desk, caller: Gateway, caller_id: bytes) -> None:
    desk.answers(after_s=0)
    (call,) = caller.dials("62310001", caller_id=caller_id, talks_s=0.3).wait()
    assert call.answered
