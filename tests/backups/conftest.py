"""Machines that make backups: headquarters on SQLite and on PostgreSQL, and an office."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervision.settings import Mode
from supervision.store import upgrade
from tests.backups.bureau import Bureau
from tests.postgres import Cluster, cluster
from tests.store_fixtures import make_store

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(scope="session")
def wal_cluster() -> Iterator[Cluster]:
    """A PostgreSQL of these tests' own: others' rows are in no base backup of theirs, nor their log.

    We are no superuser there: the role has what docs/operate/backup.md gives it, and no more.
    """
    with cluster() as running:
        running.server.run("CREATE ROLE supervision LOGIN REPLICATION")
        yield running


@pytest.fixture
def own_postgres(wal_cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases; their URLs."""
    made: list[str] = []

    def make() -> str:
        made.append(wal_cluster.server.create_database())
        wal_cluster.server.run(f"ALTER DATABASE {made[-1]} OWNER TO supervision")
        return wal_cluster.server.url(made[-1]).replace("postgres@", "supervision@")

    yield make
    for name in made:
        wal_cluster.server.drop_database(name)


@pytest.fixture
def bureaus(tmp_path: Path) -> Iterator[Callable[[Mode, str], Bureau]]:
    """Makes machines of a mode, on a database that is migrated."""
    made: list[Bureau] = []

    def make(mode: Mode, url: str) -> Bureau:
        made.append(Bureau(tmp_path / "home", tmp_path / "second", tmp_path / "keys", url, mode))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def hq(bureaus: Callable[[Mode, str], Bureau], tmp_path: Path) -> Bureau:
    """Headquarters of a small bureau, on SQLite."""
    return bureaus(Mode.HQ, make_store(tmp_path / "home" / "hq.db"))


@pytest.fixture
def office(bureaus: Callable[[Mode, str], Bureau], tmp_path: Path) -> Bureau:
    """An office's node."""
    return bureaus(Mode.OFFICE, make_store(tmp_path / "home" / "office.db"))


@pytest.fixture
def postgres_hq(bureaus: Callable[[Mode, str], Bureau], own_postgres: Callable[[], str]) -> Bureau:
    """Headquarters on PostgreSQL."""
    url = own_postgres()
    upgrade(url)
    return bureaus(Mode.HQ, url)


@pytest.fixture(params=BOTH)
def either_hq(request: pytest.FixtureRequest) -> Bureau:
    """Headquarters: once on SQLite, once on PostgreSQL."""
    made: Bureau = request.getfixturevalue("hq" if request.param == "sqlite" else "postgres_hq")
    return made


@pytest.fixture
def empty_url(either_hq: Bureau, own_postgres: Callable[[], str]) -> str:
    """The empty database of the machine that takes its place: of the same kind."""
    return own_postgres() if either_hq.database_url.startswith("postgresql") else ""
