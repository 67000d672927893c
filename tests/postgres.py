"""A real PostgreSQL for the tests: one throw-away cluster a session, one database a test, no TCP port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

NO_SERVER = (
    "no PostgreSQL server was found: install it (Debian: apt-get install postgresql), so that initdb and postgres "
    "are under /usr/lib/postgresql/*/bin or on PATH"
)
START_S = 30.0
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "Asia/Shanghai",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running cluster, reached over a unix socket in `folder`."""

    folder: Path
    _kept: list[psycopg.Connection[Any]] = field(default_factory=list, compare=False, repr=False)

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of a database in it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        """One statement outside any transaction, in the maintenance database.

        By a connection that is kept: a new one each time is a third of what making and dropping a database costs.
        """
        try:
            self._connection().execute(statement.encode())
        except psycopg.OperationalError:
            if not self._kept or not self._kept[0].broken:
                raise
            self.close()  # the server was stopped meanwhile
            self._connection().execute(statement.encode())

    def _connection(self) -> psycopg.Connection[Any]:
        if not self._kept:
            where = f"host={self.folder} user=postgres dbname=postgres"
            self._kept.append(psycopg.connect(where, autocommit=True))
        return self._kept[0]

    def close(self) -> None:
        """Give the kept connection back."""
        while self._kept:
            self._kept.pop().close()

    def create_database(self, like: str = "template0") -> str:
        """A new database; its name. Copied as files, which costs a third less than through the log."""
        name = f"t{uuid.uuid4().hex}"
        self.run(f'CREATE DATABASE {name} TEMPLATE "{like}" STRATEGY file_copy')
        return name

    def drop_database(self, name: str) -> None:
        """Remove it, whoever is still connected."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def find_programs() -> Path | None:
    """The folder that holds the newest initdb and postgres, or None."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name)):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found and shutil.which("postgres") else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's server. Without one the tests fail, they are not skipped: both databases are promised."""
    with cluster() as running:
        yield running.server


@contextmanager
def cluster(options: Mapping[str, str] | None = None, below: Path | None = None) -> Iterator["Cluster"]:
    """A throw-away cluster that runs, in a folder of its own (`below` another); `options` override ours."""
    programs = find_programs()
    if programs is None:
        pytest.fail(NO_SERVER, pytrace=False)
    with tempfile.TemporaryDirectory(prefix="pg", dir=below or _short_folder()) as folder:
        made = Cluster(programs, Path(folder), {**OPTIONS, **(options or {})})
        try:
            made.start()
            yield made
        finally:
            made.stop()


def _short_folder() -> str | None:
    """A socket's path holds 107 characters: where TMPDIR is long, /tmp it is."""
    return None if len(tempfile.gettempdir()) < 60 else "/tmp"  # noqa: S108 - mkdtemp makes its own folder in it


class Cluster:
    """A cluster that can be stopped, killed and started again."""

    def __init__(self, programs: Path, folder: Path, options: Mapping[str, str]) -> None:
        self.programs, self.options = programs, options
        self.server = PostgresServer(folder)
        self._unprivileged = _give_away(folder)
        self._process: subprocess.Popen[bytes] | None = None
        locale = ["--no-locale", "--encoding=UTF8", "--auth=trust", "--username=postgres", "--no-sync"]
        made = subprocess.run(  # noqa: S603 - a program of the machine's own
            [*self._unprivileged, programs / "initdb", "-D", folder / "data", *locale],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        if made.returncode:
            pytest.fail(f"initdb failed: {made.stderr.strip()}", pytrace=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = self.server.folder
        options = [word for name, value in self.options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a program of the machine's own
                [*self._unprivileged, self.programs / "postgres", "-D", folder / "data", "-k", folder, *options],
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        _wait(self.server, self._process)

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends sessions and writes all down, SIGQUIT and SIGKILL do not."""
        self.server.close()
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_S)
            self._process = None


def _give_away(folder: Path) -> list[str]:
    """PostgreSQL does not run as root: there, the folder is given to another user who runs it.

    The server is stopped when the tests die, so that nothing stays behind.
    """
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        return [setpriv, "--pdeathsig", "INT"] if setpriv else []
    users = [user for user in ("postgres", "nobody") if any(one.pw_name == user for one in pwd.getpwall())]
    if setpriv is None or not users:
        pytest.fail(
            "as root the tests need setpriv and a user postgres or nobody to run PostgreSQL", pytrace=False
        )
    user = pwd.getpwnam(users[0])
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [setpriv, "--reuid", users[0], "--regid", str(user.pw_gid), "--clear-groups", "--pdeathsig", "INT"]


def _wait(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_S
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                log = (server.folder / "log").read_text("utf-8", "replace")
                pytest.fail(f"PostgreSQL does not start: {error}\n{log}", pytrace=False)
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def empty_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)
