"""Calls in progress beside whatever else is sent: how long each second of talk takes to be acknowledged."""

import time
from dataclasses import dataclass, field

from supervision.errors import NotFound
from supervision.parts.incoming import Incoming
from supervision.paths import PartName
from tests.torture.office import BYTES_A_SECOND, CODE, STEP_BYTES, Talk
from tests.torture.run import Run

LIVE = 6
STEP_S = STEP_BYTES / BYTES_A_SECOND
LOOK_EVERY_S = 0.01


@dataclass
class Live:
    """Calls in progress, each growing by a block a second in its turn; and when each block was acknowledged."""

    run: Run
    incoming: Incoming
    talks: list[Talk] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    waiting: list[tuple[PartName, int, float]] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Let them begin, spread over a block's time."""
        moment = time.monotonic()
        self.talks = [self.run.office.begin(10**6) for _ in range(LIVE)]
        self.due = [moment + STEP_S * n / LIVE for n in range(LIVE)]

    def step(self) -> None:
        """Write what is due, and see what has arrived."""
        for n, talk in enumerate(self.talks):
            if time.monotonic() >= self.due[n]:
                self.due[n] += STEP_S
                self.run.office.grow(talk)
                self.waiting.append((talk.part, talk.written, time.monotonic()))
        offsets = {name: self._offset(name) for name in {name for name, _, _ in self.waiting}}
        seen = time.monotonic()
        self.took_s += [seen - at for name, size, at in self.waiting if offsets[name] >= size]
        self.waiting = [one for one in self.waiting if offsets[one[0]] < one[1]]
        time.sleep(LOOK_EVERY_S)

    def _offset(self, name: PartName) -> int:
        try:
            return self.incoming.state(CODE, name).offset
        except NotFound:
            return 0

    def taken(self) -> list[float]:
        """How long the blocks took that have arrived since last asked."""
        taken, self.took_s = self.took_s, []
        return taken

    def end(self) -> None:
        """Hang up all of them."""
        for talk in self.talks:
            talk.steps_left = 1
            self.run.office.grow(talk)
