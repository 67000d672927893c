"""Every path on disk is built here, from identifiers that are ours and checked once more.

Nothing from a caller is ever part of a name (principle 7). Only UUIDs, our own short words and numbers are.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PART_NAME = re.compile(
    r"^(?P<call>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(?P<starter>[ad])(?P<n>[0-9]{1,3})\.raw$"
)
MISSING_AT_MOST = 3
OFFICE_CODE = re.compile(r"[0-9]{2,8}")
CJK_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")  # of Debian's fonts-noto-cjk
_SEALED = ".flac"
SAFE_PATH = re.compile(r"^[A-Za-z0-9/_.-]+$")


@dataclass(frozen=True)
class PartName:
    """Name of one MixMonitor file: `<call id>.<starter><n>.raw` (decision 0).

    `starter` is `a` for ari_app and `d` for the dialplan; `n` counts from 1. No name is used twice.
    """

    call_id: uuid.UUID
    starter: str
    n: int

    def __str__(self) -> str:
        return f"{self.call_id}.{self.starter}{self.n}.raw"

    @classmethod
    def parse(cls, name: str) -> "PartName | None":
        """The name taken apart, or None if it is not the name of a part."""
        match = PART_NAME.match(name)
        return cls(uuid.UUID(match["call"]), match["starter"], int(match["n"])) if match else None


def sealed_name(call_id: uuid.UUID) -> str:
    """The name of a call's sealed recording."""
    return f"{call_id}{_SEALED}"


def call_of_sealed(name: str) -> uuid.UUID | None:
    """The call whose sealed recording has this name; None if it is no such name."""
    try:
        return uuid.UUID(name.removesuffix(_SEALED)) if name.endswith(_SEALED) else None
    except ValueError:
        return None


def probe_parts(call_id: uuid.UUID, exists: Callable[[PartName], bool]) -> list[PartName]:
    """The parts of a call that are there, in the order of their names; a number or two may be missing."""
    found = []
    for starter in "ad":
        n, missed = 1, 0
        while missed < MISSING_AT_MOST:
            name = PartName(call_id, starter, n)
            n, missed = n + 1, 0 if exists(name) else missed + 1
            if not missed:
                found.append(name)
    return sorted(found, key=str)


