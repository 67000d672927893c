"""When the witnesses of a call disagree (S1 to S3, decision 4).

Plain functions on plain data: what each witness says goes in, sentences' worth of disagreement come out. What is
still on its way is no disagreement: each rule waits for a grace period that is right for it.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from supervision.incidents.rules import Cause
from supervision.reconcile.witness_rules import (
    GRACE,
    SEALED,
    Contact,
    CopyState,
    Course,
    File,
    Grace,
    SaidOfPart,
    Side,
    Unread,
    compare_courses,
    one_way,
    unsent_ms,
)
from supervision.recordings.rules import COARSE_MS, holds_all, same_duration

SILENCE_SEEN_MS = 5000
_MS = timedelta(milliseconds=1)


# What the comparison finds, and looks whether it is over.
COMPARED = frozenset(
    {
        Cause.RECORD_MISSING,
        Cause.SWITCH_RECORD_MISSING,
        Cause.TIMES_DIFFER,
        Cause.RECORD_DIFFERS,
        Cause.NEVER_RECORDED,
        Cause.RECORDING_MUTED,
        Cause.DURATION_DIFFERS,
        Cause.NOT_RECEIVED,
        Cause.FILE_MISSING,
        Cause.FILE_SIZE_DIFFERS,
        Cause.OFFICE_COPY_MISSING,
        Cause.COPIES_DIFFER,
        Cause.SEQUENCE_SKIPPED,
        Cause.OFFICE_SILENT,
        Cause.CLOCK_OFF,
        Cause.ONE_WAY_AUDIO,
    }
)


@dataclass(frozen=True)
class SaidByRecord:
    """The call record, as headquarters has it. `course`: what it says of how the call went.

    `end_known_at`: when its end was written down here. `desk` is the one that answered.
    """

    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    interrupted: bool = False
    course: Course | None = None
    end_known_at: datetime | None = None
    line_key: str = ""
    desk: str = ""

    @property
    def over_since(self) -> datetime | None:
        """From when on the others can be expected to tell of its end: it may have become known long after it."""
        return self.ended_at and max(self.ended_at, self.end_known_at or self.ended_at)


@dataclass(frozen=True)
class SaidByAsterisk:
    """A call's switch record, from CEL or CDR; `coarse`: to the second only."""

    offered_at: datetime
    line_answered_at: datetime | None
    ended_at: datetime | None
    mixmonitor_started: bool = True
    muted_ms: int = 0
    coarse: bool = False
    course: Course | None = None
    caller_packets: int | None = None
    desk_packets: int | None = None


@dataclass(frozen=True)
class SaidByOffice:
    """The copy that the office keeps, as it reported it."""

    state: CopyState
    duration_ms: int
    pcm_sha256: str | None


