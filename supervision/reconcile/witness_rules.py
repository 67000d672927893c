"""What each witness says of a call, and when two of them say the same.

How long one is waited for that has not spoken yet (decision 4); the course of a call as the record and Asterisk's
own log tell it; the two sides of its audio; what a copy of its recording consists of.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.calls.rules import Disposition, Party


@dataclass(frozen=True)
class Grace:
    """How long things may be on their way, and how far times may lie apart.

    `record`: a record of which only a part was watched is completed from Asterisk's own log meanwhile. `backlog`:
    of audio, `unsent`: of facts, however much the office says that it has still to send.
    """

    facts: timedelta = timedelta(seconds=30)
    record: timedelta = timedelta(minutes=2)
    switch_record: timedelta = timedelta(minutes=5)
    parts: timedelta = timedelta(hours=1)
    backlog: timedelta = timedelta(hours=24)
    unsent: timedelta = timedelta(days=7)
    copy: timedelta = timedelta(hours=1)
    times: timedelta = timedelta(seconds=5)


GRACE = Grace()
AHEAD = timedelta(minutes=10)  # an office heard again later than that was heard by a clock that was ahead


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How an office can be heard. One that was cut off has a backlog.

    `away_at` is when it was last heard before, `back_at` when it was heard again, `catching_up` that it still
    sends facts of what is past, `office_sends` that parts of it came in just now.
    """

    away_at: datetime | None = None
    back_at: datetime | None = None
    catching_up: bool = False
    office_sends: bool = False

    def late(self, since: datetime, at: datetime) -> timedelta:
        """For how long something has been due that could come since then, while the office could be heard."""
        if self.back_at is None or since >= self.back_at or self.back_at > at + AHEAD:
            return at - since
        before = max(timedelta(0), self.away_at - since) if self.away_at is not None else timedelta(0)
        return before + max(timedelta(0), at - self.back_at)

    def excused(self, since: datetime, at: datetime, bound: timedelta) -> bool:
        """Whether the office still sends facts of the past, and this may be among them: no longer than `bound`."""
        return self.catching_up and self.late(since, at) < bound


PACKET_MS = 20
RINGS_APART = 1  # each counts from its own first sign of a ring, and one may lie on this side of a ring's end

# The log knows that a desk was called, not that its phone rang. A caller who left in that very moment met a busy
# office for one, and a ringing desk for the other; where all desks that rang declined and another was called in
# vain, all declined for one, and the other tells of a desk that let it ring.
_ALSO_SAID: Mapping[Disposition, frozenset[Disposition]] = {
    Disposition.BUSY: frozenset({Disposition.ABANDONED, Disposition.MISSED}),
    Disposition.DECLINED: frozenset({Disposition.MISSED}),
}


@dataclass(frozen=True)
class Course:
    """How a call went. `rings`: the lowest and the highest number that it may be, the same for the record."""

    disposition: Disposition | None
    answered_desk: str | None
    hung_up_by: Party | None
    rings: tuple[int, int] | None


Differences = Mapping[str, str | int | None]


def compare_courses(record: Course | None, asterisk: Course | None, *, coarse: bool) -> Differences:
    """What the record says otherwise than Asterisk: by name, what the record says and what Asterisk says.

    A call detail record (`coarse`) knows who answered; of an unanswered call it knows no more than that, and rings
    only to the second. Empty where both agree.
    """
    said: dict[str, str | int | None] = {}
    if record is None or asterisk is None:
        return said  # an older node does not send it
    if _disposition_differs(record, asterisk, coarse=coarse):
        said |= _pair("disposition", record.disposition, asterisk.disposition)
    if record.answered_desk != asterisk.answered_desk:
        said |= _pair("desk", record.answered_desk, asterisk.answered_desk)
    if _party_differs(record, asterisk, coarse=coarse):
        said |= _pair("hung_up_by", record.hung_up_by, asterisk.hung_up_by)
    if record.rings is not None and asterisk.rings is not None and not said:
        least, most = asterisk.rings
        if not least - RINGS_APART <= record.rings[0] <= most + RINGS_APART:
            said |= {"record_rings": record.rings[0], "asterisk_rings": most}
    return said


def _disposition_differs(record: Course, asterisk: Course, *, coarse: bool) -> bool:
    if record.disposition is None or asterisk.disposition is None or record.disposition is asterisk.disposition:
        return False
    if coarse:
        return Disposition.ANSWERED in {record.disposition, asterisk.disposition}
    return asterisk.disposition not in _ALSO_SAID.get(record.disposition, frozenset())


def _party_differs(record: Course, asterisk: Course, *, coarse: bool) -> bool:
    """The queue's log says that a person hung up, or nothing at all."""
    if coarse and (asterisk.disposition is not Disposition.ANSWERED or asterisk.hung_up_by is Party.SYSTEM):
        return False
    known = record.hung_up_by is not None and asterisk.hung_up_by is not None
    return known and record.hung_up_by is not asterisk.hung_up_by


def _pair(name: str, record: str | None, asterisk: str | None) -> Differences:
    return {f"record_{name}": _text(record), f"asterisk_{name}": _text(asterisk)}


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class Side:
    """One side of a call: for how long at a stretch nothing came from it alone, and how many packets did come.

    `packets` None: nobody counted them.
    """

    name: str
    still_ms: int
    packets: int | None


def one_way(talk_ms: int, sides: tuple[Side, Side]) -> dict[str, int | str | None] | None:
    """The side that was digitally silent, or sent nothing, for most of the talk; None where both were heard.

    A person who is silent is not: his line has noise. Packets say which of the two it was. A stretch under five
    seconds is none (`recordings.rules.one_sided_ms`), so a short call has none either.
    """
    for side in sides:
        if 2 * side.still_ms > talk_ms:
            return {"side": side.name, "still_ms": side.still_ms, "talk_ms": talk_ms, "packets": side.packets}
    return None


def unsent_ms(talk_ms: int, sides: tuple[Side, Side]) -> int:
    """For how long nothing came from either side, in a talk of which one side never sent a packet.

    MixMonitor writes nothing then: a phone that is late to send, or pauses, leaves as much less audio. Where both
    sent, their numbers do not tell when, and nothing is excused. Packets are taken for 20 ms long: of longer ones
    a part of a loss is excused, in a call that is one-way anyway.
    """
    least, most = sorted(side.packets or 0 for side in sides)
    if least > 0 or most == 0 or any(side.packets is None for side in sides):
        return 0
    return max(0, talk_ms - PACKET_MS * most)


class CopyState(enum.StrEnum):
    """Where a copy stands, as recordings know it."""

    GROWING = "growing"
    FINAL = "final"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"
    DELETED = "deleted"


SEALED = frozenset({CopyState.READY, CopyState.EMPTY})


@dataclass(frozen=True)
class File:
    """A file that should be there: its name, the length it must have, and what is on the disk (None: no file).

    `wanted_bytes` None: it was begun, and its length is not known yet.
    """

    name: str
    wanted_bytes: int | None
    found_bytes: int | None


@dataclass(frozen=True)
class Unread:
    """A file that could not be looked at, since the disk did not say: in which folder, and why."""

    name: str
    folder: str
    why: str


@dataclass(frozen=True)
class SaidOfPart:
    """A part as the office announced it; `received`: all of it came in and had the right hash."""

    name: str
    length_bytes: int | None
    received: bool
