"""How loud each side of the calls in progress is: the last half second of what is here of their recordings."""

import threading
import uuid
from dataclasses import dataclass, field, replace

from supervision.parts.store import PartStore
from supervision.paths import PartName
from supervision.recordings.live_rules import LEVEL_BYTES, level, levels_db

Sides = tuple[int, int]

EVERY_S = 0.9
STALE_S = 3.0  # nothing came for so long: what was loud then says nothing of now
FORGOTTEN_S = 60.0


@dataclass(frozen=True)
class _Known:
    held: dict[PartName, int]
    sides: Sides | None
    looked_at: float
    grown_at: float


@dataclass
class Levels:
    """The levels of one process. Whoever looks at a call within the same second reads no file again."""

    copy: PartStore
    _known: dict[uuid.UUID, _Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, office: str, call_id: uuid.UUID, at: float) -> Sides | None:
        """Caller and officer as steps of a meter, at a moment of the monotonic clock; None while nothing comes."""
        with self._lock:
            known = self._known.get(call_id)
            if known is None or at - known.looked_at >= EVERY_S:
                known = self._known[call_id] = self._look(office, call_id, known, at)
                self._forget(at)
        return known.sides if at - known.grown_at < STALE_S else None

    def _look(self, office: str, call_id: uuid.UUID, known: _Known | None, at: float) -> _Known:
        held = {name: self.copy.held(office, name) for name in self.copy.names(office, call_id)}
        if known is None:  # whether it grows is seen the next time
            return _Known(held, None, at, at - STALE_S)
        grown = [name for name, size in held.items() if size > known.held.get(name, 0)]
        if not grown:
            return replace(known, held=held, looked_at=at)
        newest = grown[-1]
        pcm = self.copy.read(office, newest, max(0, held[newest] - LEVEL_BYTES), LEVEL_BYTES)
        caller, officer = levels_db(pcm)
        return _Known(held, (level(caller), level(officer)), at, at)

    def _forget(self, at: float) -> None:
        for call_id in [one for one, known in self._known.items() if at - known.looked_at > FORGOTTEN_S]:
            del self._known[call_id]
