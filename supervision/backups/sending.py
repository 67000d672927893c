"""What a machine sends to the second place: encrypted, each object whole, and nothing twice."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import structlog

from supervision.backups import names
from supervision.backups.encryption import (
    Compressed,
    Measured,
    MeasuredReader,
    Reader,
    Recipients,
    encrypt,
    parse_recipients,
)
from supervision.backups.files import Found, hash_file
from supervision.backups.index import Index
from supervision.backups.messages import KeptFile
from supervision.backups.place import Place
from supervision.backups.rules import Sealed, segment_of, wal_text
from supervision.certificates.signing_key import sign
from supervision.errors import InvalidInput, Unavailable
from supervision.paths import BackupPaths, Paths
from supervision.settings import Settings

log = structlog.get_logger(__name__)


@dataclass
class Sender:
    """What is needed to send; `sent_bytes` counts what went there."""

    home: Path
    machine: str
    place: Place
    index: Index
    recipients: Recipients
    secrets_recipients: Recipients
    sent_bytes: int = field(default=0)

    @property
    def files(self) -> BackupPaths:
        """What it keeps here."""
        return BackupPaths(self.home)

    def piece(self, name: str, reader: Reader, recipients: Recipients | None = None) -> Sealed:
        """Send what a reader gives, compressed, under a name."""
        return self._put(name, Compressed(reader), recipients or self.recipients)

    def file(self, found: Found) -> tuple[KeptFile, Sealed] | None:
        """Have a file at the second place, by its hash; None where it is gone. Raises OSError, Unavailable."""
        path = self.files.restored(found.path)
        for _ in range(2):  # one that was changed between two looks is hashed once more
            try:
                sha256, size = self._hash(path, found)
                name = names.object_name(sha256)
                sealed = self.index.sent(name) or self._send_file(path, name, sha256, size)
            except FileNotFoundError:
                return None
            if sealed is not None:
                kept = KeptFile(path=found.path, object=name, size_bytes=size, sha256=sha256, mode=found.mode)
                return kept, sealed
            self.index.forget_hash(found)
        raise Unavailable(f"{found.path} changes while it is read")

    def log(self, system: str) -> int:
        """Send what was received of PostgreSQL's log; a whole segment then goes from here. How many files went."""
        went = 0
        for path in sorted(self.files.wal.iterdir()) if self.files.wal.is_dir() else []:
            segment = segment_of(path.name)
            if segment is None:
                continue
            went += self._send_segment(system, path)
            if path.name == segment:
                partial = names.log_name(system, names.partial_of(segment))
                self.place.remove([partial, names.log_signature(partial)])
                path.unlink()
        return went

    def _send_segment(self, system: str, path: Path) -> bool:
        stat = path.stat()
        found = Found(self.files.relative(path), stat.st_size, stat.st_mtime_ns, stat.st_mode)
        if self.index.hash_of(found) is not None:
            return False
        with path.open("rb") as file:
            sealed = self._put(names.log_name(system, path.name), Compressed(file), self.recipients)
        text = wal_text(self.machine, system, sealed)
        signature, key = sign(Paths(self.home), text.encode())
        signed = json.dumps({"text": text, "signature": signature, "key": key}).encode()
        self.place.put_bytes(names.log_signature(sealed.name), signed)
        self.index.note_hash(found, sealed.sha256)
        return True

    def _hash(self, path: Path, found: Found) -> tuple[str, int]:
        known = self.index.hash_of(found)
        if known is not None:
            return known, found.size_bytes
        sha256, size = hash_file(path, found.size_bytes)
        if size == found.size_bytes:
            self.index.note_hash(found, sha256)
        return sha256, size

    def _send_file(self, path: Path, name: str, sha256: str, size: int) -> Sealed | None:
        """The object; None where the file is another by now."""
        with path.open("rb") as file:
            reader = MeasuredReader(file, size)
            sealed = self._put(name, reader, self.recipients)
        if reader.sha256 != sha256:
            self.place.remove([name])
            return None
        self.index.note_sent(sealed)
        return sealed

    def _put(self, name: str, reader: Reader, recipients: Recipients) -> Sealed:
        measured: list[Measured] = []

        def write(file: IO[bytes]) -> None:
            measured.append(Measured(file))
            encrypt(reader, measured[-1], recipients)

        self.place.put(name, write)
        self.sent_bytes += measured[-1].size_bytes
        return Sealed(name, measured[-1].size_bytes, measured[-1].sha256)


@contextmanager
def sender_of(settings: Settings, machine: str, place: Callable[[str, str], Place] = Place) -> Iterator[Sender]:
    """The sender of this machine, by its settings. Raises InvalidInput where they are not whole."""
    if not settings.backup_url:
        raise InvalidInput("SUPERVISION_BACKUP_URL", "it is empty", "file:///…, sftp://… or s3://…")
    recipients = parse_recipients(settings.backup_recipient)
    secrets = parse_recipients(settings.backup_secrets_recipient or settings.backup_recipient)
    reached = place(settings.backup_url, machine)
    with Index(BackupPaths(settings.home).index, settings.backup_url) as index:
        yield Sender(settings.home, machine, reached, index, recipients, secrets)


def all_of(found: Iterable[Found], send: Sender) -> tuple[list[KeptFile], list[Sealed], list[str]]:
    """Have all of these at the second place; what cannot be read is named, and the others go on."""
    kept, objects, unreadable = list[KeptFile](), dict[str, Sealed](), list[str]()
    for one in found:
        try:
            sent = send.file(one)
        except OSError as error:
            log.error("a file cannot be read for the backup", path=one.path, error=str(error))  # noqa: TRY400
            unreadable.append(f"{one.path}: {error.strerror}")
            continue
        if sent is not None:
            kept.append(sent[0])
            objects[sent[1].name] = sent[1]
    return kept, list(objects.values()), unreadable
