"""Parts that were put away on purpose, and recordings whose audio was deleted by two people's agreement.

Revision 0004, after 0003. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.words import one_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATES_OF_0001 = ("growing", "final", "ready", "empty", "failed")


def upgrade() -> None:
    op.add_column("parts", sa.Column("put_away_at", sa.DateTime(timezone=True), nullable=True))
    for table in (recordings_of_0002(), office_copies_of_0002()):
        check = op.f(f"ck_{table.name}_recording_state")
        with op.batch_alter_table(table.name, copy_from=table) as batch:
            batch.drop_constraint(check, type_="check")
            batch.create_check_constraint(check, one_of("state", (*STATES_OF_0001, "deleted")))


def recordings_of_0002() -> sa.Table:
    """The table as it was; batch mode cannot read CHECKs from SQLite."""
    table = sa.Table(
        "recordings",
        sa.MetaData(),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frames", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_bytes", sa.BigInteger(), nullable=True),
        sa.Column("officer_on_ms", sa.Integer(), nullable=True),
        sa.Column("caller_loudness_db", sa.Double(), nullable=True),
        sa.Column("officer_loudness_db", sa.Double(), nullable=True),
        sa.Column("caller_silence_ms", sa.Integer(), nullable=True),
        sa.Column("officer_silence_ms", sa.Integer(), nullable=True),
        sa.Column("busy_tone_ms", sa.Integer(), nullable=True),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("gaps", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(one_of("state", STATES_OF_0001), op.f("ck_recordings_recording_state")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recordings")),
    )
    sa.Index("ix_recordings_state_due_at", table.c.state, table.c.due_at)
    sa.Index("ix_recordings_state_verified_at", table.c.state, table.c.verified_at)
    return table


def office_copies_of_0002() -> sa.Table:
    """The table as it was."""
    return sa.Table(
        "office_copies",
        sa.MetaData(),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(one_of("state", STATES_OF_0001), op.f("ck_office_copies_recording_state")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["recordings.call_id"], name=op.f("fk_office_copies_call_id_recordings")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_office_copies")),
    )


def downgrade() -> None:
    raise NotImplementedError("what was deleted does not come back")
