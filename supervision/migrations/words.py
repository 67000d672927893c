"""More words for a column whose CHECK lists them, on both databases: incidents' causes, facts' kinds.

PostgreSQL changes the constraint. SQLite copies the table, whose CHECKs it cannot read, so it is described here:
as it is from revision 0002 on. Whoever changes one of them otherwise describes it anew for what comes after.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

OPEN = sa.text("healed_at IS NULL")


def more_causes(known: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Incidents may have new causes beside those known until now. No table refers to incidents."""
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


def more_fact_kinds(known: tuple[str, ...], new: tuple[str, ...]) -> None:
    """An office may tell of new kinds of facts beside those known until now."""
    with op.batch_alter_table("outbox_entries", copy_from=_outbox_entries(known)) as batch:
        batch.drop_constraint(op.f("ck_outbox_entries_fact_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_entries_fact_kind"), one_of("kind", (*known, *new)))


def one_of(column: str, words: tuple[str, ...]) -> str:
    """The condition that a column holds one of these words, as SQLAlchemy writes it."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


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
