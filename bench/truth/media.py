"""Each phone's tone, sent each 20 ms while it talks; and whose tone came in."""

import asyncio
import io
import time

import numpy as np
import soundfile

from asterisk.ports import free_range, give_back
from bench.truth.accounts import Heard
from bench.wire import RTP_HEADER, SAMPLES, Address, Wire, rtp_packet

RATE = 8000
PACKET_S = 0.02
LATE_S = 1.0  # what was not sent for so long is not made up for
HELD_UP_S = 0.1  # a packet that is later than this was held up by the machine


def tone_block(hertz: int, loudness: float) -> bytes:
    """20 ms of a tone, A-law."""
    samples = loudness * np.sin(2 * np.pi * hertz * np.arange(SAMPLES) / RATE)
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="RAW", subtype="ALAW")
    return file.getvalue()


class Speech:
    """All phones' audio, sent by one clock."""

    def __init__(self) -> None:
        self.talking: set[Voice] = set()
        self.blocks: dict[bytes, str] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send what is due."""
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Send no more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for voice in list(self.talking):
                voice.say()
            due = max(due + PACKET_S, loop.time() - LATE_S)
            await asyncio.sleep(max(0.0, due - loop.time()))


class Voice:
    """One phone's audio."""

    def __init__(self, speech: Speech, name: str, block: bytes) -> None:
        self.speech = speech
        self.block = block
        self.heard = Heard()
        self._ports = list(free_range(2))
        self.wire = Wire(self._ports[0])
        self._to: Address | None = None
        self._number = 0
        self._said_at = 0.0
        self._heard_first: asyncio.Event = asyncio.Event()
        speech.blocks[block] = name
        asyncio.get_running_loop().add_reader(self.wire.socket, self._listen)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.wire.port

    def begin(self) -> Heard:
        """A new call: nothing heard yet."""
        self._listen()
        self.heard, self._heard_first = Heard(), asyncio.Event()
        return self.heard

    def talk(self, to: Address) -> None:
        """From now on a packet each 20 ms."""
        self._to, self._number = to, 0
        self._said_at = time.monotonic()
        self.speech.talking.add(self)

    def hush(self) -> None:
        """No more, until the next call."""
        self._to = None
        self.speech.talking.discard(self)

    async def hears_somebody(self) -> None:
        """Wait until any phone's tone has come."""
        await self._heard_first.wait()

    def say(self) -> None:
        """One packet."""
        if self._to is None:
            return
        late_s = time.monotonic() - self._said_at - PACKET_S
        self.heard.held_up_ms += late_s * 1000 if late_s > HELD_UP_S else 0.0
        self._said_at += PACKET_S + late_s
        self.wire.send(rtp_packet(self._number, self.port, self.block), self._to)
        self._number += 1

    def close(self) -> None:
        """Close the socket, and let others have the ports."""
        self.hush()
        asyncio.get_running_loop().remove_reader(self.wire.socket)
        self.wire.close()
        give_back(self._ports)

    def _listen(self) -> None:
        for one in self.wire.arrived():
            whose = self.speech.blocks.get(one.data[RTP_HEADER.size :])
            if whose is not None:
                self.heard.note(whose, one.at_ns)
                self._heard_first.set()
