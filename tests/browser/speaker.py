"""Somebody who talks in a call in progress: his sound comes in at headquarters, in real time, part by part."""

import threading
import time
import uuid
from types import TracebackType
from typing import Self

from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths, PartName
from tests.recordings.sounds import tones

BLOCK_BYTES = 8192  # a quarter of Asterisk's, so that a test is short
BYTES_A_SECOND = 32_000


class Speaker:
    """Adds a block to the growing part whenever its time has come, until he is hushed or leaves."""

    def __init__(self, paths: HqPaths, office: str, call_id: uuid.UUID) -> None:
        self._incoming, self._office, self._call_id = Incoming(paths), office, call_id
        self._sound = tones(60).tobytes()
        self._n = self._at = 0
        self._link, self._left = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self.begin_part()

    def __enter__(self) -> Self:
        self._link.set()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def part(self) -> PartName:
        """The part that grows."""
        return PartName(self._call_id, "a", self._n)

    def begin_part(self) -> None:
        """From now on in another part."""
        self._n, self._at = self._n + 1, 0
        self._incoming.create(self._office, self.part, None, 100)

    def cut(self) -> None:
        """The link to headquarters is cut; he talks on."""
        self._link.clear()

    def mend(self) -> None:
        """What was kept back comes at once."""
        self._link.set()

    def leave(self) -> int:
        """Hang up; how long the last part is."""
        self._left.set()
        self._link.set()
        self._thread.join()
        return self._incoming.state(self._office, self.part).offset

    def _talk(self) -> None:
        due = time.monotonic()
        while not self._left.wait(max(0.0, due - time.monotonic())):
            due += BLOCK_BYTES / BYTES_A_SECOND
            self._link.wait()
            with self._incoming.open(self._office, self.part, 5) as upload:
                upload.write(self._sound[self._at : self._at + BLOCK_BYTES])
                upload.keep()
            self._at += BLOCK_BYTES
