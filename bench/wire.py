"""UDP with the kernel's own time of arrival, and A-law RTP whose every packet says who sent it."""

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

from asterisk.ports import free_range, give_back

Address = tuple[str, int]
LOOPBACK = "127.0.0.1"
SO_TIMESTAMPNS = 35  # Linux; Python gives it no name
PACKET_NS = 20_000_000
SAMPLES = 160
PCMA = 8
RTP_HEADER = struct.Struct("!BBHII")


@dataclass(frozen=True)
class Arrived:
    """One datagram, and when the kernel took it in: nanoseconds since 1970."""

    data: bytes
    at_ns: int


class Wire:
    """A socket of our own. What is sent and what arrives is timed by one clock, CLOCK_REALTIME."""

    def __init__(self, port: int, host: str = LOOPBACK) -> None:
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)
        self.socket.bind((host, port))

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def send(self, data: bytes, to: Address) -> int:
        """Send it, and say when: read just before the kernel has it."""
        at_ns = time.time_ns()
        self.socket.sendto(data, to)
        return at_ns

    def arrived(self) -> Iterator[Arrived]:
        """All that has come and was not yet taken."""
        while True:
            try:
                data, extra, _, _ = self.socket.recvmsg(65535, socket.CMSG_SPACE(16))
            except BlockingIOError:
                return
            stamps = [struct.unpack("qq", text) for level, kind, text in extra if (level, kind) == STAMP]
            seconds, nanoseconds = stamps[0]
            yield Arrived(data, seconds * 1_000_000_000 + nanoseconds)


STAMP = (socket.SOL_SOCKET, SO_TIMESTAMPNS)


class Media:
    """One side's audio: sends packets full of its mark each 20 ms, and notes when the other's mark first came.

    The mark is an A-law sample of its own for each side. Asterisk's silence, ringing tone or any other packet
    does not carry it, so what is noted is the other *person's* audio and nothing else.
    """

    def __init__(self, mark: int, others_mark: int) -> None:
        self._ports = list(free_range(2))
        self.wire = Wire(self._ports[0])
        self.others_mark = others_mark
        self.heard_ns: int | None = None
        self.spoke_ns: int | None = None
        self._mark = mark
        self._to: Address | None = None
        self._due_ns = 0
        self._number = 0

    def close(self) -> None:
        """Close the socket, and let others have the ports."""
        self.wire.close()
        give_back(self._ports)

    def talk(self, to: Address, from_ns: int) -> None:
        """From then on a packet each 20 ms."""
        self._to, self._due_ns, self._number = to, from_ns, 0

    def begin(self) -> None:
        """A new call: silent, and nothing heard yet; what is still in the socket is the last call's."""
        self._to, self.heard_ns, self.spoke_ns = None, None, None
        for _ in self.wire.arrived():
            pass

    def speak(self, mark: int) -> None:
        """From the next packet on another mark; `spoke_ns` is when that went, None until then."""
        self._mark, self.spoke_ns = mark, None

    @property
    def due_ns(self) -> int | None:
        """When the next packet is to be sent; None while silent."""
        return self._due_ns if self._to else None

    def serve(self) -> None:
        """Send what is due, take in what has come."""
        while self._to and time.time_ns() >= self._due_ns:
            sent_ns = self.wire.send(
                rtp_packet(self._number, self.wire.port, bytes([self._mark]) * SAMPLES), self._to
            )
            self.spoke_ns = self.spoke_ns or sent_ns
            self._number += 1
            self._due_ns += PACKET_NS
        for one in self.wire.arrived():
            if self.heard_ns is None and is_marked(one.data, self.others_mark):
                self.heard_ns = one.at_ns


def rtp_packet(number: int, source: int, payload: bytes) -> bytes:
    """The packet of that number in a stream, A-law."""
    marker = 0x80 if number == 0 else 0
    return RTP_HEADER.pack(0x80, marker | PCMA, number & 0xFFFF, number * SAMPLES, source) + payload


def is_marked(packet: bytes, mark: int) -> bool:
    """Whether it is A-law RTP and all of its audio is that mark."""
    if len(packet) <= RTP_HEADER.size or packet[0] >> 6 != 2 or packet[1] & 0x7F != PCMA:
        return False
    payload = packet[RTP_HEADER.size + 4 * (packet[0] & 0x0F) :]
    return bool(payload) and payload == bytes([mark]) * len(payload)
