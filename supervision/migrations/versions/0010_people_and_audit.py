"""People and audit: offices' logs at headquarters, signed heads, a node's copy of its people, dated desks.

Revision 0010, after 0009. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.words import more_causes, more_fact_kinds

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# As `supervision.audit.triggers` made them for these tables when this revision was made.
KEPT = {"audit_checkpoints": ("number",), "office_audit_entries": ("node_code", "epoch", "n")}


def upgrade() -> None:
    create_kept()
    op.create_table(
        "people_copies",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_people_copies")),
    )
    op.add_column("desks", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    still = sa.text("until_at IS NULL")
    op.create_index(
        "uq_desk_assignments_open",
        "desk_assignments",
        ["desk_id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
    more_fact_kinds(revision)
    more_causes(revision)


def create_kept() -> None:
    """What stays as it came."""
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=8000), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "office_audit_entries",
        sa.Column("node_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node_code", "epoch", "n", name=op.f("pk_office_audit_entries")),
    )
    for table, keys in KEPT.items():
        make = (
            sqlite_triggers(table, keys) if op.get_bind().dialect.name == "sqlite" else postgresql_triggers(table)
        )
        for statement in make:
            op.execute(statement)


def sqlite_triggers(table: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    same = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} are never removed'); END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"  # noqa: S608 - both names are ours
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
        f" BEGIN SELECT RAISE(ABORT, '{table} are never replaced'); END",
    )


def postgresql_triggers(table: str) -> tuple[str, ...]:
    return (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} are never changed or removed'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )


def downgrade() -> None:
    raise NotImplementedError("what was kept is never given up")
