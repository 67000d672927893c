"""The watch for bytes: no audio three seconds after the answer is said, but not of a call that is over."""

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ari_app.ami import AmiLink, ChannelGone
from ari_app.events import Channel
from ari_app.recording import Recorder
from ari_app.store_writer import StoreWriter
from supervision.incidents.rules import Cause
from supervision.paths import Paths

CALL = uuid.uuid4()
CHANNEL = Channel(
    "u.1", "PJSIP/fxo-1-00000001", "Up", datetime(2026, 11, 23, tzinfo=UTC), CALL, "07-1", "", "", ""
)


class Orders:
    """An AMI that takes an order, or does not; `then` happens as it is given."""

    def __init__(self, taken: bool | None, then: Any = None) -> None:
        self.taken = taken
        self.then = then

    async def start_mixmonitor(self, channel: str, part: Path) -> bool:
        """Asterisk's answer."""
        if self.then is not None:
            self.then()
        if self.taken is None:
            raise ChannelGone(channel)
        return self.taken


class Notes:
    """A writer that remembers what was noted."""

    def __init__(self) -> None:
        self.causes: list[Cause] = []

    async def incident(self, cause: Cause, *_: object) -> None:
        """An incident."""
        self.causes.append(cause)

    async def note_part(self, *_: object) -> None:
        """A part."""


@pytest.mark.parametrize(
    ("taken", "over", "expected"),
    [(True, False, [Cause.NO_BYTES]), (False, False, [Cause.NO_BYTES]), (False, True, []), (None, False, [])],
    ids=["a new part", "asterisk does not answer", "the call is over", "asterisk has it no longer"],
)
def test_that_no_audio_came_is_said_of_a_call_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool | None, over: bool, expected: list[Cause]
) -> None:
    monkeypatch.setattr("ari_app.recording.NO_BYTES_AFTER_S", 0.0)
    notes = Notes()
    recorder = Recorder(Paths(tmp_path), cast(AmiLink, None), cast(StoreWriter, notes))
    orders = Orders(taken, (lambda: recorder.forget(CALL)) if over else None)
    recorder.ami = cast(AmiLink, orders)
    asyncio.run(recorder.watch_bytes(CHANNEL, CALL))
    assert notes.causes == expected
