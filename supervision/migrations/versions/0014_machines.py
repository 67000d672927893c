"""How the disks of each machine stand, and incidents of too little room, of a disk's fault, of an old backlog.

Revision 0014, after 0013. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.words import more_causes, more_fact_kinds

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CAUSES_OF_0013 = (
    "admission_failed",
    "admitted_by_dialplan",
    "no_bytes",
    "not_recorded",
    "part_missing",
    "part_truncated",
    "part_changed",
    "recording_gap",
    "length_mismatch",
    "asterisk_stopped",
    "control_lost",
    "event_refused",
    "sealing_failed",
    "no_desk_reachable",
    "record_missing",
    "account_missing",
    "times_differ",
    "never_recorded",
    "recording_muted",
    "duration_differs",
    "not_received",
    "file_missing",
    "file_size_differs",
    "content_changed",
    "office_copy_missing",
    "copies_differ",
    "sequence_skipped",
    "office_silent",
    "clock_off",
    "draw_uncommitted",
    "draw_node_silent",
    "draw_lists_differ",
    "draw_share_withheld",
    "draw_share_wrong",
    "drawn_without_audio",
    "review_overdue",
    "request_overdue",
    "audit_broken",
    "head_differs",
)
NEW_CAUSES = ("disk_low", "disk_fault", "backlog_old")
KINDS_OF_0013 = ("office", "call", "recording", "incident", "witness", "draw_closed", "audit")


def upgrade() -> None:
    op.create_table(
        "machines",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("volumes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("waiting_parts", sa.Integer(), nullable=False),
        sa.Column("waiting_bytes", sa.BigInteger(), nullable=False),
        sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_machines")),
    )
    more_causes(CAUSES_OF_0013, NEW_CAUSES)
    more_fact_kinds(KINDS_OF_0013, ("machine",))


def downgrade() -> None:
    raise NotImplementedError("what was drawn is never taken back")
