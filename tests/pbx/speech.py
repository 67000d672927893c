"""What a softphone says and hears: a tone as RTP, in any codec and packet length, from a port that may move."""

import functools
import io
import socket
import tempfile
import threading
import time

import numpy as np
import numpy.typing as npt
import soundfile

from asterisk.ports import free_range, give_back
from bench.sip import SipMessage
from bench.wire import LOOPBACK, RTP_HEADER, Address

RATE = 8000
PCMA, PCMU = 8, 0
SUBTYPES = {PCMA: "ALAW", PCMU: "ULAW"}
SECONDS = 10


def described(
    port: int, *, codec: int = PCMA, ptime: int = 20, direction: str = "sendrecv", host: str = ""
) -> str:
    """SDP of one audio stream; `host` other than ours (0.0.0.0) is the old way to hold."""
    name = {PCMA: "PCMA", PCMU: "PCMU"}[codec]
    return (
        f"v=0\r\no=softphone 1 {time.monotonic_ns()} IN IP4 127.0.0.1\r\ns=-\r\n"
        f"c=IN IP4 {host or '127.0.0.1'}\r\nt=0 0\r\nm=audio {port} RTP/AVP {codec}\r\n"
        f"a=rtpmap:{codec} {name}/8000\r\na=ptime:{ptime}\r\na={direction}\r\n"
    )


def fax(port: int) -> str:
    """The one media line of a fax gateway's T.38 offer."""
    return f"m=image {port} udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=T38FaxUdpEC:t38UDPFEC\r\n"


class Speech:
    """One side's audio. Driven by the phone's thread: `serve` sends what is due and takes in what came."""

    def __init__(self, hertz: int, host: str = LOOPBACK) -> None:
        self._host = host
        self.codec = PCMA
        self.ptime = 20
        self.sends = True
        self.begins_after_s = 0.0
        self._sounds = {codec: _encoded(hertz, codec) for codec in SUBTYPES}
        self._ports: list[int] = []
        self._moving = threading.Lock()  # a test moves it while another thread sends
        self.move()
        self._to: Address | None = None
        self._due = 0.0
        self._packets = 0
        self._samples = 0
        self._heard: list[tuple[int, bytes]] = []

    @property
    def port(self) -> int:
        """Where it listens, and sends from."""
        return self._ports[0]

    def move(self) -> None:
        """Go on from another port."""
        with self._moving:
            if self._ports:
                self.close()
            self._ports = list(free_range(2))
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setblocking(False)
            self.socket.bind((self._host, self._ports[0]))

    def close(self) -> None:
        """Let others have the port."""
        self.socket.close()
        give_back(self._ports)
        self._ports = []

    def talk(self, answer: SipMessage) -> None:
        """From now on a packet each `ptime` to where that SDP wants it; none from a phone that sends nothing."""
        self._to = answer.audio if self.sends else None
        self._due = max(self._due, time.monotonic() - 0.1)
        if self._packets == 0:
            self._due += self.begins_after_s

    def hush(self) -> None:
        """Send nothing more."""
        self._to = None

    def serve(self) -> None:
        """Send what is due, take in what has come."""
        with self._moving:
            self._serve()

    def _serve(self) -> None:
        while self._to is not None and time.monotonic() >= self._due:
            count = self.ptime * RATE // 1000
            sound = self._sounds[self.codec]
            start = self._samples % len(sound)
            payload = (sound[start:] + sound)[:count]
            marker = 0x80 if self._packets == 0 else 0
            header = RTP_HEADER.pack(0x80, marker | self.codec, self._packets & 0xFFFF, self._samples, 4711)
            self.socket.sendto(header + payload, self._to)
            self._packets += 1
            self._samples += count
            self._due += self.ptime / 1000
        while True:
            try:
                data = self.socket.recv(4096)
            except OSError:
                return
            self._heard.append((data[1] & 0x7F, data[RTP_HEADER.size :]))

    def heard(self) -> "npt.NDArray[np.float64]":
        """All audio that came, and from now on only what comes."""
        taken, self._heard = self._heard, []
        parts = [_decoded(payload, codec) for codec, payload in taken if codec in SUBTYPES]
        return np.concatenate(parts) if parts else np.zeros(0)


@functools.cache
def _encoded(hertz: int, codec: int) -> bytes:
    sound, encoded = 0.3 * np.sin(2 * np.pi * hertz * np.arange(RATE * SECONDS) / RATE), io.BytesIO()
    soundfile.write(encoded, sound, RATE, format="RAW", subtype=SUBTYPES[codec])
    return encoded.getvalue()


def _decoded(payload: bytes, codec: int) -> "npt.NDArray[np.float64]":
    # Both laws are a table of 256 entries; soundfile reads them from files only, so the table is read once.
    return _table(codec)[np.frombuffer(payload, np.uint8)]


_TABLES: dict[int, "npt.NDArray[np.float64]"] = {}


def _table(codec: int) -> "npt.NDArray[np.float64]":
    if codec not in _TABLES:
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(range(256)))
            file.flush()
            table, _ = soundfile.read(
                file.name, samplerate=RATE, channels=1, format="RAW", subtype=SUBTYPES[codec]
            )
        _TABLES[codec] = table
    return _TABLES[codec]
