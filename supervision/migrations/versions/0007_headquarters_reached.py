"""When a node last had headquarters' answer.

Revision 0007, after 0006. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_heads", sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what was told to headquarters is never taken back")
