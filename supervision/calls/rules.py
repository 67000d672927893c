"""What makes a call record out of what happened: ring counting, disposition, who hung up.

Plain functions on plain data. The same rule serves the events seen live and those read afterwards from
Asterisk's own logs, so that both witnesses end in the same record.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

EMPTY = frozenset({"JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL"})  # app_queue's QUEUESTATUS


# Q.850 causes, as Asterisk makes them of a phone's answer, of a call that was turned down: 17 (486 and 600), 21
# (603), and 19 (480). By its name 480 is "temporarily unavailable", but RFC 3261 (21.4.18) means a phone that
# was reached and cannot be spoken to, with do-not-disturb as its own example, and many phones send it for nothing
# else. A phone that is away says nothing. So it is *declined*, which a leader can ask about, and no phone's fault.
DECLINES = frozenset({17, 19, 21})
NOBODY_ANSWERED_US = frozenset({18, 102})  # Asterisk gave up on a side that did not answer its messages


class Disposition(enum.StrEnum):
    """How a call ended for the caller (接听结果)."""

    ANSWERED = "answered"
    MISSED = "missed"
    ABANDONED = "abandoned"
    BUSY = "busy"
    DECLINED = "declined"
    AFTER_HOURS = "after_hours"
    VOICEMAIL = "voicemail"


# 未接听, as people say it: there was somebody to answer, and nobody did.
UNANSWERED = frozenset({Disposition.MISSED, Disposition.ABANDONED, Disposition.BUSY, Disposition.DECLINED})


class Party(enum.StrEnum):
    """Who did it: hung up, in the first place."""

    CALLER = "caller"
    OFFICER = "officer"
    SYSTEM = "system"


class SegmentKind(enum.StrEnum):
    """With whom a stretch of the call was held."""

    OFFICER = "officer"
    BACKUP_LEADER = "backup_leader"
    OTHER_OFFICE = "other_office"
    HOTLINE_12366 = "hotline_12366"
    VOICEMAIL = "voicemail"


class Witness(enum.StrEnum):
    """Whose account of the call the record rests on."""

    ARI = "ari"
    CEL = "cel"
    CDR = "cdr"


class EventKind(enum.StrEnum):
    """The happenings that a record is made of, whichever witness saw them: causes before their effects."""

    OFFERED = "offered"
    LINE_ANSWERED = "line_answered"
    RECORDING_STARTED = "recording_started"
    DESKS_BUSY = "desks_busy"
    DESK_RANG = "desk_rang"
    DESK_DECLINED = "desk_declined"
    DESK_ANSWERED = "desk_answered"
    RANG_OUT = "rang_out"
    HUNG_UP = "hung_up"
    DESK_LEFT = "desk_left"
    DESK_STOPPED = "desk_stopped"
    PUT_BACK = "put_back"
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    WATCHED_WHOLE = "watched_whole"


@dataclass(frozen=True)
class Event:
    """One happening. `channel` is Asterisk's uniqueid; `desk` an extension; `party` who hung up.

    `sequence` orders what one witness saw in the same millisecond, as Asterisk wrote or sent it.
    """

    kind: EventKind
    at: datetime
    channel: str = ""
    desk: str | None = None
    party: Party | None = None
    detail: str = ""
    sequence: int = 0


@dataclass(frozen=True)
class LineRules:
    """What the record rule needs to know of a line: length of a ring in seconds, last ring, leaders' desks."""

    ring_s: float = 5.0
    last_ring: int = 10
    leader_desks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stretch:
    """One segment worked out: open-ended while it goes on."""

    kind: SegmentKind
    desk: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Record:
    """A call record as worked out from events; the times that did not come are None.

    `unreachable` says that it rang out because no desk's phone was there: an incident beside the record. A desk
    that declined at once rang for no time at all: the rings are counted from then.
    """

    offered_at: datetime | None = None
    line_answered_at: datetime | None = None
    first_rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    answered_desk: str | None = None
    rings: int = 0
    disposition: Disposition | None = None
    hung_up_by: Party | None = None
    interrupted: bool = False
    unreachable: bool = False
    segments: tuple[Stretch, ...] = field(default=())


