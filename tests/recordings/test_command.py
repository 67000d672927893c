"""A damaged sealed file is made again by the operator's command, from the raw parts, or the reason is printed."""

import uuid

import pytest

from supervision.recordings.__main__ import main
from supervision.recordings.models import RecordingState
from tests.recordings.factories import APart, Node, talk


@pytest.fixture
def call_id(node: Node, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """A sealed recording on a machine that the command works on."""
    for name, value in {"HOME": str(node.home), "MODE": "office", "DATABASE_URL": node.database.url}.items():
        monkeypatch.setenv(f"SUPERVISION_{name}", value)
    call = node.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    assert main([str(call)]) == 0
    return call


def test_a_damaged_file_is_made_again(node: Node, call_id: uuid.UUID, capsys: pytest.CaptureFixture[str]) -> None:
    whole = node.flac(call_id).read_bytes()
    node.flac(call_id).write_bytes(whole[:-1])
    assert main([str(call_id)]) == 0
    assert node.flac(call_id).read_bytes() == whole
    assert f"The recording of call {call_id} is whole." in capsys.readouterr().out


def test_what_cannot_be_made_again_stays_as_it_is_and_is_named(
    node: Node, call_id: uuid.UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    node.flac(call_id).unlink()
    node.paths.parts_of(call_id)[0].unlink()
    assert main([str(call_id)]) == 1
    assert "Not sealed" in capsys.readouterr().err
    assert (node.recording(call_id).state, node.causes()) == (RecordingState.READY, ["sealing_failed"])
    node.set_state(call_id, RecordingState.GROWING)
    assert main([str(call_id)]) == 1
    assert "recording_growing" in capsys.readouterr().err
