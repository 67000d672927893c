"""Sealed recordings made for tests: a tone on each side, with its peaks and its row."""

import functools
import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.paths import Paths
from supervision.recordings.models import Part, Recording, RecordingState

RATE = 8000
POINT = 80


def tones(length_s: float, caller_hz: float = 440, officer_hz: float = 880) -> Any:
    """Stereo samples: the caller's tone on the left, the officer's on the right, each with pauses of its own."""
    at = np.arange(round(length_s * RATE)) / RATE
    caller = 0.6 * np.sin(2 * np.pi * caller_hz * at) * ((at % 7 < 3.5) * np.abs(np.sin(at * 3.1)))
    officer = 0.5 * np.sin(2 * np.pi * officer_hz * at) * ((at % 7 >= 3.5) * np.abs(np.sin(at * 2.3)))
    return (np.stack([caller, officer], axis=1) * 32767).astype(np.int16)


@dataclass(frozen=True)
class Sealed:
    """What the sealing worker makes of a sound of one length."""

    frames: int
    pcm_bytes: int
    pcm_sha256: str
    flac: bytes
    peaks: str


@functools.lru_cache(maxsize=16)
def sealed_sound(length_s: float) -> Sealed:
    """The tones of so many seconds, sealed: worked out once for all calls of that length."""
    samples, flac = tones(length_s), io.BytesIO()
    soundfile.write(flac, samples, RATE, format="FLAC", subtype="PCM_16")
    pcm = samples.tobytes()
    return Sealed(
        len(samples), len(pcm), hashlib.sha256(pcm).hexdigest(), flac.getvalue(), json.dumps(peaks_of(samples))
    )


def seal(session: Session, paths: Paths, call: Call, length_s: float = 60.0, **facts: Any) -> Recording:
    """Give a call a sealed recording, on disk and in the store."""
    sound = sealed_sound(length_s)
    flac = paths.sealed(call.id, call.offered_at)
    flac.parent.mkdir(parents=True, exist_ok=True)
    flac.write_bytes(sound.flac)
    paths.peaks(call.id, call.offered_at).write_text(sound.peaks)
    whole = {
        "frames": sound.frames,
        "duration_ms": round(length_s * 1000),
        "pcm_sha256": sound.pcm_sha256,
        "flac_sha256": hashlib.sha256(sound.flac).hexdigest(),
        "flac_bytes": len(sound.flac),
        "caller_loudness_db": -21.3,
        "officer_loudness_db": -19.8,
        "caller_silence_ms": 24000,
        "officer_silence_ms": 31000,
        "sealed_at": call.ended_at,
    }
    recording = session.get(Recording, call.id) or Recording(call_id=call.id)
    for fact, value in {**whole, **facts, "state": RecordingState.READY}.items():
        setattr(recording, fact, value)
    session.add(recording)
    session.flush()
    name = f"{call.id}.a1.raw"
    part = Part(
        name=name,
        call_id=call.id,
        started_at=call.offered_at,
        closed_at=call.ended_at,
        length_bytes=sound.pcm_bytes,
        sha256=sound.pcm_sha256,
    )
    session.add(part)
    session.flush()
    return recording


def peaks_of(samples: Any) -> dict[str, Any]:
    """Peaks as the sealing worker writes them."""
    points = samples[: len(samples) // POINT * POINT].reshape(-1, POINT, 2) / 32768
    scaled = np.stack([points.min(axis=1), points.max(axis=1)], axis=1).round(3)
    return {
        "version": 1,
        "sample_rate": RATE,
        "channels": 2,
        "samples_per_point": POINT,
        "frames": len(samples),
        "peaks": [scaled[:, :, side].reshape(-1).tolist() for side in (0, 1)],
    }
