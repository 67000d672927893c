"""Calls about which all witnesses agree, and the ways in which one of them can be brought to disagree."""

import hashlib
import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from supervision.incidents.rules import Cause
from supervision.reconcile.rules import (
    SaidByAsterisk,
    SaidByHeadquarters,
    SaidByOffice,
    SaidByRecord,
    Witnesses,
)
from supervision.reconcile.witness_rules import CopyState, File, SaidOfPart

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BYTES_A_MS = 32


def clean_call(seed: int, *, answered: bool | None = None) -> Witnesses:
    """One call as it goes when nothing is wrong, at any point of its life."""
    of = random.Random(seed)  # noqa: S311 - a repeatable one is wanted
    answered = of.random() < 0.85 if answered is None else answered
    call_id = uuid.UUID(int=of.getrandbits(128))
    age = timedelta(seconds=of.choice([of.uniform(0, 5), of.uniform(5, 400), of.uniform(400, 4e6)]))
    ended_at = AT - age
    talk_ms = of.randint(0, 1_800_000)
    line_up = ended_at - timedelta(milliseconds=talk_ms) if answered or of.random() < 0.5 else None
    offered_at = (line_up or ended_at) - timedelta(seconds=of.uniform(0.1, 50))
    person_at = line_up + timedelta(milliseconds=of.randint(0, talk_ms)) if line_up and answered else None
    record = SaidByRecord(offered_at, person_at, ended_at)
    asterisk = SaidByAsterisk(
        offered_at + timedelta(milliseconds=of.randint(-900, 900)), line_up, ended_at, coarse=of.random() < 0.1
    )
    audio_ms = 0 if line_up is None else max(0, talk_ms + of.randint(-450, 450))
    whole = _whole(of, call_id, ended_at, audio_ms)
    office = SaidByOffice(whole.state, audio_ms, whole.pcm_sha256)
    said = Witnesses(call_id, of.choice(["3101", "3102", "3103"]), record, asterisk, office, whole)
    return _as_it_grows(of, said, age)


def _whole(of: random.Random, call_id: uuid.UUID, ended_at: datetime, audio_ms: int) -> SaidByHeadquarters:
    cut = of.randint(0, audio_ms)
    lengths = [audio_ms] if of.random() < 0.9 else [cut, audio_ms - cut]
    parts = tuple(
        SaidOfPart(f"{call_id}.a{n}.raw", length * BYTES_A_MS, received=True)
        for n, length in enumerate(lengths, 1)
    )
    closed_at = ended_at + timedelta(seconds=1)
    if audio_ms == 0:
        return SaidByHeadquarters(CopyState.EMPTY, closed_at, closed_at, 0, None, parts=parts)
    size = of.randint(100, 10_000_000)
    return SaidByHeadquarters(
        CopyState.READY,
        closed_at,
        closed_at + timedelta(seconds=2),
        audio_ms,
        hashlib.sha256(call_id.bytes).hexdigest(),
        parts=parts,
        files=(File(f"{call_id}.flac", size, size),),
    )


def _as_it_grows(of: random.Random, said: Witnesses, age: timedelta) -> Witnesses:
    """Lately ended calls are still on their way: what comes later may not be here yet."""
    mine, record = said.headquarters, said.record
    assert mine is not None
    assert record is not None
    if age < timedelta(seconds=25):
        growing = replace(
            mine,
            state=CopyState.GROWING,
            closed_at=None,
            sealed_at=None,
            duration_ms=None,
            pcm_sha256=None,
            files=(),
        )
        waiting = tuple(replace(part, length_bytes=None, received=False) for part in mine.parts)
        record_so_far = SaidByRecord(
            record.offered_at, record.answered_at, None if of.random() < 0.5 else record.ended_at
        )
        stages = [
            replace(
                said,
                asterisk=None,
                office=None,
                record=record_so_far,
                headquarters=replace(growing, parts=waiting),
            ),
            replace(said, record=None, office=None, headquarters=None),
            replace(said, asterisk=None, office=None, headquarters=None),
            said,
        ]
        return of.choice(stages)
    if age < timedelta(seconds=290):
        waiting = tuple(replace(part, received=False) for part in mine.parts)
        growing = SaidByHeadquarters(CopyState.GROWING, mine.closed_at, parts=waiting)
        return of.choice([replace(said, asterisk=None, office=None, headquarters=growing), said])
    return said


def settled_call(seed: int) -> Witnesses:
    """A clean call of half a minute and more, answered and sealed, hours ago."""
    said = clean_call(seed, answered=True)
    while not (
        said.record
        and said.record.ended_at
        and AT - said.record.ended_at > timedelta(hours=2)
        and said.headquarters
        and (said.headquarters.duration_ms or 0) > 30_000
    ):
        seed += 1_000_003
        said = clean_call(seed, answered=True)
    return said


def headquarters(said: Witnesses) -> SaidByHeadquarters:
    assert said.headquarters is not None
    return said.headquarters


def _asterisk(said: Witnesses) -> SaidByAsterisk:
    assert said.asterisk is not None
    return said.asterisk


def _office(said: Witnesses) -> SaidByOffice:
    assert said.office is not None
    return said.office


def _record(said: Witnesses) -> SaidByRecord:
    assert said.record is not None
    return said.record


