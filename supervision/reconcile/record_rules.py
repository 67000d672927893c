"""How a call went, by its record and by Asterisk's own log: whether both say the same.

Pure rules. Both witnesses see a call from different sides, so each difference that a call may leave by itself is
named here, and is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from supervision.calls.rules import Disposition, Party

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
        return said  # an older node does not tell it
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
