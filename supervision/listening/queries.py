"""What is heard and what was: of a person and a recording, of a recording that grows, and how loud it is now."""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from supervision.actor import Scope
from supervision.calls.models import Call
from supervision.calls.queries import get_call
from supervision.listening.live_rules import (
    LEVEL_BYTES,
    FoundPart,
    LaidPart,
    lay,
    level,
    levels_db,
)
from supervision.listening.models import Listening
from supervision.listening.rules import (
    Stretch,
    heard_seconds,
    merge_stretches,
    stretches_from,
    talk_from,
)
from supervision.parts.store import PartStore
from supervision.paths import PartName
from supervision.people.models import Account
from supervision.recordings.models import Part, Recording, RecordingState

Sides = tuple[int, int]

EVERY_S = 0.9
STALE_S = 3.0  # nothing came for so long: what was loud then says nothing of now
FORGOTTEN_S = 60.0


@dataclass(frozen=True)
class Heard:
    """Distinct seconds of a recording's talk that were heard, of how many; no duration where there is no audio.

    `from_s` is where the talk begins: what rings or is announced before it counts for neither.
    """

    seconds: float
    duration_s: float
    stretches: Sequence[Stretch] = ()
    from_s: float = 0.0


def measure_heard(session: Session, account_id: uuid.UUID, call_id: uuid.UUID) -> Heard:
    """The union of all that a person heard of a call's talk. The call's id comes from a scoped query."""
    recording = session.get(Recording, call_id)
    whole_s = (recording.duration_ms or 0) / 1000 if recording else 0.0
    from_s = 0.0
    if recording is not None:
        from_s = talk_from(_seconds(recording.officer_on_ms), _seconds(recording.caller_talks_ms), whole_s)
    query = select(Listening.stretches).where(Listening.call_id == call_id, Listening.account_id == account_id)
    reported = [(float(a), float(b)) for stretches in session.scalars(query) for a, b in stretches]
    stretches = stretches_from(merge_stretches(reported, whole_s), from_s)
    return Heard(heard_seconds(stretches), round(whole_s - from_s, 3), tuple(stretches), from_s)


def get_heard(session: Session, scope: Scope, call_id: uuid.UUID) -> Sequence[tuple[Listening, str]]:
    """Who listened to a call's recording, latest first, with the listener's name."""
    call = get_call(session, scope, call_id)
    query = (
        select(Listening, Account.name)
        .join(Account, Account.id == Listening.account_id)
        .where(Listening.call_id == call.id)
        .order_by(Listening.started_at.desc())
        .limit(50)
    )
    return session.execute(query).all()


@dataclass(frozen=True)
class GrowingRecording:
    """What there is of a recording at this moment. `closed`: no part will be added to it."""

    office_code: str
    parts: list[LaidPart]
    closed: bool


def growing_recording(session: Session, scope: Scope, store: PartStore, call_id: uuid.UUID) -> GrowingRecording:
    """What there is of a call's recording on this machine. Raises NotFound outside the scope."""
    call = get_call(session, scope, call_id)
    recording = session.get(Recording, call.id, options=[selectinload(Recording.parts)])
    return GrowingRecording(call.office_code, lay(_found(call, recording, store)), _is_closed(call, recording))


@dataclass(frozen=True)
class _Known:
    held: dict[PartName, int]
    sides: Sides | None
    looked_at: float
    grown_at: float


@dataclass
class Levels:
    """The levels of one process. Whoever looks at a call within the same second reads no file again."""

    store: PartStore
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
        held = {name: self.store.held(office, name) for name in self.store.names(office, call_id)}
        if known is None:  # whether it grows is seen the next time
            return _Known(held, None, at, at - STALE_S)
        grown = [name for name, size in held.items() if size > known.held.get(name, 0)]
        if not grown:
            return replace(known, held=held, looked_at=at)
        newest = grown[-1]
        pcm = self.store.read(office, newest, max(0, held[newest] - LEVEL_BYTES), LEVEL_BYTES)
        caller, officer = levels_db(pcm)
        return _Known(held, (level(caller), level(officer)), at, at)

    def _forget(self, at: float) -> None:
        for call_id in [one for one, known in self._known.items() if at - known.looked_at > FORGOTTEN_S]:
            del self._known[call_id]


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _found(call: Call, recording: Recording | None, store: PartStore) -> list[FoundPart]:
    """The parts that are on disk; the record may not know of them yet, or know of others that are not here."""
    known = {part.name: part for part in recording.parts} if recording else {}
    found = []
    for name in store.names(call.office_code, call.id):
        held, row = store.held(call.office_code, name), known.pop(str(name), None)
        found.append(_part(row, held) if row else FoundPart(str(name), held))
    return found + [_part(row, 0) for row in known.values()]


def _part(row: Part, held: int) -> FoundPart:
    return FoundPart(row.name, held, row.started_at, row.length_bytes)


def _is_closed(call: Call, recording: Recording | None) -> bool:
    if call.ended_at is None:
        return False
    return recording is None or recording.closed_at is not None or recording.state is not RecordingState.GROWING
