"""When a refused fact was written: a certificate of earlier days must not miss it, nor one of other days fear it.

Of facts from before it is not known. Revision 0018, after 0017. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refused_facts", sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what was kept is never forgotten")
