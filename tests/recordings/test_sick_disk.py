"""The office's disk does not give what was recorded (the kernel's EIO): it is seen, and done once it does."""

import asyncio
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from ari_app.ami import AmiLink
from ari_app.recording import Recorder
from ari_app.store_writer import StoreWriter
from supervision.incidents.rules import Cause
from supervision.recordings.models import RecordingState
from supervision.recordings.rules import back_off_s
from supervision.recordings.tasks import seal_next
from tests import small_disk
from tests.recordings.factories import APart, Node, talk
from tests.small_disk import MB, SmallDisk

pytestmark = pytest.mark.skipif(bool(small_disk.missing()), reason=small_disk.missing() or "-")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def spool(small: Node) -> Iterator[SmallDisk]:
    with SmallDisk(small.home, "spool", 32 * MB) as disk:
        yield disk


def durable(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def finish(node: Node, call_id: uuid.UUID) -> None:
    """What the control process does when a call is over, and what its sweep does again later."""
    recorder = Recorder(node.paths, cast(AmiLink, None), StoreWriter(node.database, "101", {}))
    asyncio.run(recorder.finish(call_id))


def test_a_part_that_cannot_be_read_is_handed_over_to_be_sealed_once_it_can(
    small: Node, spool: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.recording.CLOSED_WITHIN_S", 0)
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    small.set_state(call_id, RecordingState.GROWING)
    durable(spool.folder)
    spool.sicken()
    finish(small, call_id)
    assert small.recording(call_id).state is RecordingState.GROWING
    assert [(cause, detail["error"]) for cause, _, detail in small.incidents()] == [
        (Cause.SEALING_FAILED, "OSError: Input/output error")
    ]
    spool.heal()
    finish(small, call_id)
    assert small.recording(call_id).state is RecordingState.FINAL
    assert seal_next(small.worker)
    assert (small.recording(call_id).state, small.causes()) == (RecordingState.READY, [])


def test_sealing_what_cannot_be_read_is_an_incident_and_is_done_once_it_can(small: Node, spool: SmallDisk) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    durable(spool.folder)
    spool.sicken()
    assert seal_next(small.worker)
    assert small.recording(call_id).state is RecordingState.FINAL
    ((cause, _, detail),) = small.incidents()
    assert (cause, "Input/output error" in detail["error"]) == (Cause.SEALING_FAILED, True)
    spool.heal()
    small.pass_s(back_off_s(1) + 1)
    assert seal_next(small.worker)
    assert (small.recording(call_id).state, small.causes()) == (RecordingState.READY, [])
