"""Triggers that refuse to change, replace or remove a row, for both databases.

Attached to a table, so that `create_all` makes them. The baseline migration keeps a copy of its own; a
test holds the live catalogues equal. SQLite fires no DELETE trigger for the rows that INSERT OR REPLACE
removes, so there a row may only come where none is: an audit entry only at the end, with a hash that is not
there yet.
"""

from sqlalchemy import DDL, Table, event

SQLITE = (
    "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END",
    "CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries"
    " WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM audit_entries)"
    " OR EXISTS (SELECT 1 FROM audit_entries WHERE hash = NEW.hash)"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced, only added at the end'); END",
)

POSTGRESQL = (
    "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END $$",
    "CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()",
)


def keeping_sqlite(table: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """SQLite's triggers that keep the rows of a table with this primary key as they came."""
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


def keeping_postgresql(table: str) -> tuple[str, ...]:
    """PostgreSQL's, with the function that they call."""
    return (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} are never changed or removed'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )


KEPT = {"audit_checkpoints": ("number",), "office_audit_entries": ("node_code", "epoch", "n")}
"""Tables whose rows stay as they came, with their primary keys."""

IN_POSTGRESQL = {"audit_entries": POSTGRESQL, **{table: keeping_postgresql(table) for table in KEPT}}
IN_SQLITE = {"audit_entries": SQLITE, **{table: keeping_sqlite(table, keys) for table, keys in KEPT.items()}}


def attach(table: Table) -> None:
    """Make the triggers whenever the table is made."""
    for dialect, statements in (("sqlite", IN_SQLITE[table.name]), ("postgresql", IN_POSTGRESQL[table.name])):
        for statement in statements:
            _listen(table, "after_create", statement, dialect)
    _listen(table, "after_drop", f"DROP FUNCTION IF EXISTS {table.name}_refuse() CASCADE", "postgresql")


def _listen(table: Table, moment: str, statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy gives its __init__ no types
    event.listen(table, moment, ddl.execute_if(dialect=dialect))
