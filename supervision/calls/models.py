"""Call, segment, call event, and a call's switch record."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from supervision.database import Base, enum_of, new_id
from supervision.offices.models import Line


class Call(Base):
    """One taxpayer's call on one line (咨询电话), from first ring to hang-up.

    Its id is the one that the dialplan gave it before anything else. `disposition` and `ended_at` are empty
    while it is in progress. `end_known_at` is when its end was first written down here, by this machine's clock:
    long after it, where the office was cut off or its application was not there. `rings` counts from the first
    desk's first ring (domain rule 3); the caller heard the line's `rings_before_us` more. The caller's number
    and name are what came over the line: untrusted text, cleaned for storing, escaped and masked where shown.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_offered_at_id", "offered_at", "id"),
        Index("ix_calls_office_code_offered_at_id", "office_code", "offered_at", "id"),
        Index("ix_calls_line_key_offered_at_id", "line_key", "offered_at", "id"),
        Index("ix_calls_answered_desk_offered_at_id", "answered_desk", "offered_at", "id"),
        Index("ix_calls_caller_number_offered_at", "caller_number", "offered_at"),
        Index("ix_calls_ended_at", "ended_at"),
        Index("ix_calls_uniqueid", "uniqueid"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_code: Mapped[str] = mapped_column(String(8))
    line_key: Mapped[str] = mapped_column(ForeignKey("lines.key"))
    uniqueid: Mapped[str] = mapped_column(String(64))
    caller_number: Mapped[str] = mapped_column(String(64), default="")
    caller_name: Mapped[str] = mapped_column(String(128), default="")

    offered_at: Mapped[datetime]
    first_rang_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_known_at: Mapped[datetime | None]
    answered_desk: Mapped[str | None] = mapped_column(String(16))
    rings: Mapped[int] = mapped_column(default=0)
    rings_before_us: Mapped[int] = mapped_column(default=0)
    disposition: Mapped[Disposition | None] = mapped_column(enum_of(Disposition))
    hung_up_by: Mapped[Party | None] = mapped_column(enum_of(Party))
    interrupted: Mapped[bool] = mapped_column(default=False)
    witness: Mapped[Witness] = mapped_column(enum_of(Witness))

    line: Mapped[Line] = relationship()
    segments: Mapped[list["Segment"]] = relationship(
        back_populates="call", order_by="Segment.n", cascade="all, delete-orphan"
    )
    events: Mapped[list["CallEvent"]] = relationship(
        back_populates="call", order_by="(CallEvent.at, CallEvent.sequence)"
    )


class Segment(Base):
    """One stretch of the call with one party (通话段).

    A call has more than one where a desk died and its caller was put back: few, with an index of their own.
    """

    __tablename__ = "segments"
    __table_args__ = (
        UniqueConstraint("call_id", "n"),
        Index(
            "ix_segments_desk_taken_over",
            "desk",
            sqlite_where=text("n > 1"),
            postgresql_where=text("n > 1"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"))
    n: Mapped[int]
    kind: Mapped[SegmentKind] = mapped_column(enum_of(SegmentKind, checked=False))
    desk: Mapped[str | None] = mapped_column(String(16))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship(back_populates="segments")


class CallEvent(Base):
    """One thing that happened to a call, as one witness saw it; never changed.

    The call's record is worked out from its events (`merge_rules.merge_witnesses`), so a record can always be
    explained. `sequence` is the witness's own order (`rules.in_order`).
    """

    __tablename__ = "call_events"
    __table_args__ = (UniqueConstraint("call_id", "witness", "kind", "channel", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"))
    witness: Mapped[Witness] = mapped_column(enum_of(Witness))
    at: Mapped[datetime]
    kind: Mapped[EventKind] = mapped_column(enum_of(EventKind, checked=False))
    channel: Mapped[str] = mapped_column(String(80), default="")
    desk: Mapped[str | None] = mapped_column(String(16))
    party: Mapped[Party | None] = mapped_column(enum_of(Party))
    detail: Mapped[str] = mapped_column(String(200), default="")
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)

    call: Mapped[Call] = relationship(back_populates="events")


class SwitchRecordSource(enum.StrEnum):
    """Which of Asterisk's logs a switch record is from."""

    CEL = "cel"
    CDR = "cdr"


class SwitchRecordRow(Base):
    """What Asterisk's own log says of a call, as the office sent it, kept there and at headquarters (decision 4).

    It refers to no call, since the call may have no record. `line_answered_at` is when the line was answered, by
    a person or the announcement; `muted_ms` how long its MixMonitor was muted by order; `caller_packets` and
    `desk_packets`: how many packets of audio came from the caller, and from the desks that held the call.
    `disposition`, desk, rings and who hung up are what the log itself comes to, without our events; the log does
    not say when a phone began to ring, so there are a lowest and a highest number of rings.
    """

    __tablename__ = "switch_records"
    __table_args__ = (Index("ix_switch_records_office_code_offered_at", "office_code", "offered_at"),)

    call_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_code: Mapped[str] = mapped_column(String(8))
    linkedid: Mapped[str] = mapped_column(String(64))
    offered_at: Mapped[datetime]
    line_answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    mixmonitor_started: Mapped[bool]
    muted_ms: Mapped[int] = mapped_column(default=0)
    disposition: Mapped[Disposition | None] = mapped_column(enum_of(Disposition))
    answered_desk: Mapped[str | None] = mapped_column(String(16))
    hung_up_by: Mapped[Party | None] = mapped_column(enum_of(Party))
    rings_least: Mapped[int | None]
    rings_most: Mapped[int | None]
    caller_packets: Mapped[int | None] = mapped_column(BigInteger)
    desk_packets: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[SwitchRecordSource] = mapped_column(enum_of(SwitchRecordSource))
