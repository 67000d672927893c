from pathlib import Path

import numpy as np
import pytest

from asterisk import sounds
from asterisk.speech import RATE, hold_music, speak, to_telephone
from supervision.paths import Paths


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SUPERVISION_RUNTIME", str(tmp_path / "cache"))
    monkeypatch.setattr(sounds, "PROMPTS", {"consult/all-busy": "请您稍候。", "digits/3": "三"})
    return tmp_path / "cache"


def test_prompts_are_put_where_asterisk_looks_for_chinese_ones(cache: Path, tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    sounds.install_sounds(paths)
    prompt = paths.asterisk / "lib/sounds/zh/consult/all-busy.sln"
    samples = np.fromfile(prompt, "<i2")
    assert 0.5 < len(samples) / RATE < 4
    assert np.abs(samples).max() > 1000
    assert (paths.asterisk / "lib/moh/hold.sln").stat().st_size == 10 * RATE * 2


def test_a_bureaus_own_recording_is_never_overwritten(cache: Path, tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    own = paths.asterisk / "lib/sounds/zh/consult/all-busy.alaw"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"recorded by a person")
    sounds.install_sounds(paths)
    assert [path.name for path in own.parent.iterdir()] == ["all-busy.alaw"]


def test_there_is_always_music_for_who_is_held(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    sounds.install_hold_music(paths)
    music = np.fromfile(paths.asterisk / "lib/moh/hold.sln", "<i2")
    assert len(music) == 10 * RATE
    assert np.abs(music).max() > 1000


def test_a_bureaus_own_music_stays_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    own = paths.asterisk / "lib/moh/ours.alaw"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"played by a person")
    sounds.install_hold_music(paths)
    assert [path.name for path in own.parent.iterdir()] == ["ours.alaw"]


def test_another_text_is_another_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sounds.made_sounds()
    assert sounds.made_sounds() == first
    monkeypatch.setattr(sounds, "PROMPTS", {"digits/3": "叁仟"})
    assert sounds.made_sounds() != first


def test_mandarin_is_spoken_and_not_spelled_in_english() -> None:
    # Three syllables; spelled out ("n i n two h a o three …") they took over four seconds.
    assert 0.4 < len(speak("您好吗")) / RATE < 1.5


def test_sound_is_brought_to_the_telephones_rate_with_its_pitch() -> None:
    rate = 22050
    heard = to_telephone(np.sin(2 * np.pi * 440 * np.arange(rate) / rate), rate)
    assert len(heard) == RATE
    assert np.argmax(np.abs(np.fft.rfft(heard))) == 440
    assert abs(np.abs(heard).max() - 1) < 0.05


def test_the_hold_melody_is_quiet_and_has_no_seam() -> None:
    music = hold_music()
    assert np.abs(music).max() < 0.25
    assert abs(music[0] - music[-1]) < 0.01
