"""The hash chain of the audit log, as pure functions (decision 6).

Each entry's hash covers its own content and the hash before it, so that an entry altered, removed or slipped
in is found by whoever reads the chain from its start. What is cut off at the very end is found against a
head that was kept elsewhere.
"""

import enum
import hashlib
import json
import math
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

GENESIS = "0" * 64
LARGEST_FLOAT = 2.0**53


@dataclass(frozen=True)
class Content:
    """What one entry says; `n` counts from 1 without a gap."""

    n: int
    at: datetime
    actor_id: uuid.UUID | None
    actor: str
    act: str
    subject: str
    office_code: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Link:
    """One entry as it is stored: its content and the two hashes that hold it in the chain."""

    content: Content
    previous: str
    hash: str


@dataclass(frozen=True)
class Head:
    """The last entry of a chain at some moment: enough to find every later change before it."""

    n: int
    hash: str


BEGINNING = Head(0, GENESIS)


@dataclass(frozen=True)
class Subject:
    """What an entry is about: a kind of thing, and which one."""

    kind: str
    id: str


def subject_of(kind: str, identity: object) -> str:
    """What an entry is about, as it is stored."""
    return f"{kind}:{identity}"


def parse_subject(text: str) -> Subject:
    """What `subject_of` has composed; anything else is a kind without an identity."""
    kind, _, identity = text.partition(":")
    return Subject(kind, identity)


class Fault(enum.StrEnum):
    """What is wrong with the first bad entry."""

    MISSING = "missing"
    ALTERED = "altered"
    NOT_CHAINED = "not_chained"
    OTHER_HEAD = "other_head"
    CUT_OFF = "cut_off"


