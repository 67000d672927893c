"""Incidents where a party says of a draw what the protocol does not allow, and where a draw does not go on.

Revision 0020, after 0019. Made on 2026-11-25.
"""

from supervision.migrations.words import more_causes

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    more_causes(revision)


def downgrade() -> None:
    raise NotImplementedError("what was noted is never forgotten")
