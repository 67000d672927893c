"""Speech and tones at 8 kHz, the telephone's rate, made by espeak-ng and numpy.

Samples are float arrays between -1 and 1 until they are written.
"""

import io
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from asterisk.cache import bytes_of, program

RATE = 8000
# Not plain `cmn`: espeak-ng turns characters into pinyin, and that voice then spells pinyin in English.
MANDARIN = "cmn-latn-pinyin"
Samples = NDArray[np.float64]


def speak(text: str, voice: str = MANDARIN, words_a_minute: int = 200) -> Samples:
    """The text spoken by an espeak-ng voice (`MANDARIN + "+f3"`: its third female variant)."""
    command = [program("espeak-ng", "espeak-ng"), "-v", voice, "-s", str(words_a_minute), "--stdout", "--stdin"]
    read, rate = soundfile.read(io.BytesIO(bytes_of(command, text.encode())), dtype="float64")
    return levelled(to_telephone(read, rate))


def to_telephone(samples: Samples, rate: int) -> Samples:
    """The same sound at 8 kHz, with nothing above 3.6 kHz."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate) > 3600] = 0
    n = round(len(samples) * RATE / rate)
    kept = spectrum[: n // 2 + 1]
    return np.asarray(np.fft.irfft(kept, n) * (n / len(samples)), dtype=np.float64)


def levelled(samples: Samples, loudness: float = 0.1) -> Samples:
    """Speech at an even loudness (root mean square of what is not silence), never clipped."""
    loud = samples[np.abs(samples) > 0.01]
    if not len(loud):
        return samples
    return np.asarray(np.clip(samples * (loudness / np.sqrt(np.mean(loud**2))), -0.95, 0.95), dtype=np.float64)


def silence(length_s: float) -> Samples:
    """Nothing, for so long."""
    return np.zeros(round(length_s * RATE))


def hold_music() -> Samples:
    """Ten quiet seconds that loop: slow single notes of a pentatonic scale, each fading away."""
    notes = (392.0, 440.0, 523.25, 587.33, 523.25, 440.0, 392.0, 329.63)
    length = 10 * RATE
    music = np.zeros(length)
    for n, hertz in enumerate(notes):
        age = np.arange(2 * RATE) / RATE
        struck = (np.sin(2 * np.pi * hertz * age) + 0.3 * np.sin(4 * np.pi * hertz * age)) * np.exp(-2.5 * age)
        struck *= np.minimum(1, age / 0.03) * np.minimum(1, (2 - age) / 0.2)
        # Wrapped round the end, so that the loop has no seam.
        places = (n * length // len(notes) + np.arange(len(age))) % length
        np.add.at(music, places, 0.07 * struck)
    return music


def write_sln(path: Path, samples: Samples) -> None:
    """Asterisk's own `.sln`: headerless 16-bit signed, 8 kHz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.round(samples * 32767).astype("<i2").tobytes())


def write_alaw(path: Path, samples: Samples) -> None:
    """Headerless A-law, 8 kHz, as it goes over the wire."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE, format="RAW", subtype="ALAW")
