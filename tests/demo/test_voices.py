from pathlib import Path

import numpy as np
import pytest
import soundfile

from asterisk.speech import RATE
from demo.voices import AFTER_S, DIALOGUES, Dialogue, tracks

SHORT = Dialogue("short", "试", (("officer", "您好。"), ("caller", "我想问一下。"), ("officer", "再见。")))


def loud(samples: np.ndarray) -> list[bool]:
    """For each tenth of a second, whether something is said."""
    frames = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    return [bool(np.abs(frame).max() > 0.03) for frame in frames]


def test_two_who_talk_take_turns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPERVISION_RUNTIME", str(tmp_path))
    made = tracks(SHORT)
    caller, officer = (
        soundfile.read(path, samplerate=RATE, channels=1, format="RAW", subtype="ALAW")[0]
        for path in (made.caller, made.officer)
    )
    assert len(officer) == round(made.length_s * RATE)
    assert len(caller) == len(officer) + AFTER_S * RATE
    assert not any(both for both in zip(loud(caller), loud(officer), strict=False) if all(both))
    assert any(loud(caller))
    assert loud(officer).index(True) < loud(caller).index(True)


def test_the_caller_can_wait_for_the_announcement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPERVISION_RUNTIME", str(tmp_path))
    made = tracks(SHORT, caller_waits_s=2)
    assert made.caller.stat().st_size == made.officer.stat().st_size + (2 + AFTER_S) * RATE


def test_each_dialogue_begins_with_the_officers_greeting_and_has_its_own_key() -> None:
    assert len({dialogue.key for dialogue in DIALOGUES}) == len(DIALOGUES) >= 5
    assert all(dialogue.lines[0][0] == "officer" for dialogue in DIALOGUES)
