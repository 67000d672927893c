"""Draws: norms, draws with their attempts, shares and lists, and tickets.

Revision 0003, after 0002. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.words import more_causes, more_fact_kinds

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    more_causes(revision)
    more_fact_kinds(revision)
    create_draws()
    create_parts_of_draws()
    create_tickets()


def create_draws() -> None:
    op.create_table(
        "draw_norms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("office", "hq", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "percent <= 100 AND ((tier = 'office' AND percent >= 20) OR (tier = 'hq' AND percent >= 10))",
            name=op.f("ck_draw_norms_floor"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_draw_norms_decided_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_norms")),
    )
    op.create_table(
        "draws",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("office", "hq", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("supplement", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "committed",
                "closed",
                "frozen",
                "disputed",
                "agreed",
                "revealed",
                "recommitting",
                "drawn",
                name="draw_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rate", sa.String(length=16), nullable=False),
        sa.Column("dice_wanted", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_epoch", sa.Uuid(), nullable=True),
        sa.Column("closed_n", sa.BigInteger(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_silence", sa.Boolean(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=True),
        sa.Column("root", sa.String(length=64), nullable=True),
        sa.Column("office_root", sa.String(length=64), nullable=True),
        sa.Column("differences", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("settled_by", sa.String(length=128), nullable=False),
        sa.Column("settled_note", sa.String(length=1000), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("none_by_office", sa.String(length=128), nullable=False),
        sa.Column("none_by_hq", sa.String(length=128), nullable=False),
        sa.Column("told", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'drawn') = (drawn_at IS NOT NULL)", name=op.f("ck_draws_drawn")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("name", name=op.f("uq_draws_name")),
        sa.UniqueConstraint(
            "tier", "office_code", "period", "supplement", name=op.f("uq_draws_tier_office_code_period_supplement")
        ),
    )
    op.create_index("ix_draws_ends_at_id", "draws", ["ends_at", "id"], unique=False)
    op.create_index("ix_draws_office_code_ends_at", "draws", ["office_code", "ends_at"], unique=False)


def create_parts_of_draws() -> None:
    op.create_table(
        "draw_attempts",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("office_commitment", sa.String(length=64), nullable=True),
        sa.Column("hq_commitment", sa.String(length=64), nullable=True),
        sa.Column("office_committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hq_committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dice", sa.String(length=64), nullable=False),
        sa.Column("witnesses", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("thrown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed_by", sa.String(length=128), nullable=False),
        sa.Column("office_share", sa.String(length=64), nullable=True),
        sa.Column("hq_share", sa.String(length=64), nullable=True),
        sa.Column("office_revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hq_revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "withheld_by",
            sa.Enum("office", "hq", name="party", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_attempts_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "n", name=op.f("pk_draw_attempts")),
    )
    op.create_table(
        "draw_shares",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("share", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_shares_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "n", name=op.f("pk_draw_shares")),
    )
    op.create_table(
        "draw_entries",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("audio", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_entries_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "call_id", name=op.f("pk_draw_entries")),
    )
    op.create_index(op.f("ix_draw_entries_call_id"), "draw_entries", ["call_id"], unique=False)


def create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "taken",
                "proposed",
                "unusable",
                "done",
                name="ticket_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("successor_of", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "wrong_number",
                "no_speech",
                "no_audio",
                name="unusable",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason_note", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_tickets_done")),
        sa.CheckConstraint("state <> 'taken' OR taken_by IS NOT NULL", name=op.f("ck_tickets_taken")),
        sa.CheckConstraint(
            "state <> 'unusable' OR (reason IS NOT NULL AND proposed_by IS NOT NULL AND agreed_by IS NOT NULL"
            " AND agreed_by <> proposed_by)",
            name=op.f("ck_tickets_two_people"),
        ),
        sa.ForeignKeyConstraint(["agreed_by"], ["accounts.id"], name=op.f("fk_tickets_agreed_by_accounts")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_tickets_call_id_calls")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_tickets_draw_id_draws")),
        sa.ForeignKeyConstraint(["proposed_by"], ["accounts.id"], name=op.f("fk_tickets_proposed_by_accounts")),
        sa.ForeignKeyConstraint(["successor_of"], ["tickets.id"], name=op.f("fk_tickets_successor_of_tickets")),
        sa.ForeignKeyConstraint(["taken_by"], ["accounts.id"], name=op.f("fk_tickets_taken_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("draw_id", "call_id", name=op.f("uq_tickets_draw_id_call_id")),
        sa.UniqueConstraint("draw_id", "place", name=op.f("uq_tickets_draw_id_place")),
        sa.UniqueConstraint("successor_of", name=op.f("uq_tickets_successor_of")),
    )
    op.create_index(op.f("ix_tickets_call_id"), "tickets", ["call_id"], unique=False)
    op.create_index("ix_tickets_draw_id_state", "tickets", ["draw_id", "state"], unique=False)
    op.create_index(op.f("ix_tickets_taken_by"), "tickets", ["taken_by"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("what was drawn is never taken back")
