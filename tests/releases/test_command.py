"""What whoever calls `release.sh` is answered, by a line and by the exit code."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from releases import __main__ as command
from releases import switch as switching
from releases.rules import ASTERISK, CONTROL, WORKER
from releases.switch import Patience
from tests.releases.machines import OnPaper, lay

AT_ONCE = Patience(ready_s=0, settled_s=0)


@pytest.fixture(autouse=True)
def _own_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OnPaper:
    """An office with two releases, the older one in use."""
    one = OnPaper(tmp_path, (ASTERISK, CONTROL, WORKER))
    for name in ("1.0", "1.1"):
        lay(one.layout, name)
    monkeypatch.setattr(command, "Machine", lambda _layout: one)
    monkeypatch.setattr(switching, "Patience", lambda: AT_ONCE)
    assert command.main(["switch", "1.0", "--asterisk-wait", "0"]) == 0
    return one


def test_a_switch_ends_with_0_and_says_to_what(machine: OnPaper, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["switch", "1.1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "switched to 1.1"


def test_a_second_one_says_that_there_is_nothing_to_do(
    machine: OnPaper, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert command.main(["switch", "1.0"]) == 0
    assert capsys.readouterr().out == "1.0 is current already\n"


def test_back_is_the_one_before(machine: OnPaper, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["switch", "1.1"])
    assert command.main(["switch", "--back"]) == 0
    assert command.main(["list"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["1.0  current", "1.1  previous"]


def test_back_from_the_only_one_is_not_done(machine: OnPaper, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["switch", "--back"]) == 1
    assert "no release to go back to" in capsys.readouterr().out


def test_a_release_that_does_not_come_up_ends_with_1(machine: OnPaper, capsys: pytest.CaptureFixture[str]) -> None:
    lay(machine.layout, "1.2", broken=WORKER)
    assert command.main(["switch", "1.2"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("Not done: 1.0 is in use again")


def test_calls_that_do_not_end_are_left_to_the_operator(
    machine: OnPaper, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.rendered, machine.channels = {"modules.conf": "new\n"}, 2
    assert command.main(["switch", "1.1", "--asterisk-wait", "0"]) == 3
    assert "switched to 1.1" in capsys.readouterr().out
    assert command.main(["asterisk", "--asterisk-wait", "0"]) == 3
    assert command.main(["asterisk", "--now"]) == 0
    assert machine.did[-1] == f"restart {ASTERISK} of 1.1"
    assert command.main(["asterisk", "--asterisk-wait", "0"]) == 0, "nothing is left to do"


def test_two_do_not_switch_at_once(machine: OnPaper, capsys: pytest.CaptureFixture[str]) -> None:
    with machine.layout.lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert command.main(["switch", "1.1"]) == 1
    assert "another one" in capsys.readouterr().out


def test_a_configuration_that_waits_for_calls_ends_with_3_and_the_next_one_settles_it(
    machine: OnPaper, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.rendered, machine.channels = {"extensions.conf": "new\n"}, 1
    words = ["configure", "--asterisk-wait", "0", "--", "--bind", "10.7.7.1"]
    assert command.main(words) == 3
    assert "configured anew: extensions.conf" in capsys.readouterr().out
    machine.channels = 0
    assert command.main(words) == 0
    assert machine.did[-1] == "asterisk: dialplan reload"
