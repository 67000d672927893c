"""An offer from a known port that Asterisk refuses before there is a channel: a taxpayer was turned away."""

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from supervision.offices.description import LineDescription

# What Asterisk answers to an offer that it cannot take: nonsense, no codec in common, a number for which the
# dialplan has no pattern (404, 484), something it must know and does not; 486, of the dialplan, to a second call
# on a port that carries one; and 503 where it carries as many as it may in all (`maxcalls`), or shuts down. Any
# other call that the dialplan ends has a record of its own.
PORT_BUSY = 486
TOO_MANY = 503
REFUSED = frozenset(
    {400, 404, 406, 413, 415, 416, 420, 421, 422, 484, PORT_BUSY, 488, 493, 494, 500, 501, TOO_MANY, 513, 606}
)
OFFERS_KEPT = 1000
REASON_LONGEST = 120
REPORT_EVERY_S = 1.0
COMPACT = {"i": "call-id", "t": "to", "f": "from", "v": "via"}
USERNAME = re.compile(r'\busername="([^"]{1,64})"')
STATUS = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)")


@dataclass(frozen=True)
class Refusal:
    """An offer that was refused: the line whose port made it, the SIP status, and why as far as Asterisk says."""

    line_key: str
    status: int
    reason: str


@dataclass(frozen=True)
class SipHead:
    """A SIP message's first line and headers; of headers that come twice, the first."""

    first: str
    headers: dict[str, str]

    @classmethod
    def parse(cls, message: bytes) -> "SipHead":
        """The head of a message, whatever bytes it holds."""
        first, *lines = message.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if colon and not line[:1].isspace():
                low = name.strip().lower()
                headers.setdefault(COMPACT.get(low, low), value.strip())
        return cls(first, headers)

    @property
    def transaction(self) -> tuple[str, str]:
        """What a request and its answers have in common."""
        return self.headers.get("call-id", ""), self.headers.get("cseq", "")


@dataclass
class Refusals:
    """Which offers of the lines' ports are under way, by line, and which have had their answer (no line)."""

    lines: tuple[LineDescription, ...]
    _offers: dict[tuple[str, str], str] = field(default_factory=dict)

    def see(self, source: str, message: bytes) -> Refusal | None:
        """Handle one message; the refusal, if it refuses an offer of a known port. Sent again, it is none."""
        head = SipHead.parse(message)
        if head.first.startswith("INVITE "):
            self._offered(source, head)
            return None
        answer = STATUS.match(head.first)
        status = int(answer[1]) if answer else 0
        if status < 200 or not head.headers.get("cseq", "").endswith(" INVITE"):
            return None
        line_key = self._offers.get(head.transaction, "")
        if line_key:
            self._offers[head.transaction] = ""  # sent again, offer and answer are none
        if not line_key or status not in REFUSED or answer is None:
            return None
        reason = head.headers.get("warning") or answer[2]
        return Refusal(line_key, status, "".join(filter(str.isprintable, reason))[:REASON_LONGEST])

    def _offered(self, source: str, head: SipHead) -> None:
        """A first offer only: within a call, what is refused is a change of it, and the call goes on."""
        if ";tag=" in head.headers.get("to", ""):
            return
        line_key = find_line(self.lines, source, head)
        if line_key is not None:
            self._offers.setdefault(head.transaction, line_key)
            while len(self._offers) > OFFERS_KEPT:
                self._offers.pop(next(iter(self._offers)))


@dataclass
class RefusalReporter:
    """Reports refusals one after another, each line's at most once a second, with how many there were.

    Whoever sends broken offers without end has one writer of the store busy a little, and no call waits for it.
    """

    report: Callable[[Refusal, int], Awaitable[None]]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _unreported: dict[str, tuple[Refusal, int]] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, refusal: Refusal) -> None:
        """One more; of a line's, the first that is not reported yet says the status and the reason."""
        first, times = self._unreported.get(refusal.line_key, (refusal, 0))
        self._unreported[refusal.line_key] = first, times + 1
        self._came.set()

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            unreported, self._unreported = self._unreported, {}
            for refusal, times in unreported.values():
                await self.report(refusal, times)
            await self.pause(REPORT_EVERY_S)


def find_line(lines: Iterable[LineDescription], source: str, head: SipHead) -> str | None:
    """The line whose port sent a request: by its account, or by its header and address, as Asterisk tells it."""
    named = USERNAME.search(head.headers.get("authorization", ""))
    for line in lines:
        gateway = line.gateway
        if gateway.account:
            if named is not None and named[1] == gateway.account:
                return line.key
        elif head.headers.get(str(gateway.header).lower()) == gateway.value and _within(
            source, str(gateway.address)
        ):
            return line.key
    return None


def _within(source: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(source) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
