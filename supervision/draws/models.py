"""Draw, its list, its tickets, and the norm; and each answered call as its office first sent it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party, TicketState, Tier, Unusable


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

    Its id follows from its name, `office:07:2026-W47`, and is the same on both sides. Times are headquarters',
    as it recorded or sent them; `closed_at` on a node and `learned_at`, since when it knows of the list that
    stands, are its own. `closed_n` of `closed_epoch` is the office's last fact that the list rests on.

    `secret` names the draw secret that the own share follows from. `said` is what the office said in its close,
    `revealed_for` in its reveal. `seats` and `moved` came with the freeze: who sat where, and the calls that are
    in another list than their own beginning says. `added` are lines that only the office had. `node_state`, on a
    node, is what headquarters says of the tickets, `judged_at` when it first said that all of them are judged.
    """

    __tablename__ = "draws"
    __table_args__ = (
        UniqueConstraint("tier", "office_code", "period", "supplement"),
        Index("ix_draws_office_code_ends_at", "office_code", "ends_at"),
        Index("ix_draws_ends_at_id", "ends_at", "id"),
        CheckConstraint("(state = 'drawn') = (drawn_at IS NOT NULL)", name="drawn"),
        CheckConstraint("state <> 'drawn' OR (office_share IS NOT NULL AND hq_share IS NOT NULL)", name="shares"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(48), unique=True)
    tier: Mapped[Tier] = mapped_column(enum_of(Tier))
    office_code: Mapped[str] = mapped_column(String(8))
    period: Mapped[str] = mapped_column(String(8))
    supplement: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[DrawState] = mapped_column(enum_of(DrawState), default=DrawState.OPEN)
    rate: Mapped[str] = mapped_column(String(16))
    secret: Mapped[str] = mapped_column(String(16), default="")

    office_commitment: Mapped[str | None] = mapped_column(String(64))
    hq_commitment: Mapped[str | None] = mapped_column(String(64))

    closed_at: Mapped[datetime | None]
    closed_epoch: Mapped[uuid.UUID | None]
    closed_n: Mapped[int | None] = mapped_column(BigInteger)
    closed_early: Mapped[bool] = mapped_column(default=False)
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)

    frozen_at: Mapped[datetime | None]
    frozen_root: Mapped[str | None] = mapped_column(String(64))
    by_silence: Mapped[bool] = mapped_column(default=False)
    seats: Mapped[list[Any]] = mapped_column(default=list)
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)

    answered_at: Mapped[datetime | None]
    answered_epoch: Mapped[uuid.UUID | None]
    answered_n: Mapped[int | None] = mapped_column(BigInteger)
    office_root: Mapped[str | None] = mapped_column(String(64))
    added: Mapped[list[Any]] = mapped_column(default=list)
    differences: Mapped[list[Any]] = mapped_column(default=list)

    agreed_at: Mapped[datetime | None]
    learned_at: Mapped[datetime | None]
    root: Mapped[str | None] = mapped_column(String(64))
    calls: Mapped[int | None]

    office_ask: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hq_ask: Mapped[dict[str, Any]] = mapped_column(default=dict)
    office_dice: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hq_dice: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dice: Mapped[str] = mapped_column(String(64), default="")

    office_share: Mapped[str | None] = mapped_column(String(64))
    hq_share: Mapped[str | None] = mapped_column(String(64))
    office_revealed_at: Mapped[datetime | None]
    hq_revealed_at: Mapped[datetime | None]
    revealed_for: Mapped[dict[str, Any]] = mapped_column(default=dict)

    whole_at: Mapped[datetime | None]
    reviewer: Mapped[Party | None] = mapped_column(enum_of(Party))
    drawn_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    seed: Mapped[str | None] = mapped_column(String(64))
    none_by_office: Mapped[str] = mapped_column(String(128), default="")
    none_by_hq: Mapped[str] = mapped_column(String(128), default="")
    node_state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    judged_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class AnsweredCall(Base):
    """At headquarters: a call that an acknowledged fact called answered, as it was first received; never changed.

    `week` and `month` are the periods in whose lists it is, `began_week` and `began_month` those in which it began
    by the node's clock (empty: at no possible time).
    """

    __tablename__ = "answered_calls"
    __table_args__ = (
        Index("ix_answered_calls_office_code_week", "office_code", "week"),
        Index("ix_answered_calls_office_code_month", "office_code", "month"),
        Index("ix_answered_calls_office_code_began_week", "office_code", "began_week"),
        Index("ix_answered_calls_office_code_began_month", "office_code", "began_month"),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), primary_key=True)
    office_code: Mapped[str] = mapped_column(String(8))
    desk: Mapped[str] = mapped_column(String(16))
    began_at: Mapped[datetime]
    answered_at: Mapped[datetime]
    received_at: Mapped[datetime]
    week: Mapped[str] = mapped_column(String(8))
    month: Mapped[str] = mapped_column(String(8))
    began_week: Mapped[str] = mapped_column(String(8), default="")
    began_month: Mapped[str] = mapped_column(String(8), default="")


class AcknowledgedCall(Base):
    """On a node: an answered call of its own whose fact headquarters has acknowledged, and one tier of lists.

    By `listed_by` it is to be in exactly one list of that tier; `listed_at` is when the node saw it so. `renewed`:
    headquarters had not acknowledged it any more, and it has got more time for that once.
    """

    __tablename__ = "acknowledged_calls"
    __table_args__ = (
        Index("ix_acknowledged_calls_epoch_n", "epoch", "n"),
        Index(
            "ix_acknowledged_calls_listed_by",
            "listed_by",
            sqlite_where=text("listed_at IS NULL"),
            postgresql_where=text("listed_at IS NULL"),
        ),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    tier: Mapped[Tier] = mapped_column(enum_of(Tier), primary_key=True)
    epoch: Mapped[uuid.UUID]
    n: Mapped[int] = mapped_column(BigInteger)
    listed_by: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    renewed: Mapped[bool] = mapped_column(default=False)


class DrawEntry(Base):
    """One line of a draw's list; once the list stands it is never changed. `added`: only the office had it."""

    __tablename__ = "draw_entries"

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True)
    stratum: Mapped[str] = mapped_column(String(64))
    audio: Mapped[str] = mapped_column(String(64))
    added: Mapped[bool] = mapped_column(default=False)


class Ticket(Base):
    """One recording drawn (抽检签), at headquarters only: its place in the order of work, and how it stands.

    `ticket` is the hash that it was drawn by. `taken_by` has it in hand; what counts on it is `done`. One that
    two people found unusable counts for nothing, and `successor_of` is the one that another came in place of.
    `released`: it was due while the list was whole, and was not drawn.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("draw_id", "call_id"),
        UniqueConstraint("draw_id", "place"),
        UniqueConstraint("successor_of"),
        Index("ix_tickets_draw_id_state", "draw_id", "state"),
        CheckConstraint("state <> 'done' OR done_at IS NOT NULL", name="done"),
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
    agreed_n: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
