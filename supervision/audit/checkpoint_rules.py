"""A checkpoint of headquarters' audit log: what is signed, word for word, and how each follows from the last.

Six lines, each ended by one LF, so that anybody can read one, and `openssl` can check its signature.
"""

import enum
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.audit.rules import GENESIS, Head

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
