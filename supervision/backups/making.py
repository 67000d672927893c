"""Making a backup: the database first, then the files, so that the files are all there that the copy names."""

import base64
import fcntl
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import text

from supervision import disk
from supervision.backups import names, postgres, service
from supervision.backups.databases import copy_sqlite, rows_of, sqlite_file
from supervision.backups.encryption import Recipients
from supervision.backups.errors import NotPossible
from supervision.backups.files import Found, large_files, pack, secret_files, state_files
from supervision.backups.messages import (
    POSTGRES_NAME,
    Contents,
    PackedFiles,
    PostgresCopy,
    SqliteCopy,
    packed,
    write_listing,
)
from supervision.backups.models import Backup
from supervision.backups.reading import Source
from supervision.backups.rules import NOTHING, Dated, Manifest, Sealed, digest_of, in_words, kept, not_needed
from supervision.backups.sending import Sender, all_of
from supervision.certificates.signing_key import find_public_key, make_key, sign
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.paths import Paths
from supervision.settings import Settings

log = structlog.get_logger(__name__)

DATABASE, STATE, SECRETS, EVENTS, CONTENTS = "database", "state", "secrets", "events", "contents"


@dataclass
class _Made:
    """What there is of a backup so far."""

    number: int
    at: datetime
    objects: list[Sealed] = field(default_factory=list)
    sqlite: list[SqliteCopy] = field(default_factory=list)
    postgres: PostgresCopy | None = None
    log: str = "-"


def make_backup(settings: Settings, database: Database, send: Sender, clock: Clock = now) -> Backup:
    """Make one, and remove those that are not kept any more. An interrupted one goes on where it was.

    Raises Unavailable, Refused, InvalidInput, OSError.
    """
    with _alone(send.files.lock):
        own = find_public_key(Paths(send.home))  # none yet: whoever signed what is there is believed, this once
        make_key(Paths(send.home))  # it is among the secrets that follow
        _show_key(send)
        source = Source(send.place, send.machine, own)
        before = _learn(source, send)
        with database.reading() as session:
            known = service.newest_backup(session)
        number = 1 + max(known.number if known else 0, before.number if before else 0)
        made = _Made(number, clock())
        _copy_database(settings, database, send, made, clock)
        state = _pack(send, made, STATE, state_files(settings.home, settings.mode))
        secret = _pack(send, made, SECRETS, secret_files(settings.home, settings.mode), send.secrets_recipients)
        _copy_events(send, made)
        files, objects, unreadable = all_of(large_files(settings.home, settings.mode), send)
        contents = Contents(
            machine=send.machine,
            number=number,
            at=made.at,
            sqlite=tuple(made.sqlite),
            postgres=made.postgres,
            packed=(state, secret),
            files=tuple(files),
        )
        written = io.BytesIO(contents.model_dump_json().encode())
        made.objects += [*objects, send.piece(names.piece_name(number, CONTENTS), written)]
        manifest = _sign(send, made, before)
        row = _row_of(send, made, manifest, unreadable, clock())
        with database.transaction() as session:
            service.note_backup(session, row)
        if settings.backup_prune:
            _prune(settings, database, source, send, clock())
        return row


def send_log(database: Database, send: Sender, clock: Clock = now) -> int:
    """Send what PostgreSQL has logged until now; how many files went. Raises Unavailable."""
    system, major = postgres.identity_of(database)
    with _alone(send.files.log_lock, wait=True):
        postgres.keep_log(database)
        at = clock()
        went = _fetch_log(database, send, postgres.mark_log(database), system, major)
    with database.transaction() as session:
        service.note_log(session, at)
    return went


@contextmanager
def _alone(lock: Path, *, wait: bool = False) -> Iterator[None]:
    """One at a time on a machine. Raises Refused while another is at it."""
    disk.make_folder(lock.parent)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        os.close(handle)
        raise NotPossible("backup_running", "another backup of this machine is being made") from error
    try:
        yield
    finally:
        os.close(handle)


def _show_key(send: Sender) -> None:
    """Write down the public key by which backups are signed, where an operator finds it."""
    key = find_public_key(Paths(send.home)) or ""
    if not send.files.signing_key.exists() or send.files.signing_key.read_text("ascii", "replace") != key:
        send.files.signing_key.write_text(key, "ascii")


def _learn(source: Source, send: Sender) -> Manifest | None:
    """The newest manifest there; the index then knows what is there and nothing else."""
    before = source.newest()
    sizes = source.place.sizes(names.OBJECTS)
    if before is not None and any(send.index.sent(name) is None for name in sizes):
        send.index.learn(one for one in source.listing(before) if one.name.startswith(names.OBJECTS))
    gone = send.index.forget_what_is_not_there(sizes)
    if gone:
        log.warning("objects are not at the second place any more and are sent again", objects=gone)
    return before


def _copy_database(settings: Settings, database: Database, send: Sender, made: _Made, clock: Clock) -> None:
    file, name = sqlite_file(settings.database()), names.piece_name(made.number, DATABASE)
    if file is None:
        _copy_postgres(database, send, made, name, clock)
        return
    copy = send.files.copy_of("copy.db")
    made.at = clock()
    copy_sqlite(file, copy)
    copied = Database(f"sqlite:///{copy}")
    try:
        with copied.reading() as session:
            rows = rows_of(session)
    finally:
        copied.close()
    _send_copy(send, made, copy, name)
    made.sqlite.append(SqliteCopy(path=send.files.relative(file), piece=name, rows=rows))


