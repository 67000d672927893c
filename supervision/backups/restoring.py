"""Bringing a backup back onto an empty machine, and finding out whether all of it is there; or only the latter."""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.backups import postgres
from supervision.backups.databases import audit_faults, count_rows, is_sound, sqlite_file
from supervision.backups.encryption import Identities, Measured
from supervision.backups.errors import Damaged, NotPossible
from supervision.backups.files import unpack
from supervision.backups.messages import Contents, KeptFile, PostgresCopy, Rows, SqliteCopy
from supervision.backups.reading import Source, objects_by_name
from supervision.backups.rules import Manifest, Sealed, differences, to_follow, to_start_from
from supervision.calls.models import Call
from supervision.database import Database
from supervision.errors import NotFound
from supervision.paths import BackupPaths, HqPaths, PartName, Paths, RecoveryPaths
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.settings import Mode, Settings

log = structlog.get_logger(__name__)

Say = Callable[[str], None]
MAY_BE_THERE = frozenset({"run", "lost+found"})


@dataclass
class Report:
    """What was restored and found."""

    number: int
    at: datetime
    files: int = 0
    recordings: int = 0
    parts: int = 0
    tables: Mapping[str, int] = field(default_factory=dict)
    audit_entries: int = 0
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Backup:
    """One backup, opened."""

    manifest: Manifest
    objects: Mapping[str, Sealed]
    contents: Contents


def restore(
    settings: Settings, source: Source, identities: Identities, target: datetime | None = None, say: Say = log.info
) -> Report:
    """Restore onto an empty home and an empty database, then verify. `target`: another moment than the newest's.

    One that was interrupted goes on. Raises Refused where something is there already, WrongKey, Damaged, NotFound.
    """
    first, last = _chosen(source, identities, target)
    files = BackupPaths(settings.home)
    _refuse_what_is_there(settings, first.manifest)
    report = Report(first.manifest.number, first.manifest.at)
    if target is not None and first.contents.postgres is None:
        report.notes.append("SQLite has no moments between its backups: this is the last one before that time")
        target = None
    files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.restoring.write_text(f"{first.manifest.machine} {first.manifest.number}\n", "utf-8")
    files_there = _check_files(source, identities, (first, last), report, home=settings.home)
    for backup in {first.manifest.number: first, last.manifest.number: last}.values():
        _unpack(source, backup, settings.home, identities, report)
    with _restored_database(source, first, files.folder, identities, target) as found:
        say("the database is recovered")
        url = _bring_in(settings, first.contents, found)
    expected = _rows(first.contents) if target is None else None
    _check_database(url, settings.mode, files_there, expected, report)
    files.restoring.unlink()
    return report


def rehearse(settings: Settings, source: Source, number: int, identities: Identities) -> Report:
    """Decrypt and check all of a backup, and recover its database, without bringing anything in."""
    backup = _opened(source, number, identities)
    report = Report(number, backup.manifest.at)
    report.faults += source.chain_faults()
    files_there = _check_files(source, identities, (backup,), report)
    work = BackupPaths(settings.home).folder
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as home:
        _unpack(source, backup, Path(home), identities, report)
    with _restored_database(source, backup, work, identities, None) as url:
        _check_database(url, settings.mode, files_there, _rows(backup.contents), report)
    return report


def verify(source: Source, number: int) -> list[str]:
    """What is wrong with a backup as far as it shows without the private key: every byte is read and hashed."""
    manifest = source.manifest(number)
    found = source.chain_faults()
    found += source.object_faults(source.listing(manifest))
    found += source.log_faults(manifest)
    return found


def _chosen(source: Source, identities: Identities, target: datetime | None) -> tuple[_Backup, _Backup]:
    """The backup to begin with, and the one that has the files of what came after it, up to the moment."""
    dated = source.dated()
    start = to_start_from(dated, target)
    if start is None:
        before = " from before that time" if target and dated else ""
        raise NotFound(f"there is no backup of {source.machine}{before} at the second place")
    first = _opened(source, start.number, identities)
    follow = to_follow(dated, target) if first.contents.postgres is not None else None
    return first, _opened(source, follow.number, identities) if follow else first


def _opened(source: Source, number: int, identities: Identities) -> _Backup:
    manifest = source.manifest(number)
    listing = source.listing(manifest)
    contents = source.contents(listing, number, identities)
    if (contents.machine, contents.number) != (manifest.machine, number):
        raise Damaged("contents", f"the contents of backup {number} are those of another")
    return _Backup(manifest, objects_by_name(listing), contents)


