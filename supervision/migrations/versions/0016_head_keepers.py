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


def upgrade() -> None:
    op.create_table(
        "audit_head_keepers",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_audit_head_keepers")),
    )
    more_causes(revision)


def downgrade() -> None:
    raise NotImplementedError("what was kept is never forgotten")
