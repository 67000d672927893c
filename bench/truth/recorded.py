"""Whether a sample of the recordings holds both sides, each on its own channel; and which calls have no record."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import soundfile

from bench.truth.compare import Difference, Written
from bench.truth.seen import Seen
from bench.truth.stored import Store, moment_ns
from supervision.calls.rules import Disposition
from supervision.paths import Paths

RATE = 8000
LONG_ENOUGH_S = 1.0
FROM_THE_END_S = 0.8  # the last stretch of a talk, where both certainly spoke


def check(  # noqa: PLR0913, PLR0917 - what was said, written and recorded
    paths: Paths,
    seen: Sequence[Seen],
    store: Store,
    matched: Mapping[int, str],
    tones: Mapping[str, int],
    sample: int,
) -> tuple[list[str], int]:
    """What is wrong with up to `sample` recordings of talks that were long enough, and how many were heard."""
    wrong, heard = [], 0
    for one in seen:
        taken, call_id = one.taken, matched.get(one.caller.n)
        if taken is None or call_id is None or heard >= sample or not _talked(one):
            continue
        row = store.tables["calls"][call_id,]
        if row["disposition"] != Disposition.ANSWERED:
            continue
        heard += 1
        wrong += [f"{one.name} [{call_id}]: {text}" for text in _listen(paths, one, row, tones)]
    return wrong, heard


def _talked(one: Seen) -> bool:
    heard = one.taken.heard if one.taken is not None else None
    return heard is not None and heard.packets.get(one.caller.line, 0) > LONG_ENOUGH_S * 50


def _listen(paths: Paths, one: Seen, row: Mapping[str, object], tones: Mapping[str, int]) -> list[str]:
    offered = datetime.fromtimestamp((moment_ns(str(row["offered_at"])) or 0) / 1e9, UTC)
    file = paths.sealed(uuid.UUID(str(row["id"])), offered)
    if not file.exists():
        return ["no sealed recording"]
    audio, _ = soundfile.read(file)
    end = len(audio) - int(0.1 * RATE)
    last = audio[max(0, end - int(FROM_THE_END_S * RATE)) : end]
    desk = one.taken.desk if one.taken is not None else ""
    found = [strongest_hz(last[:, channel]) for channel in (0, 1)]
    wanted = [tones[one.caller.line], tones[desk]]
    return [] if found == wanted else [f"tones {found} Hz in the recording (caller, officer), wanted {wanted}"]


def strongest_hz(samples: "npt.NDArray[np.float64]") -> int:
    """The strongest tone, to 50 Hz; 0 for silence."""
    if len(samples) == 0 or float(np.abs(samples).max()) < 0.01:
        return 0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), RATE))
    return round(float(spectrum.argmax()) / 50) * 50


def missing(written: Written) -> list[Difference]:
    """The calls that Asterisk's CDR names and of which there is no record, however early their callers gave up."""
    recorded = {row["id"] for row in written.store.tables["calls"].values()}
    without = sorted(written.switch.keys() - recorded)
    return [Difference(f"call {one}", "record", "nothing", "Asterisk's CDR names it") for one in without]
