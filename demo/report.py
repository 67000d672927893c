"""Checks the demo's calls: in the store, in the archive and on the site as a leader sees it."""

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Self

import httpx
import numpy as np
import soundfile
from sqlalchemy import select

from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from supervision.calls.caller_rules import mask_number
from supervision.calls.models import Call
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import About, Cause, Ends
from supervision.recordings.models import Recording, RecordingState


@dataclass(frozen=True)
class Finding:
    """One call of the report. `faults` is empty where all is as it should be."""

    line: str
    faults: tuple[str, ...]


def describe(call: Call, recording: Recording) -> str:
    """One call in a line of text."""
    length = (recording.duration_ms or 0) / 1000
    who = f"desk {call.answered_desk} on ring {call.rings}" if call.answered_desk else "nobody"
    return (
        f"{call.offered_at:%H:%M:%S} UTC  {call.line_key}  {mask_number(call.caller_number) or 'unknown':>12}  "
        f"{(call.disposition or 'in progress'):<10} by {who:<22} {length:6.1f} s  {recording.state}"
    )


class Listener:
    """Someone who signs in at the site and listens, over HTTP like a browser."""

    def __init__(self, where: LoopbackOffice | LoopbackHeadquarters, login: str, password: str) -> None:
        self.client = httpx.Client(base_url=where.site, follow_redirects=True, timeout=30)
        page = self.client.get("/account/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        answer = self.client.post(
            "/account/sign-in",
            data={"csrf_token": token[1] if token else "", "login": login, "password": password},
            headers={"Referer": f"{where.site}/account/sign-in"},
        )
        if answer.status_code != 200 or "/sign-in" in str(answer.url):
            raise RuntimeError(f"could not sign in as {login}: {answer.status_code} {answer.url}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def hears(self, call: Call) -> bytes:
        """The call's audio as the site sends it, asked for in two ranges as a player does."""
        address = f"/recordings/{call.id}/audio"
        first = self.client.get(address, headers={"Range": "bytes=0-1023"})
        rest = self.client.get(address, headers={"Range": "bytes=1024-"})
        if (first.status_code, rest.status_code) != (206, 206):
            raise RuntimeError(f"the site answered {first.status_code} and {rest.status_code}")
        return first.content + rest.content


@dataclass(frozen=True)
class Noted:
    """An incident of the demo. `lost_nothing`: it was over as it was noted, or is about no call."""

    line: str
    lost_nothing: bool


def incidents(database: Database) -> list[Noted]:
    """The incidents of one side of the demo: on a machine that does nothing else there are none."""
    with database.reading() as session:
        rows = session.scalars(select(Incident).order_by(Incident.first_seen_at))
        return [Noted(f"{row.cause} of {row.subject}: {row.detail}", _lost_nothing(row.cause)) for row in rows]


def _lost_nothing(cause: Cause) -> bool:
    """Of people's work there is some on some days: in autumn the calendar of the next year is not known yet."""
    return cause.ends is Ends.AT_ONCE or cause.about is About.WORK


def examine(office: LoopbackOffice, here: Listener, hq: LoopbackHeadquarters, there: Listener) -> list[Finding]:
    """Each call in the office's store: what was recorded of it, and what is missing there or at headquarters."""
    with office.database.reading() as session:
        rows = session.execute(
            select(Call, Recording).join(Recording, Recording.call_id == Call.id).order_by(Call.offered_at)
        )
        return [
            Finding(
                describe(call, recording),
                (*_faults(call, recording, here), *_faults_at(hq, call, recording, there)),
            )
            for call, recording in rows
        ]


def _faults_at(hq: LoopbackHeadquarters, call: Call, ours: Recording, listener: Listener) -> tuple[str, ...]:
    with hq.database.reading() as session:
        theirs = session.get(Recording, ours.call_id)
    if theirs is None or theirs.state is not RecordingState.READY:
        return ("headquarters has not sealed it",)
    if theirs.pcm_sha256 != ours.pcm_sha256:
        return ("headquarters has other sound",)
    return tuple(f"at headquarters: {fault}" for fault in _faults(call, theirs, listener))


def _faults(call: Call, recording: Recording, listener: Listener) -> tuple[str, ...]:
    if recording.state is not RecordingState.READY:
        return (f"not sealed: {recording.state}",)
    try:
        heard = listener.hears(call)
        samples, _ = soundfile.read(io.BytesIO(heard), dtype="int16")
    except (RuntimeError, httpx.HTTPError, soundfile.LibsndfileError) as error:
        return (f"not playable: {error}",)
    faults = []
    if hashlib.sha256(heard).hexdigest() != recording.flac_sha256:
        faults.append("the site sent another file than was sealed")
    if hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest() != recording.pcm_sha256:
        faults.append("the sound is not what was recorded")
    for n, side in enumerate(("caller", "officer")):
        if _silent(samples[:, n]):
            faults.append(f"nothing is heard of the {side}")
    return tuple(faults)


def _silent(samples: "np.ndarray[tuple[int, ...], np.dtype[np.int16]]") -> bool:
    return bool(np.abs(samples.astype(np.int32)).max() < 500)
