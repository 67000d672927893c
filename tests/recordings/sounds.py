"""Sealed recordings made for tests: a tone on each side, with its peaks and its row."""

import hashlib
import json
from pathlib import Path
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


def seal(session: Session, paths: Paths, call: Call, length_s: float = 60.0, **facts: Any) -> Recording:
    """Give a call a sealed recording, on disk and in the store."""
    samples = tones(length_s)
    flac = paths.sealed(call.id, call.offered_at)
    flac.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(flac, samples, RATE, format="FLAC", subtype="PCM_16")
    paths.peaks(call.id, call.offered_at).write_text(json.dumps(peaks_of(samples)))
    pcm = samples.tobytes()
    whole = {
        "frames": len(samples),
        "duration_ms": round(length_s * 1000),
        "pcm_sha256": hashlib.sha256(pcm).hexdigest(),
        "flac_sha256": sha256_of(flac),
        "flac_bytes": flac.stat().st_size,
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
    name, sha256 = f"{call.id}.a1.raw", hashlib.sha256(pcm).hexdigest()
    part = Part(
        name=name,
        call_id=call.id,
        started_at=call.offered_at,
        closed_at=call.ended_at,
        length_bytes=len(pcm),
        sha256=sha256,
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


def sha256_of(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
