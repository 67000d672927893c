"""Draw, its attempts and shares, its list, and its tickets."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party, Tier
from supervision.draws.ticket_rules import TicketState, Unusable


class DrawNorm(Base):
    """From when on how many percent are drawn. 20 % and 10 % are floors that nobody can lower (domain rule 1)."""

    __tablename__ = "draw_norms"
    __table_args__ = (
        CheckConstraint(
            "percent <= 100 AND ((tier = 'office' AND percent >= 20) OR (tier = 'hq' AND percent >= 10))",
            name="floor",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tier: Mapped[Tier] = mapped_column(enum_of(Tier))
    percent: Mapped[int]
    since_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(500))


class Draw(Base):
    """One draw (抽检任务), as this party knows it: both the office's node and headquarters have it.

    Its id follows from its name, `office:07:2026-W47`, and is the same on both sides. `closed_n` of `closed_epoch`
    is the office's last fact that the list rests on. `told`, on a node, is what headquarters says of the tickets.
    """

    __tablename__ = "draws"
    __table_args__ = (
        UniqueConstraint("tier", "office_code", "period", "supplement"),
        Index("ix_draws_office_code_ends_at", "office_code", "ends_at"),
        Index("ix_draws_ends_at_id", "ends_at", "id"),
        CheckConstraint("(state = 'drawn') = (drawn_at IS NOT NULL)", name="drawn"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(48), unique=True)
    tier: Mapped[Tier] = mapped_column(enum_of(Tier))
    office_code: Mapped[str] = mapped_column(String(8))
    period: Mapped[str] = mapped_column(String(8))
    supplement: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[DrawState] = mapped_column(enum_of(DrawState), default=DrawState.OPEN)
    rate: Mapped[str] = mapped_column(String(16))
    dice_wanted: Mapped[bool] = mapped_column(default=False)

    closed_at: Mapped[datetime | None]
    closed_epoch: Mapped[uuid.UUID | None]
    closed_n: Mapped[int | None] = mapped_column(BigInteger)
    frozen_at: Mapped[datetime | None]
    by_silence: Mapped[bool] = mapped_column(default=False)
    calls: Mapped[int | None]
    root: Mapped[str | None] = mapped_column(String(64))
    office_root: Mapped[str | None] = mapped_column(String(64))
    differences: Mapped[list[Any]] = mapped_column(default=list)
    settled_by: Mapped[str] = mapped_column(String(128), default="")
    settled_note: Mapped[str] = mapped_column(String(1000), default="")
    agreed_at: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    seed: Mapped[str | None] = mapped_column(String(64))
    none_by_office: Mapped[str] = mapped_column(String(128), default="")
    none_by_hq: Mapped[str] = mapped_column(String(128), default="")
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DrawAttempt(Base):
    """One attempt of a draw, published for ever: commitments, dice and shares, each as it became known."""

    __tablename__ = "draw_attempts"

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    office_commitment: Mapped[str | None] = mapped_column(String(64))
    hq_commitment: Mapped[str | None] = mapped_column(String(64))
    office_committed_at: Mapped[datetime | None]
    hq_committed_at: Mapped[datetime | None]
    replaced: Mapped[list[Any]] = mapped_column(default=list)
    ready_at: Mapped[datetime | None]
    dice: Mapped[str] = mapped_column(String(64), default="")
    witnesses: Mapped[list[Any]] = mapped_column(default=list)
    thrown_at: Mapped[datetime | None]
    typed_by: Mapped[str] = mapped_column(String(128), default="")
    office_share: Mapped[str | None] = mapped_column(String(64))
    hq_share: Mapped[str | None] = mapped_column(String(64))
    office_revealed_at: Mapped[datetime | None]
    hq_revealed_at: Mapped[datetime | None]
    withheld_by: Mapped[Party | None] = mapped_column(enum_of(Party))
    ended_at: Mapped[datetime | None]


class DrawShare(Base):
    """The share of this party of an attempt. Secret until it is revealed: no page reads this table."""

    __tablename__ = "draw_shares"

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    share: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(default=now)


class DrawEntry(Base):
    """One line of a draw's frozen list; after the freeze it is never changed but to settle a dispute."""

    __tablename__ = "draw_entries"

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True)
    stratum: Mapped[str] = mapped_column(String(64))
    audio: Mapped[str] = mapped_column(String(64))


class Ticket(Base):
    """One recording drawn (抽检签), at headquarters only: its place in the order of work, and how it stands.

    `ticket` is the hash that it was drawn by. `taken_by` has it in hand; what counts on it is `done`. One that
    two people found unusable counts for nothing, and `successor_of` is the one that another came in place of.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("draw_id", "call_id"),
        UniqueConstraint("draw_id", "place"),
        UniqueConstraint("successor_of"),
        Index("ix_tickets_draw_id_state", "draw_id", "state"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        CheckConstraint(
            "state <> 'unusable' OR (reason IS NOT NULL AND proposed_by IS NOT NULL AND agreed_by IS NOT NULL"
            " AND agreed_by <> proposed_by)",
            name="two_people",
        ),
        CheckConstraint("state <> 'taken' OR taken_by IS NOT NULL", name="taken"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draws.id"))
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), index=True)
    place: Mapped[int]
    ticket: Mapped[str] = mapped_column(String(64))
    stratum: Mapped[str] = mapped_column(String(64))
    state: Mapped[TicketState] = mapped_column(enum_of(TicketState), default=TicketState.WAITING)
    taken_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    successor_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tickets.id"))
    reason: Mapped[Unusable | None] = mapped_column(enum_of(Unusable))
    reason_note: Mapped[str] = mapped_column(String(500), default="")
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime | None]
    agreed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    agreed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
