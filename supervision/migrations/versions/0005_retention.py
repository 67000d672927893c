"""Retention: terms, holds, deletions with agreements and proofs, and a node's orders.

Revision 0005, after 0004. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_retention()
    create_deletions()


def create_retention() -> None:
    op.create_table(
        "retention_terms",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days BETWEEN 365 AND 3650", name=op.f("ck_retention_terms_bounds")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_retention_terms_set_by_accounts")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_retention_terms")),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "appeal",
                "complaint",
                "discipline",
                "case",
                "ticket",
                "request",
                "other",
                name="hold_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_note", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name=op.f("ck_holds_released")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_holds_call_id_calls")),
        sa.ForeignKeyConstraint(["placed_by"], ["accounts.id"], name=op.f("fk_holds_placed_by_accounts")),
        sa.ForeignKeyConstraint(["released_by"], ["accounts.id"], name=op.f("fk_holds_released_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_call_id"), "holds", ["call_id"])
    op.create_index("ix_holds_placed_at_id", "holds", ["placed_at", "id"])
    op.create_index("ix_holds_subject", "holds", ["subject"])
    op.create_table(
        "deletion_orders",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("deletion_id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum("age", "request", name="deletion_cause", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("agreed_by", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_deletion_orders")),
    )
    op.create_index("ix_deletion_orders_done_at", "deletion_orders", ["done_at"])


def create_deletions() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum("age", "request", name="deletion_cause", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("term_days", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "agreed_once",
                "agreed",
                "done",
                "declined",
                name="deletion_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_by", sa.Uuid(), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'declined') = (declined_by IS NOT NULL)", name=op.f("ck_deletions_declined")),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'done') OR ready_at IS NOT NULL", name=op.f("ck_deletions_ready")
        ),
        sa.ForeignKeyConstraint(["declined_by"], ["accounts.id"], name=op.f("fk_deletions_declined_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
    )
    op.create_index("ix_deletions_proposed_at_id", "deletions", ["proposed_at", "id"])
    op.create_index("ix_deletions_state", "deletions", ["state"])
    op.create_table(
        "deletion_agreements",
        sa.Column("deletion_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("head", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seat IN (1, 2)", name=op.f("ck_deletion_agreements_seat")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_deletion_agreements_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["deletion_id"], ["deletions.id"], name=op.f("fk_deletion_agreements_deletion_id_deletions")
        ),
        sa.PrimaryKeyConstraint("deletion_id", "seat", name=op.f("pk_deletion_agreements")),
        sa.UniqueConstraint(
            "deletion_id", "account_id", name=op.f("uq_deletion_agreements_deletion_id_account_id")
        ),
    )
    op.create_table(
        "deletion_items",
        sa.Column("deletion_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "spared",
                "deleting",
                "deleted",
                name="item_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("spared_because", sa.String(length=80), nullable=False),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_bytes", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("parts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'deleted') = (deleted_at IS NOT NULL)", name=op.f("ck_deletion_items_deleted")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_deletion_items_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["deletion_id"], ["deletions.id"], name=op.f("fk_deletion_items_deletion_id_deletions")
        ),
        sa.PrimaryKeyConstraint("deletion_id", "call_id", name=op.f("pk_deletion_items")),
    )
    op.create_index("ix_deletion_items_offered_at_call_id", "deletion_items", ["offered_at", "call_id"])
    op.create_index("ix_deletion_items_state_office_deleted_at", "deletion_items", ["state", "office_deleted_at"])
    op.create_index(
        "uq_deletion_items_once",
        "deletion_items",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'deleting', 'deleted')"),
        postgresql_where=sa.text("state IN ('waiting', 'deleting', 'deleted')"),
    )


def downgrade() -> None:
    raise NotImplementedError("a proof of deletion is never taken back")