def _refuse_what_is_there(settings: Settings, manifest: Manifest) -> None:
    """Nothing is ever overwritten, unless by the same restore that was interrupted."""
    files = BackupPaths(settings.home)
    if files.restoring.exists():
        if files.restoring.read_text("utf-8").split() == [manifest.machine, str(manifest.number)]:
            return
        raise NotPossible("not_empty", "another backup is half restored here: empty the home and the database")
    there = sorted(
        path.name
        for path in (settings.home.iterdir() if settings.home.exists() else ())
        if path.name not in MAY_BE_THERE
        and not path.name.startswith(".")
        and (path.is_file() or any(path.iterdir()))
    )
    if there:
        raise NotPossible("not_empty", f"{settings.home} is not empty: {', '.join(there[:10])}")
    if sqlite_file(settings.database()) is None:
        database = Database(settings.database())
        try:
            if not postgres.is_empty(database):
                raise NotPossible("not_empty", "the database has tables already")
        finally:
            database.close()


def _check_files(
    source: Source, identities: Identities, backups: tuple[_Backup, ...], report: Report, home: Path | None = None
) -> Mapping[str, str]:
    """Decrypt every file, compare its hash and, with a home, put it in its place; the later backup's counts.

    Which are right, by path with their hash.
    """
    wanted: dict[str, tuple[_Backup, KeptFile]] = {}
    for backup in backups:
        wanted |= {one.path: (backup, one) for one in backup.contents.files}
    right: dict[str, str] = {}
    for backup, one in wanted.values():
        try:
            if home is None:
                _fetch_file(source, backup, one, Measured(), identities)
            else:
                _put_file(source, backup, one, home, identities)
        except Damaged as error:
            report.faults.append(f"{one.path}: {error.detail}")
        else:
            right[one.path] = one.sha256
    report.files += len(right)
    return right


def _put_file(source: Source, backup: _Backup, one: KeptFile, home: Path, identities: Identities) -> None:
    """Write a file beside its place, and move it there once it is the right one."""
    path = BackupPaths(home).restored(one.path)
    if path.is_file() and _hash_of(path) == one.sha256:
        return  # of an interrupted restore
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.restored")
    try:
        with fresh.open("wb") as file:
            _fetch_file(source, backup, one, Measured(file), identities)
        fresh.chmod(one.mode & 0o777)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _fetch_file(
    source: Source, backup: _Backup, one: KeptFile, measured: Measured, identities: Identities
) -> None:
    sealed = backup.objects.get(one.object)
    if sealed is None:
        raise Damaged("listing", "the listing does not name it")
    source.fetch(sealed, measured, identities)
    if (measured.size_bytes, measured.sha256) != (one.size_bytes, one.sha256):
        raise Damaged("object", "another file was encrypted in its place")


def _unpack(source: Source, backup: _Backup, home: Path, identities: Identities, report: Report) -> None:
    """The small files, of which each must be there."""
    with tempfile.TemporaryDirectory(dir=home) as work:
        for one in backup.contents.packed:
            archive = Path(work, "packed.tar")
            try:
                _fetch(source, backup, one.piece, archive, identities)
                found = unpack(home, archive)
            except Damaged as error:
                report.faults.append(error.detail)
                continue
            except (ValueError, tarfile.TarError) as error:
                report.faults.append(f"{one.piece}: {error}")
                continue
            report.files += len(found)
            report.faults += [
                f"{name}: not in its piece" for name in one.files if found.get(name) != one.files[name]
            ]
        for copy in backup.contents.sqlite:
            if copy.rows is None:
                _place_copy(source, backup, copy, home, identities, report)


