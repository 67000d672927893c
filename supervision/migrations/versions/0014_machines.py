"""How the disks of each machine stand, and incidents of too little room, of a disk's fault, of an old backlog.

Revision 0014, after 0013. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OPEN = sa.text("healed_at IS NULL")
CAUSES_OF_0013 = (
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
)
NEW_CAUSES = ("disk_low", "disk_fault", "backlog_old")
KINDS_OF_0013 = ("office", "call", "recording", "incident", "witness", "draw_closed", "audit")


def upgrade() -> None:
    op.create_table(
        "machines",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("volumes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("waiting_parts", sa.Integer(), nullable=False),
        sa.Column("waiting_bytes", sa.BigInteger(), nullable=False),
        sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_machines")),
    )
    change_incidents()
    change_outbox()


def change_incidents() -> None:
    """More causes. SQLite copies the table; no table refers to it."""
    op.drop_index("uq_incidents_open", "incidents")
    with op.batch_alter_table("incidents", copy_from=incidents_of_0013()) as batch:
        batch.drop_constraint(op.f("ck_incidents_cause"), type_="check")
        batch.create_check_constraint(op.f("ck_incidents_cause"), one_of("cause", (*CAUSES_OF_0013, *NEW_CAUSES)))
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["office_code", "cause", "subject", "told"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def change_outbox() -> None:
    """An office tells how its node's disks stand."""
    with op.batch_alter_table("outbox_entries", copy_from=outbox_entries_of_0013()) as batch:
        batch.drop_constraint(op.f("ck_outbox_entries_fact_kind"), type_="check")
        batch.create_check_constraint(
            op.f("ck_outbox_entries_fact_kind"), one_of("kind", (*KINDS_OF_0013, "machine"))
        )


def outbox_entries_of_0013() -> sa.Table:
    """The table as it was."""
    table = sa.Table(
        "outbox_entries",
        sa.MetaData(),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(one_of("kind", KINDS_OF_0013), op.f("ck_outbox_entries_fact_kind")),
        sa.PrimaryKeyConstraint("epoch", "n", name=op.f("pk_outbox_entries")),
    )
    sa.Index("ix_outbox_entries_at", table.c.at)
    return table


def incidents_of_0013() -> sa.Table:
    """The table as it was, without the index that is made anew; batch mode cannot read CHECKs from SQLite."""
    table = sa.Table(
        "incidents",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("healed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            one_of("kind", ("gap", "mismatch", "overdue", "fault")), op.f("ck_incidents_incident_kind")
        ),
        sa.CheckConstraint(one_of("cause", CAUSES_OF_0013), op.f("ck_incidents_cause")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_incidents_call_id_calls")),
        sa.ForeignKeyConstraint(["seen_by"], ["accounts.id"], name=op.f("fk_incidents_seen_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    sa.Index("ix_incidents_call_id", table.c.call_id)
    sa.Index("ix_incidents_first_seen_at_id", table.c.first_seen_at, table.c.id)
    sa.Index("ix_incidents_office_code_first_seen_at", table.c.office_code, table.c.first_seen_at)
    return table


def one_of(column: str, words: tuple[str, ...]) -> str:
    """The condition that a column holds one of these words, as SQLAlchemy writes it."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def downgrade() -> None:
    raise NotImplementedError("what was drawn is never taken back")
