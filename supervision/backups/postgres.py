"""PostgreSQL's own programs: a base backup, its log as it is received, and a cluster to recover them in.

Nothing here needs a superuser: the role of the service has the attribute REPLICATION, and is its database's owner.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import psycopg
from sqlalchemy import URL, inspect, make_url, text
from sqlalchemy.orm import Session

from supervision.backups.databases import rows_of
from supervision.backups.errors import NotPossible
from supervision.backups.messages import PostgresCopy, Rows
from supervision.database import Database
from supervision.errors import Unavailable
from supervision.paths import RecoveryPaths

SLOT = "supervision_backup"
LATEST = datetime.max.replace(tzinfo=UTC)  # all that the log has
LOCK_WAIT_S = 20.0
LOOK_EVERY_S = 0.1
_START_S = "86400"  # a recovery may take its time; it ends by itself


@dataclass(frozen=True)
class Moment:
    """A moment of a cluster: where in its log it lies, and what the database held then."""

    lsn: str
    rows: Rows


@dataclass(frozen=True)
class Server:
    """A running cluster, by the URL of our database in it."""

    url: URL

    @classmethod
    def of(cls, url: str) -> "Server":
        """By the setting."""
        return cls(make_url(url))

    @property
    def database(self) -> str:
        """The name of our database."""
        return self.url.database or self.user

    @property
    def user(self) -> str:
        """As whom we connect."""
        return self.url.username or pwd.getpwuid(os.geteuid()).pw_name

    @property
    def environment(self) -> Mapping[str, str]:
        """How PostgreSQL's programs find it: by the environment, which shows a password to nobody else."""
        host = self.url.host or self.url.query.get("host") or ""
        port = str(self.url.port or self.url.query.get("port") or "")
        known = {
            "PGHOST": host if isinstance(host, str) else host[0],
            "PGPORT": port,
            "PGUSER": self.user,
            "PGPASSWORD": self.url.password or "",
        }
        return {**os.environ, **{name: str(value) for name, value in known.items() if value}}


def find_program(name: str, major: int) -> Path:
    """One of the programs of a PostgreSQL of that version. Raises Unavailable."""
    found = shutil.which(name, path=f"/usr/lib/postgresql/{major}/bin") or shutil.which(name)
    if found is None:
        raise Unavailable(f"the program {name} of PostgreSQL {major} is not here (Debian: postgresql-{major})")
    return Path(found)


def mark_moment(database: Database) -> Moment:
    """The moment of a backup: where in the log it lies, and the rows of every table then, exactly.

    Writers are held up until a snapshot is taken, which is at once; the rows are counted afterwards. The commit by
    which they go on is the record behind the moment, which a recovery needs to see.
    """
    with database.reading() as session:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        with database.transaction(wait_s=LOCK_WAIT_S) as writers:
            names = ", ".join(_quoted(name) for name in sorted(inspect(writers.connection()).get_table_names()))
            if names:
                writers.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
            session.execute(text("SELECT 1"))
            lsn = _next_commit(writers)
        return Moment(lsn, rows_of(session))


def mark_log(database: Database) -> str:
    """Up to where the log is to be fetched: all that was committed before now."""
    with database.transaction() as session:
        return _next_commit(session)


def identity_of(database: Database) -> tuple[str, int]:
    """Whose log it is (the cluster's system identifier), and the server's major version."""
    with database.reading() as session:
        system = session.scalar(text("SELECT system_identifier FROM pg_control_system()"))
        version = session.scalar(text("SHOW server_version_num"))
        return str(system), int(version or 0) // 10_000


def keep_log(database: Database) -> None:
    """Have the server keep its log until we have received it, from now on."""
    with database.transaction() as session:
        session.execute(
            text(
                "SELECT pg_create_physical_replication_slot(:slot, true) WHERE NOT EXISTS "
                "(SELECT 1 FROM pg_replication_slots WHERE slot_name = :slot)"
            ),
            {"slot": SLOT},
        )


