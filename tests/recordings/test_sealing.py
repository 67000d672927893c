import hashlib
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from sqlalchemy import update

from supervision.calls.models import Call, CallEvent
from supervision.calls.rules import EventKind, Witness
from supervision.database import new_id
from supervision.errors import Conflict, NotFound, Refused
from supervision.recordings.models import RecordingState
from supervision.recordings.tasks import seal_call
from tests.recordings.factories import (
    APart,
    Node,
    Side,
    loudest_hz,
    noise,
    seconds,
    silence,
    stereo,
    talk,
    tone,
)
from tests.run_once import run_once


def seal(node: Node) -> int:
    return run_once(node.settings, node.database, node.clock)["seal"]


def test_each_side_keeps_its_own_tone(node: Node) -> None:
    call_id = node.ended_call([APart(talk(10_000), 1)], line_up_s=1, answered_s=4, ended_s=11)
    assert seal(node) == 1
    samples = node.samples(call_id)
    assert loudest_hz(samples[:, 0]) == pytest.approx(440, abs=0.2)
    assert loudest_hz(samples[:, 1]) == pytest.approx(880, abs=0.2)
    assert samples.tobytes() == talk(10_000)


def test_a_sealed_recording_knows_its_lengths_hashes_and_measures(node: Node) -> None:
    pcm = stereo(np.concatenate([silence(4000), noise(6000)]), tone(880, 10_000))
    call_id = node.ended_call([APart(pcm, 1)], line_up_s=1, answered_s=4, ended_s=11)
    seal(node)
    recording = node.recording(call_id)
    assert recording.state is RecordingState.READY
    assert (recording.frames, recording.duration_ms, recording.officer_on_ms) == (80_000, 10_000, 3000)
    assert (recording.caller_silence_ms, recording.officer_silence_ms) == (4000, 0)
    assert recording.officer_loudness_db == pytest.approx(-9, abs=0.1)
    assert recording.busy_tone_ms is None
    assert recording.sealed_at == node.now
    assert (recording.due_at, recording.claimed_until, recording.attempts) == (None, None, 0)
    assert recording.caller_talks_ms == 4000
    assert recording.gaps == []
    assert recording.flac_bytes == node.flac(call_id).stat().st_size
    assert _sha256(node.flac(call_id).read_bytes()) == recording.flac_sha256
    assert _sha256(pcm) == recording.pcm_sha256
    assert node.incidents() == []
    assert soundfile.info(node.flac(call_id)).subtype == "PCM_16"


def test_the_peaks_lie_beside_the_sealed_file(small: Node) -> None:
    call_id = small.ended_call([APart(stereo(tone(440, 1000, 0.25), silence(1000)))], answered_s=0, ended_s=1)
    seal(small)
    caller, officer = small.peaks(call_id)["peaks"]
    assert (min(caller), max(caller)) == (-0.25, 0.25)
    assert set(officer) == {0.0}
    assert small.archived() == [f"{call_id}.flac", f"{call_id}.peaks.json"]


def test_the_raw_parts_stay_in_the_spool(small: Node) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    seal(small)
    assert [path.read_bytes() for path in small.paths.parts_of(call_id)] == [talk(1000)]


def test_an_unanswered_call_with_an_empty_part_is_empty_and_no_incident(node: Node) -> None:
    call_id = node.ended_call([APart(b"")], ended_s=20)
    seal(node)
    assert node.recording(call_id).state is RecordingState.EMPTY
    assert node.recording(call_id).duration_ms == 0
    assert node.incidents() == []
    assert node.archived() == []


def test_an_unanswered_call_whose_part_never_came_to_be_is_no_incident(small: Node) -> None:
    call_id = small.ended_call(ended_s=20)
    small.noted_part(call_id)
    seal(small)
    assert (small.recording(call_id).state, small.incidents()) == (RecordingState.EMPTY, [])


@pytest.mark.parametrize("parts", [[], [APart(b"")]], ids=["no part", "an empty part"])
def test_an_answered_call_without_audio_was_not_recorded(node: Node, parts: list[APart]) -> None:
    call_id = node.ended_call(parts, answered_s=5, ended_s=20)
    seal(node)
    assert node.recording(call_id).state is RecordingState.EMPTY
    assert node.incidents() == [("not_recorded", str(call_id), {"expected_ms": 15_000})]


def test_a_call_that_heard_only_the_announcement_should_have_been_recorded_too(small: Node) -> None:
    call_id = small.ended_call([APart(b"")], line_up_s=1, ended_s=9)
    seal(small)
    assert small.incidents() == [("not_recorded", str(call_id), {"expected_ms": 8000})]


