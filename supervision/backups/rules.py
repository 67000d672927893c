"""What a backup's manifest says, which backups are kept, and when one is late."""

import enum
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NOTHING = "0" * 64
_SHA256 = r"[0-9a-f]{64}"
_MACHINE = r"[0-9a-z]{2,8}"
_MANIFEST = re.compile(
    rf"supervision backup\nmachine (?P<machine>{_MACHINE})\nnumber (?P<number>[0-9]{{1,18}})\n"
    rf"at (?P<at>\S{{1,40}})\nobjects (?P<objects>[0-9]{{1,18}})\nlisting (?P<listing>{_SHA256})\n"
    rf"log (?P<log>-|[0-9]{{1,20}}/[0-9A-F]{{24}})\nprevious (?P<previous>{_SHA256})\n"
)
_SEGMENT = re.compile(r"[0-9A-F]{24}")
PARTIAL = ".partial"


@dataclass(frozen=True)
class Sealed:
    """An encrypted object at the second place: its name, its length and the SHA-256 of what lies there."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is signed of a backup: whose it is, of when, and the hash of the listing of its objects.

    `log` is from where on PostgreSQL's log is needed: the cluster and the segment; `-` where there is none.
    `previous` is the digest of the manifest before it, zeros for the first: one that is taken away between two
    others is missed.
    """

    machine: str
    number: int
    at: datetime
    objects: int
    listing: str
    log: str
    previous: str

    @property
    def text(self) -> str:
        """What is signed."""
        return (
            f"supervision backup\nmachine {self.machine}\nnumber {self.number}\n"
            f"at {self.at.isoformat(timespec='milliseconds')}\nobjects {self.objects}\n"
            f"listing {self.listing}\nlog {self.log}\nprevious {self.previous}\n"
        )


def read_manifest(text: str) -> Manifest:
    """The manifest that a text says. Raises ValueError for any text that is not exactly one."""
    match = _MANIFEST.fullmatch(text)
    if match is None:
        raise ValueError("no manifest")
    at = datetime.fromisoformat(match["at"])
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    number, objects = int(match["number"]), int(match["objects"])
    listing, log, previous = match["listing"], match["log"], match["previous"]
    manifest = Manifest(match["machine"], number, at, objects, listing, log, previous)
    if manifest.text != text:
        raise ValueError("not as a manifest is written")
    return manifest


def wal_text(machine: str, system: str, sealed: Sealed) -> str:
    """What is signed of a piece of PostgreSQL's log."""
    return (
        f"supervision backup log\nmachine {machine}\nsystem {system}\nname {sealed.name}\n"
        f"bytes {sealed.size_bytes}\nobject {sealed.sha256}\n"
    )


def digest_of(text: str) -> str:
    """How the next manifest names this one."""
    return hashlib.sha256(text.encode()).hexdigest()


class Fault(enum.StrEnum):
    """What is wrong with an object of a backup."""

    MISSING = "missing"
    OTHER_SIZE = "other_size"
    CHANGED = "changed"


def fault_of(listed: Sealed, size_bytes: int | None, sha256: str | None = None) -> Fault | None:
    """What is wrong with an object that is there with this length (None: it is not) and, if read, this hash."""
    if size_bytes is None:
        return Fault.MISSING
    if size_bytes != listed.size_bytes:
        return Fault.OTHER_SIZE
    return Fault.CHANGED if sha256 not in (None, listed.sha256) else None


@dataclass(frozen=True)
class Dated:
    """A backup by its number and its moment."""

    number: int
    at: datetime


def kept(backups: Iterable[Dated], at: datetime, days: int, weeks: int) -> set[int]:
    """The numbers of those to keep: all of the last `days`, and of each of the last `weeks` the newest.

    The newest is always kept. What would be kept of those that are kept is all of them, so that it does not matter
    how often it is asked.
    """
    newest_first = sorted(backups, key=lambda one: (one.at, one.number), reverse=True)
    found = {one.number for one in newest_first[:1]}
    seen: set[tuple[int, int]] = set()
    for one in newest_first:
        week = one.at.isocalendar()[:2]
        if at - one.at <= timedelta(days=days) or (week not in seen and at - one.at <= timedelta(weeks=weeks)):
            found.add(one.number)
        seen.add(week)
    return found


def is_late(last_at: datetime | None, at: datetime, longest: timedelta) -> bool:
    """Whether the last one is too long ago, or there is none."""
    return last_at is None or at - last_at > longest


def to_start_from(backups: Iterable[Dated], target: datetime | None) -> Dated | None:
    """The backup that a restore begins with: the newest, or the newest of before a moment."""
    before = [one for one in backups if target is None or one.at <= target]
    return max(before, key=lambda one: (one.at, one.number), default=None)


def to_follow(backups: Iterable[Dated], target: datetime | None) -> Dated | None:
    """The first backup of after a moment: it has the files that came between; None: there is none."""
    after = [one for one in backups if target is not None and one.at > target]
    return min(after, key=lambda one: (one.at, one.number), default=None)


def segment_of(name: str) -> str | None:
    """The segment of PostgreSQL's log that a file holds, whole or partial; None for another file."""
    segment = name.removesuffix(PARTIAL)
    return segment if _SEGMENT.fullmatch(segment) else None


def to_replay(names: Iterable[str], first: str) -> dict[str, str]:
    """Which files to replay from a segment on: by segment the file that holds it, the whole before the partial."""
    found: dict[str, str] = {}
    for name in sorted(names, reverse=True):  # the whole sorts before the partial, so it comes last and stays
        segment = segment_of(name)
        if segment is not None and segment[8:] >= first[8:]:
            found[segment] = name
    return found


def first_gap(segments: Iterable[str]) -> str | None:
    """The first segment that is missing between others, or None. A log file has 256 segments of 16 MB."""
    numbers = sorted({int(one[8:16], 16) * 256 + int(one[16:], 16) for one in segments})
    for before, after in itertools.pairwise(numbers):
        if after > before + 1:
            return f"{(before + 1) // 256:08X}{(before + 1) % 256:08X}"
    return None


def differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Where the numbers of rows differ, a sentence for each table."""
    return [
        f"table {name}: {expected.get(name, 'none such')} rows backed up, {found.get(name, 'none such')} restored"
        for name in sorted({*expected, *found})
        if expected.get(name) != found.get(name)
    ]


def parse_moment(text: str) -> datetime:
    """A moment with its zone, as an operator writes it. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone, as in 2026-11-30T14:05:00+08:00")
    return moment


def in_words(found: Sequence[str], most: int = 20) -> list[str]:
    """The first of many sentences, and how many more there are."""
    more = [f"… and {len(found) - most} more"] if len(found) > most else []
    return [*found[:most], *more]


def not_needed(names: Iterable[str], logs: Iterable[str]) -> list[str]:
    """The files of PostgreSQL's log that no kept backup needs: `logs` says from where on each does."""
    first: dict[str, str] = {}
    for log in logs:
        system, _, segment = log.partition("/")
        if segment:
            first[system] = min(first.get(system, segment), segment, key=lambda one: one[8:])
    found = []
    for name in names:
        system, _, file = name.removeprefix("wal/").partition("/")
        segment = file[:24]
        if _SEGMENT.fullmatch(segment) and not (system in first and segment[8:] >= first[system][8:]):
            found.append(name)
    return found