def count_rings(rang: timedelta, ring_s: float, last_ring: int) -> int:
    """Rings in the time from a desk's first ring, each begun `ring_s` after the one before (domain rule 3).

    Answered "within 3 rings" is within 15 s at 5 s a ring, so a ring counts up to its very end. Never under
    1, nor over `last_ring`: desks stop ringing there, whatever the switch needs to notice it.
    """
    ring = timedelta(seconds=ring_s)
    return min(max(1, -(-rang // ring)), last_ring)


def build_record(events: Iterable[Event], line: LineRules) -> Record:
    """The record of one call from what happened to it, in any order (S2, S8; domain rules 3 and 4).

    *Answered* is always by a person, never by the announcement. A call in progress has no disposition yet.
    """
    happened = in_order(events)
    first = {kind: next((e for e in happened if e.kind is kind), None) for kind in EventKind}
    offered, rang, answered = (
        first[EventKind.OFFERED],
        next((event for event in happened if event.kind in TRIED), None),
        first[EventKind.DESK_ANSWERED],
    )
    ended = first[EventKind.ENDED] or first[EventKind.INTERRUPTED]
    rang_out, up = first[EventKind.RANG_OUT], first[EventKind.LINE_ANSWERED]
    stopped = answered or rang_out or ended
    rings = 0
    if rang is not None and stopped is not None:
        rings = count_rings(stopped.at - rang.at, line.ring_s, line.last_ring)
    return Record(
        offered_at=offered.at if offered else None,
        line_answered_at=up.at if up else None,
        first_rang_at=rang.at if rang else None,
        answered_at=answered.at if answered else None,
        ended_at=ended.at if ended else None,
        answered_desk=answered.desk if answered else None,
        rings=rings,
        disposition=_disposition(first, happened) if ended else None,
        hung_up_by=_who_hung_up(happened) if ended else None,
        interrupted=first[EventKind.INTERRUPTED] is not None,
        unreachable=_unreachable(first),
        segments=_segments(happened, ended, line),
    )


TRIED = frozenset({EventKind.DESK_RANG, EventKind.DESK_DECLINED})


def _disposition(first: dict[EventKind, Event | None], happened: Sequence[Event]) -> Disposition:
    if first[EventKind.DESK_ANSWERED]:
        return Disposition.ANSWERED
    tried = any(first[kind] for kind in TRIED)
    if first[EventKind.RANG_OUT]:
        if _all_declined(happened):
            return Disposition.DECLINED
        return Disposition.MISSED if tried or _unreachable(first) else Disposition.BUSY
    if tried:
        return Disposition.ABANDONED
    return Disposition.BUSY if first[EventKind.DESKS_BUSY] else Disposition.ABANDONED


def _all_declined(happened: Sequence[Event]) -> bool:
    """Whether every desk that was rung turned the call down, by hand or by do-not-disturb, and none let it ring.

    One that declined is rung again until the last ring; the end may come while it rings once more.
    """
    declined = {event.desk for event in happened if event.kind is EventKind.DESK_DECLINED}
    return bool(declined) and declined == {event.desk for event in happened if event.kind in TRIED}


class Happened(Protocol):
    """What the rules below need of an event, be it an `Event` or its row."""

    @property
    def kind(self) -> EventKind:
        """What happened."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def sequence(self) -> int:
        """Its place among what the same witness saw."""

    @property
    def party(self) -> Party | None:
        """Who hung up."""

    @property
    def detail(self) -> str:
        """What else was said of it."""

    @property
    def channel(self) -> str:
        """Asterisk's uniqueid of the channel that it happened to."""

    @property
    def desk(self) -> str | None:
        """The desk whose channel that is; None for the caller's."""


H = TypeVar("H", bound=Happened)
STOPPED = frozenset({EventKind.DESK_STOPPED, EventKind.DESK_DECLINED})

_PLACES = {kind: place for place, kind in enumerate(EventKind)}


def in_order(events: Iterable[H]) -> list[H]:
    """What one witness saw of a call, in one order whatever order it comes in.

    By time, to the millisecond that is kept; within one, as Asterisk itself wrote or sent it; then cause before
    effect. A person's hang-up makes the exchange hang up the other side, never the other way round.
    """
    return sorted(events, key=_place)


def _place(event: Happened) -> tuple[datetime, int, int, bool, str, str, str]:
    return (
        event.at.replace(microsecond=event.at.microsecond // 1000 * 1000),
        event.sequence,
        _PLACES[event.kind],
        event.party is Party.SYSTEM,
        event.channel,
        event.desk or "",
        event.detail,
    )


def worth_showing(happened: Sequence[H]) -> list[H]:
    """The events, in the order given, that a timeline for people needs.

    A desk that answered or declined did not "stop ringing" when its channel went, and only one hang-up ended the
    call. That a call was watched whole did not happen to it.
    """
    answered = {event.channel for event in happened if event.kind is EventKind.DESK_ANSWERED}
    declined = {event.channel for event in happened if event.kind is EventKind.DESK_DECLINED}
    end = next(iter(_hang_ups(happened)), None)
    return [
        event
        for event in happened
        if event.kind is not EventKind.WATCHED_WHOLE
        and (event.kind is not EventKind.HUNG_UP or event is end)
        and not (event.kind in STOPPED and event.channel in answered)
        and not (event.kind is EventKind.DESK_STOPPED and event.channel in declined)
    ]


def _hang_ups(happened: Sequence[H]) -> list[H]:
    """The hang-ups of those who held the call, in the order given.

    A desk that declined it or let it ring did not end it, nor did one that left it before another one answered,
    nor one that died in the call, after which the caller was put back to be rung for again.
    """
    happened = _since_put_back(happened)
    answers = [(n, event.channel) for n, event in enumerate(happened) if event.kind is EventKind.DESK_ANSWERED]
    last = max((n for n, _ in answers), default=-1)
    answered = {channel for _, channel in answers}
    latest = happened[last].channel if answers else ""
    return [
        event
        for n, event in enumerate(happened)
        if event.kind is EventKind.HUNG_UP
        and (event.desk is None or (event.channel in answered and (n > last or event.channel == latest)))
    ]


def _since_put_back(happened: Sequence[H]) -> list[H]:
    """What came after the caller was put back for the last time, without late events of dead desks."""
    last = max((n for n, event in enumerate(happened) if event.kind is EventKind.PUT_BACK), default=-1)
    dead = {event.channel for event in happened[: last + 1] if event.kind is EventKind.DESK_ANSWERED}
    return [event for event in happened[last + 1 :] if event.channel not in dead]


def _unreachable(first: dict[EventKind, Event | None]) -> bool:
    """Whether a call rang out because no desk's phone was there.

    Either app_queue says so in its status, or the dialplan tried the desks and not one of them rang or declined:
    phones that are registered and dead. A phone that said a word was there.
    """
    rang_out = first[EventKind.RANG_OUT]
    if rang_out is None or any(first[kind] for kind in TRIED):
        return False
    status, *tried = rang_out.detail.split("-")
    return status in EMPTY or tried == ["tried"]


def _who_hung_up(happened: Sequence[Event]) -> Party:
    interrupted = next((event.at for event in happened if event.kind is EventKind.INTERRUPTED), None)
    for event in _hang_ups(happened):
        if event.party is not None and (interrupted is None or event.at <= interrupted):
            return event.party
    return Party.SYSTEM


def _segments(happened: Sequence[Event], ended: Event | None, line: LineRules) -> tuple[Stretch, ...]:
    """The stretches, none of which outlasts the call: a desk's channel goes a moment after the caller's."""
    stretches = []
    for event in happened:
        if event.kind is not EventKind.DESK_ANSWERED or event.desk is None:
            continue
        left = next(
            (
                e
                for e in happened
                if e.kind is EventKind.DESK_LEFT and e.channel == event.channel and e.at >= event.at
            ),
            ended,
        )
        kind = SegmentKind.BACKUP_LEADER if event.desk in line.leader_desks else SegmentKind.OFFICER
        until = [one.at for one in (left, ended) if one is not None]
        stretches.append(Stretch(kind, event.desk, event.at, min(until, default=None)))
    return tuple(stretches)
