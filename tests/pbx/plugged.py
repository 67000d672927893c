"""Softphones plugged into an office: a line's port, a desk; and an office with a desk for each line."""

from collections.abc import Mapping
from typing import Any

from bench.sip import Account
from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call
from supervision.incidents.models import Incident
from tests.pbx.softphone import Softphone
from tests.pbx.stories import RATE, description, incidents_of

PORT_HZ, DESK_HZ = 440, 880


def port_of(office: LoopbackOffice, line_key: str, hertz: int = PORT_HZ) -> Softphone:
    """The gateway's port of a line."""
    line = next(line for line in office.description.lines if line.key == line_key)
    password = office.paths.secret(f"sip-line-{line_key}").read_text("ascii").strip()
    return Softphone(_address(office), Account(str(line.gateway.account), password), hertz)


def desk_of(office: LoopbackOffice, extension: str, hertz: int = DESK_HZ) -> Softphone:
    """A desk's phone, registered."""
    password = office.paths.secret(f"sip-desk-{extension}").read_text("ascii").strip()
    return Softphone(_address(office), Account(extension, password), hertz).registers()


def row_of_lines(count: int, ports: int = 1, others: Mapping[int, dict[str, Any]] | None = None) -> dict[str, Any]:
    """An office of so many lines ("07-0", …), each answered by a person only, at desks of its own.

    Each line has so many ports; `others` says of which lines, by number, what is otherwise.

    The first desks are "100", …, the second ones "200", …; a desk whose phone is not plugged in is not rung.
    """
    line = {"leader": "809", "ring_s": 1, "announcement": False}
    lines = [
        {"key": f"07-{n}", "number": f"8888{n:04d}", "name": f"线路{n}", "gateway": {"account": f"fxo-{n}"}}
        | {"desks": [str(100 + n), str(200 + n)], "ports": ports}
        | line
        | (others or {}).get(n, {})
        for n in range(count)
    ]
    extensions = [str(row + n) for row in (100, 200) for n in range(count)]
    desks = [{"extension": extension, "name": f"台{extension}"} for extension in [*extensions, "809"]]
    return description() | {"lines": lines, "desks": desks}


def incidents_with(office: LoopbackOffice, call: Call) -> list[Incident]:
    """The incidents of one call."""
    return [incident for incident in incidents_of(office) if incident.call_id == call.id]


def hears_for(phone: Softphone, seconds: float) -> None:
    """Wait until so much audio has come to a phone."""
    came: list[int] = []

    def enough() -> bool:
        came.append(len(phone.speech.heard()))
        return sum(came) >= seconds * RATE

    until(f"{seconds:g} s of audio", enough)


def _address(office: LoopbackOffice) -> tuple[str, int]:
    return "127.0.0.1", office.network.sip_port
