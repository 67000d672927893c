"""The incident and its kinds."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of, new_id


class IncidentKind(enum.StrEnum):
    """Kinds of incident, as in domain.md."""

    GAP = "gap"
    MISMATCH = "mismatch"
    OVERDUE = "overdue"
    FAULT = "fault"


class Cause(enum.StrEnum):
    """Why. Each has a sentence in plain language on the incidents page."""

    ADMISSION_FAILED = "admission_failed"
    ADMITTED_BY_DIALPLAN = "admitted_by_dialplan"
    NO_BYTES = "no_bytes"
    NOT_RECORDED = "not_recorded"
    PART_MISSING = "part_missing"
    PART_TRUNCATED = "part_truncated"
    PART_CHANGED = "part_changed"
    RECORDING_GAP = "recording_gap"
    LENGTH_MISMATCH = "length_mismatch"
    ASTERISK_STOPPED = "asterisk_stopped"
    CONTROL_LOST = "control_lost"
    EVENT_REFUSED = "event_refused"
    SEALING_FAILED = "sealing_failed"
    NO_DESK_REACHABLE = "no_desk_reachable"
    RECORD_MISSING = "record_missing"
    ACCOUNT_MISSING = "account_missing"
    TIMES_DIFFER = "times_differ"
    RECORD_DIFFERS = "record_differs"
    NEVER_RECORDED = "never_recorded"
    RECORDING_MUTED = "recording_muted"
    DURATION_DIFFERS = "duration_differs"
    NOT_RECEIVED = "not_received"
    FILE_MISSING = "file_missing"
    FILE_SIZE_DIFFERS = "file_size_differs"
    CONTENT_CHANGED = "content_changed"
    OFFICE_COPY_MISSING = "office_copy_missing"
    COPIES_DIFFER = "copies_differ"
    SEQUENCE_SKIPPED = "sequence_skipped"
    OFFICE_SILENT = "office_silent"
    CLOCK_OFF = "clock_off"
    DRAW_UNCOMMITTED = "draw_uncommitted"
    DRAW_NODE_SILENT = "draw_node_silent"
    DRAW_LISTS_DIFFER = "draw_lists_differ"
    DRAW_SHARE_WRONG = "draw_share_wrong"
    DRAWN_WITHOUT_AUDIO = "drawn_without_audio"
    REVIEW_OVERDUE = "review_overdue"
    REQUEST_OVERDUE = "request_overdue"
    AUDIT_BROKEN = "audit_broken"
    HEAD_DIFFERS = "head_differs"
    DISK_LOW = "disk_low"
    DISK_FAULT = "disk_fault"
    BACKLOG_OLD = "backlog_old"
    HEAD_LATE = "head_late"
    DRAW_OUT_OF_ORDER = "draw_out_of_order"
    DRAW_WHOLE = "draw_whole"
    DRAW_UNCONFIRMED = "draw_unconfirmed"
    DRAW_TICKETS_DIFFER = "draw_tickets_differ"
    DRAW_TICKETS_UNTOLD = "draw_tickets_untold"
    DRAW_UNCHECKED = "draw_unchecked"
    DRAW_CALL_UNLISTED = "draw_call_unlisted"
    ANSWER_TAKEN_BACK = "answer_taken_back"
    ONE_WAY_AUDIO = "one_way_audio"
    OFFER_REFUSED = "offer_refused"
    CERTIFICATE_ENDS = "certificate_ends"
    TIME_IMPOSSIBLE = "time_impossible"
    WORK_SET_ASIDE = "work_set_aside"
    CLOCK_BEHIND = "clock_behind"


class Incident(Base):
    """One incident. The same cause on the same subject is one row while it lasts, seen first and last.

    `told`, at headquarters only: an office saw it and told of it. What headquarters sees of the same matter, on
    its own copy, is an incident of its own.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index(
            "uq_incidents_open",
            "office_code",
            "cause",
            "subject",
            "told",
            unique=True,
            sqlite_where=text("healed_at IS NULL"),
            postgresql_where=text("healed_at IS NULL"),
        ),
        Index("ix_incidents_office_code_first_seen_at", "office_code", "first_seen_at"),
        Index("ix_incidents_first_seen_at_id", "first_seen_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(String(8))
    kind: Mapped[IncidentKind] = mapped_column(enum_of(IncidentKind))
    cause: Mapped[Cause] = mapped_column(enum_of(Cause, checked=False))
    subject: Mapped[str] = mapped_column(String(80))
    call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("calls.id"), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    first_seen_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    times: Mapped[int] = mapped_column(default=1)
    healed_at: Mapped[datetime | None]
    told: Mapped[bool] = mapped_column(default=False, server_default=false())
    seen_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    seen_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
