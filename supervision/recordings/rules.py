"""How parts become one recording: the timeline, its gaps, where the officer came on, busy tone, patience.

Plain functions on plain data. One frame is one stereo sample: 8,000 a second, 8 a millisecond.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from math import log10

FRAMES_PER_MS = 8
GAP_MS = 60
ATTEMPTS = 5
SCRUB_EVERY = timedelta(days=30)  # decision 4
MOST_SILENCE = timedelta(hours=6)  # no line lets a call be longer

SOUND_MS = 20
STILL_MS = 5000
ALIVE_SHARE = 5
DEAD_AIR_MS = 3000
BUSY_CADENCES_MS = (350, 700)
BUSY_TOLERANCE_MS = 60
COARSE_MS = 2000  # Asterisk's call detail records are to the second, at both ends
BUSY_TONES = 3
QUIET_AFTER_BUSY_MS = 2000
VOICE_BELOW_DB = 12
TALK_WITHIN_MS = 4000
TALK_FILLS_MS = 2000


@dataclass(frozen=True)
class PartSpan:
    """One part as it lies in time: the moment of its first frame, and how many frames it holds."""

    name: str
    started_at: datetime
    frames: int


@dataclass(frozen=True)
class Piece:
    """A stretch of the joined recording: `frames` of the part `name` from its frame `first` on.

    `name` None is silence that stands for what nobody recorded.
    """

    name: str | None
    first: int
    frames: int


@dataclass(frozen=True)
class Gap:
    """A stretch between two parts that nobody recorded, in milliseconds from the recording's start."""

    at_ms: int
    length_ms: int


@dataclass(frozen=True)
class Timeline:
    """Parts laid end to end. `tail_ms` is how long before the call's end the last frame lies (0: reached)."""

    started_at: datetime | None
    pieces: tuple[Piece, ...]
    gaps: tuple[Gap, ...]
    frames: int
    tail_ms: int

    @property
    def duration_ms(self) -> int:
        """The length of the joined recording."""
        return frames_to_ms(self.frames)


