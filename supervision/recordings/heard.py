"""What one person heard of one recording, over all his listenings, as the server measured it (domain rule 1)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.recordings.listening_rules import (
    Stretch,
    heard_seconds,
    merge_stretches,
    stretches_from,
    talk_from,
)
from supervision.recordings.models import Listening, Recording


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


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
