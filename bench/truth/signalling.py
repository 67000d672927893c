"""SIP over one socket for many phones: sent again until answered, answered again when asked again."""

import asyncio
import re
import socket
from collections.abc import Callable
from typing import Protocol

from asterisk.ports import free_ports, give_back
from bench.sip import SipMessage, message
from bench.wire import Address, Wire

T1_S, T2_S, GIVE_UP_S = 0.5, 4.0, 32.0
ROOM_BYTES = 4 << 20
BRANCH = re.compile(r"branch=([^;,\s]+)")


class Leg(Protocol):
    """One dialog of a phone."""

    def receive(self, came: SipMessage, at_ns: int) -> None:
        """A message of that dialog came, for the first time or, if it is a final answer, once more."""


class Signalling:
    """The socket, and what is under way on it."""

    def __init__(self, pbx: Address, on_new: Callable[[SipMessage, int], None] | None = None) -> None:
        (port,) = free_ports(1)
        self.pbx = pbx
        self.wire = Wire(port)
        self.wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM_BYTES)
        self.legs: dict[str, Leg] = {}
        self._on_new = on_new
        self._repeats: dict[str, asyncio.TimerHandle] = {}
        self._answers: dict[tuple[str, str], bytes] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.wire.socket, self._drain)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.wire.port

    def close(self) -> None:
        """Close the socket."""
        for handle in self._repeats.values():
            handle.cancel()
        self._loop.remove_reader(self.wire.socket)
        self.wire.close()
        give_back([self.port])

    def send(self, data: bytes) -> int:
        """Send it once, and say when."""
        return self.wire.send(data, self.pbx)

    def request(self, branch: str, method: str, data: bytes) -> int:
        """Send a request, again and again until it is answered."""
        return self._repeat(f"{branch} {method}", data)

    def answer(self, to: SipMessage, data: bytes) -> int:
        """Answer a request; the same again if it comes again. A final answer to an INVITE until its ACK comes."""
        method = to.header("cseq").split()[1]
        self._answers[branch_of(to), method] = data
        final = not data.startswith(b"SIP/2.0 1")
        if method == "INVITE" and final:
            return self._repeat(f"ack {to.header('call-id')}", data)
        return self.send(data)

    def _repeat(self, key: str, data: bytes) -> int:
        self._schedule(key, data, T1_S, self._loop.time() + GIVE_UP_S)
        return self.send(data)

    def _schedule(self, key: str, data: bytes, after_s: float, until: float) -> None:
        def again() -> None:
            self._repeats.pop(key, None)
            if self._loop.time() < until:
                self.send(data)
                self._schedule(key, data, min(2 * after_s, T2_S), until)

        self._stop(key)
        self._repeats[key] = self._loop.call_later(after_s, again)

    def _stop(self, key: str) -> None:
        handle = self._repeats.pop(key, None)
        if handle is not None:
            handle.cancel()

    def _drain(self) -> None:
        for one in self.wire.arrived():
            try:
                came = SipMessage.parse(one.data)
                self._take(came, one.at_ns)
            except ValueError:
                continue

    def _take(self, came: SipMessage, at_ns: int) -> None:
        branch, method = branch_of(came), came.header("cseq").split()[1]
        leg = self.legs.get(came.header("call-id"))
        if came.first.startswith("SIP/2.0"):
            status = int(came.first.split()[1])
            if status >= 200 or method == "INVITE":
                self._stop(f"{branch} {method}")
        elif method == "ACK":
            self._stop(f"ack {came.header('call-id')}")
        elif (branch, method) in self._answers:
            self.send(self._answers[branch, method])
            return
        if leg is not None:
            leg.receive(came, at_ns)
        elif self._on_new is not None and not came.first.startswith("SIP/2.0") and method == "INVITE":
            self._on_new(came, at_ns)
        elif not came.first.startswith("SIP/2.0") and method != "ACK":
            self.answer(came, plain_reply(came, "200 OK" if method == "OPTIONS" else "481 No Such Call"))


def branch_of(came: SipMessage) -> str:
    """The branch of its topmost Via."""
    found = BRANCH.search(came.header("via"))
    return found[1] if found else ""


def plain_reply(to: SipMessage, status: str) -> bytes:
    """An answer outside of any call."""
    kept = [(name, value) for name, value in to.headers if name in {"via", "from", "call-id", "cseq", "to"}]
    return message(f"SIP/2.0 {status}", kept)
