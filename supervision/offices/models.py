"""Office, line, desk, and the dated assignment of a person to a desk."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, new_id
from supervision.people.models import Account


class Office(Base):
    """A tax office (税务所). `site` is where its people open its node's site, as it says; empty: unknown."""

    __tablename__ = "offices"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(255), default="")


class Line(Base):
    """One public consultation number (咨询电话线路): one FXO port, one SIP endpoint.

    A number is one active line's; lines that have gone keep theirs, for the calls that rest on them.
    """

    __tablename__ = "lines"
    __table_args__ = (
        Index(
            "uq_lines_active_number",
            "office_code",
            "number",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"))
    number: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    rings_before_us: Mapped[int]
    ring_s: Mapped[float]
    announcement: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)


class Desk(Base):
    """One duty desk's SIP phone (分机), by its extension. `version` is what people assign it against.

    `refused_at`: when it was last written down that whom the node named cannot sit there.
    """

    __tablename__ = "desks"
    __table_args__ = (UniqueConstraint("office_code", "extension"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"))
    extension: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    leader: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    refused_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DeskAssignment(Base):
    """Who sits at a desk, from when until when (open end: until further notice).

    The fact of a call is its desk; the officer is derived from this.
    """

    __tablename__ = "desk_assignments"
    __table_args__ = (
        Index("ix_desk_assignments_desk_id_since_at", "desk_id", "since_at", unique=True),
        Index(
            "uq_desk_assignments_open",
            "desk_id",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    desk_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("desks.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    since_at: Mapped[datetime] = mapped_column(default=now)
    until_at: Mapped[datetime | None]

    desk: Mapped[Desk] = relationship()
    account: Mapped[Account] = relationship()
