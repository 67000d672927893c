"""When the content of each sealed recording is to be looked through next.

Revision 0015, after 0014. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recordings", sa.Column("scrub_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_recordings_state_scrub_due_at", "recordings", ["state", "scrub_due_at"])
    # What was sealed before this is looked through as soon as there is time, the oldest first.
    op.execute("UPDATE recordings SET scrub_due_at = sealed_at WHERE state = 'ready'")


def downgrade() -> None:
    raise NotImplementedError("what was looked through is never forgotten")
