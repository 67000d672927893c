"""Triggers that refuse to change, replace or remove an audit entry, for both databases.

Attached to the table, so that `create_all` makes them. A revision keeps a copy of its own of what it made; a
test holds the live catalogues equal. SQLite fires no DELETE trigger for the rows that INSERT OR REPLACE
removes, so there an entry may only be put at the end, with a hash that is not there yet.
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

POSTGRESQL_DROP = ("DROP FUNCTION IF EXISTS audit_entries_refuse() CASCADE",)


def attach(table: Table) -> None:
    """Make the triggers whenever the table is made."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            _listen(table, "after_create", statement, dialect)
    for statement in POSTGRESQL_DROP:
        _listen(table, "after_drop", statement, "postgresql")


def _listen(table: Table, moment: str, statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy gives its __init__ no types
    event.listen(table, moment, ddl.execute_if(dialect=dialect))
