"""What things are called at the second place, below the folder of a machine."""

import re

from supervision.backups.rules import PARTIAL, segment_of

OBJECTS, PIECES, MANIFESTS, LOG = "objects", "pieces", "manifests", "wal"
_ENCRYPTED = ".age"
_NUMBER = re.compile(r"[0-9]{8,18}")


def object_name(sha256: str) -> str:
    """A file, by its hash."""
    return f"{OBJECTS}/{sha256[:2]}/{sha256}{_ENCRYPTED}"


def piece_name(number: int, what: str) -> str:
    """A part of one backup; `what` is ours."""
    return f"{PIECES}/{number:08d}-{what}{_ENCRYPTED}"


def manifest_name(number: int, suffix: str) -> str:
    """The manifest's files: `txt` is what is signed, `sig` the signature, `pem` its key, `list.gz` the listing."""
    return f"{MANIFESTS}/{number:08d}.{suffix}"


SUFFIXES = ("txt", "sig", "pem", "list.gz")  # the text comes last and goes first: without it there is no backup


def manifest_number(name: str) -> int | None:
    """The number of a manifest's text; None for another name."""
    stem, dot, suffix = name.removeprefix(f"{MANIFESTS}/").partition(".")
    return int(stem) if dot and suffix == "txt" and _NUMBER.fullmatch(stem) else None


def piece_number(name: str) -> int | None:
    """Of which backup a piece is; None for another name."""
    stem = name.removeprefix(f"{PIECES}/").partition("-")[0]
    return int(stem) if _NUMBER.fullmatch(stem) else None


def log_name(system: str, file: str) -> str:
    """A file of PostgreSQL's log."""
    return f"{LOG}/{system}/{file}{_ENCRYPTED}"


def log_signature(name: str) -> str:
    """What is signed of it, beside it."""
    return f"{name.removesuffix(_ENCRYPTED)}.json"


def log_file(name: str) -> str | None:
    """The file of the log that an object holds, whole or partial; None for another name."""
    file = name.rpartition("/")[2]
    inner = file.removesuffix(_ENCRYPTED)
    return inner if inner != file and segment_of(inner) else None


def partial_of(file: str) -> str:
    """How a segment is called while it is not whole."""
    return file + PARTIAL