def test_a_line_that_came_up_as_the_caller_hung_up_holds_nothing_to_record(small: Node) -> None:
    small.ended_call([APart(b"")], line_up_s=9, ended_s=9.4)
    seal(small)
    assert small.incidents() == []


@pytest.mark.parametrize("parts", [[], [APart(b"")]], ids=["no part", "an empty part"])
def test_a_call_of_a_few_milliseconds_that_somebody_answered_is_no_incident(
    small: Node, parts: list[APart]
) -> None:
    call_id = small.ended_call(parts, line_up_s=9, answered_s=9.0, ended_s=9.04)
    if not parts:
        small.noted_part(call_id)
    seal(small)
    assert (small.recording(call_id).state, small.incidents()) == (RecordingState.EMPTY, [])


def test_how_long_the_audio_must_be_follows_from_the_witness_of_the_record_alone(small: Node) -> None:
    """A detail record, whose times are whole seconds, reported the same call before the event log did."""
    call_id = small.ended_call([APart(talk(8000), 1)], line_up_s=1, ended_s=9)
    with small.database.transaction() as session:
        line_up = CallEvent(call_id=call_id, witness=Witness.CDR, at=seconds(0.1), channel="1.1")
        line_up.kind = EventKind.LINE_ANSWERED
        session.add(line_up)
    seal(small)
    assert (small.recording(call_id).state, small.incidents()) == (RecordingState.READY, [])


@pytest.mark.parametrize(
    ("witness", "recorded_ms", "expected"),
    [
        (Witness.CDR, 3900, False),
        (Witness.CDR, 2100, False),
        (Witness.CDR, 999, True),
        (Witness.CDR, 5001, True),
        (Witness.CEL, 3900, True),
    ],
)
def test_a_record_to_the_second_leaves_the_recording_two(
    small: Node, witness: Witness, recorded_ms: int, expected: bool
) -> None:
    call_id = small.ended_call([APart(talk(recorded_ms), 1)], line_up_s=1, ended_s=4)
    with small.database.transaction() as session:
        session.get_one(Call, call_id).witness = witness
        session.execute(update(CallEvent).where(CallEvent.call_id == call_id).values(witness=witness))
    seal(small)
    assert small.causes() == (["length_mismatch"] if expected else [])


def mute_phone(ms: float) -> Side:
    """A-law's digital silence, as it comes out of a phone whose microphone is off."""
    return np.full(round(ms * 8), 8, dtype=np.int16)


@pytest.mark.parametrize("nothing", [silence, mute_phone])
def test_a_side_of_which_nothing_comes_while_the_other_speaks_is_measured(
    small: Node, nothing: Callable[[float], Side]
) -> None:
    call_id = small.ended_call([APart(stereo(tone(440, 20_000), nothing(20_000)))], answered_s=4, ended_s=20)
    seal(small)
    recording = small.recording(call_id)
    assert (recording.caller_still_ms, recording.officer_still_ms) == (0, 16_000)
    assert recording.dead_air_ms == 0


def test_a_truncated_part_is_sealed_as_far_as_it_goes(node: Node) -> None:
    call_id = node.ended_call([APart(talk(10_000))], line_up_s=0, answered_s=2, ended_s=10)
    part = node.paths.parts_of(call_id)[0]
    part.write_bytes(talk(10_000)[: 9800 * 32])
    seal(node)
    recording = node.recording(call_id)
    assert (recording.state, recording.duration_ms) == (RecordingState.READY, 9800)
    assert recording.officer_on_ms == 2000
    lost = {"closed_bytes": 320_000, "found_bytes": 313_600, "lost_ms": 200}
    assert node.incidents() == [("part_truncated", part.name, lost)]


def test_a_missing_part_is_an_incident_and_the_others_are_sealed(node: Node) -> None:
    parts = [APart(talk(4000), 0), APart(talk(6000), 4, n=2)]
    call_id = node.ended_call(parts, answered_s=0, ended_s=10)
    lost = node.paths.parts_of(call_id)[1]
    lost.unlink()
    seal(node)
    assert node.recording(call_id).duration_ms == 4000
    assert [(cause, subject) for cause, subject, _ in node.incidents()] == [
        ("length_mismatch", str(call_id)),
        ("part_missing", lost.name),
    ]


