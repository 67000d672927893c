"""Audio on disk: raw parts read in blocks, FLAC written and read back, and what is measured on the way.

Everything is 8 kHz, 16 bit, stereo: left what the caller says, right what the officer says. A call of two
hours passes through in blocks of ten seconds; it is never in memory as a whole.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from supervision import disk
from supervision.recordings.rules import (
    FRAMES_PER_MS,
    SOUND_MS,
    Piece,
    Sound,
    busy_tone_at_end_ms,
    talks_from_ms,
)

SAMPLE_RATE = 8000
CHANNELS = 2
FRAME_BYTES = 4
BLOCK_FRAMES = 10 * SAMPLE_RATE
PEAK_POINTS = 4000

WINDOW = SOUND_MS * FRAMES_PER_MS
SILENCE_DB = -50.0
STILL = 8  # what the smallest step of A-law is decoded to: a phone that sends silence sends it again and again
TONE_DB = -35.0
QUIET_DB = -40.0
TONE_SHARE = 0.75
TONE_BINS = slice(8, 11)  # 400, 450 and 500 Hz in a window of 20 ms

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]


class ShortPart(Exception):
    """A part ended before the frames that were counted in it a moment ago."""


def read_raw(path: Path, first: int, frames: int) -> Iterator[Samples]:
    """`frames` frames of a raw part from frame `first` on, as arrays of shape (n, 2).

    Raises ShortPart if the file ends before them, OSError if it cannot be read.
    """
    with open(disk.open_file(path), "rb") as part:  # noqa: PTH123 - a handle
        part.seek(first * FRAME_BYTES)
        while frames > 0:
            data = part.read(min(frames, BLOCK_FRAMES) * FRAME_BYTES)
            whole = len(data) // FRAME_BYTES
            if whole == 0:
                raise ShortPart(f"{path.name} ends {frames} frames too early")
            yield np.frombuffer(data, dtype="<i2", count=whole * CHANNELS).reshape(-1, CHANNELS)
            frames -= whole


def join(pieces: Iterable[Piece], path_of: Callable[[str], Path]) -> Iterator[Samples]:
    """The joined recording in blocks of ten seconds, the last one shorter; silence where nothing was recorded."""
    waiting: list[Samples] = []
    held = 0
    for samples in _samples_of(pieces, path_of):
        rest = samples
        while held + len(rest) >= BLOCK_FRAMES:
            cut = BLOCK_FRAMES - held
            yield np.concatenate([*waiting, rest[:cut]])
            waiting, held, rest = [], 0, rest[cut:]
        if len(rest):
            waiting.append(rest)
            held += len(rest)
    if waiting:
        yield np.concatenate(waiting)


def _samples_of(pieces: Iterable[Piece], path_of: Callable[[str], Path]) -> Iterator[Samples]:
    for piece in pieces:
        if piece.name is not None:
            yield from read_raw(path_of(piece.name), piece.first, piece.frames)
            continue
        for start in range(0, piece.frames, BLOCK_FRAMES):
            yield np.zeros((min(BLOCK_FRAMES, piece.frames - start), CHANNELS), dtype="<i2")


def write_flac(target: Path, blocks: Iterable[Samples]) -> None:
    """Write FLAC, lossless, 16 bit. Raises what libsndfile or the disk raises."""
    with soundfile.SoundFile(
        str(target), "w", samplerate=SAMPLE_RATE, channels=CHANNELS, format="FLAC", subtype="PCM_16"
    ) as flac:
        for block in blocks:
            flac.write(block)


def read_flac(source: Path) -> Iterator[Samples]:
    """The samples of a FLAC file, in blocks."""
    with soundfile.SoundFile(str(source)) as flac:
        yield from flac.blocks(blocksize=BLOCK_FRAMES, dtype="int16", always_2d=True)


def pcm_sha256(blocks: Iterable[Samples]) -> str:
    """SHA-256 of interleaved 16-bit little-endian PCM: what `Recording.pcm_sha256` holds."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(pcm_bytes(block))
    return digest.hexdigest()


def pcm_bytes(block: Samples) -> bytes:
    """A block as interleaved 16-bit little-endian PCM."""
    return block.astype("<i2", copy=False).tobytes()


@dataclass(frozen=True)
class SideMeasures:
    """One side: loudness in dBFS (None if it was silent throughout) and silence in ms."""

    loudness_db: float | None
    silence_ms: int


@dataclass(frozen=True)
class Measures:
    """What was measured: both sides, the busy tone at the end in ms (None if there is none), and of each 20 ms
    whether both sides were exactly zero, and whether each side (caller, officer) was digitally silent.
    `caller_talks_ms`: from where on the caller talks.
    """

    caller: SideMeasures
    officer: SideMeasures
    busy_tone_ms: int | None
    dead: tuple[bool, ...] = ()
    still: tuple[tuple[bool, ...], tuple[bool, ...]] = ((), ())
    caller_talks_ms: int = 0


