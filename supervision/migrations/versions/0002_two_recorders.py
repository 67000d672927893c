"""Two recorders: the outbox of an office, its feed at headquarters, and what both know of the two copies.

Revision 0002, after 0001. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = sa.text("healed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", "epoch", name=op.f("pk_feeds")),
    )
    op.create_table(
        "outbox_entries",
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "office",
                "call",
                "recording",
                "incident",
                name="fact_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "n", name=op.f("pk_outbox_entries")),
    )
    op.create_index(op.f("ix_outbox_entries_at"), "outbox_entries", ["at"])

    op.create_table(
        "outbox_heads",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("received_n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_outbox_heads")),
    )
    op.create_table(
        "refused_facts",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("office_code", "epoch", "n", name=op.f("pk_refused_facts")),
    )
    op.create_table(
        "office_copies",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "growing",
                "final",
                "ready",
                "empty",
                "failed",
                name="recording_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["recordings.call_id"], name=op.f("fk_office_copies_call_id_recordings")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_office_copies")),
    )
    op.add_column("incidents", sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("uq_incidents_open", "incidents")
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["office_code", "cause", "subject", "told"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.add_column("parts", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recordings", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what was told to headquarters is never taken back")
