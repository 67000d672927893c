"""Looking through the content of a recording's files: the sealed one by both its hashes, raw parts by theirs."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import soundfile

from supervision.recordings import audio


@dataclass(frozen=True)
class ToVerify:
    """A file that is there, and what it must hold. `pcm_sha256`: it is a sealed one, and is decoded too."""

    name: str
    path: Path
    sha256: str
    pcm_sha256: str | None = None


@dataclass(frozen=True)
class Verified:
    """What was found in one file. `error`: it could not be read."""

    name: str
    folder: str
    gone: bool = False
    changed: bool = False
    audio_changed: bool = False
    unreadable: bool = False
    found_sha256: str = ""
    error: str = ""


@dataclass(frozen=True)
class Scrubbing:
    """One recording that is to be looked through, with its files."""

    call_id: uuid.UUID
    office_code: str
    files: tuple[ToVerify, ...]
    claimed_until: datetime


def verify(files: tuple[ToVerify, ...], home: Path) -> Iterator[Verified]:
    """Look through each of the files."""
    for file in files:
        folder = str(file.path.parent.relative_to(home))
        try:
            yield _verify(file, folder)
        except FileNotFoundError:
            yield Verified(file.name, folder, gone=True)
        except OSError as error:
            yield Verified(file.name, folder, error=f"{type(error).__name__}: {error.strerror}")


def _verify(file: ToVerify, folder: str) -> Verified:
    with file.path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    changed = found != file.sha256
    unreadable = audio_changed = False
    if file.pcm_sha256 is None:
        audio_changed = changed
    else:
        try:
            audio_changed = audio.pcm_sha256(audio.read_flac(file.path)) != file.pcm_sha256
        except soundfile.LibsndfileError:
            unreadable = True
    wrong = changed or audio_changed or unreadable
    return Verified(
        file.name,
        folder,
        changed=wrong,
        audio_changed=audio_changed,
        unreadable=unreadable,
        found_sha256=found,
    )
