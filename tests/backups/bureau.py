"""Headquarters or an office with recordings and rows, a second place, and a private key that is elsewhere."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.audit.checkpoints import make_checkpoint
from supervision.audit.service import record
from supervision.backups.databases import count_rows
from supervision.backups.encryption import Identities, new_identity, read_identities
from supervision.backups.making import make_backup, send_log
from supervision.backups.models import Backup
from supervision.backups.place import Place
from supervision.backups.reading import Source
from supervision.backups.sending import Sender, sender_of
from supervision.calls.models import Call
from supervision.database import Database
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths, PartName, Paths
from supervision.recordings.models import Part, Recording
from supervision.secret_files import keep_secret
from supervision.settings import Mode, Settings
from tests.calls.samples import Town
from tests.retention.archive import LATER, Archive

DICE = random.Random(44)  # noqa: S311 - what is backed up is no secret


@dataclass
class Bureau:
    """A machine that makes backups. Its times stand still until `later`."""

    home: Path
    place: Path
    keys: Path
    database_url: str
    mode: Mode = Mode.HQ
    archive: Archive = field(init=False)
    public: str = field(init=False)
    secrets_public: str = ""
    prune: bool = True

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)
        self.keys.mkdir(exist_ok=True)
        private, self.public = new_identity()
        self.identity.write_text(private, "ascii")
        self.archive = Archive(self.home, Database(self.database_url), self.mode)
        paths = Paths(self.home)
        keep_secret(paths.secret("rescore"), lambda: b"r" * 32)
        keep_secret(paths.draw_secret("2026-11"), lambda: b"d" * 32)
        keep_secret(paths.given_since, lambda: b"2026-11-30T00:00:00+00:00")

    @property
    def identity(self) -> Path:
        """The private key's file, which is not on the machine."""
        return self.keys / "identity.txt"

    @property
    def identities(self) -> Identities:
        """The private key."""
        return read_identities(self.identity)

    @property
    def code(self) -> str:
        """How the machine is called at the second place."""
        return "hq" if self.mode is Mode.HQ else "01"

    def settings(self, home: Path | None = None, url: str | None = None) -> Settings:
        """Its settings, or those of the machine that takes its place."""
        return Settings(
            home=home or self.home,
            mode=self.mode,
            database_url=self.database_url if url is None else url,
            backup_url=f"file://{self.place}",
            backup_recipient=self.public,
            backup_secrets_recipient=self.secrets_public,
            backup_prune=self.prune,
        )

    def record_calls(self, number: int = 1) -> list[Call]:
        """So many calls are recorded, sealed and received; each leaves an entry in the audit log."""
        with self.archive.database.transaction() as session:
            known = session.scalar(select(func.count()).select_from(Call)) or 0
            town = Town(session) if known else self.archive.people(session)
            made = [self.archive.recorded(town, LATER - timedelta(hours=known + n)) for n in range(number)]
            for call in made:
                self._make_unlike_others(session, call)
                record(session, None, "recording_sealed", f"call:{call.id}", {}, "01", self.archive.now)
        if self.mode is Mode.HQ:
            data = DICE.randbytes(3000)
            attachment = HqPaths(self.home).attachment(hashlib.sha256(data).hexdigest())
            attachment.parent.mkdir(parents=True, exist_ok=True)
            attachment.write_bytes(data)
        return made

    def _make_unlike_others(self, session: Session, call: Call) -> None:
        """Its own bytes, raw and sealed, as any call has."""
        flac = self.archive.sealed(call)
        flac.write_bytes(flac.read_bytes() + DICE.randbytes(2000))
        recording = session.get_one(Recording, call.id)
        recording.flac_sha256 = hashlib.sha256(flac.read_bytes()).hexdigest()
        raw, name = DICE.randbytes(8000), PartName(call.id, "a", 1)
        part = session.get_one(Part, str(name))
        part.closed_at, part.length_bytes = call.ended_at, len(raw)
        part.sha256 = hashlib.sha256(raw).hexdigest()
        self.archive.raw(call).unlink()
        if self.mode is Mode.OFFICE:
            self.archive.raw(call).write_bytes(raw)
            return
        incoming = Incoming(HqPaths(self.home))
        incoming.create("01", name, len(raw), 10)
        with incoming.open("01", name, 0) as writer:
            writer.write(raw)
            writer.keep()
        incoming.finalize("01", name, len(raw), part.sha256)

    def sign_head(self) -> None:
        """The head of the audit log is signed, as each hour."""
        with self.archive.database.transaction() as session:
            make_checkpoint(session, Paths(self.home), self.archive.now)

    def later(self, **much: float) -> None:
        """Time passes."""
        self.archive.now += timedelta(**much)

    @contextmanager
    def sender(self) -> Iterator[Sender]:
        """What it sends with."""
        with sender_of(self.settings(), self.code) as send:
            yield send

    def back_up(self) -> Backup:
        """Make a backup."""
        with self.sender() as send:
            return make_backup(self.settings(), self.archive.database, send, lambda: self.archive.now)

    def send_log(self) -> int:
        """Send PostgreSQL's log."""
        with self.sender() as send:
            return send_log(self.archive.database, send, lambda: self.archive.now)

    def source(self) -> Source:
        """Its backups at the second place, read from anywhere."""
        return Source(Place(f"file://{self.place}", self.code), self.code)

    def there(self, folder: str = "") -> list[Path]:
        """The files at the second place."""
        return sorted(path for path in (self.place / self.code / folder).rglob("*") if path.is_file())

    def close(self) -> None:
        """Close its database."""
        self.archive.database.close()


def rows(url: str) -> Mapping[str, int]:
    """The number of rows of each table."""
    database = Database(url)
    try:
        with database.reading() as session:
            return count_rows(session)
    finally:
        database.close()


def files(home: Path, *folders: str) -> dict[str, bytes]:
    """What is in the folders of a home, byte for byte."""
    found = (path for folder in folders for path in (home / folder).rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in found}