@dataclass(frozen=True)
class Paths:
    """The folders of one node under its home."""

    home: Path

    @property
    def office_file(self) -> Path:
        """The office description (YAML)."""
        return self.home / "office.yaml"

    @property
    def spool(self) -> Path:
        """Where Asterisk writes parts while calls go on."""
        return self.home / "spool"

    @property
    def archive(self) -> Path:
        """Where sealed recordings are kept."""
        return self.home / "archive"

    @property
    def run(self) -> Path:
        """What processes of this node share while they run; it may be lost."""
        return self.home / "run"

    @property
    def secrets(self) -> Path:
        """One file a secret, readable by the service's user only."""
        return self.home / "secrets"

    @property
    def asterisk(self) -> Path:
        """Asterisk's own folders: etc, lib, db, log, run."""
        return self.home / "asterisk"

    @property
    def asterisk_lib(self) -> Path:
        """Prompts and hold music: the bureau's own files, and links to those of the package."""
        return self.asterisk / "lib"

    @property
    def rendered_with(self) -> Path:
        """The addresses, ports and times that Asterisk's files were last rendered with."""
        return self.asterisk / "rendered.json"

    @property
    def asterisk_log(self) -> Path:
        """Asterisk's log folder: `master.db` (CEL), `cdr-csv/Master.csv`, `queue_log`, `messages`."""
        return self.asterisk / "log"

    @property
    def cel(self) -> Path:
        """Asterisk's channel event log, a SQLite file."""
        return self.asterisk_log / "master.db"

    @property
    def cdr(self) -> Path:
        """Asterisk's call detail records, CSV."""
        return self.asterisk_log / "cdr-csv" / "Master.csv"

    @property
    def queue_log(self) -> Path:
        """app_queue's log."""
        return self.asterisk_log / "queue_log"

    @property
    def to_hq(self) -> "CertificateFiles":
        """The node's certificate and key, by which headquarters knows the office."""
        return CertificateFiles(self.home / "tls", "office")

    @property
    def hq_authority(self) -> Path:
        """The certificate of the authority that headquarters' intake must be certified by."""
        return self.home / "tls" / "ca.pem"

    def part(self, name: PartName) -> Path:
        """A part in the spool."""
        return self.spool / str(name)

    def parts_of(self, call_id: uuid.UUID) -> list[Path]:
        """The parts of a call that are on disk, in the order of their names.

        They are asked for by name, since the spool may hold many thousands; a number or two may be missing.
        """
        return [self.part(name) for name in probe_parts(call_id, lambda name: self.part(name).exists())]

    def sealed(self, call_id: uuid.UUID, offered_at: datetime) -> Path:
        """The sealed FLAC of a call, by the UTC day on which it was offered."""
        return self.archive / f"{offered_at:%Y/%m/%d}" / sealed_name(call_id)

    def peaks(self, call_id: uuid.UUID, offered_at: datetime) -> Path:
        """The waveform peaks beside the sealed FLAC (JSON)."""
        return self.sealed(call_id, offered_at).with_suffix(".peaks.json")

    def draw_secret(self, name: str) -> Path:
        """The secret from which the shares of the draws of a month follow; `name` is ours: `2026-11`."""
        return self.secret(f"draw-{name}")

    @property
    def given_since(self) -> Path:
        """Since when it is written down what each share was given for. Never put back from a copy."""
        return self.secrets / "draw-shares-given" / "since"

    def given_for(self, draw_id: uuid.UUID) -> Path:
        """What the share of a draw was given for, beside the secret that it follows from."""
        return self.given_since.with_name(f"{uuid.UUID(str(draw_id))}.json")

    @property
    def left_behind(self) -> Path:
        """From which item of its work the worker did not come back, where the database could not be written to."""
        return self.run / "left-behind.json"

    @property
    def attempts(self) -> Path:
        """The counts of attempts to sign in, a SQLite file."""
        return self.run / "attempts.db"

    def listener_place(self, account_id: uuid.UUID, n: int) -> Path:
        """The file that is locked while a person listens to a call in progress, one for each of his places."""
        return self.run / "listeners" / f"{account_id}.{n}"

    def secret(self, name: str) -> Path:
        """The file of one secret. `name` is ours, never from outside."""
        if not SAFE_PATH.match(name) or "/" in name:
            raise ValueError(f"not the name of a secret: {name!r}")
        return self.secrets / name


def asterisk_safe(path: Path) -> str:
    """A path as it may be given to Asterisk; checked at the last moment.

    Asterisk splits MixMonitor's argument at commas and ran a command found behind one, so anything but plain
    characters is refused with ValueError.
    """
    text = str(path)
    if not SAFE_PATH.match(text):
        raise ValueError(f"not a path for Asterisk: {text!r}")
    return text


def is_office_code(text: str) -> bool:
    """Whether it is a tax office's code."""
    return OFFICE_CODE.fullmatch(text) is not None


@dataclass(frozen=True)
class CertificateFiles:
    """A certificate and its key, side by side in a folder that somebody named."""

    folder: Path
    name: str

    @property
    def certificate(self) -> Path:
        """The certificate (PEM)."""
        return self.folder / f"{self.name}.pem"

    @property
    def key(self) -> Path:
        """Its key (PEM), readable by its owner only."""
        return self.folder / f"{self.name}.key"


