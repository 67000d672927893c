"""What one person heard of one recording, over all his listenings, as the server measured it (domain rule 1)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.recordings.listening_rules import Stretch, heard_seconds, merge_stretches
from supervision.recordings.models import Listening, Recording


@dataclass(frozen=True)
class Heard:
    """Distinct seconds of a recording that were heard, of how many; no duration where nothing can be heard."""

    seconds: float
    duration_s: float
    stretches: Sequence[Stretch] = ()


def measure_heard(session: Session, account_id: uuid.UUID, call_id: uuid.UUID) -> Heard:
    """The union of all that a person heard of a call. The call's id comes from a scoped query."""
    recording = session.get(Recording, call_id)
    duration_s = (recording.duration_ms or 0) / 1000 if recording else 0.0
    query = select(Listening.stretches).where(Listening.call_id == call_id, Listening.account_id == account_id)
    reported = [(float(a), float(b)) for stretches in session.scalars(query) for a, b in stretches]
    stretches = merge_stretches(reported, duration_s)
    return Heard(heard_seconds(stretches), duration_s, tuple(stretches))
