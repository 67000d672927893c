"""Gateways' ports and desks' telephones in a namespace of the bureau's LAN, which call its offices."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.sip import Account
from tests.hosts.bureau import PHONES, Bureau
from tests.hosts.network import PREFIX
from tests.pbx.plugged import hears_for
from tests.pbx.softphone import Softphone
from tests.pbx.stories import RATE

SIP_PORT = 5060
PORT_HZ, DESK_HZ = 440, 880
ANSWERED = 200


def telephone(bureau: Bureau, office: str, account: str, secret: str, hertz: int) -> Softphone:
    """A telephone with an account of an office; its password is read there."""
    password = bureau.run_on(f"office{office}", "cat", f"/srv/supervision/secrets/{secret}").strip()
    host = f"{PREFIX}.{PHONES}"
    with bureau.network.entered("phones"):
        return Softphone(
            (bureau.machines[f"office{office}"].address, SIP_PORT), Account(account, password), hertz, host
        )


@dataclass
class Line:
    """A line of an office with its port and its desk, both plugged in."""

    office: str
    number: str
    port: Softphone
    desk: Softphone

    def call(self, seconds: float) -> bool:
        """One call, answered by the desk, of so many seconds; whether both heard the other all the time."""
        if self.port.dials(self.number) != ANSWERED:
            return False
        self.desk.waits_for("ACK", count=len([one for one in self.desk.seen if one.name == "ACK"]) or 1)
        hears_for(self.port, seconds)
        heard = len(self.desk.speech.heard())
        self.port.hangs_up()
        return heard >= 0.9 * seconds * RATE


def plug_in(bureau: Bureau, office: str, lines: Sequence[tuple[str, str, str, str]]) -> list[Line]:
    """Register the ports and desks of lines, each (key, number, account, extension)."""
    found = []
    for key, number, account, extension in lines:
        port = telephone(bureau, office, account, f"sip-line-{key}", PORT_HZ).registers()
        desk = telephone(bureau, office, extension, f"sip-desk-{extension}", DESK_HZ).registers()
        found.append(Line(office, number, port, desk))
    return found


@dataclass
class Traffic:
    """Calls on one line, one after the other, until it is told to stop; and one that lasts all the time."""

    line: Line
    seconds: float
    refused_at: list[float] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> "Traffic":
        """Begin to call."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Let the last call end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            at = time.monotonic()
            status = self.line.port.dials(self.line.number)
            (self.answered_at if status == ANSWERED else self.refused_at).append(at)
            if status == ANSWERED:
                self._stop.wait(self.seconds)
                self.line.port.hangs_up()
            self._stop.wait(0.5)

    def longest_refusal_s(self) -> float:
        """The longest time during which calls were refused only, up to the next that was answered."""
        longest = 0.0
        for at in self.refused_at:
            until = min((one for one in self.answered_at if one > at), default=time.monotonic())
            longest = max(longest, until - at)
        return longest