def frames_to_ms(frames: int) -> int:
    """Frames as milliseconds, rounded to the nearest."""
    return (frames + FRAMES_PER_MS // 2) // FRAMES_PER_MS


def span_frames(span: timedelta) -> int:
    """A length of time in frames, cut to whole ones."""
    return span // timedelta(microseconds=1) * FRAMES_PER_MS // 1000


def join_parts(parts: Iterable[PartSpan], ended_at: datetime) -> Timeline:
    """Lay the parts of one call on one timeline, from the first frame of the earliest (decision 3).

    What two parts hold is taken once: from the earlier part until its end, then from the later. Time that no
    part holds becomes silence, so that every later moment stays where it was; above 60 ms it is listed as a
    gap. Of such silence there is never more than a call can be long, whatever the clocks said. A part that claims
    to begin after the call's end (somebody set the clock) is laid at the end, so that a wrong clock never makes
    hours of silence. Parts without frames leave no trace.
    """
    spans = sorted((part for part in parts if part.frames > 0), key=lambda part: (part.started_at, part.name))
    if not spans:
        return Timeline(None, (), (), 0, 0)
    origin = spans[0].started_at
    call_end = span_frames(ended_at - origin)
    pieces: list[Piece] = []
    gaps: list[Gap] = []
    cursor, silence = 0, span_frames(MOST_SILENCE)
    for part in spans:
        start = min(span_frames(part.started_at - origin), max(cursor, call_end), cursor + silence)
        if start > cursor:
            silence -= start - cursor
            pieces.append(Piece(None, 0, start - cursor))
            if start - cursor > GAP_MS * FRAMES_PER_MS:
                gaps.append(Gap(frames_to_ms(cursor), frames_to_ms(start - cursor)))
            cursor = start
        held = cursor - start
        if held < part.frames:
            pieces.append(Piece(part.name, held, part.frames - held))
            cursor = start + part.frames
    return Timeline(origin, tuple(pieces), tuple(gaps), cursor, frames_to_ms(max(0, call_end - cursor)))


def officer_on_ms(
    timeline: Timeline, answered_at: datetime | None, ended_at: datetime, *, tail_lost: bool = False
) -> int | None:
    """Where the officer came on, in milliseconds from the recording's start; None if nobody answered.

    Counted back from the end, which is the hang-up itself, while the moment of the first frame is known less
    well. Only where the tail is lost (Asterisk killed, last part cut) is it counted from the start.
    """
    if answered_at is None or timeline.started_at is None:
        return None
    if tail_lost:
        on = (answered_at - timeline.started_at) // timedelta(milliseconds=1)
    else:
        on = timeline.duration_ms - (ended_at - answered_at) // timedelta(milliseconds=1)
    return min(max(0, on), timeline.duration_ms)


def same_duration(a_ms: int, b_ms: int) -> bool:
    """Whether two lengths are the same for witnesses: within max(0.5 s, 1 % of the longer) (decision 4)."""
    return abs(a_ms - b_ms) <= max(500.0, max(a_ms, b_ms) / 100)


def holds_all(found_ms: int, expected_ms: int, waited_ms: int) -> bool:
    """Whether a recording has the length that is expected, give or take what may lack of the caller's wait.

    While no desk rings and the caller's gateway sends nothing, MixMonitor does not write all of the time that
    passes (measured: 0.95 s less with nine times `Wait(1)` between ten attempts). Nobody is on the line then but
    the caller.
    """
    return same_duration(found_ms, expected_ms) or same_duration(
        found_ms, min(max(found_ms, expected_ms - waited_ms), expected_ms)
    )


def back_off_s(attempts: int) -> int:
    """Seconds to wait after a failed attempt: 30, 120, 480, 1920, then an hour each time."""
    return int(min(30 * 4 ** (min(max(attempts, 1), ATTEMPTS) - 1), 3600))


class Sound(StrEnum):
    """What 20 ms on one side are: the exchange's 450 Hz tone, quiet, or anything else."""

    TONE = "t"
    QUIET = "q"
    OTHER = "o"


def busy_tone_at_end_ms(sounds: Sequence[Sound]) -> int | None:
    """Length of the busy tone that a recording ends in, from its first tone to its last; None if none.

    China's exchanges give 450 Hz at 350 ms on, 350 ms off when the far side is gone, 700/700 for congestion.
    At least three tones in that cadence are asked, which speech does not keep. The recording may end inside a
    tone or up to 2 s after it.
    """
    runs = _runs(sounds)
    if runs and runs[-1][0] is Sound.QUIET and runs[-1][1] <= QUIET_AFTER_BUSY_MS:
        runs.pop()
    lengths = [_cadenced_ms(runs, on_ms) for on_ms in BUSY_CADENCES_MS]
    return max((length for length in lengths if length is not None), default=None)


def talks_from_ms(levels_db: Sequence[float | None]) -> int:
    """From where on a side talks: the first four seconds of which its voice fills two; 0 if it never does.

    `levels_db` says of each 20 ms how loud the side was, None where it was quiet or gave a tone. Voice is what
    comes near the mean of that: the noise of a street stays below it, and a "hello?" while it rings fills no two
    seconds. Where nobody talks so, nothing tells talk from what comes before it: then all may be talk.
    """
    powers = [10 ** (level / 10) for level in levels_db if level is not None]
    if not powers:
        return 0
    least_db = 10 * log10(sum(powers) / len(powers)) - VOICE_BELOW_DB
    voiced = [n for n, level in enumerate(levels_db) if level is not None and level >= least_db]
    filled = zip(voiced, voiced[TALK_FILLS_MS // SOUND_MS - 1 :], strict=False)
    return next((first * SOUND_MS for first, last in filled if (last - first) * SOUND_MS < TALK_WITHIN_MS), 0)


def dead_air_ms(dead: Sequence[bool], from_ms: int, gaps: Sequence[Gap] = ()) -> int:
    """How long nothing at all came from either side: the runs of at least three seconds, added up.

    `dead` says of each 20 ms whether every sample of both sides was exactly zero, which no telephone line is:
    MixMonitor was muted, or neither side sent. Looked at from where the officer came on; gaps between parts are
    incidents of their own and left out (decision 4, "muted stretches").
    """
    runs = [sum(1 for _ in group) * SOUND_MS for value, group in groupby(dead[from_ms // SOUND_MS :]) if value]
    known = sum(gap.length_ms for gap in gaps if gap.at_ms >= from_ms and gap.length_ms >= DEAD_AIR_MS)
    return max(0, sum(run for run in runs if run >= DEAD_AIR_MS) - known)


def one_sided_ms(side: Sequence[bool], other: Sequence[bool], from_ms: int) -> int:
    """The longest stretch in which one side was digitally silent while the other was not; 0 if under five seconds.

    `side` and `other` say of each 20 ms whether that side was. A line that is open has noise, and so has a person
    who listens: such a stretch is a path on which nothing comes. Where the other side is as silent for four fifths
    of it, the air is dead on both, which is an incident of its own.
    """
    longest, begin = 0, from_ms // SOUND_MS
    for still, group in groupby(zip(side[begin:], other[begin:], strict=True), key=lambda both: both[0]):
        others = [not silent for _, silent in group]
        if still and sum(others) * ALIVE_SHARE >= len(others):
            longest = max(longest, len(others) * SOUND_MS)
    return longest if longest >= STILL_MS else 0


def one_side_only(caller: Sequence[bool], officer: Sequence[bool], from_ms: int) -> bool:
    """Whether one side was digitally silent for all of the talk, of whatever length, and the other was not."""
    begin = from_ms // SOUND_MS
    return all(caller[begin:]) is not all(officer[begin:])


def _runs(sounds: Sequence[Sound]) -> list[tuple[Sound, int]]:
    """Runs of the same sound with their lengths in ms; a lone frame at a tone's edge belongs to the tone."""
    runs: list[tuple[Sound, int]] = []
    for sound, group in groupby(sounds):
        length = sum(1 for _ in group) * SOUND_MS
        if runs and length == SOUND_MS and runs[-1][0] is Sound.TONE and sound is Sound.OTHER:
            runs[-1] = (Sound.TONE, runs[-1][1] + length)
        elif runs and sound is Sound.TONE and runs[-1] == (Sound.OTHER, SOUND_MS):
            runs[-1] = (Sound.TONE, SOUND_MS + length)
        elif runs and runs[-1][0] is sound:
            runs[-1] = (sound, runs[-1][1] + length)
        else:
            runs.append((sound, length))
    return runs


def _cadenced_ms(runs: Sequence[tuple[Sound, int]], on_ms: int) -> int | None:
    tones, length = 0, 0
    pause = 0
    for back, (sound, run_ms) in enumerate(reversed(runs)):
        if sound is not (Sound.QUIET if back % 2 else Sound.TONE):
            break
        off_by = run_ms - on_ms
        if off_by > BUSY_TOLERANCE_MS or (back > 0 and off_by < -BUSY_TOLERANCE_MS):
            break
        if sound is Sound.TONE:
            tones, length, pause = tones + 1, length + pause + run_ms, 0
        else:
            pause = run_ms
    return length if tones >= BUSY_TONES else None


def speech_ms(
    *,
    duration_ms: int,
    caller_silence_ms: int | None,
    officer_silence_ms: int | None,
    officer_on_ms: int | None,
    busy_tone_ms: int | None,
) -> int:
    """For how long at least somebody spoke, as far as was measured: on the caller's side or the officer's.

    The exchange's busy tone is no speech, nor what the caller heard before the officer came on.
    """
    caller = duration_ms - caller_silence_ms - (busy_tone_ms or 0) if caller_silence_ms is not None else 0
    heard = duration_ms - officer_silence_ms if officer_silence_ms is not None else 0
    officer = heard - (officer_on_ms if officer_on_ms is not None else duration_ms)
    return max(caller, officer, 0)
