"""Which judgement is of somebody who took a call over from a reviewer who had heard too little.

Revision 0019, after 0018. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("judgements", sa.Column("in_place", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    raise NotImplementedError("what was submitted is never changed")
