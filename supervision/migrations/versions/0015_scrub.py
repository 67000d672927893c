"""When the content of each sealed recording is to be looked through next; when all was compared last.

Revision 0015, after 0014. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciler",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("disagreements", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("healed", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reconciler_one")),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_reconciler_asked_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciler")),
    )
    op.add_column("recordings", sa.Column("scrub_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_recordings_state_scrub_due_at", "recordings", ["state", "scrub_due_at"])
    # What was sealed before this is looked through as soon as there is time, the oldest first.
    op.execute("UPDATE recordings SET scrub_due_at = sealed_at WHERE state = 'ready'")


def downgrade() -> None:
    raise NotImplementedError("what was looked through is never forgotten")
