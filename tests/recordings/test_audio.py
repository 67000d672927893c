import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.recordings import audio
from supervision.recordings.rules import Piece
from tests.recordings.factories import Side, noise, silence, stereo, tone


def blocks_of(caller: Side, officer: Side | None = None) -> Iterator[audio.Samples]:
    both = np.stack([caller, caller if officer is None else officer], axis=1)
    for start in range(0, len(both), audio.BLOCK_FRAMES):
        yield both[start : start + audio.BLOCK_FRAMES]


def measured(caller: Side, officer: Side | None = None) -> audio.Measures:
    meter = audio.Meter()
    for block in blocks_of(caller, silence(len(caller) / 8) if officer is None else officer):
        meter.add(block)
    return meter.result()


def busy(on_ms: int, times: int, hz: float = 450, level: float = 0.1) -> Side:
    return np.concatenate([part for _ in range(times) for part in (tone(hz, on_ms, level), silence(on_ms))])


def speech(ms: int, pitch_hz: float = 150.0, seed: int = 3) -> Side:
    """Something like speech: a voice of many harmonics through two formants, in syllables with pauses."""
    random = np.random.default_rng(seed)
    times = np.arange(ms * 8) / 8000
    wander = np.cumsum(random.normal(0, 0.004, len(times)))
    phase = 2 * np.pi * pitch_hz * times + np.clip(wander, -20, 20)
    voice = sum(
        np.exp(-((pitch_hz * n - 450) ** 2) / 2e5) * np.sin(n * phase) for n in range(1, int(3400 / pitch_hz))
    )
    syllable = np.repeat(random.uniform(0, 1, ms // 100 + 1) > 0.3, 800)[: len(times)]
    shaped = np.asarray(voice) * syllable
    scaled: Side = (0.4 * 32767 * shaped / np.abs(shaped).max()).astype(np.int16)
    return scaled


def test_digital_silence_is_distinguished_from_the_noise_of_a_line() -> None:
    zero, alaw = silence(100), np.full(800, -8, dtype=np.int16)
    hiss = np.where(np.random.default_rng(2).random(800) < 0.1, np.int16(-8), np.int16(8))
    offset = np.full(800, 300, dtype=np.int16)
    sides = np.concatenate([zero, alaw, hiss, offset])
    assert audio.still_windows(sides) == [True] * 10 + [False] * 10
    assert measured(sides, np.flip(sides)).still == (
        tuple([True] * 10 + [False] * 10),
        (*[False] * 10, *[True] * 10),
    )


def test_where_the_caller_begins_to_talk_is_heard_through_ringing_noise_and_a_busy_tone() -> None:
    hello = np.concatenate([speech(400), silence(4600)])
    street = noise(60_000, seed=5, level=0.02)
    talk = np.concatenate([silence(10_000), hello, speech(30_000), silence(5000), busy(350, 14, level=0.6)])
    talk = np.concatenate([talk, silence(60_000 - len(talk) / 8)])
    for caller in (talk, (talk + street).astype(np.int16)):
        assert measured(caller, tone(450, 60_000)).caller_talks_ms == pytest.approx(15_000, abs=400)
    for nobody in (silence(20_000), np.concatenate([silence(10_000), hello, hello])):
        assert measured(nobody, tone(450, len(nobody) / 8)).caller_talks_ms == 0


def test_pieces_are_joined_in_blocks_of_ten_seconds_whatever_their_own_lengths(tmp_path: Path) -> None:
    first, second = noise(12_345, seed=1), noise(23_456, seed=2)
    (tmp_path / "a").write_bytes(stereo(first, first))
    (tmp_path / "b").write_bytes(stereo(second, second))
    pieces = [
        Piece("a", 0, len(first)),
        Piece(None, 0, 100_000),
        Piece("b", 100, len(second) - 100),
    ]
    blocks = list(audio.join(pieces, lambda name: tmp_path / name))
    assert {len(block) for block in blocks[:-1]} == {audio.BLOCK_FRAMES}
    expected = np.concatenate([first, np.zeros(100_000, dtype=np.int16), second[100:]])
    assert np.array_equal(np.concatenate(blocks)[:, 0], expected)


def test_a_part_that_shrinks_while_it_is_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0" * 400)
    assert sum(len(block) for block in audio.read_raw(tmp_path / "a", 0, 100)) == 100
    with pytest.raises(audio.ShortPart):
        list(audio.read_raw(tmp_path / "a", 0, 101))


@settings(max_examples=25)
@given(st.integers(1, 200_000), st.integers(0, 2**32))
def test_flac_gives_back_every_sample(frames: int, seed: int) -> None:
    samples = np.random.default_rng(seed).integers(-32768, 32768, (frames, 2), dtype=np.int16)
    with tempfile.TemporaryDirectory() as folder:
        audio.write_flac(Path(folder) / "x", [samples])
        assert audio.pcm_sha256(audio.read_flac(Path(folder) / "x")) == audio.pcm_sha256([samples])


@pytest.mark.parametrize("frames", [1, 159, 4000, 4001, 80_000, 123_457, 1_000_000])
def test_the_waveform_has_at_most_4000_points_a_side_and_they_cover_everything(frames: int) -> None:
    caller, officer = noise(frames / 8, seed=1), noise(frames / 8, seed=2)
    finder = audio.PeakFinder(frames)
    for block in blocks_of(caller, officer):
        finder.add(block)
    document = finder.document()
    each = document["samples_per_point"]
    assert {name: document[name] for name in ("version", "sample_rate", "channels", "frames")} == {
        "version": 1,
        "sample_rate": 8000,
        "channels": 2,
        "frames": frames,
    }
    for side, peaks in zip((caller, officer), document["peaks"], strict=True):
        assert len(peaks) == 2 * -(-frames // each) <= 8000
        for point in range(0, len(peaks) // 2, 97):
            stretch = side[point * each : (point + 1) * each] / 32768
            assert peaks[2 * point : 2 * point + 2] == [round(stretch.min(), 3), round(stretch.max(), 3)]
    assert document["peaks"][0] != document["peaks"][1]


def test_loudness_is_of_the_time_in_which_there_was_sound() -> None:
    half_silent = np.concatenate([tone(1000, 5000, level=0.5), silence(5000)])
    found = measured(half_silent, tone(1000, 10_000, level=0.05))
    assert found.caller.loudness_db == pytest.approx(-9.0, abs=0.1)
    assert found.officer.loudness_db == pytest.approx(-29.0, abs=0.1)


def test_silence_is_counted_for_each_side() -> None:
    caller = np.concatenate([silence(2000), noise(3000), silence(15_007)])
    found = measured(caller, noise(20_007))
    assert (found.caller.silence_ms, found.officer.silence_ms) == (17_007, 0)
    assert measured(silence(1000)).caller == audio.SideMeasures(None, 1000)


def test_noise_under_minus_50_dbfs_is_silence() -> None:
    assert measured(noise(1000, level=0.004)).caller.silence_ms == 1000
    assert measured(noise(1000, level=0.01)).caller.silence_ms == 0


@pytest.mark.parametrize("on_ms", [350, 700])
@pytest.mark.parametrize("hz", [425, 450, 475])
@pytest.mark.parametrize("shift_ms", [0, 7, 13])
def test_busy_and_congestion_tone_at_the_end_are_found(on_ms: int, hz: float, shift_ms: int) -> None:
    heard = np.concatenate([speech(20_000), silence(500 + shift_ms), busy(on_ms, 5, hz)])
    found = measured(heard).busy_tone_ms
    assert found is not None
    assert found == pytest.approx(9 * on_ms, abs=60)


def test_busy_tone_with_noise_on_the_line_and_through_a_law_is_found() -> None:
    heard = np.concatenate([speech(5000), silence(400), busy(350, 6)])
    heard = heard + noise(len(heard) / 8, level=0.003)
    levels = np.sign(heard) * np.minimum(np.abs(heard), 32000)
    step = np.maximum(16, 2 ** (np.floor(np.log2(np.maximum(np.abs(levels), 1))) - 4))
    assert measured((np.round(levels / step) * step).astype(np.int16)).busy_tone_ms is not None


def test_busy_tone_is_looked_for_at_the_end_and_on_the_callers_side_only() -> None:
    tones = np.concatenate([speech(2000), busy(350, 6)])
    assert measured(np.concatenate([tones, speech(3000)])).busy_tone_ms is None
    assert measured(silence(len(tones) / 8), tones).busy_tone_ms is None


@pytest.mark.parametrize("pitch_hz", [90.0, 112.5, 150.0, 225.0, 300.0, 450.0])
def test_speech_is_no_busy_tone(pitch_hz: float) -> None:
    for seed in range(6):
        assert measured(speech(30_000, pitch_hz, seed)).busy_tone_ms is None


def test_a_steady_tone_and_tones_of_another_pitch_are_no_busy_tone() -> None:
    assert measured(tone(450, 10_000)).busy_tone_ms is None
    assert measured(busy(350, 8, hz=1000)).busy_tone_ms is None
    assert measured(busy(350, 8, hz=350)).busy_tone_ms is None


def test_a_ringback_of_one_second_in_five_is_no_busy_tone() -> None:
    ringback = np.concatenate([part for _ in range(6) for part in (tone(450, 1000), silence(4000))])
    assert measured(ringback[:-32_000]).busy_tone_ms is None


def test_a_window_is_dead_only_where_both_sides_are_exactly_nothing() -> None:
    hiss = np.ones(160, dtype=np.int16)
    caller = np.concatenate([silence(20), hiss, silence(20)])
    officer = np.concatenate([silence(20), silence(20), hiss])
    assert measured(caller, officer).dead == (True, False, False)
