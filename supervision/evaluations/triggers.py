"""Triggers that refuse to change, replace or remove what was submitted, for both databases.

Attached to the tables, so that `create_all` makes them; a revision keeps a copy of its own, and a test holds the
live catalogues equal. SQLite fires no DELETE trigger for the rows that INSERT OR REPLACE removes, so there what
is there may not be inserted again.
"""

from sqlalchemy import DDL, Table, event

from supervision.database import Base

KEYS = {
    "judgements": ("id = NEW.id", "evaluation_id = NEW.evaluation_id AND n = NEW.n"),
    "marks": ("judgement_id = NEW.judgement_id AND criterion_id = NEW.criterion_id",),
    "findings": ("id = NEW.id", "judgement_id = NEW.judgement_id AND key = NEW.key"),
}


def sqlite(table: str) -> tuple[str, ...]:
    """The triggers of one table."""
    there = " OR ".join(f"({key})" for key in KEYS[table])
    refuse = "BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END"
    is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {there})"  # noqa: S608 - names of ours
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {is_there} {refuse}",
    )


def postgresql(table: str) -> tuple[str, ...]:
    """The same; each table has a function of its own."""
    return (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )


SQLITE = {table: sqlite(table) for table in KEYS}
POSTGRESQL = {table: postgresql(table) for table in KEYS}


def attach() -> None:
    """Make the triggers whenever the tables are made."""
    for name in KEYS:
        table = Base.metadata.tables[name]
        for dialect, statements in (("sqlite", sqlite(name)), ("postgresql", postgresql(name))):
            for statement in statements:
                _listen(table, "after_create", statement, dialect)
        _listen(table, "after_drop", f"DROP FUNCTION IF EXISTS {name}_refuse() CASCADE", "postgresql")


def _listen(table: Table, moment: str, statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy gives its __init__ no types
    event.listen(table, moment, ddl.execute_if(dialect=dialect))