def _with_file(said: Witnesses, found: int | None) -> Witnesses:
    file = headquarters(said).files[0]
    return replace(said, headquarters=replace(headquarters(said), files=(replace(file, found_bytes=found),)))


def _shorter(said: Witnesses, by_ms: int) -> Witnesses:
    mine = headquarters(said)
    length = (mine.duration_ms or 0) - by_ms
    office = replace(_office(said), duration_ms=length)
    return replace(said, office=office, headquarters=replace(mine, duration_ms=length))


def _unreceived(said: Witnesses) -> Witnesses:
    mine = headquarters(said)
    parts = tuple(replace(part, received=False) for part in mine.parts)
    growing = SaidByHeadquarters(CopyState.GROWING, mine.closed_at, parts=parts)
    return replace(said, headquarters=growing)


def _never_recorded(said: Witnesses) -> Witnesses:
    closed = headquarters(said).closed_at
    nothing = SaidByHeadquarters(CopyState.EMPTY, closed, closed, 0)
    return replace(said, office=SaidByOffice(CopyState.EMPTY, 0, None), headquarters=nothing)


def _a_day_off(said: Witnesses) -> Witnesses:
    asterisk, day = _asterisk(said), timedelta(days=1)
    assert asterisk.ended_at is not None
    line_up = asterisk.line_answered_at - day if asterisk.line_answered_at else None
    off = replace(
        asterisk,
        offered_at=asterisk.offered_at - day,
        line_answered_at=line_up,
        ended_at=asterisk.ended_at - day,
    )
    return replace(said, asterisk=off)


def _one_sided(said: Witnesses, caller_still_ms: int = 0, officer_still_ms: int = 0) -> Witnesses:
    record = replace(_record(said), line_key="3101-1", desk="801")
    still = replace(headquarters(said), caller_still_ms=caller_still_ms, officer_still_ms=officer_still_ms)
    mine = replace(still, talk_ms=30_000)
    asterisk = replace(_asterisk(said), caller_packets=1500, desk_packets=0)
    return replace(said, record=record, asterisk=asterisk, headquarters=mine)


Fault = Callable[[Witnesses], Witnesses]
FAULTS: dict[str, tuple[Cause, Fault]] = {
    "headquarters' file deleted": (Cause.FILE_MISSING, lambda said: _with_file(said, None)),
    "headquarters' file cut": (
        Cause.FILE_SIZE_DIFFERS,
        lambda said: _with_file(said, (headquarters(said).files[0].wanted_bytes or 0) - 1),
    ),
    "headquarters' file longer": (
        Cause.FILE_SIZE_DIFFERS,
        lambda said: _with_file(said, (headquarters(said).files[0].wanted_bytes or 0) + 1),
    ),
    "record removed, Asterisk knows": (
        Cause.RECORD_MISSING,
        lambda said: replace(said, record=None, office=None, headquarters=None),
    ),
    "record removed, audio is left": (
        Cause.RECORD_MISSING,
        lambda said: replace(said, record=None, asterisk=None, office=None),
    ),
    "switch record removed": (Cause.SWITCH_RECORD_MISSING, lambda said: replace(said, asterisk=None)),
    "record's end lost": (
        Cause.TIMES_DIFFER,
        lambda said: replace(said, record=replace(_record(said), ended_at=None)),
    ),
    "one clock a day off": (Cause.TIMES_DIFFER, _a_day_off),
    "recording never started": (Cause.NEVER_RECORDED, _never_recorded),
    "recording not even begun": (
        Cause.NEVER_RECORDED,
        lambda said: replace(said, office=None, headquarters=None),
    ),
    "muted: audio shorter": (Cause.RECORDING_MUTED, lambda said: _shorter(said, 21_000)),
    "muted: Asterisk saw it": (
        Cause.RECORDING_MUTED,
        lambda said: replace(said, asterisk=replace(_asterisk(said), muted_ms=4000)),
    ),
    "muted: silent throughout": (
        Cause.RECORDING_MUTED,
        lambda said: replace(said, headquarters=replace(headquarters(said), silent=True)),
    ),
    "nothing from the caller": (Cause.ONE_WAY_AUDIO, lambda said: _one_sided(said, caller_still_ms=20_000)),
    "nothing from the desk": (Cause.ONE_WAY_AUDIO, lambda said: _one_sided(said, officer_still_ms=20_000)),
    "audio longer than the call": (Cause.DURATION_DIFFERS, lambda said: _shorter(said, -21_000)),
    "parts never came": (Cause.NOT_RECEIVED, _unreceived),
    "office's copy removed": (Cause.OFFICE_COPY_MISSING, lambda said: replace(said, office=None)),
    "office's copy changed": (
        Cause.COPIES_DIFFER,
        lambda said: replace(said, office=replace(_office(said), pcm_sha256="ab" * 32)),
    ),
    "office's copy cut": (
        Cause.COPIES_DIFFER,
        lambda said: replace(said, office=replace(_office(said), duration_ms=1000)),
    ),
    "office's copy empty": (
        Cause.COPIES_DIFFER,
        lambda said: replace(said, office=SaidByOffice(CopyState.EMPTY, 0, None)),
    ),
    "headquarters' copy changed": (
        Cause.COPIES_DIFFER,
        lambda said: replace(said, headquarters=replace(headquarters(said), pcm_sha256="cd" * 32)),
    ),
}
