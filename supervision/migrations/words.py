"""More words for a column whose CHECK lists them, on both databases: incidents' causes, facts' kinds.

PostgreSQL changes the constraint. SQLite copies the table, whose CHECKs it cannot read, so it is described here:
as it is from revision 0002 on. Whoever changes one of them otherwise describes it anew for what comes after.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# What each revision added, in order.
CAUSES: Mapping[str, tuple[str, ...]] = {
    "0001": (
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
    ),
    "0002": (
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
    ),
    "0003": (
        "draw_uncommitted",
        "draw_node_silent",
        "draw_lists_differ",
        "draw_share_withheld",
        "draw_share_wrong",
        "drawn_without_audio",
        "review_overdue",
    ),
    "0006": ("request_overdue",),
    "0010": ("audit_broken", "head_differs"),
    "0014": ("disk_low", "disk_fault", "backlog_old"),
    "0016": ("head_late",),
    "0020": ("draw_out_of_order", "draw_stalled"),
}
FACT_KINDS: Mapping[str, tuple[str, ...]] = {
    "0002": ("office", "call", "recording", "incident", "witness"),
    "0003": ("draw_closed",),
    "0010": ("audit",),
    "0014": ("machine",),
}

OPEN = sa.text("healed_at IS NULL")


def more_causes(revision: str) -> None:
    """Incidents may have this revision's causes beside those known until then. No table refers to incidents."""
    known, new = _before(revision, CAUSES), CAUSES[revision]
    op.drop_index("uq_incidents_open", "incidents")
    with op.batch_alter_table("incidents", copy_from=_incidents(known)) as batch:
        batch.drop_constraint(op.f("ck_incidents_cause"), type_="check")
        batch.create_check_constraint(op.f("ck_incidents_cause"), one_of("cause", (*known, *new)))
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["office_code", "cause", "subject", "told"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def more_fact_kinds(revision: str) -> None:
    """An office may tell of this revision's kinds of facts beside those known until then."""
    known, new = _before(revision, FACT_KINDS), FACT_KINDS[revision]
    with op.batch_alter_table("outbox_entries", copy_from=_outbox_entries(known)) as batch:
        batch.drop_constraint(op.f("ck_outbox_entries_fact_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_entries_fact_kind"), one_of("kind", (*known, *new)))


def one_of(column: str, words: tuple[str, ...]) -> str:
    """The condition that a column holds one of these words, as SQLAlchemy writes it."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _before(revision: str, added: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(word for earlier, words in added.items() if earlier < revision for word in words)


def _incidents(causes: tuple[str, ...]) -> sa.Table:
    """The table without its index of open ones, which is made anew."""
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
        sa.CheckConstraint(one_of("cause", causes), op.f("ck_incidents_cause")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_incidents_call_id_calls")),
        sa.ForeignKeyConstraint(["seen_by"], ["accounts.id"], name=op.f("fk_incidents_seen_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    sa.Index("ix_incidents_call_id", table.c.call_id)
    sa.Index("ix_incidents_first_seen_at_id", table.c.first_seen_at, table.c.id)
    sa.Index("ix_incidents_office_code_first_seen_at", table.c.office_code, table.c.first_seen_at)
    return table


def _outbox_entries(kinds: tuple[str, ...]) -> sa.Table:
    table = sa.Table(
        "outbox_entries",
        sa.MetaData(),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(one_of("kind", kinds), op.f("ck_outbox_entries_fact_kind")),
        sa.PrimaryKeyConstraint("epoch", "n", name=op.f("pk_outbox_entries")),
    )
    sa.Index("ix_outbox_entries_at", table.c.at)
    return table
