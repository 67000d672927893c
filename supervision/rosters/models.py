"""A week's roster in its editions, shifts and posts; working hours, a line's overflow, leave, deputies; the copy.

Lines and desks are named by key and extension: what a node has no more is not kept here by a roster of the past.
"""

import enum
import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, Json, enum_of, new_id
from supervision.people.models import Account
from supervision.rosters.rules import RingOrder, Way


class RosterState(enum.StrEnum):
    """Whether an edition of a week is being written, holds, or held until a later one did."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    REPLACED = "replaced"


class Roster(Base):
    """One edition of an office's roster (值班表) for a week. One at most is in force, and one a draft."""

    __tablename__ = "rosters"
    __table_args__ = (
        UniqueConstraint("office_code", "monday", "edition"),
        Index(
            "uq_rosters_in_force",
            "office_code",
            "monday",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
        Index(
            "uq_rosters_draft",
            "office_code",
            "monday",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        CheckConstraint("(state = 'draft') = (put_at IS NULL)", name="put_of_state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"))
    monday: Mapped[date]
    edition: Mapped[int]
    state: Mapped[RosterState] = mapped_column(enum_of(RosterState), default=RosterState.DRAFT)
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    put_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    put_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)

    shifts: Mapped[list["RosterShift"]] = relationship(
        cascade="all, delete-orphan", order_by="RosterShift.day, RosterShift.starts, RosterShift.line_key"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class RosterShift(Base):
    """One shift (班次): a line on a day between two times of the bureau's wall clock."""

    __tablename__ = "roster_shifts"
    __table_args__ = (
        UniqueConstraint("roster_id", "line_key", "day", "starts"),
        CheckConstraint("starts < ends", name="starts_before_ends"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    roster_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rosters.id", ondelete="CASCADE"))
    line_key: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]

    posts: Mapped[list["RosterPost"]] = relationship(cascade="all, delete-orphan", order_by="RosterPost.n")


class RosterPost(Base):
    """A person at a desk in a shift; `n` is the order in which duty officers ring. `leader`: 带班领导."""

    __tablename__ = "roster_posts"
    __table_args__ = (UniqueConstraint("shift_id", "n"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    shift_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("roster_shifts.id", ondelete="CASCADE"))
    n: Mapped[int]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    desk: Mapped[str] = mapped_column(String(16))
    leader: Mapped[bool] = mapped_column(default=False)


class OfficeHours(Base):
    """The working hours of an office on a day that is worked; without an afternoon: one stretch."""

    __tablename__ = "office_hours"
    __table_args__ = (
        CheckConstraint("morning_starts < morning_ends", name="morning"),
        CheckConstraint("(afternoon_starts IS NULL) = (afternoon_ends IS NULL)", name="afternoon_whole"),
        CheckConstraint(
            "afternoon_starts IS NULL OR (morning_ends <= afternoon_starts AND afternoon_starts < afternoon_ends)",
            name="afternoon",
        ),
    )

    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"), primary_key=True)
    morning_starts: Mapped[time]
    morning_ends: Mapped[time]
    afternoon_starts: Mapped[time | None]
    afternoon_ends: Mapped[time | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class LineWays(Base):
    """How a line's duty officers ring, and where its calls go that nobody answers or that come after hours."""

    __tablename__ = "line_ways"

    line_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"), index=True)
    order: Mapped[RingOrder] = mapped_column("ring_order", enum_of(RingOrder), default=RingOrder.IN_ORDER)
    overflow: Mapped[Way] = mapped_column(enum_of(Way, "overflow_way"), default=Way.ANNOUNCEMENT)
    overflow_office: Mapped[str] = mapped_column(String(8), default="")
    closed: Mapped[Way] = mapped_column(enum_of(Way, "closed_way"), default=Way.ANNOUNCEMENT)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Leave(Base):
    """Days on which a person is on leave (休假); what was entered wrongly is withdrawn, and stays."""

    __tablename__ = "leaves"
    __table_args__ = (CheckConstraint("first <= last", name="first_to_last"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    first: Mapped[date]
    last: Mapped[date]
    reason: Mapped[str] = mapped_column(String(500))
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]

    person: Mapped[Account] = relationship(foreign_keys=[account_id])


class LeaderDeputy(Base):
    """Who stands in for a backup leader while he is away, and when (代理带班)."""

    __tablename__ = "leader_deputies"
    __table_args__ = (
        CheckConstraint("first <= last", name="first_to_last"),
        CheckConstraint("leader_id <> deputy_id", name="two_people"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"), index=True)
    leader_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    deputy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    first: Mapped[date]
    last: Mapped[date]
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]

    leader: Mapped[Account] = relationship(foreign_keys=[leader_id])
    deputy: Mapped[Account] = relationship(foreign_keys=[deputy_id])


class RosterCopy(Base):
    """On an office's node: what headquarters last sent of its rosters. It holds until the next one comes."""

    __tablename__ = "roster_copies"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    etag: Mapped[str] = mapped_column(String(64))
    received: Mapped[dict[str, Any]] = mapped_column(Json)
    copied_at: Mapped[datetime]
