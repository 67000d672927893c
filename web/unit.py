"""The one place of the site and of the intake that commits: one unit of work round each request.

A request that may write gets one transaction, begun when its view first asks for a session: committed after
the view gave a response below 400, rolled back otherwise. A GET or HEAD gets a session for looking only.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from supervision.database import Database

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_EXTENSION = "database"


class _RolledBack(Exception):
    """Leaves the transaction without committing it."""


class Unit:
    """The unit of work of one request."""

    def __init__(self, database: Database, *, writing: bool) -> None:
        self.database = database
        self.writing = writing
        self.stack = ExitStack()
        self.session: Session | None = None
        self.ended = False
        self.afterwards: list[Callable[[Session], None]] = []

    @property
    def looks(self) -> bool:
        """Whether a look needs no session of its own: the view goes on, and holds one or only looks."""
        return not self.ended and (self.session.is_active if self.session is not None else not self.writing)

    def open(self) -> Session:
        """The session, opened when it is first asked for."""
        if self.session is None:
            opened = self.database.transaction() if self.writing else self.database.reading()
            self.session = self.stack.enter_context(opened)
        return self.session

    def roll_back(self) -> None:
        """Give up what was done, then do in a transaction of its own what must be kept all the same."""
        self._leave()
        for work in self.afterwards:
            with self.database.transaction() as session:
                work(session)

    def give_up(self) -> None:
        """Give up what was done; the next session begins anew."""
        self._leave()

    def look_again(self) -> Session:
        """Give up what was done, and look only from now on."""
        if self.writing:
            self._leave()
            self.writing = False
        return self.open()

    def let_go(self) -> None:
        """Hold no connection where nothing but looking was done; the next session begins anew."""
        if not self.writing:
            self._leave()

    def commit(self) -> None:
        """Keep what was done."""
        self.stack.close()
        self.session = None

    def _leave(self) -> None:
        error = _RolledBack()
        try:
            self.stack.__exit__(_RolledBack, error, None)
        except _RolledBack:
            pass
        finally:
            self.session = None


class Application(Flask):
    """Flask with the unit of work round each view, inside of the handling of errors: the site, and the intake."""

    def dispatch_request(self) -> Response:
        """Call the view; commit below 400, roll back otherwise."""
        with _unit_of_request(self.extensions[_EXTENSION]) as unit:
            response = self.make_response(super().dispatch_request())
            if response.status_code < 400:
                unit.commit()
            else:
                unit.roll_back()
        return response


def install(app: Application, opened: Database) -> None:
    """Give the application its database."""
    app.extensions[_EXTENSION] = opened


def session() -> Session:
    """The session of this request."""
    return _unit().open()


def database() -> Database:
    """The database, for the rare view that must look before it writes, or commit before it streams."""
    return cast(Database, current_app.extensions[_EXTENSION])


@contextmanager
def looking() -> Iterator[Session]:
    """A session for what each page shows beside its own: this request's, where it has one that may look.

    A request that held one connection and waited for a second could wait for others that do the same.
    """
    unit: Unit | None = g.get("unit")
    if unit is not None and unit.looks:
        yield unit.open()
    else:
        with database().reading() as session:
            yield session


def keep_first(work: Callable[[Session], None]) -> None:
    """Do and commit in a transaction of its own what must be written down before the view shows anything."""
    with own_transaction() as session:
        work(session)


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A transaction of its own, of a view that only looks: the connection that it looked with is let go before.

    Who held one and waited for a second could wait for thirty others that do the same, and all for ever.
    """
    _unit().let_go()
    with database().transaction() as session:
        yield session


def anew() -> Session:
    """The session to show how things are after a refusal: what was done is given up, nothing more is written."""
    return _unit().look_again()


def give_up() -> None:
    """Give up what this request has done so far; what it does from here on counts."""
    _unit().give_up()


def after_rollback(work: Callable[[Session], None]) -> None:
    """Have something written down in a second transaction, should this request end in a refusal."""
    _unit().afterwards.append(work)


def _unit() -> Unit:
    return cast(Unit, g.unit)


@contextmanager
def _unit_of_request(opened: Database) -> Iterator[Unit]:
    g.unit = unit = Unit(opened, writing=request.method not in READING_METHODS)
    try:
        yield unit
    except BaseException:
        unit.roll_back()
        raise
    finally:
        unit.ended = True
