"""`python -m supervision.backups`: encrypted backups of this machine at a second place (SUPERVISION_BACKUP_URL).

run                         make a backup, and remove those that are not kept any more
log                         headquarters with PostgreSQL: send what it has logged since
verify [--identity FILE]    read the newest backup back and compare it with its signed manifest; with the private
                            key also decrypt all of it and recover its database (a rehearsal)
restore --identity FILE     restore onto an empty home and an empty database, then verify every recording, every
        --key PEM           row count and the audit log. Only backups that are signed by this key are restored
        [--at TIME|latest]  (with --unsigned instead: anybody's)
list                        what is at the second place
new-key FILE                make a key pair: the private key into FILE, the public key is printed

All exit with 1 where anything is wrong; `restore` with 1 where it has not restored, and with 3 where it has, with
differences, each of which it names. `verify`, `restore` and `list` run on any machine that reaches the second
place; they need `--machine` (an office's code, or hq) where its home does not say which one it is.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.backups import service
from supervision.backups.databases import sqlite_file
from supervision.backups.encryption import new_identity, read_identities
from supervision.backups.errors import Damaged, NotPossible
from supervision.backups.making import make_backup, send_log
from supervision.backups.place import Place
from supervision.backups.postgres import LATEST
from supervision.backups.reading import Source
from supervision.backups.restoring import Report, rehearse, restore, verify
from supervision.backups.rules import in_words, parse_moment
from supervision.backups.sending import sender_of
from supervision.certificates.signing_key import find_public_key
from supervision.clock import local, now
from supervision.database import Database
from supervision.errors import DomainError, InvalidInput, NotFound, Refused
from supervision.logs import set_up_logging
from supervision.offices.service import only_office
from supervision.paths import Paths
from supervision.secret_files import keep_from_others
from supervision.settings import Mode, Settings

DIFFERENCES = 3  # restored, and something is not as it was backed up: there is nothing to run again
_KEY_HELP = "the public key (PEM) by which they must be signed"
_UNSIGNED = (
    "--unsigned: nobody vouches for what is restored. Whoever can write at the second place can have made all "
    "of it: accounts, certificates, the audit log, and programs that PostgreSQL runs here"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for; 0 if it was done and nothing is wrong. If not: 1 or 3, and sentences on stderr."""
    keep_from_others()
    set_up_logging()
    given = _parser().parse_args(arguments)
    try:
        if given.command == "new-key":
            return _new_key(given.file)
        settings = Settings()
        database = Database(settings.database())
        try:
            return _COMMANDS[given.command](settings, database, given)
        finally:
            database.close()
    except ValidationError as error:
        faults = [f"SUPERVISION_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
    except (Damaged, Refused) as error:
        faults = [error.detail or error.reason]
    except (DomainError, OSError, SQLAlchemyError) as error:
        faults = [str(error)]
    return _fail(faults)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m supervision.backups",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="make a backup")
    commands.add_parser("log", help="send PostgreSQL's log")
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("--machine", default="", help="whose backups: an office's code, or hq")
    signed = argparse.ArgumentParser(add_help=False)
    signed.add_argument("--key", type=Path, help=_KEY_HELP)
    commands.add_parser("list", help="what is at the second place", parents=[reading, signed])
    check = commands.add_parser("verify", help="read the newest backup back", parents=[reading, signed])
    check.add_argument("--identity", type=Path, help="file of the private key: decrypt all of it, too")
    check.add_argument("--number", type=int, help="another backup than the newest")
    back = commands.add_parser("restore", help="restore onto an empty machine", parents=[reading])
    back.add_argument("--identity", type=Path, required=True, help="file of the private key")
    whose = back.add_mutually_exclusive_group(required=True)
    whose.add_argument("--key", type=Path, help=_KEY_HELP)
    whose.add_argument("--unsigned", action="store_true", help="the key is lost: restore whatever lies there")
    back.add_argument("--at", default="", help="a moment with its zone, or `latest`: all that the log has")
    key = commands.add_parser("new-key", help="make a key pair, on another machine than this")
    key.add_argument("file", type=Path, help="file for the private key")
    return parser


def _run(settings: Settings, database: Database, _given: argparse.Namespace) -> int:
    with sender_of(settings, _own_code(settings, database)) as send:
        made = make_backup(settings, database, send)
    size, sent = f"{made.size_bytes:,} bytes", f"{made.sent_bytes:,} sent"
    _say(f"backup {made.number} of {_shown(made.at)}: {made.objects} objects, {size}, {sent}")
    _say(
        f"signed by the key in {send.files.signing_key}: a restore asks for it, keep a copy beside the private key"
    )
    return _fail([made.fault]) if made.fault else 0


def _log(settings: Settings, database: Database, _given: argparse.Namespace) -> int:
    if sqlite_file(settings.database()) is not None:
        raise NotPossible("no_log", "a SQLite database has no log to send: `run` copies it whole")
    with sender_of(settings, _own_code(settings, database)) as send:
        went = send_log(database, send)
    _say(f"PostgreSQL's log: {went} files sent")
    return 0


def _list(settings: Settings, database: Database, given: argparse.Namespace) -> int:
    source = _source(settings, database, given)
    for number in source.numbers():
        manifest = source.manifest(number)
        size = sum(one.size_bytes for one in source.listing(manifest))
        _say(f"{number}  {_shown(manifest.at)}  {manifest.objects} objects  {size:,} bytes")
    return 0


def _verify(settings: Settings, database: Database, given: argparse.Namespace) -> int:
    source = _source(settings, database, given)
    numbers = source.numbers()
    if not numbers:
        raise NotFound(f"there is no backup of {source.machine} at the second place")
    number = given.number or numbers[-1]
    faults = _lost(settings, database, source, numbers, given)
    try:
        if given.identity:
            report = rehearse(settings, source, number, read_identities(given.identity))
            _tell(report)
            faults += report.faults
        else:
            faults += verify(source, number)
    except Damaged as error:
        faults.append(error.detail)
    found = service.Verification(number, now(), "; ".join(in_words(faults, 3)), rehearsed=bool(given.identity))
    known = _is_own(settings, database, source.machine) and _note(database, found)
    _say(f"backup {number} of {source.machine}: {'faults were found' if faults else 'nothing is wrong'}")
    if not known:
        _say("this machine's database does not know the backup: the verification is not noted")
    return _fail(faults) if faults else 0


def _restore(settings: Settings, database: Database, given: argparse.Namespace) -> int:
    if given.unsigned:
        _say(_UNSIGNED)
    source = _source(settings, database, given)
    try:
        target = None if not given.at else LATEST if given.at == "latest" else parse_moment(given.at)
    except ValueError as error:
        raise InvalidInput("--at", str(error)) from error
    report = restore(settings, source, read_identities(given.identity), target, _say)
    _tell(report)
    detail = {"restored_to": given.at or report.at.isoformat(), "differences": len(report.faults)}
    with database.transaction() as session:
        record(session, None, "database_restored", subject_of("backup", report.number), detail)
    return _fail(report.faults, DIFFERENCES) if report.faults else 0


_COMMANDS = {"run": _run, "log": _log, "list": _list, "verify": _verify, "restore": _restore}


def _source(settings: Settings, database: Database, given: argparse.Namespace) -> Source:
    """The backups to read, and the key by which they must be signed: the one that was given, or our own."""
    machine = given.machine or _find_code(settings, database)
    key = given.key.read_text("ascii", "replace") if given.key else None
    if key is None and _is_own(settings, database, machine):
        key = find_public_key(Paths(settings.home))
    source = Source(Place(settings.backup_url, machine), machine, key)
    if key is None and (numbers := source.numbers()):
        _say(f"no --key was given: the backups are believed to be signed by\n{source.signing_key(numbers[-1])}")
    return source


def _own_code(settings: Settings, database: Database) -> str:
    code = service.HEADQUARTERS if settings.mode is Mode.HQ else _office_of(database)
    if code is None:
        raise NotPossible(
            "no_office", "this node does not know its office yet; run: python -m supervision.store upgrade"
        )
    return code


def _find_code(settings: Settings, database: Database) -> str:
    """The code of this machine; on an empty node the only one at the second place."""
    if settings.mode is Mode.HQ:
        return service.HEADQUARTERS
    code = _office_of(database) if _has_database(settings) else None
    if code is not None:
        return code
    machines = Place(settings.backup_url).machines()
    if len(machines) != 1:
        raise InvalidInput("--machine", "it is needed here", f"one of: {', '.join(machines) or 'none is there'}")
    return machines[0]


def _has_database(settings: Settings) -> bool:
    file = sqlite_file(settings.database())
    return file is None or file.exists()


def _office_of(database: Database) -> str | None:
    with database.reading() as session:
        return only_office(session)


def _is_own(settings: Settings, database: Database, machine: str) -> bool:
    """Whether this is the machine itself, with its database."""
    if not _has_database(settings):
        return False
    try:
        return machine == _own_code(settings, database) and _knows_any(database)
    except (SQLAlchemyError, DomainError):
        return False


def _knows_any(database: Database) -> bool:
    with database.reading() as session:
        return service.newest_backup(session) is not None


def _lost(
    settings: Settings, database: Database, source: Source, numbers: Sequence[int], given: argparse.Namespace
) -> list[str]:
    """Whether a backup that this machine has made is not there, or another in its place."""
    if not _is_own(settings, database, source.machine) or given.number:
        return []
    with database.reading() as session:
        return service.lost_backups(session, {number: source.manifest(number).text for number in numbers})


def _note(database: Database, found: service.Verification) -> bool:
    with database.transaction() as session:
        return service.note_verification(session, found)


def _tell(report: Report) -> None:
    _say(f"backup {report.number} of {_shown(report.at)}")
    _say(f"  files            {report.files:>10}")
    _say(f"  recordings       {report.recordings:>10}  each compared by its hash")
    _say(f"  raw parts        {report.parts:>10}")
    _say(f"  audit entries    {report.audit_entries:>10}")
    _say(f"  rows             {sum(report.tables.values()):>10}  in {len(report.tables)} tables")
    for note in report.notes:
        _say(f"  {note}")
    _say(f"  differences      {len(report.faults):>10}")


def _new_key(file: Path) -> int:
    private, public = new_identity()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as opened:
        opened.write(f"# public key: {public}\n{private}\n")
    _say(public)
    return 0


def _shown(moment: object) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M:%S %z}"  # type: ignore[arg-type]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _fail(faults: Sequence[str], code: int = 1) -> int:
    for fault in in_words(list(faults), 50):
        sys.stderr.write(f"{fault}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