def test_a_part_that_is_a_link_is_missing_and_nothing_of_where_it_leads_is_sealed(small: Node) -> None:
    call_id = small.ended_call([APart(talk(4000))], answered_s=0, ended_s=4)
    part = small.paths.parts_of(call_id)[0]
    part.rename(small.paths.home / "ours")
    part.symlink_to(small.paths.home / "ours")
    seal(small)
    assert small.recording(call_id).state is RecordingState.EMPTY
    assert small.causes() == ["not_recorded", "part_missing"]


def test_the_only_part_missing_leaves_nothing(small: Node) -> None:
    call_id = small.ended_call([APart(talk(4000))], answered_s=0, ended_s=4)
    small.paths.parts_of(call_id)[0].unlink()
    seal(small)
    assert small.recording(call_id).state is RecordingState.EMPTY
    assert small.causes() == ["not_recorded", "part_missing"]


def test_a_part_that_was_noted_and_never_found_is_missed_once_the_line_was_up(small: Node) -> None:
    call_id = small.ended_call([APart(talk(4000), n=2)], answered_s=0, ended_s=4)
    small.noted_part(call_id)
    seal(small)
    assert small.causes() == ["part_missing"]
    assert small.recording(call_id).state is RecordingState.READY


@pytest.mark.parametrize(
    "on_disk",
    [stereo(tone(441, 4000), tone(880, 4000)), talk(4000) + talk(200)],
    ids=["other sound", "longer"],
)
def test_a_changed_part_is_sealed_as_found_and_reported(node: Node, on_disk: bytes) -> None:
    call_id = node.ended_call([APart(talk(4000))], answered_s=0, ended_s=4)
    part = node.paths.parts_of(call_id)[0]
    part.write_bytes(on_disk)
    seal(node)
    ((cause, subject, detail),) = node.incidents()
    assert (cause, subject) == ("part_changed", part.name)
    assert (detail["closed_sha256"], detail["found_sha256"]) == (_sha256(talk(4000)), _sha256(on_disk))
    assert node.samples(call_id).tobytes() == on_disk


@pytest.mark.parametrize("odd", [1, 2, 3])
def test_the_bytes_of_an_unfinished_frame_are_left_out_without_a_word(small: Node, odd: int) -> None:
    call_id = small.ended_call([APart(talk(1000) + b"\x7f" * odd)], answered_s=0, ended_s=1)
    seal(small)
    assert small.samples(call_id).tobytes() == talk(1000)
    assert small.incidents() == []


def test_two_overlapping_parts_are_one_sound(node: Node) -> None:
    whole = stereo(noise(10_000), noise(10_000, seed=2))
    parts = [APart(whole[: 6000 * 32], 0), APart(whole[5000 * 32 :], 5, starter="d")]
    call_id = node.ended_call(parts, answered_s=0, ended_s=10)
    seal(node)
    assert node.samples(call_id).tobytes() == whole
    assert node.incidents() == []


def test_a_gap_between_parts_is_silence_in_its_place_and_an_incident(node: Node) -> None:
    parts = [APart(talk(4000), 0), APart(talk(5000), 5, n=2)]
    call_id = node.ended_call(parts, answered_s=0, ended_s=10)
    seal(node)
    recording = node.recording(call_id)
    assert recording.gaps == [{"at_ms": 4000, "length_ms": 1000}]
    assert recording.duration_ms == 10_000
    assert node.incidents() == [("recording_gap", str(call_id), {"gaps": recording.gaps})]
    samples = node.samples(call_id)
    assert not samples[32_000:40_000].any()
    assert samples[40_000:].tobytes() == talk(5000)


@pytest.mark.parametrize(("recorded_ms", "found"), [(9500, False), (9499, True), (10_500, False), (10_501, True)])
def test_a_length_that_is_not_that_of_the_record_is_an_incident(
    small: Node, recorded_ms: int, found: bool
) -> None:
    call_id = small.ended_call(
        [APart(stereo(silence(recorded_ms), silence(recorded_ms)), 2)], line_up_s=2, answered_s=5, ended_s=12
    )
    seal(small)
    assert ("length_mismatch" in small.causes()) is found
    assert small.recording(call_id).state is RecordingState.READY


@pytest.mark.parametrize(
    ("caller", "officer", "expected"),
    [
        pytest.param(silence(7000), tone(880, 7000), False, id="the officer alone"),
        pytest.param(tone(440, 7000), silence(7000), False, id="the caller alone"),
        pytest.param(tone(440, 7000), tone(880, 7000), True, id="both"),
        pytest.param(silence(7000), silence(7000), True, id="neither"),
    ],
)
def test_what_lacks_where_one_side_alone_was_heard_is_left_to_asterisks_count_of_packets(
    small: Node, caller: Side, officer: Side, expected: bool
) -> None:
    small.ended_call([APart(stereo(caller, officer), 5)], line_up_s=4, answered_s=4, ended_s=12)
    seal(small)
    assert ("length_mismatch" in small.causes()) is expected


