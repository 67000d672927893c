"""Up to which signed head each office keeps them; an incident where none is signed any more.

Revision 0016, after 0015. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op

from supervision.migrations.words import more_causes

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CAUSES_OF_0015 = (
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
    "disk_low",
    "disk_fault",
    "backlog_old",
)


def upgrade() -> None:
    op.create_table(
        "audit_head_keepers",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_audit_head_keepers")),
    )
    more_causes(CAUSES_OF_0015, ("head_late",))


def downgrade() -> None:
    raise NotImplementedError("what was kept is never forgotten")
