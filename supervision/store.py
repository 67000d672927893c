"""The database's schema: bringing it up to date, checking it, and writing it down for people.

`python -m supervision.store upgrade` makes the home folder and the database, or brings them up to date;
`check` says what is wrong with them; `schema` prints the whole PostgreSQL schema, kept as `schema.sql`.
"""

import argparse
import inspect
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from supervision.audit import triggers
from supervision.errors import Unavailable
from supervision.evaluations import triggers as judged
from supervision.models import Base
from supervision.secret_files import keep_from_others
from supervision.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE = "run: python -m supervision.store upgrade"
WAIT_S = 60.0
# Two machines that start at once must not both upgrade PostgreSQL; the number is ours, arbitrary and fixed.
UPGRADE_LOCK = 7_100_213
LONGEST = 112


def head() -> str:
    """The newest revision that this version of the program knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def is_newer(revision: str | None) -> bool:
    """Whether a later version has upgraded the database. This one works with it: migrations only add.

    Revisions are numbered, four digits each (`tests/architecture/test_migrations.py`).
    """
    return revision is not None and len(revision) == len(head()) and revision.isdigit() and revision > head()


def upgrade(url: str) -> str:
    """Bring a database to the newest revision, making it if need be; the revision.

    All or nothing, and safe to call from several processes at once: they wait for each other. One that a later
    version has upgraded stays as it is. Raises Unavailable, with one sentence, if the database cannot be reached
    or changed.
    """
    file = _sqlite_file(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        with connection_for_upgrade(url) as looking:
            current = MigrationContext.configure(looking).get_current_revision()
        if is_newer(current):
            return str(current)
        with connection_for_upgrade(url) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(f"the database {_shown(url)} cannot be upgraded: {_sentence(error)}") from error
    return head()


def check(url: str, *, deep: bool = False) -> list[str]:
    """What is wrong with a database, as sentences; none if it is at this program's revision.

    `deep` also compares every table, column, index and constraint that Alembic can see with the models.
    """
    try:
        return faults_of(url, deep=deep)
    except SQLAlchemyError as error:
        return [f"the database {_shown(url)} cannot be reached: {_sentence(error)}"]


def faults_of(url: str, *, deep: bool = False) -> list[str]:
    """The same, of a database that can be reached. Raises SQLAlchemyError where it cannot."""
    file = _sqlite_file(url)
    if file is not None and not file.exists():
        return [f"there is no database at {file}; {UPGRADE}"]
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _faults(connection, deep=deep)
    finally:
        engine.dispose()


def _faults(connection: Connection, *, deep: bool) -> list[str]:
    context = MigrationContext.configure(connection)
    current = context.get_current_revision()
    if current is None:
        return [f"the database has no schema yet; {UPGRADE}"]
    if current != head():
        if is_newer(current):
            return []
        known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
        if current not in known:
            return [f"the database is at revision {current}, which this program does not know"]
        return [f"the database is at revision {current}, this program needs {head()}; {UPGRADE}"]
    return [f"the schema differs from the models: {one}" for one in differences(connection)] if deep else []


def differences(connection: Connection) -> list[Any]:
    """Where the live schema differs from the models, as Alembic's own operations."""
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Base.metadata))


@contextmanager
def connection_for_upgrade(url: str) -> Iterator[Connection]:
    """A connection for changing the schema; on SQLite with foreign keys unwatched until the end.

    SQLite changes a table by copying it, and dropping the old one must not take what refers to it along; so
    the keys are checked once at the end instead.
    """
    engine = create_engine(url, connect_args={"timeout": WAIT_S} if url.startswith("sqlite") else {})
    if engine.dialect.name == "sqlite":
        _begin_at_once(engine)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _begin_at_once(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "commit")
    def _on_commit(connection: Connection) -> None:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise SQLAlchemyError(f"the upgrade would leave {len(broken)} rows that refer to nothing")


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _sentence(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())


def schema() -> str:
    """The whole PostgreSQL schema as SQL, grouped by subject, with what each table is for."""
    blocks = [
        "-- The whole PostgreSQL schema of the call supervision system.\n"
        "-- Made by `python -m supervision.store schema`; a test keeps it equal to models and migrations.\n"
        "-- All times are UTC; lengths end in _s, _ms or _bytes.\n",
        "CREATE TABLE alembic_version (\n"
        "    version_num VARCHAR(32) NOT NULL,\n"
        "    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n"
        ");\n"
        f"INSERT INTO alembic_version (version_num) VALUES ('{head()}');\n",
    ]
    for subject, tables in _tables_by_subject():
        title = inspect.getdoc(sys.modules[subject]) or subject
        blocks.append(f"-- {subject.rpartition('.')[2].upper()}\n{_commented(title)}")
        blocks += [_table_sql(table) for table in tables]
    return "\n\n".join(block.rstrip("\n") for block in blocks) + "\n"


def _tables_by_subject() -> list[tuple[str, list[Table]]]:
    """Subjects in the order in which they build on each other, each with its tables in the same order."""
    subject_of = {
        str(mapper.class_.__tablename__): mapper.class_.__module__.rpartition(".")[0]
        for mapper in Base.registry.mappers
    }
    order: TopologicalSorter[str] = TopologicalSorter()
    for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
        subject = subject_of[table.name]
        needed = {subject_of[key.column.table.name] for key in table.foreign_keys}
        order.add(subject, *sorted(needed - {subject}))
    try:
        subjects = list(order.static_order())
    except CycleError as error:
        raise ValueError(f"subjects refer to each other in a circle: {error.args[1]}") from error
    tables = Base.metadata.sorted_tables
    return [(one, [table for table in tables if subject_of[table.name] == one]) for one in subjects]


def _table_sql(table: Table) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    statements = [_clean(str(CreateTable(table).compile(dialect=dialect)))]
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        statements.append(_clean(str(CreateIndex(index).compile(dialect=dialect))))
    statements += {**triggers.IN_POSTGRESQL, **judged.POSTGRESQL}.get(table.name, ())
    return _commented(inspect.getdoc(model) or "") + "\n" + "\n".join(f"{one};" for one in statements)


def _clean(sql: str) -> str:
    """SQLAlchemy's statement as people write it: indented by spaces, no empty lines, none overlong."""
    lines = [line.rstrip().replace("\t", "    ") for line in sql.strip().splitlines()]
    return "\n".join(
        wrapped
        for line in lines
        for wrapped in textwrap.wrap(
            line, LONGEST, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False
        )
    )


def _commented(doc: str) -> str:
    return "\n".join(f"-- {line}".rstrip() for line in doc.strip().splitlines())


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 if all is well, 1 with one sentence on stderr if not."""
    keep_from_others()
    parser = argparse.ArgumentParser(prog="python -m supervision.store", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("upgrade", help="make the home folder and the database, or bring them up to date")
    actions.add_parser("check", help="say what is wrong with the database, and fail if anything is")
    actions.add_parser("schema", help="print the whole PostgreSQL schema (schema.sql)")
    action = parser.parse_args(arguments).action
    if action == "schema":
        sys.stdout.write(schema())
        return 0
    try:
        settings = Settings()
        if action == "upgrade":
            settings.home.mkdir(parents=True, exist_ok=True)
            sys.stdout.write(f"{_shown(settings.database())} is at revision {upgrade(settings.database())}\n")
            return 0
        faults = check(settings.database(), deep=True)
    except ValidationError as error:
        faults = [f"SUPERVISION_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
    except (Unavailable, OSError) as error:
        faults = [str(error)]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
