"""A recording as an office sends it: its parts as they are closed, and the office's own sealed copy."""

import uuid

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.paths import PART_NAME
from supervision.received_times import Moment
from supervision.recordings.models import Recording, RecordingState
from supervision.recordings.rules import speech_ms

SHA256 = r"^[0-9a-f]{64}$"
MOST_BYTES = 2**40  # of one part; the intake takes far less
LONGEST_MS = 2**31 - 1
MOST_PARTS = 1000
SEALED = frozenset({RecordingState.READY, RecordingState.EMPTY, RecordingState.DELETED})


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SentPart(_Sent):
    """One part; length and hash are fixed once it is closed."""

    name: str = Field(pattern=PART_NAME.pattern)
    started_at: Moment
    closed_at: Moment | None
    length_bytes: int | None = Field(ge=0, le=MOST_BYTES)
    sha256: str | None = Field(pattern=SHA256)


class SentCopy(_Sent):
    """The office's own sealed copy; `speech_ms`: for how long at least somebody was measured to speak in it."""

    state: RecordingState
    pcm_sha256: str | None = Field(pattern=SHA256)
    duration_ms: int = Field(ge=0, le=LONGEST_MS)
    speech_ms: int = Field(default=0, ge=0, le=LONGEST_MS)
    sealed_at: Moment


class RecordingFact(_Sent):
    """A recording with all its parts. `closed_at`: there will be no other parts, and these are as they will be."""

    call_id: uuid.UUID
    closed_at: Moment | None
    interrupted: bool
    parts: tuple[SentPart, ...] = Field(max_length=MOST_PARTS)
    copy_of_office: SentCopy | None


def send_recording(session: Session, office_code: str, call_id: uuid.UUID) -> None:
    """Send headquarters how a recording stands now."""
    session.flush()
    recording = session.get_one(Recording, call_id)
    session.expire(recording, ["parts"])
    sealed = recording.sealed_at if recording.state in SEALED else None
    fact = RecordingFact(
        call_id=call_id,
        closed_at=recording.closed_at,
        interrupted=recording.interrupted,
        parts=tuple(
            SentPart(**{name: getattr(part, name) for name in SentPart.model_fields}) for part in recording.parts
        ),
        copy_of_office=None
        if sealed is None
        else SentCopy(
            state=recording.state,
            pcm_sha256=recording.pcm_sha256,
            duration_ms=recording.duration_ms or 0,
            speech_ms=measured_speech_ms(recording),
            sealed_at=sealed,
        ),
    )
    send_fact(session, office_code, FactKind.RECORDING, fact.model_dump(mode="json"))


def measured_speech_ms(recording: Recording) -> int:
    """For how long at least somebody speaks in a recording; 0 where it was not measured."""
    return speech_ms(
        duration_ms=recording.duration_ms or 0,
        caller_silence_ms=recording.caller_silence_ms,
        officer_silence_ms=recording.officer_silence_ms,
        officer_on_ms=recording.officer_on_ms,
        busy_tone_ms=recording.busy_tone_ms,
    )
