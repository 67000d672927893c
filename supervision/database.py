"""Engine, session and column types: SQLite by default, PostgreSQL by URL, the same models on both.

One place commits in each kind of process, always as `with db.transaction() as session:`. Services take the
session first and never commit.
"""

import enum
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Engine,
    Enum,
    ExceptionContext,
    MetaData,
    create_engine,
    event,
    text,
    types,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from uuid_utils.compat import uuid7 as _uuid7

from supervision.clock import day_bounds, to_milliseconds
from supervision.errors import InvalidInput
from supervision.watchdog import TooLong

T = TypeVar("T")
BUSY_STATES = frozenset({"40001", "40P01", "55P03"})  # PostgreSQL: not serializable, deadlock, lock not available


class UtcDateTime(types.TypeDecorator[datetime]):
    """A moment: UTC with zone in Python, milliseconds kept; refuses a time without zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Python to column."""
        if value is None:
            return None
        value = to_milliseconds(value)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Column to Python."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")


def enum_of(kind: type[enum.StrEnum], name: str = "", *, checked: bool = True) -> Enum:
    """A column for a StrEnum: its value as text, kept to the known values by a CHECK constraint.

    The constraint is named after the kind; give another `name` to a table's second column of the same kind. An
    open vocabulary, to which a version of the program may add (causes, kinds, categories, reasons, channels), is
    not `checked` by the database. A closed one is: states, whose moves are a table; parties, tiers and roles, on
    which other constraints rest; and what is agreed to be complete (how a call was answered, why a ticket is
    unusable).
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=checked,
        length=32,
        name=name or _snake(kind.__name__),
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def _snake(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def in_chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Values in lists of at most `size`, in their order: as many as one IN of a query may hold on any database."""
    waiting = list(values)
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def on_days(
    column: InstrumentedAttribute[Any], first: date | None, last: date | None
) -> list[ColumnElement[bool]]:
    """The conditions that a time lies on these days of the bureau, both included; None: without that end."""
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(column >= day_bounds(first)[0])
    if last is not None:
        conditions.append(column < day_bounds(last)[1])
    return conditions


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): unique anywhere, and in the order of making."""
    return _uuid7()


class Base(DeclarativeBase):
    """Root of all models, with constraint names that migrations and `schema.sql` can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


class Database:
    """One database, by SQLAlchemy URL. Safe to share between threads; make a new one after a fork."""

    def __init__(self, url: str, *, busy_s: float = 10.0) -> None:
        """Open lazily; `busy_s` is how long a SQLite writer waits for another."""
        self.url = url
        self.engine = _make_engine(url, busy_s)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self, *, wait_s: float | None = None) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it does not.

        `wait_s`: give up with an OperationalError after waiting that long for other writers.
        """
        with self._sessions() as session, session.begin():
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE", "sqlite_wait_s": wait_s})
            if wait_s is not None and self.engine.dialect.name == "postgresql":
                session.execute(text(f"SET LOCAL lock_timeout = {int(wait_s * 1000)}"))
            with _unless_broken_off(session):
                yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only: what was read stays readable; it never waits for a SQLite writer."""
        with self._sessions() as session, _unless_broken_off(session):
            yield session

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def is_busy(error: BaseException) -> bool:
    """Whether a statement failed only since others were writing: the same may go well at any moment."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(error.orig, "sqlstate", None) in BUSY_STATES


@contextmanager
def _unless_broken_off(session: Session) -> Iterator[None]:
    """A connection that the watchdog's alarm met in the middle of a command can be asked nothing more."""
    try:
        yield
    except TooLong:
        session.invalidate()
        raise


def _make_engine(url: str, busy_s: float) -> Engine:
    # What people wrote stands in no log: errors are shown without the values of their statements.
    if not url.startswith("sqlite"):
        # Moments come in UTC: in the server's own zone the calendar's last hours have a year that Python does not.
        in_utc = {} if "options" in make_url(url).query else {"options": "-c timezone=UTC"}
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=in_utc)
        event.listen(engine, "handle_error", _refuse_what_cannot_be_stored)
        return engine
    options = {"timeout": busy_s, "check_same_thread": False}
    engine = create_engine(url, connect_args=options, hide_parameters=True)
    event.listen(engine, "handle_error", _refuse_what_cannot_be_stored)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late for a reader that turns writer; we begin ourselves, below.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        options = connection.get_execution_options()
        wait_s = options.get("sqlite_wait_s")
        wait_ms = int((busy_s if wait_s is None else wait_s) * 1000)
        if connection.info.get("wait_ms") != wait_ms:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait_ms}")
            connection.info["wait_ms"] = wait_ms
        connection.exec_driver_sql(f"BEGIN {options.get('sqlite_begin', 'DEFERRED')}")

    return engine


def _refuse_what_cannot_be_stored(context: ExceptionContext) -> InvalidInput | None:
    """A value that no column can hold (a NUL, half a character, too large a number) came from outside."""
    unfit = DataError, UnicodeEncodeError, OverflowError
    if isinstance(context.sqlalchemy_exception, unfit) or isinstance(context.original_exception, unfit):
        return InvalidInput("input", "cannot_be_stored")
    return None