@dataclass(frozen=True)
class Verdict:
    """What reading the chain found. `bad_n` names the first bad entry; `covered_n` how far kept heads reach."""

    entries: int
    head: Head
    bad_n: int | None = None
    fault: Fault | None = None
    covered_n: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing wrong was found."""
        return self.fault is None


def plain(value: Any) -> Any:
    """A detail as both databases give it back: plain JSON, whole floats as integers, no NUL, no lone surrogate.

    Raises ValueError for what JSON cannot hold faithfully.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _plain_float(value)
    if isinstance(value, Mapping):
        return {plain_text(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    raise ValueError(f"not for an audit detail: {type(value).__name__}")


def plain_text(text: str) -> str:
    """Text that every database can hold: NUL and lone surrogates become U+FFFD."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def canonical(content: Content, previous: str) -> bytes:
    """The one way to write an entry down for hashing: sorted keys, no spaces, UTF-8, UTC milliseconds."""
    written = {
        "n": content.n,
        "at": content.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "actor_id": str(content.actor_id) if content.actor_id else None,
        "actor": content.actor,
        "act": content.act,
        "subject": content.subject,
        "office_code": content.office_code,
        "detail": plain(content.detail),
        "previous": previous,
    }
    return json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(content: Content, previous: str) -> str:
    """SHA-256 over the canonical form."""
    return hashlib.sha256(canonical(content, previous)).hexdigest()


def verify_chain(links: Iterable[Link], *kept: Head) -> Verdict:
    """Read a chain from its first entry and name the first bad one, if there is one.

    With heads kept elsewhere, also what was rewritten or cut off up to the last of them is found; without any, an
    attacker who writes the whole chain anew is not.
    """
    head, hashes = Head(0, GENESIS), _by_number(kept)
    for link in links:
        fault = fault_of(link, head) or _not_kept(link, hashes)
        if fault is not None:
            return Verdict(head.n, head, head.n + 1, fault)
        head = Head(link.content.n, link.hash)
    last = max(hashes, default=0)
    if last > head.n:
        return Verdict(head.n, head, head.n + 1, Fault.CUT_OFF)
    return Verdict(head.n, head, covered_n=last)


def fault_of(link: Link, head: Head) -> Fault | None:
    """What is wrong with an entry that should follow from this head, or None."""
    if link.content.n != head.n + 1:
        return Fault.MISSING
    if link.previous != head.hash:
        return Fault.NOT_CHAINED
    return None if _rehash(link) == link.hash else Fault.ALTERED


def _by_number(kept: Iterable[Head]) -> dict[int, set[str]]:
    hashes: dict[int, set[str]] = {}
    for head in kept:
        hashes.setdefault(head.n, set()).add(head.hash)
    return hashes


def _not_kept(link: Link, hashes: Mapping[int, set[str]]) -> Fault | None:
    """Whether another entry was kept in the place of this one."""
    same = hashes.get(link.content.n, {link.hash}) == {link.hash}
    return None if same else Fault.OTHER_HEAD


def _rehash(link: Link) -> str | None:
    try:
        return hash_of(link.content, link.previous)
    except ValueError:
        return None


def _plain_float(value: float) -> int | float:
    if not math.isfinite(value) or abs(value) >= LARGEST_FLOAT:
        raise ValueError(f"not for an audit detail: {value!r}")
    return int(value) if value.is_integer() else value


TITLE = "supervision audit checkpoint"
EVERY = timedelta(hours=1)
LATE_AFTER = timedelta(hours=3)
_TEXT = re.compile(
    TITLE + r"\nnumber (?P<number>[0-9]{1,18})\nat (?P<at>\S{1,40})\nentries (?P<n>[0-9]{1,18})"
    r"\nhead (?P<hash>[0-9a-f]{64})\nprevious (?P<previous>[0-9a-f]{64})\n"
)


class CheckpointFault(enum.StrEnum):
    """What is wrong with a checkpoint that came."""

    UNREADABLE = "unreadable"
    NOT_SIGNED = "not_signed"
    WENT_BACK = "went_back"
    NOT_CHAINED = "not_chained"
    OTHER_HEAD = "other_head"
    OTHER_KEY = "other_key"


# What no office keeps: it says nothing for sure, or would take the place of another.
NOT_KEPT = frozenset({CheckpointFault.UNREADABLE, CheckpointFault.NOT_SIGNED, CheckpointFault.WENT_BACK})


@dataclass(frozen=True)
class Stamp:
    """What a checkpoint says: the head of the log at a moment, and which checkpoint came before."""

    number: int
    at: datetime
    head: Head
    previous: str

    @property
    def text(self) -> str:
        """What is signed."""
        at = self.at.isoformat(timespec="milliseconds")
        return (
            f"{TITLE}\nnumber {self.number}\nat {at}\nentries {self.head.n}\n"
            f"head {self.head.hash}\nprevious {self.previous}\n"
        )


def read_stamp(text: str) -> Stamp:
    """The stamp that a text says. Raises ValueError for any text that is not exactly one."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError("no checkpoint")
    at = datetime.fromisoformat(match["at"])
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return Stamp(int(match["number"]), at, Head(int(match["n"]), match["hash"]), match["previous"])


def digest_of(text: str | None) -> str:
    """How the next checkpoint names this one; zeros for the first."""
    return hashlib.sha256(text.encode()).hexdigest() if text else GENESIS


def is_due(last_at: datetime | None, at: datetime) -> bool:
    """Whether it is another hour than the last one's: a clock that was ahead and is right again stops none."""
    return last_at is None or _hour(at) != _hour(last_at)


def is_late(last_at: datetime, at: datetime) -> bool:
    """Whether none has come for so long that headquarters must have stopped to sign."""
    return at - last_at > LATE_AFTER


def fault_after(stamp: Stamp, last: Stamp | None) -> CheckpointFault | None:
    """What is wrong with a signed checkpoint after the last one that is kept, or None."""
    if last is None:
        return None
    if stamp.number <= last.number:
        return CheckpointFault.WENT_BACK
    if stamp.number == last.number + 1 and stamp.previous != digest_of(last.text):
        return CheckpointFault.NOT_CHAINED
    shorter = stamp.head.n < last.head.n
    if shorter or (stamp.head.n == last.head.n and stamp.head.hash != last.head.hash):
        return CheckpointFault.OTHER_HEAD
    return None


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // int(EVERY.total_seconds())
