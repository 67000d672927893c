"""Recording, its parts, and the office's own copy of it."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.calls.models import Call
from supervision.database import Base, enum_of


class RecordingState(enum.StrEnum):
    """Where a recording stands: growing → final (its call ended, all parts closed) → ready, empty or failed.

    `deleted`: it was ready, and its audio was deleted by two people's agreement; a proof says so (rule 11).
    """

    GROWING = "growing"
    FINAL = "final"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"
    DELETED = "deleted"


class Recording(Base):
    """The audio of one call (录音). Left channel: what the caller says; right: what the caller hears.

    `empty` is normal for a call that was never answered. `pcm_sha256` covers the joined 16-bit little-endian
    PCM, so it can be verified for ever. `officer_on_ms` is where the officer came on, from the start, by the times
    of the call's record; `caller_talks_ms` is from where on the caller talks, by the sound alone.
    `gaps` lists `{"at_ms", "length_ms"}`: stretches between parts that nobody recorded, silent in the file.
    `dead_air_ms` is for how long, once the officer was on, nothing at all came from either side;
    `caller_still_ms` and `officer_still_ms` are the longest stretch in which nothing came from that side alone.
    `waited_ms` is for how long, before that, the caller waited on the answered line while no desk rang.
    `closed_at` is when all its parts were closed; at headquarters they may still be on their way then.
    `verified_at` is when the content of the sealed file was last looked through, and was what had been sealed;
    `scrub_due_at` when that is due again.
    """

    __tablename__ = "recordings"
    __table_args__ = (
        Index("ix_recordings_state_due_at", "state", "due_at"),
        Index("ix_recordings_state_scrub_due_at", "state", "scrub_due_at"),
        Index("ix_recordings_state_verified_at", "state", "verified_at"),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), primary_key=True)
    state: Mapped[RecordingState] = mapped_column(enum_of(RecordingState), default=RecordingState.GROWING)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    frames: Mapped[int | None] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None]
    pcm_sha256: Mapped[str | None] = mapped_column(String(64))
    flac_sha256: Mapped[str | None] = mapped_column(String(64))
    flac_bytes: Mapped[int | None] = mapped_column(BigInteger)
    officer_on_ms: Mapped[int | None]
    caller_talks_ms: Mapped[int | None]
    caller_loudness_db: Mapped[float | None]
    officer_loudness_db: Mapped[float | None]
    caller_silence_ms: Mapped[int | None]
    officer_silence_ms: Mapped[int | None]
    busy_tone_ms: Mapped[int | None]
    dead_air_ms: Mapped[int | None]
    waited_ms: Mapped[int | None]
    caller_still_ms: Mapped[int | None]
    officer_still_ms: Mapped[int | None]
    interrupted: Mapped[bool] = mapped_column(default=False)
    gaps: Mapped[list[Any]] = mapped_column(default=list)
    sealed_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    scrub_due_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship()
    parts: Mapped[list["Part"]] = relationship(back_populates="recording", order_by="Part.started_at")


class Part(Base):
    """One MixMonitor file of a recording (录音分段). Its name is never used twice.

    `started_at` is the moment of its first frame, `length_bytes` and `sha256` are fixed once it is closed.
    `received_at` is when all of it was at headquarters and its hash was right; an office knows it by receipt.
    `put_away_at` is when its file was removed here on purpose, the sealed copies being there: its absence is no
    loss (decision 17).
    """

    __tablename__ = "parts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recordings.call_id"), index=True)
    started_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    length_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime | None]
    put_away_at: Mapped[datetime | None]

    recording: Mapped[Recording] = relationship(back_populates="parts")


class OfficeCopy(Base):
    """At headquarters: the sealed copy that the office keeps of a recording, as it reported it (decision 3)."""

    __tablename__ = "office_copies"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recordings.call_id"), primary_key=True)
    state: Mapped[RecordingState] = mapped_column(enum_of(RecordingState))
    pcm_sha256: Mapped[str | None] = mapped_column(String(64))
    duration_ms: Mapped[int]
    speech_ms: Mapped[int] = mapped_column(default=0)
    sealed_at: Mapped[datetime]
