"""For how long nothing at all came from either side of a recording.

Revision 0013, after 0012. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recordings", sa.Column("dead_air_ms", sa.Integer(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what was measured is never thrown away")