@dataclass(frozen=True)
class SaidByHeadquarters:
    """The copy here: headquarters' as a rule; a node that looks at its own witnesses puts its own in this place.

    `closed_at`: the office will send no other parts; `files`: what must be on disk; `dead_air_ms`: for how long
    nothing at all came from either side while the officer was on, `talk_ms`; `caller_still_ms` and
    `officer_still_ms`: the longest stretch in which nothing came from that side alone; `waited_ms`: for how long
    the caller waited on the answered line while no desk rang; `unread`: files of which nothing can be said.
    """

    state: CopyState
    closed_at: datetime | None
    sealed_at: datetime | None = None
    duration_ms: int | None = None
    pcm_sha256: str | None = None
    interrupted: bool = False
    silent: bool = False
    dead_air_ms: int = 0
    talk_ms: int = 0
    waited_ms: int = 0
    caller_still_ms: int = 0
    officer_still_ms: int = 0
    parts: tuple[SaidOfPart, ...] = ()
    files: tuple[File, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def has_audio(self) -> bool:
        """Whether any audio of the call was closed at the office, or is sealed here."""
        return self.state is CopyState.READY or any(part.length_bytes for part in self.parts)


@dataclass(frozen=True)
class Witnesses(Contact):
    """All that is said of one call. `switch_record_due`: this office sends the switch records of such calls.

    `audio_at`: when audio that came without any record was last written to.
    """

    call_id: uuid.UUID
    office_code: str
    record: SaidByRecord | None
    asterisk: SaidByAsterisk | None
    office: SaidByOffice | None
    headquarters: SaidByHeadquarters | None
    switch_record_due: bool = True
    audio_at: datetime | None = None


Numbers = Mapping[str, int | str | bool | None]


@dataclass(frozen=True)
class Disagreement:
    """One thing that does not agree: whose, about what, and the numbers for a plain sentence."""

    cause: Cause
    office_code: str
    subject: str
    call_id: uuid.UUID | None = None
    numbers: Numbers = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same one when it is seen again."""
        return self.office_code, self.cause.value, self.subject


def compare(calls: Iterable[Witnesses], at: datetime, grace: Grace = GRACE) -> list[Disagreement]:
    """Where the witnesses of these calls disagree, in an order that does not depend on theirs."""
    found = {one.key: one for said in calls for one in _compare_call(said, at, grace)}
    return [found[key] for key in sorted(found)]


def _compare_call(said: Witnesses, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    if said.record is None:
        yield from _without_record(said, at, grace)
        return
    yield from _switch_record(said, said.record, at, grace)
    yield from _times(said, said.record, at, grace)
    yield from _course(said, said.record, at, grace)
    if said.headquarters is not None and said.headquarters.state is CopyState.DELETED:
        return  # by two people, with a proof: what is gone on purpose is no disagreement
    yield from _audio(said, said.record, at, grace)
    yield from _arrival(said, at, grace)
    yield from file_faults(said)
    yield from _office_copy(said, at, grace)


def _about(said: Witnesses, cause: Cause, numbers: Numbers, subject: str = "") -> Disagreement:
    # An incident refers to its call by key, so one about a call without record cannot.
    call_id = said.call_id if said.record is not None else None
    return Disagreement(cause, said.office_code, subject or str(said.call_id), call_id, numbers)


def _without_record(said: Witnesses, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    """Known to Asterisk, or as audio, and there is no record of it."""
    known = said.asterisk
    since = (said.audio_at or said.back_at) if known is None else known.ended_at or known.offered_at
    if since is None and said.catching_up:
        return
    if since is not None and (said.excused(since, at, grace.unsent) or said.late(since, at) < grace.facts):
        return
    audio = said.headquarters is not None and bool(said.headquarters.files)
    if said.asterisk is not None or audio:
        yield _about(
            said, Cause.RECORD_MISSING, {"known_to_asterisk": said.asterisk is not None, "has_audio": audio}
        )


def _switch_record(said: Witnesses, record: SaidByRecord, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    if said.asterisk is None and said.switch_record_due and record.over_since is not None:
        late = said.late(record.over_since, at)
        if late >= grace.switch_record and not said.excused(record.over_since, at, grace.unsent):
            yield _about(said, Cause.SWITCH_RECORD_MISSING, {"waited_s": int(late.total_seconds())})


def _times(said: Witnesses, record: SaidByRecord, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    """The record's beginning and end against Asterisk's. An interrupted call's end is known less well."""
    asterisk = said.asterisk
    if asterisk is None:
        return
    over = [moment for moment in (record.over_since, asterisk.ended_at) if moment is not None]
    if over and (said.excused(max(over), at, grace.unsent) or said.late(max(over), at) < grace.record):
        return
    offered_ms = abs(record.offered_at - asterisk.offered_at) // _MS
    ended_ms = None
    if asterisk.ended_at is not None and not record.interrupted:
        if record.ended_at is None:
            yield _about(said, Cause.TIMES_DIFFER, {"ended_for_asterisk_only": True})
            return
        ended_ms = abs(record.ended_at - asterisk.ended_at) // _MS
    bound = grace.times // _MS
    if max(offered_ms, ended_ms or 0) > bound:
        yield _about(said, Cause.TIMES_DIFFER, {"offered_off_ms": offered_ms, "ended_off_ms": ended_ms})


def _course(said: Witnesses, record: SaidByRecord, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    """Who answered, after how many rings, who hung up. Nothing is said while a witness may still speak."""
    asterisk = said.asterisk
    if asterisk is None or asterisk.ended_at is None or record.over_since is None or record.interrupted:
        return
    over = max(record.over_since, asterisk.ended_at)
    if said.excused(over, at, grace.unsent) or said.late(over, at) < grace.facts:
        return
    if differences := compare_courses(record.course, asterisk.course, coarse=asterisk.coarse):
        yield _about(said, Cause.RECORD_DIFFERS, differences)


def expected_ms(record: SaidByRecord, asterisk: SaidByAsterisk | None) -> int | None:
    """How long the audio must be: from the line's answer to the end; None if there was none or it goes on.

    The switch record counts; without it, what the record knows: the person's answer, which comes later.
    """
    if asterisk is not None and asterisk.ended_at is not None:
        since, until = asterisk.line_answered_at or record.answered_at, asterisk.ended_at
    elif record.ended_at is not None:
        since, until = record.answered_at, record.ended_at
    else:
        return None
    return None if since is None else max(0, (until - since) // _MS)


def _audio(said: Witnesses, record: SaidByRecord, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    """What should have been recorded against what was."""
    expected = expected_ms(record, said.asterisk)
    over_since = record.over_since or (said.asterisk.ended_at if said.asterisk else None)
    if expected is None or over_since is None:
        return
    mine = said.headquarters
    if mine is None or not mine.has_audio:
        if _all_spoken_of_audio(said, over_since, at, grace) and not same_duration(0, expected):
            started = said.asterisk is None or said.asterisk.mixmonitor_started
            yield _about(said, Cause.NEVER_RECORDED, {"expected_ms": expected, "mixmonitor_started": started})
        return
    if mine.state is not CopyState.READY or mine.duration_ms is None:
        return
    # Asterisk counts packets, and tells of a mute by order. It may be the first time that an office does.
    counted = said.asterisk is not None or said.late(over_since, at) >= grace.switch_record
    yield from _length(said, record, mine, expected, counted=counted)
    if counted or not said.switch_record_due:
        yield from _one_way(said, record, mine)


def _one_way(said: Witnesses, record: SaidByRecord, mine: SaidByHeadquarters) -> Iterator[Disagreement]:
    """One side was not heard. A mute by order leaves the same, and is an incident of its own."""
    asterisk = said.asterisk
    if asterisk is not None and asterisk.muted_ms > 0:
        return
    heard = one_way(mine.talk_ms, _sides(mine, asterisk))
    if heard is not None:
        yield _about(said, Cause.ONE_WAY_AUDIO, {"line": record.line_key, "desk": record.desk, **heard})


def _sides(mine: SaidByHeadquarters, asterisk: SaidByAsterisk | None) -> tuple[Side, Side]:
    caller, desk = (asterisk.caller_packets, asterisk.desk_packets) if asterisk is not None else (None, None)
    return Side("caller", mine.caller_still_ms, caller), Side("officer", mine.officer_still_ms, desk)


def _all_spoken_of_audio(said: Witnesses, since: datetime, at: datetime, grace: Grace) -> bool:
    """Whether recording and Asterisk have reported all they will of a call without audio, or their time is over.

    A part that was begun and is not closed may hold audio that nobody has measured yet.
    """
    mine, late = said.headquarters, said.late(since, at)
    if mine is not None and mine.closed_at is not None:
        heard = said.asterisk is not None or not said.switch_record_due
        return late >= (grace.facts if heard else grace.switch_record)
    open_parts = mine is not None and any(part.length_bytes is None for part in mine.parts)
    bound = grace.backlog if open_parts else grace.unsent
    return late >= (grace.parts if open_parts else grace.switch_record) and not said.excused(since, at, bound)


def _length(
    said: Witnesses, record: SaidByRecord, mine: SaidByHeadquarters, expected: int, *, counted: bool
) -> Iterator[Disagreement]:
    """The sealed audio against the call. Less than the call is what a mute leaves; so is silence from end to end.

    An interrupted recording lost its tail with Asterisk, and has an incident that says so. Where only the
    person's answer is known, the audio may begin earlier, with the announcement. What neither side sent was not
    recorded, as the packets tell once they are `counted`.
    """
    asterisk, found = said.asterisk, mine.duration_ms or 0
    slack = COARSE_MS if asterisk is not None and asterisk.coarse else 0
    talk_ms = (record.ended_at - record.answered_at) // _MS if record.ended_at and record.answered_at else 0
    silent_ms = mine.waited_ms + unsent_ms(talk_ms, _sides(mine, asterisk))
    agrees = holds_all(found, expected, silent_ms) or abs(found - expected) <= slack
    interrupted = record.interrupted or mine.interrupted
    muted_ms = asterisk.muted_ms if asterisk is not None else 0
    dumb = mine.silent and record.answered_at is not None and found >= SILENCE_SEEN_MS
    numbers = {
        "expected_ms": expected,
        "found_ms": found,
        "muted_ms": max(muted_ms, mine.dead_air_ms),
        "silent": mine.silent,
    }
    dead = mine.dead_air_ms >= SILENCE_SEEN_MS
    if muted_ms > 0 or dumb or dead or (counted and found < expected and not agrees and not interrupted):
        yield _about(said, Cause.RECORDING_MUTED, numbers)
    elif found > expected and not agrees and asterisk is not None and asterisk.ended_at is not None:
        yield _about(said, Cause.DURATION_DIFFERS, numbers)


def _arrival(said: Witnesses, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    """Parts that the office closed and that are not here; an office that works off a backlog has a day."""
    mine = said.headquarters
    if mine is None or mine.closed_at is None or mine.state is not CopyState.GROWING:
        return
    waiting = [part for part in mine.parts if not part.received]
    late = said.late(mine.closed_at, at)
    if waiting and late >= (grace.backlog if said.office_sends else grace.parts):
        missing = sum(part.length_bytes or 0 for part in waiting)
        yield _about(
            said,
            Cause.NOT_RECEIVED,
            {"parts": len(waiting), "bytes": missing, "waited_s": int(late.total_seconds())},
        )


def file_faults(said: Witnesses) -> Iterator[Disagreement]:
    """Files that should be here and are not, or have another length. There is nothing to wait for."""
    mine = said.headquarters
    for file in mine.files if mine is not None else ():
        if file.found_bytes is None:
            yield _about(said, Cause.FILE_MISSING, {"wanted_bytes": file.wanted_bytes}, file.name)
        elif file.wanted_bytes is not None and file.found_bytes != file.wanted_bytes:
            sizes = {"wanted_bytes": file.wanted_bytes, "found_bytes": file.found_bytes}
            yield _about(said, Cause.FILE_SIZE_DIFFERS, sizes, file.name)


def _office_copy(said: Witnesses, at: datetime, grace: Grace) -> Iterator[Disagreement]:
    """Both sealed copies hold the same: the same audio by hash, of the same length, or both none."""
    mine, theirs = said.headquarters, said.office
    if mine is None or mine.state not in SEALED:
        return
    if theirs is None:
        late = said.late(mine.sealed_at, at) if mine.sealed_at is not None else timedelta(0)
        excused = mine.sealed_at is not None and said.excused(mine.sealed_at, at, grace.unsent)
        if late >= grace.copy and not excused:
            yield _about(said, Cause.OFFICE_COPY_MISSING, {"waited_s": int(late.total_seconds())})
        return
    same_audio = mine.pcm_sha256 == theirs.pcm_sha256 and mine.state is theirs.state
    if not same_audio or not same_duration(mine.duration_ms or 0, theirs.duration_ms):
        yield _about(
            said,
            Cause.COPIES_DIFFER,
            {
                "office_ms": theirs.duration_ms,
                "headquarters_ms": mine.duration_ms or 0,
                "office_sha256": theirs.pcm_sha256,
                "headquarters_sha256": mine.pcm_sha256,
            },
        )
