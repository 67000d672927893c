"""Two recorders: the outbox of an office, its feed at headquarters, and what both know of the two copies.

Revision 0002, after 0001. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.words import CAUSES, OPEN, one_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("gap_n", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_off_ms", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.Boolean(), nullable=False),
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
                "witness",
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
    create_asterisk_accounts()
    change_incidents()
    op.add_column("parts", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recordings", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recordings", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_recordings_state_verified_at", "recordings", ["state", "verified_at"])


def create_asterisk_accounts() -> None:
    op.create_table(
        "asterisk_accounts",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("linkedid", sa.String(length=64), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mixmonitor_started", sa.Boolean(), nullable=False),
        sa.Column("muted_ms", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "cel",
                "cdr",
                name="account_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_asterisk_accounts")),
    )
    op.create_index(
        "ix_asterisk_accounts_office_code_offered_at", "asterisk_accounts", ["office_code", "offered_at"]
    )


def change_incidents() -> None:
    """More causes, and whether an office told. SQLite copies the table; no table refers to it."""
    op.drop_index("uq_incidents_open", "incidents")
    with op.batch_alter_table("incidents", copy_from=incidents_of_0001()) as batch:
        batch.add_column(sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.drop_constraint(op.f("ck_incidents_cause"), type_="check")
        batch.create_check_constraint(
            op.f("ck_incidents_cause"), one_of("cause", (*CAUSES["0001"], *CAUSES["0002"]))
        )
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["office_code", "cause", "subject", "told"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def incidents_of_0001() -> sa.Table:
    """The table as it was, without the index that is made anew; batch mode cannot read CHECKs from SQLite."""
    table = sa.Table(
        "incidents",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("healed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            one_of("kind", ("gap", "mismatch", "overdue", "fault")), op.f("ck_incidents_incident_kind")
        ),
        sa.CheckConstraint(one_of("cause", CAUSES["0001"]), op.f("ck_incidents_cause")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_incidents_call_id_calls")),
        sa.ForeignKeyConstraint(["seen_by"], ["accounts.id"], name=op.f("fk_incidents_seen_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    sa.Index("ix_incidents_call_id", table.c.call_id)
    sa.Index("ix_incidents_first_seen_at_id", table.c.first_seen_at, table.c.id)
    sa.Index("ix_incidents_office_code_first_seen_at", table.c.office_code, table.c.first_seen_at)
    return table


def downgrade() -> None:
    raise NotImplementedError("what was told to headquarters is never taken back")