@dataclass
class _Side:
    energy: float = 0.0
    active: int = 0
    silent: int = 0

    def add(self, power: Floats, samples_each: int) -> None:
        heard = _decibels(power) >= SILENCE_DB
        self.energy += float(power[heard].sum()) * samples_each
        self.active += int(heard.sum()) * samples_each
        self.silent += int((~heard).sum()) * samples_each

    def result(self) -> SideMeasures:
        loudness = None
        if self.active:
            loudness = round(float(_decibels(np.array([self.energy / self.active]))[0]), 1)
        return SideMeasures(loudness, self.silent // FRAMES_PER_MS)


@dataclass
class Meter:
    """Listens while a recording passes: give it every block in turn, then ask.

    Loudness is plain RMS in dBFS over the 20 ms windows that are not silent (at or above -50 dBFS), against
    an amplitude of 1.0: a sine at full scale has -3.0. It is not BS.1770: its filters are made for 48 kHz
    programmes, and telephone sides are compared with each other only. Silence is the sum of the other windows.
    Blocks but the last must be whole windows long, as those of `join` are.
    """

    _sides: tuple[_Side, _Side] = field(default_factory=lambda: (_Side(), _Side()))
    _sounds: list[Sound] = field(default_factory=list)
    _dead: list[bool] = field(default_factory=list)
    _still: tuple[list[bool], list[bool]] = field(default_factory=lambda: ([], []))
    _caller_db: list[float | None] = field(default_factory=list)

    def add(self, block: Samples) -> None:
        """Take in the next block."""
        whole = len(block) // WINDOW * WINDOW
        scaled = block.astype(np.float64) / 32768.0
        for side, values in zip(self._sides, scaled.T, strict=True):
            if whole:
                side.add(np.square(values[:whole].reshape(-1, WINDOW)).mean(axis=1), WINDOW)
            if whole < len(values):
                side.add(np.square(values[whole:]).mean(keepdims=True), len(values) - whole)
        sounds = sounds_of(scaled[:whole, 0])
        levels = zip(levels_of(scaled[:whole, 0]), sounds, strict=True)
        self._sounds += sounds
        self._caller_db += [level if sound is Sound.OTHER else None for level, sound in levels]
        windows = block[:whole].reshape(-1, WINDOW * CHANNELS)
        self._dead += [not sounds for sounds in np.abs(windows).max(axis=1)]
        for known, side in zip(self._still, block[:whole].T, strict=True):
            known.extend(still_windows(side))

    def result(self) -> Measures:
        """What was measured in all blocks so far."""
        caller, officer = (side.result() for side in self._sides)
        still = tuple(self._still[0]), tuple(self._still[1])
        busy_ms = busy_tone_at_end_ms(self._sounds)
        return Measures(caller, officer, busy_ms, tuple(self._dead), still, talks_from_ms(self._caller_db))


def still_windows(side: npt.NDArray[np.int16]) -> list[bool]:
    """Of each 20 ms of one side (whole windows): whether it was digital silence, one and the same small value."""
    windows = side.reshape(-1, WINDOW)
    low, high = windows.min(axis=1), windows.max(axis=1)
    return ((low == high) & (low >= -STILL) & (high <= STILL)).tolist()  # type: ignore[no-any-return]


def levels_of(side: Floats) -> list[float]:
    """How loud one side (-1..1, whole windows) was in each 20 ms, in dBFS."""
    return _decibels(np.square(side.reshape(-1, WINDOW)).mean(axis=1)).tolist()  # type: ignore[no-any-return]


def sounds_of(side: Floats) -> list[Sound]:
    """Each 20 ms of one side (-1..1, whole windows): the exchange's tone, quiet, or other.

    A tone is at least -35 dBFS with three quarters of its power within 50 Hz of 450 Hz, by a 160-point
    FFT, in which 450 Hz is exactly the ninth line.
    """
    windows = side.reshape(-1, WINDOW)
    power = np.square(windows).mean(axis=1)
    lines = np.fft.rfft(windows, axis=1)[:, TONE_BINS]
    near = 2.0 * np.square(np.abs(lines)).sum(axis=1) / WINDOW**2
    level = _decibels(power)
    tone = (level >= TONE_DB) & (near >= TONE_SHARE * power)
    quiet = level < QUIET_DB
    return [
        Sound.TONE if is_tone else Sound.QUIET if is_quiet else Sound.OTHER
        for is_tone, is_quiet in zip(tone.tolist(), quiet.tolist(), strict=True)
    ]


def _decibels(power: Floats) -> Floats:
    return 10.0 * np.log10(np.maximum(power, 1e-12))


class PeakFinder:
    """The waveform as the player draws it: smallest and largest sample of every N frames, for each side.

    N is chosen from the length in frames so that there are at most 4,000 points a side.
    """

    def __init__(self, frames: int) -> None:
        """`frames` is how many will be given in all."""
        self.frames = frames
        self.samples_per_point = max(1, -(-frames // PEAK_POINTS))
        self._rest: Samples = np.zeros((0, CHANNELS), dtype=np.int16)
        self._points: list[npt.NDArray[np.int16]] = []

    def add(self, block: Samples) -> None:
        """Take in the next block."""
        block = np.concatenate([self._rest, block])
        whole = len(block) // self.samples_per_point * self.samples_per_point
        self._rest = block[whole:]
        if whole:
            self._take(block[:whole].reshape(-1, self.samples_per_point, CHANNELS))

    def _take(self, points: Samples) -> None:
        self._points.append(np.stack([points.min(axis=1), points.max(axis=1)], axis=1))

    def document(self) -> dict[str, Any]:
        """The peaks file: version 1; for each side min, max, min, max, … as -1..1 to three decimals."""
        if len(self._rest):
            self._take(self._rest[np.newaxis])
            self._rest = self._rest[:0]
        points = np.concatenate(self._points) if self._points else np.zeros((0, 2, CHANNELS), dtype=np.int16)
        scaled = np.round(points.astype(np.float64) / 32768.0, 3)
        return {
            "version": 1,
            "sample_rate": SAMPLE_RATE,
            "channels": CHANNELS,
            "samples_per_point": self.samples_per_point,
            "frames": self.frames,
            "peaks": [scaled[:, :, side].reshape(-1).tolist() for side in range(CHANNELS)],
        }
