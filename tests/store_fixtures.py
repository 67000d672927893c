"""Databases with the schema that the migrations make: `store` runs a test on SQLite and on PostgreSQL."""

import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from supervision.database import Database
from supervision.store import upgrade
from tests.postgres import PostgresServer

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@functools.cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "office.db"
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()


def make_store(file: Path) -> str:
    """Make a migrated SQLite database there: the migrations run once for all tests. Its URL."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file as the migrations make it, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "office.db"
    make_store(file)
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database as the migrations make it, to be copied."""
    name = postgres.create_database()
    upgrade(postgres.url(name))
    return name


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database of the test's own."""
    shutil.copy(migrated_sqlite, tmp_path / "office.db")
    return f"sqlite:///{tmp_path / 'office.db'}"


@pytest.fixture
def postgres_url(migrated_postgres: str, postgres: PostgresServer) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of the test's own."""
    name = postgres.create_database(like=migrated_postgres)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest) -> str:
    """A migrated database's URL: once SQLite, once PostgreSQL."""
    return cast(str, request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Database]:
    """A database with the schema made by migrations: once SQLite, once PostgreSQL."""
    database = Database(store_url)
    yield database
    database.close()


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without anything in it: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'office.db'}"
    return cast(str, request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headquarters takes in a batch whole, however slow this machine is."""
    monkeypatch.setattr("supervision.ingest.service.RECEIVE_S", 3600.0)