@dataclass(frozen=True)
class HqPaths:
    """The folders of headquarters under its home that offices have to do with."""

    home: Path

    @property
    def incoming(self) -> Path:
        """What offices have sent, one folder an office."""
        return self.home / "incoming"

    def incoming_office(self, office: str) -> Path:
        """What one office has sent."""
        if not is_office_code(office):
            raise ValueError(f"not the code of an office: {office!r}")
        return self.incoming / office

    def open_parts(self, office: str, kind: str) -> Path:
        """The marks of an office's parts that are not final yet; `kind` is ours."""
        return self.home / "incoming-open" / self.incoming_office(office).name / kind

    def incoming_part(self, office: str, name: PartName) -> Path:
        """A part as it grows."""
        if not PART_NAME.fullmatch(str(name)):
            raise ValueError(f"not the name of a part: {str(name)!r}")
        return self.incoming_office(office) / str(name)

    def incoming_offset(self, office: str, name: PartName) -> Path:
        """How much of the part is durable, beside it."""
        return self.incoming_part(office, name).with_suffix(".offset")

    def incoming_final(self, office: str, name: PartName) -> Path:
        """That the part is final, with its length and hash, beside it."""
        return self.incoming_part(office, name).with_suffix(".final")

    def incoming_away(self, office: str, name: PartName) -> Path:
        """That the part's bytes were removed on purpose, beside it."""
        return self.incoming_part(office, name).with_suffix(".away")

    @property
    def attachments(self) -> Path:
        """What people attached to their replies, each file under its hash."""
        return self.home / "attachments"

    def attachment(self, sha256: str) -> Path:
        """One of them. Raises ValueError for what is no hash."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise ValueError(f"not a hash: {sha256!r}")
        return self.attachments / sha256[:2] / sha256

    @property
    def ca(self) -> CertificateFiles:
        """The certificate authority's own certificate and key."""
        return CertificateFiles(self.home / "ca", "ca")

    @property
    def crl(self) -> Path:
        """The list of revoked certificates, signed by the authority."""
        return self.ca.folder / "crl.pem"

    @property
    def list_warned(self) -> Path:
        """Since when it is said that the list of the revoked runs out; absent while it does not."""
        return self.ca.folder / "crl-warned"

    @property
    def issued(self) -> Path:
        """The authority's copies of all certificates that it issued."""
        return self.ca.folder / "issued"

    def issued_certificate(self, serial: int) -> Path:
        """The authority's copy of one."""
        return self.issued / f"{serial:040x}.pem"

    @property
    def server(self) -> CertificateFiles:
        """The intake's own certificate and key."""
        return CertificateFiles(self.home / "tls", "server")


@dataclass(frozen=True)
class BackupPaths:
    """What the backup of a machine keeps below its home, and where what is restored goes."""

    home: Path

    @property
    def folder(self) -> Path:
        """What it knows of the second place, and copies on their way there; it may be lost."""
        return Paths(self.home).run / "backup"

    @property
    def index(self) -> Path:
        """What was hashed and what was sent, a SQLite file."""
        return self.folder / "index.db"

    @property
    def lock(self) -> Path:
        """The file that is locked while a backup is made."""
        return self.folder / "lock"

    @property
    def log_lock(self) -> Path:
        """The file that is locked while PostgreSQL's log is fetched and sent: the first backup takes days."""
        return self.folder / "log.lock"

    @property
    def signing_key(self) -> Path:
        """The public key (PEM) by which backups are signed here, to be kept elsewhere: a restore asks for it."""
        return self.folder / "signing-key.pem"

    @property
    def restoring(self) -> Path:
        """Which backup is being restored here, while it is."""
        return self.folder / "restoring"

    @property
    def wal(self) -> Path:
        """PostgreSQL's log as it is received, until it is at the second place."""
        return self.home / "wal"

    def copy_of(self, name: str) -> Path:
        """A copy on its way; `name` is ours."""
        return self.folder / name

    def restored(self, relative: str) -> Path:
        """Where a file of a backup goes. Raises ValueError for a place outside the home."""
        parts = relative.split("/")
        if not relative or any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"not a path below a home: {relative!r}")
        return self.home.joinpath(*parts)

    def relative(self, path: Path) -> str:
        """How a file is named in a backup."""
        return path.relative_to(self.home).as_posix()


@dataclass(frozen=True)
class RecoveryPaths:
    """A folder in which a database of a backup is recovered, and which goes afterwards."""

    folder: Path

    @property
    def copy(self) -> Path:
        """The copy of a SQLite database."""
        return self.folder / "copy.db"

    @property
    def base(self) -> Path:
        """PostgreSQL's base backup, a tar archive."""
        return self.folder / "base.tar"

    @property
    def data(self) -> Path:
        """It, unpacked: the folder of a cluster of its own."""
        return self.folder / "data"

    @property
    def wal(self) -> Path:
        """The files of its log."""
        return self.folder / "wal"

    def file(self, name: str) -> Path:
        """Another file there; `name` is ours."""
        return self.folder / name