def receive_log(server: Server, major: int, folder: Path, lsn: str) -> None:
    """Fetch the log up to a place into a folder. Raises Unavailable."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _run(
        [find_program("pg_receivewal", major), "-D", folder, "-S", SLOT, "--endpos", lsn, *_FETCHING],
        server.environment,
    )


_FETCHING = ("--no-loop", "--synchronous", "--no-password")


@contextmanager
def base_backup(server: Server, major: int) -> Iterator[IO[bytes]]:
    """The base backup, as a tar archive to be read while it is made. Raises Unavailable where it fails."""
    command = [find_program("pg_basebackup", major), "-D", "-", "-F", "tar", "-X", "none", "-c", "fast"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - a program of the machine's own
            [*map(str, command), "--no-password"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(server.environment),
        )
        output = cast(IO[bytes], process.stdout)
        try:
            yield output
            output.read()
            if process.wait():
                errors.seek(0)
                raise Unavailable(f"pg_basebackup: {errors.read().decode('utf-8', 'replace').strip()[-500:]}")
        finally:
            output.close()
            process.kill()
            process.wait()


def unpack_base(archive: Path, folder: Path) -> None:
    """Unpack a base backup, by tar: thousands of small files. Raises Unavailable."""
    folder.mkdir(mode=0o700, parents=True)
    _run(["tar", "-x", "-f", archive, "-C", folder, "--no-same-owner"], os.environ)
    folder.chmod(0o700)


@contextmanager
def recovered(copy: PostgresCopy, work: RecoveryPaths, target: datetime | None) -> Iterator[Server]:
    """A cluster of its own, on a private socket, in which a base backup is recovered to its moment or to another.

    `work` holds `data`, unpacked, and `wal`, the log's files. Raises Unavailable where it does not come up.
    """
    _write_configuration(copy, work, target)
    other = _other_user(work.folder)
    control = [*other, find_program("pg_ctl", copy.major), "-D", work.data]
    options = f"-c config_file={work.file('postgresql.conf')} -k {work.folder}"
    try:
        starting = [*control, "-w", "-t", _START_S, "-s", "-l", work.file("log"), "-o", options, "start"]
        _run(starting, os.environ, cwd=work.folder)
    except Unavailable as error:
        raise Unavailable(_why(work.file("log"), str(error))) from error
    try:
        _await_recovery(work, copy, [*control, "status"])
        place = {"host": str(work.folder)}
        yield Server(URL.create("postgresql+psycopg", copy.user, database=copy.database, query=place))
    finally:
        with suppress(Unavailable):  # it may have ended by itself
            _run([*control, "-w", "-t", _START_S, "-s", "-m", "fast", "stop"], os.environ, cwd=work.folder)


def is_empty(database: Database) -> bool:
    """Whether there is no table in a database."""
    with database.reading() as session:
        return not inspect(session.connection()).get_table_names()


def load(source: Server, major: int, target: Server) -> None:
    """Bring a recovered database into an empty one, whole or not at all. Raises Unavailable."""
    dump = [str(find_program("pg_dump", major)), "--no-owner", "--no-privileges", "-d", source.database]
    into = [str(find_program("psql", major)), "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction"]
    with tempfile.TemporaryFile() as errors:
        dumping = subprocess.Popen(dump, stdout=subprocess.PIPE, stderr=errors, env=dict(source.environment))  # noqa: S603
        loading = subprocess.run(  # noqa: S603 - programs of the machine's own
            [*into, "-d", target.database],
            stdin=dumping.stdout,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=dict(target.environment),
            check=False,
        )
        cast(IO[bytes], dumping.stdout).close()
        if dumping.wait() or loading.returncode:
            errors.seek(0)
            raise Unavailable(f"loading: {errors.read().decode('utf-8', 'replace').strip()[-500:]}")


def _next_commit(session: Session) -> str:
    """Where the log ends now; the commit of this very transaction is the next record."""
    session.execute(text("SELECT pg_current_xact_id()"))
    return str(session.scalar(text("SELECT pg_current_wal_insert_lsn()")))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _await_recovery(work: RecoveryPaths, copy: PostgresCopy, status: Sequence[object]) -> None:
    """Until the cluster answers, which it does when its log is replayed; Unavailable where it gives up before."""
    while True:
        try:
            psycopg.connect(
                host=str(work.folder), user=copy.user, dbname=copy.database, connect_timeout=10
            ).close()
        except psycopg.OperationalError as error:
            try:
                _run(status, os.environ, cwd=work.folder)
            except Unavailable:
                raise Unavailable(_why(work.file("log"), str(error))) from error
            time.sleep(LOOK_EVERY_S)
        else:
            return


def _write_configuration(copy: PostgresCopy, work: RecoveryPaths, target: datetime | None) -> None:
    """Nothing of the old configuration counts: it may name folders and programs that are not here."""
    if target == LATEST:
        to = ""
    elif target is None:
        to = f"recovery_target_lsn = '{copy.lsn}'"
    else:
        to = f"recovery_target_time = '{target.isoformat()}'"
    lines = [
        "listen_addresses = ''",
        f"hba_file = '{work.file('pg_hba.conf')}'",
        f"ident_file = '{work.file('pg_ident.conf')}'",
        f'restore_command = \'cp "{work.wal}/%f" "%p"\'',
        to,
        f"recovery_target_inclusive = {'on' if target else 'off'}",
        "recovery_target_action = 'promote'",
        "recovery_target_timeline = 'current'",
        "hot_standby = off",
        "archive_mode = off",
        "timezone = 'UTC'",
        "fsync = off",  # it is thrown away afterwards
    ]
    contents = {
        "postgresql.conf": "".join(f"{line}\n" for line in lines),
        "pg_hba.conf": "local all all trust\n",
        "pg_ident.conf": "",
        "data/postgresql.auto.conf": "",
        "data/recovery.signal": "",
    }
    for name, content in contents.items():
        work.file(name).write_text(content, "utf-8")
    work.file("data/standby.signal").unlink(missing_ok=True)


def _other_user(work: Path) -> list[str]:
    """PostgreSQL does not run as root: there, the folder is given to the user postgres, who runs it."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NotPossible("as_root", "PostgreSQL does not run as root: restore as the user of the service")
    user = next((one for one in pwd.getpwall() if one.pw_name in ("postgres", "nobody")), None)
    if user is None:
        raise NotPossible("as_root", "PostgreSQL does not run as root: restore as the user of the service")
    for folder, folders, files in os.walk(work):
        for name in (*folders, *files):
            os.chown(Path(folder, name), user.pw_uid, user.pw_gid)
    os.chown(work, user.pw_uid, user.pw_gid)
    return [setpriv, "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]


def _why(log: Path, error: str) -> str:
    """What PostgreSQL said when it did not come up."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    if any("before configured recovery target was reached" in line for line in fatal):
        return "PostgreSQL's log at the second place does not reach to that time"
    return f"the base backup cannot be recovered: {'; '.join(fatal)[:500] or error}"


def _run(command: Sequence[object], environment: Mapping[str, str], cwd: Path | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - a program of the machine's own
        [str(word) for word in command], capture_output=True, env=dict(environment), cwd=cwd, check=False
    )
    if done.returncode:
        name = Path(str(command[0])).name
        raise Unavailable(f"{name}: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")
