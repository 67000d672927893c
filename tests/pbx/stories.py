"""Words for stories about calls: the office they happen in, and what is in the store afterwards."""

import functools
import os
import tempfile
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from sqlalchemy import select

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call, SwitchRecordRow
from supervision.clock import now
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.reconcile.service import EVERY, look
from supervision.reconcile.site import Site
from supervision.recordings.models import Recording, RecordingState
from tests.run_once import run_once

RATE = 8000
# What the jitter buffer still has at the hang-up is not recorded: 40 ms, and where packets come unevenly up to the
# buffer's own limit, which is 200 ms by default (func_jitterbuffer; 170 ms missing were seen on a busy machine).
BUFFERED_MS = 200


def description(**line: Any) -> dict[str, Any]:
    """An office with a line that is answered first, one that rings first, two duty desks and a leader's."""
    common = {"leader": "809", "ring_s": 1, **line}
    return {
        "office": {"code": "07", "name": "第七税务所"},
        "lines": [
            {"key": "07-1", "number": "88880001", "name": "咨询一线", "gateway": {"account": "fxo-1"}}
            | {"desks": ["801", "802"], "announcement": False}
            | common,
            {"key": "07-2", "number": "88880002", "name": "咨询二线"}
            | {"gateway": {"address": "127.0.0.1", "header": "X-Port", "value": "p2"}}
            | {"desks": ["802", "801"], "announcement": True}
            | common,
        ],
        "desks": [
            {"extension": "801", "name": "一号台", "officer": {"login": "wang.fang", "name": "王芳"}},
            {"extension": "802", "name": "二号台", "officer": {"login": "li.na", "name": "李娜"}},
            {
                "extension": "809",
                "name": "带班台",
                "officer": {"login": "zhao.gang", "name": "赵刚", "role": "office_leader"},
            },
        ],
    }


@functools.cache
def tone(hertz: int, seconds: float = 20.0) -> Path:
    """An A-law file with a steady tone, longer than any story; made once."""
    path = Path(tempfile.gettempdir()) / f"supervision-tone-{hertz}-{seconds:g}.alaw"
    time_s, mine = np.arange(int(RATE * seconds)) / RATE, path.with_suffix(f".{os.getpid()}")
    soundfile.write(mine, 0.3 * np.sin(2 * np.pi * hertz * time_s), RATE, format="RAW", subtype="ALAW")
    mine.replace(path)  # whole from the first moment: a test beside this one may play it
    return path


def calls_of(office: LoopbackOffice) -> list[Call]:
    """All calls in the store, oldest first, with what belongs to them."""
    with office.database.reading() as session:
        calls = list(session.scalars(select(Call).order_by(Call.offered_at)))
        for call in calls:
            _ = (len(call.segments), len(call.events))
        return calls


def call_over(office: LoopbackOffice, within_s: float = 60.0) -> Call:
    """The one call of the story, once its record is complete and its recording handed over."""
    (call,) = calls_over(office, 1, within_s)
    return call


def calls_over(office: LoopbackOffice, count: int, within_s: float = 60.0) -> list[Call]:
    """So many calls, once all are complete and their recordings handed over."""

    def over() -> list[Call] | None:
        calls = calls_of(office)
        done = [
            call
            for call in calls
            if call.ended_at is not None and recording_of(office, call.id).state is not RecordingState.GROWING
        ]
        return calls if len(done) == count == len(calls) else None

    return until(f"{count} calls over", over, within_s)


def call_on(office: LoopbackOffice, line_key: str) -> Call:
    """The call on that line, once it is over."""
    return until(
        f"the call on {line_key} over",
        lambda: next((c for c in calls_of(office) if c.line_key == line_key and c.ended_at), None),
    )


def recording_of(office: LoopbackOffice, call_id: uuid.UUID) -> Recording:
    """A call's recording with its parts."""
    with office.database.reading() as session:
        recording = session.get_one(Recording, call_id)
        _ = len(recording.parts)
        return recording


def incidents_of(office: LoopbackOffice) -> list[Incident]:
    """All incidents in the store."""
    with office.database.reading() as session:
        return list(session.scalars(select(Incident).order_by(Incident.first_seen_at)))


def expect_log_to_agree(office: LoopbackOffice) -> None:
    """Of all calls that are over, Asterisk's own log comes to the record that the office has."""

    def received() -> bool:
        with office.database.reading() as session:
            over = set(session.scalars(select(Call.id).where(Call.ended_at.is_not(None))))
            return over <= set(session.scalars(select(SwitchRecordRow.call_id)))

    until("the switch record of each call", received, 20)
    with office.database.reading() as session:
        found = look(session, Site.of(office.settings), now() + EVERY).found
    assert [one for one in found if one.cause in {Cause.RECORD_DIFFERS, Cause.TIMES_DIFFER}] == []


def bridged(office: LoopbackOffice) -> bool:
    """Whether two people talk."""
    return "simple_bridge" in office.pbx.cli("bridge show all")


def nobody_left(office: LoopbackOffice) -> None:
    """No channel is left behind in Asterisk."""
    until("all channels gone", lambda: "0 active channels" in office.pbx.cli("core show channels"), 10.0)


def seal_all(office: LoopbackOffice) -> None:
    """Do the worker's work, all of it, now."""
    run_once(office.settings, office.database)


def sealed_audio(office: LoopbackOffice, call: Call) -> "npt.NDArray[np.float64]":
    """The sealed file's samples, frames × (caller, officer), -1 to 1."""
    audio, rate = soundfile.read(office.paths.sealed(call.id, call.offered_at))
    assert rate == RATE
    assert audio.shape[1] == 2
    return audio  # type: ignore[no-any-return]


def as_long_as(audio: "npt.NDArray[np.float64]", seen_ms: float) -> bool:
    """Whether a sealed file is as long as the phone saw the call, to three packets and what is in the buffer."""
    return -60 - BUFFERED_MS <= 1000 * len(audio) / RATE - seen_ms <= 60


def hears(samples: "npt.NDArray[np.float64]") -> int:
    """The strongest tone, to the nearest 5 Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * max(len(samples), RATE)))
    peak = np.fft.rfftfreq(4 * max(len(samples), RATE), 1 / RATE)[int(spectrum.argmax())]
    return round(float(peak) / 5) * 5


def loudness(samples: "npt.NDArray[np.float64]") -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
