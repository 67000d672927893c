"""The last fact of each feed, to know it again: a node that was put back from a copy gives its number twice.

Revision 0017, after 0016. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("last_sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what was kept is never forgotten")