def _copy_postgres(database: Database, send: Sender, made: _Made, name: str, clock: Clock) -> None:
    system, major = postgres.identity_of(database)
    server = postgres.Server.of(database.url)
    for one in (server.database, server.user):
        if not POSTGRES_NAME.fullmatch(one):
            raise NotPossible("name", f"a restore does not take {one!r} as the name of a database or role")
    with _alone(send.files.log_lock, wait=True):
        postgres.keep_log(database)
    with database.reading() as session:
        segment = str(session.scalar(text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")))
    with postgres.base_backup(server, major) as base:
        made.objects.append(send.piece(name, base))
    moment = postgres.mark_moment(database)
    made.at, made.log = clock(), f"{system}/{segment}"
    made.postgres = PostgresCopy(
        piece=name,
        major=major,
        database=server.database,
        user=server.user,
        system=system,
        lsn=moment.lsn,
        rows=moment.rows,
    )
    with _alone(send.files.log_lock, wait=True):
        _fetch_log(database, send, moment.lsn, system, major)


def _fetch_log(database: Database, send: Sender, lsn: str, system: str, major: int) -> int:
    postgres.receive_log(postgres.Server.of(database.url), major, send.files.wal, lsn)
    return send.log(system)


def _copy_events(send: Sender, made: _Made) -> None:
    """Asterisk's channel events, where there are any."""
    file = Paths(send.home).cel
    if not file.exists():
        return
    copy, name = send.files.copy_of("events.db"), names.piece_name(made.number, EVENTS)
    copy_sqlite(file, copy)
    _send_copy(send, made, copy, name)
    made.sqlite.append(SqliteCopy(path=send.files.relative(file), piece=name, rows=None))


def _send_copy(send: Sender, made: _Made, copy: Path, name: str) -> None:
    with copy.open("rb") as reading:
        made.objects.append(send.piece(name, reading))
    copy.unlink()


def _pack(
    send: Sender, made: _Made, what: str, found: Iterable[Found], recipients: Recipients | None = None
) -> PackedFiles:
    """Small files in one piece, by way of a file here: they are no more than that."""
    copy, name = send.files.copy_of(f"{what}.tar"), names.piece_name(made.number, what)
    handle = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            files = pack(send.home, found, file)
            file.seek(0)
            made.objects.append(send.piece(name, file, recipients))
    finally:
        copy.unlink()
    return PackedFiles(piece=name, files=files)


def _sign(send: Sender, made: _Made, before: Manifest | None) -> Manifest:
    """Write the manifest down there. Its text comes last: with it the backup is one."""
    listing = write_listing(made.objects)
    manifest = Manifest(
        send.machine,
        made.number,
        made.at,
        len(made.objects),
        hashlib.sha256(listing).hexdigest(),
        made.log,
        digest_of(before.text) if before else NOTHING,
    )
    signature, key = sign(Paths(send.home), manifest.text.encode())
    for suffix, data in (
        ("list.gz", packed(listing)),
        ("pem", key.encode()),
        ("sig", base64.b64decode(signature)),
        ("txt", manifest.text.encode()),
    ):
        send.place.put_bytes(names.manifest_name(made.number, suffix), data)
    return manifest


def _row_of(send: Sender, made: _Made, manifest: Manifest, unreadable: Sequence[str], at: datetime) -> Backup:
    return Backup(
        number=made.number,
        at=made.at,
        finished_at=at,
        digest=digest_of(manifest.text),
        objects=manifest.objects,
        size_bytes=sum(one.size_bytes for one in made.objects),
        sent_bytes=send.sent_bytes,
        wal_at=made.at if made.postgres else None,
        fault="; ".join(in_words([f"cannot be read: {one}" for one in unreadable], 3))[:300],
    )


def _prune(settings: Settings, database: Database, source: Source, send: Sender, at: datetime) -> None:
    """Remove the backups that are not kept, then what none of the others needs."""
    there = [source.manifest(number) for number in source.numbers()]
    dated = [Dated(one.number, one.at) for one in there]
    stay = kept(dated, at, settings.backup_days, settings.backup_weeks)
    dropped = [one.number for one in there if one.number not in stay]
    for number in dropped:
        send.place.remove(names.manifest_name(number, suffix) for suffix in names.SUFFIXES)
        with database.transaction() as session:
            service.note_dropped(session, number, at)
    left = [one for one in there if one.number in stay]
    _remove_unneeded(source, send, left, objects=bool(dropped))
    log.info("backups are kept", kept=sorted(stay), dropped=dropped)


def _remove_unneeded(source: Source, send: Sender, left: Sequence[Manifest], *, objects: bool) -> None:
    """Pieces of no backup, the log before the first, and, where one was dropped, objects that none names."""
    numbers = {one.number for one in left}
    pieces = [name for name in send.place.sizes(names.PIECES) if names.piece_number(name) not in numbers]
    send.place.remove(pieces)
    send.place.remove(not_needed(send.place.sizes(names.LOG), [one.log for one in left]))
    if objects:
        needed = {one.name for manifest in left for one in source.listing(manifest)}
        unneeded = [name for name in send.place.sizes(names.OBJECTS) if name not in needed]
        send.place.remove(unneeded)
        send.index.forget_what_is_not_there(send.place.sizes(names.OBJECTS))