def _place_copy(  # noqa: PLR0913, PLR0917 - a copy, from where and to where
    source: Source, backup: _Backup, copy: SqliteCopy, home: Path, identities: Identities, report: Report
) -> None:
    path = BackupPaths(home).restored(copy.path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _fetch(source, backup, copy.piece, path, identities)
    except Damaged as error:
        report.faults.append(error.detail)
        return
    report.files += 1
    if not is_sound(path):
        report.faults.append(f"{copy.path}: SQLite finds faults in it")


def _fetch(source: Source, backup: _Backup, piece: str, path: Path, identities: Identities) -> None:
    sealed = backup.objects.get(piece)
    if sealed is None:
        raise Damaged("listing", f"the listing does not name {piece}")
    with path.open("wb") as file:
        source.fetch(sealed, file, identities, expand=True)


@contextmanager
def _restored_database(
    source: Source, backup: _Backup, work: Path, identities: Identities, target: datetime | None
) -> Iterator[str]:
    """The URL of the database as it was: a copy, or a cluster of its own, in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(dir=_workplace(work), prefix="r") as folder:
        place = RecoveryPaths(Path(folder))
        if backup.contents.postgres is None:
            copy = next(one for one in backup.contents.sqlite if one.rows is not None)
            _fetch(source, backup, copy.piece, place.copy, identities)
            yield f"sqlite:///{place.copy}"
            return
        server = backup.contents.postgres
        _fetch(source, backup, server.piece, place.base, identities)
        postgres.unpack_base(place.base, place.data)
        place.base.unlink()
        source.fetch_log(backup.manifest, place.wal, identities)
        with postgres.recovered(server, place, target) as recovered:
            yield recovered.url.render_as_string(hide_password=False)


def _bring_in(settings: Settings, contents: Contents, url: str) -> str:
    """Put the database in its place: a file, or rows in an empty PostgreSQL. Its URL."""
    source, target = sqlite_file(url), sqlite_file(settings.database())
    if (source is None) != (target is None):
        raise NotPossible(
            "other_database", "the backup is of another kind of database than SUPERVISION_DATABASE_URL"
        )
    if source is not None and target is not None:
        shutil.copyfile(source, target)
        target.chmod(0o600)
    elif contents.postgres is not None:
        _load(settings, contents.postgres, url)
    return settings.database()


def _load(settings: Settings, copy: PostgresCopy, url: str) -> None:
    database = Database(settings.database())
    try:
        if postgres.is_empty(database):  # else it was loaded, whole, before the restore was interrupted
            postgres.load(postgres.Server.of(url), copy.major, postgres.Server.of(settings.database()))
    finally:
        database.close()


def _check_database(url: str, mode: Mode, files: Mapping[str, str], expected: Rows | None, report: Report) -> None:
    """Count every row, read the audit log, and compare every recording's file by its hash.

    `expected` None: it is of another moment than a backup, of which nobody counted the rows.
    """
    file, database = sqlite_file(url), Database(url)
    if file is not None and not is_sound(file):
        report.faults.append("the database: SQLite finds faults in it")
    try:
        with database.reading() as session:
            report.tables = count_rows(session)
            if expected is not None:
                report.faults += differences(expected.tables, report.tables)
            else:
                report.notes.append("rows are not compared: nobody counted them at that moment")
            report.faults += audit_faults(session, expected.head if expected else None)
            report.audit_entries = report.tables.get("audit_entries", 0)
            _check_recordings(session, mode, files, report)
    finally:
        database.close()


def _rows(contents: Contents) -> Rows:
    if contents.postgres is not None:
        return contents.postgres.rows
    return next(one.rows for one in contents.sqlite if one.rows is not None)


def _check_recordings(session: Session, mode: Mode, files: Mapping[str, str], report: Report) -> None:
    node, home = Paths(Path("/")), BackupPaths(Path("/"))
    sealed = select(Call.id, Call.offered_at, Recording.flac_sha256).join(Recording, Recording.call_id == Call.id)
    for call_id, offered_at, flac in session.execute(sealed.where(Recording.state == RecordingState.READY)):
        path = home.relative(node.sealed(call_id, offered_at))
        report.recordings += 1
        if files.get(path) != flac:
            report.faults.append(f"recording {call_id}: {'changed' if path in files else 'missing'}")
    parts = (
        select(Part.name, Part.sha256, Call.office_code, Recording.state)
        .join(Recording, Recording.call_id == Part.call_id)
        .join(Call, Call.id == Part.call_id)
        .where(Part.closed_at.is_not(None), Part.put_away_at.is_(None), Part.length_bytes > 0)
    )
    if mode is Mode.HQ:
        parts = parts.where(Part.received_at.is_not(None))
    for name, sha256, office, state in session.execute(parts):
        part = PartName.parse(name)
        if part is None:
            continue
        path = home.relative(
            HqPaths(Path("/")).incoming_part(office, part) if mode is Mode.HQ else node.part(part)
        )
        report.parts += path in files
        if path in files and files[path] != sha256:
            report.faults.append(f"raw part {name}: changed")
        elif path not in files and state is not RecordingState.READY:
            report.faults.append(f"raw part {name}: missing")


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _workplace(work: Path) -> Path:
    """Where a cluster of its own may be: its socket's path has 107 characters at most, and root gives it away."""
    return work if len(str(work)) < 80 and os.geteuid() != 0 else Path(tempfile.gettempdir())
