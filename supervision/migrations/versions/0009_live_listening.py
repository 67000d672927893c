"""Listening to a call in progress is marked as such.

Revision 0009, after 0008. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listenings", sa.Column("live", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    raise NotImplementedError("who listened to what is never taken back")
