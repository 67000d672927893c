"""The limits that every office's Asterisk is rendered with."""

from pathlib import Path

import pytest

from asterisk.render import Network, render
from supervision.offices.description import parse_description
from supervision.paths import Paths

OFFICE = """
office: {code: "3101", name: 税务所}
lines:
  - {key: one, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801"], leader: "900",
     announcement: false}
  - {key: two, number: "62310002", name: 二号线, gateway: {account: fxo2}, desks: ["801"], leader: "900",
     announcement: false, ports: 3}
desks: [{extension: "801", name: 一号台}, {extension: "900", name: 带班领导}]
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    render(parse_description(OFFICE), Network(), Paths(tmp_path), tmp_path)
    return Paths(tmp_path).asterisk / "etc"


def values(file: Path) -> list[tuple[str, str]]:
    """Each `name = value` of a file of Asterisk's, whatever its section."""
    lines = (line.partition(";")[0].partition("=") for line in file.read_text("utf-8").splitlines())
    return [(name.strip(), value.strip(" >")) for name, sign, value in lines if sign]


def test_a_peer_without_audio_is_dead_after_a_minute_and_on_hold_after_ten(etc: Path) -> None:
    found = values(etc / "pjsip.conf")
    assert {value for name, value in found if name == "rtp_timeout"} == {"60"}
    assert {value for name, value in found if name == "rtp_timeout_hold"} == {"600"}


def test_asterisk_takes_as_many_calls_as_there_are_ports_and_some_that_it_refuses(etc: Path) -> None:
    found = dict(values(etc / "asterisk.conf"))
    assert found["maxcalls"] == str(2 * (4 + 2) + 100)
    assert "maxload" not in found  # a sick disk raises the load, and no call is refused for that