def test_without_an_event_of_the_lines_answer_the_persons_counts(small: Node) -> None:
    small.ended_call([APart(talk(7000), 5)], answered_s=5, ended_s=12)
    seal(small)
    assert small.incidents() == []


def test_the_tail_that_a_killed_asterisk_took_along_is_no_mismatch(node: Node) -> None:
    call_id = node.ended_call([APart(talk(8000), 0)], line_up_s=0, answered_s=3, ended_s=9, interrupted=True)
    seal(node)
    recording = node.recording(call_id)
    assert recording.interrupted is True
    assert recording.officer_on_ms == 3000
    assert node.incidents() == []


def test_a_late_start_is_a_mismatch_even_where_asterisk_was_killed(small: Node) -> None:
    small.ended_call([APart(talk(4000), 4)], line_up_s=0, answered_s=3, ended_s=9, interrupted=True)
    seal(small)
    assert small.causes() == ["length_mismatch"]


def test_busy_tone_at_the_end_is_marked(small: Node) -> None:
    beeps = np.concatenate([part for _ in range(5) for part in (tone(450, 350), silence(350))])
    call_id = small.ended_call([APart(stereo(beeps, silence(3500)))], answered_s=0, ended_s=3.5)
    seal(small)
    assert small.recording(call_id).busy_tone_ms == pytest.approx(3150, abs=60)


def test_sealing_again_what_is_sealed_and_whole_does_nothing(node: Node) -> None:
    call_id = node.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    seal(node)
    before, written = node.recording(call_id), node.flac(call_id).stat()
    node.pass_s(60)
    assert seal(node) == 0
    assert seal_call(node.worker, call_id) is RecordingState.READY
    assert node.flac(call_id).stat().st_ino == written.st_ino
    assert node.recording(call_id).sealed_at == before.sealed_at
    assert node.recording(call_id).claimed_until is None


def test_a_sealed_file_that_was_damaged_is_made_again_from_the_parts(small: Node) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    seal(small)
    good = small.flac(call_id).read_bytes()
    small.flac(call_id).write_bytes(good[:-1])
    with small.flac(call_id).open("rb") as being_played:
        assert seal_call(small.worker, call_id) is RecordingState.READY
        assert being_played.read() == good[:-1], (
            "the new file takes the old one's place, it is not written into it"
        )
    assert small.flac(call_id).read_bytes() == good


def test_a_damaged_sealed_file_never_becomes_another_recording(node: Node) -> None:
    call_id = node.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    seal(node)
    before = node.recording(call_id)
    node.flac(call_id).unlink()
    node.paths.parts_of(call_id)[0].unlink()
    for _ in range(6):
        assert seal_call(node.worker, call_id) is RecordingState.READY
    after = node.recording(call_id)
    assert (after.pcm_sha256, after.sealed_at) == (before.pcm_sha256, before.sealed_at)
    assert after.due_at is None
    assert node.causes() == ["sealing_failed"]


def test_a_recording_that_gets_another_part_is_sealed_anew_and_its_incidents_heal(node: Node) -> None:
    call_id = node.ended_call([APart(talk(4000), 6)], line_up_s=0, answered_s=0, ended_s=10)
    seal(node)
    assert node.causes() == ["length_mismatch"]
    node.closed_part(call_id, APart(talk(6000), 0, starter="d"))
    node.due_again(call_id)
    assert seal(node) == 1
    assert node.samples(call_id).tobytes() == talk(6000) + talk(4000)
    assert node.incidents() == []
    assert [cause for cause, _, _ in node.incidents(healed=True)] == ["length_mismatch"]


def test_a_call_in_progress_and_an_unknown_one_cannot_be_sealed(small: Node) -> None:
    call_id = small.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    small.set_state(call_id, RecordingState.GROWING)
    assert seal(small) == 0
    with pytest.raises(Refused, match="recording_growing"):
        seal_call(small.worker, call_id)
    with pytest.raises(NotFound):
        seal_call(small.worker, new_id())


def test_a_recording_in_another_workers_hands_is_left_to_it(node: Node) -> None:
    call_id = node.ended_call([APart(talk(1000))], answered_s=0, ended_s=1)
    node.claim(call_id)
    assert seal(node) == 0
    with pytest.raises(Conflict):
        seal_call(node.worker, call_id)
    node.pass_s(601)
    assert seal(node) == 1


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
