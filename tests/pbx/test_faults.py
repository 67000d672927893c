"""A call is sacred: whatever of ours dies or freezes, at whatever step, it goes on and is recorded whole."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from ari_app.ari import ADMISSION, WATCH
from demo.office import LoopbackOffice
from demo.processes import until
from demo.sipp import CallSeen
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party, Witness
from supervision.incidents.rules import Cause
from supervision.recordings.models import RecordingState
from tests.pbx.conftest import Make
from tests.pbx.stories import (
    as_long_as,
    bridged,
    call_on,
    call_over,
    calls_of,
    description,
    expect_log_to_agree,
    hears,
    incidents_of,
    loudness,
    nobody_left,
    recording_of,
    seal_all,
    sealed_audio,
    tone,
)
from tests.pbx.wires import Wire

pytestmark = pytest.mark.pbx

Story = Callable[[LoopbackOffice], None]


def in_stasis(office: LoopbackOffice) -> None:
    until("the call in Stasis", lambda: "!Stasis!" in office.pbx.cli("core show channels concise"))


def ringing(office: LoopbackOffice) -> None:
    until("a desk ringing", lambda: "!Ringing!AppQueue!" in office.pbx.cli("core show channels concise"))


def talking(office: LoopbackOffice) -> None:
    until(
        "people talking", lambda: "2 active channels" in office.pbx.cli("core show channels") and bridged(office)
    )


STEPS = {"in stasis": in_stasis, "ringing": ringing, "talking": talking}


def expect_whole(office: LoopbackOffice, seen: CallSeen, *, desk: str = "801") -> Call:
    """The call was answered, lost no channel, is written down in full, and recorded from end to end."""
    nobody_left(office)
    call = call_over(office, 25)
    assert call.disposition is Disposition.ANSWERED
    assert call.answered_desk == desk
    assert call.rings >= 1
    assert call.hung_up_by is Party.CALLER
    assert [segment.desk for segment in call.segments] == [desk]
    expect_log_to_agree(office)
    seal_all(office)
    recording = recording_of(office, call.id)
    assert recording.state is RecordingState.READY
    audio = sealed_audio(office, call)
    assert as_long_as(audio, seen.length_ms)
    assert hears(audio[-12000:-4000, 0]) == 440
    assert hears(audio[-12000:-4000, 1]) == 880
    return call


def a_call(office: LoopbackOffice, step: Callable[[LoopbackOffice], None], deed: Callable[[], None]) -> CallSeen:
    """A call from beginning to end, with a deed at one step of it."""
    office.desk("801").answers(after_s=1.5, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), caller_id=b"13812341234", plays=tone(440), talks_s=5)
    step(office)
    deed()
    (seen,) = run.wait()
    return seen


@pytest.mark.parametrize("step", ["ringing", "talking"])
def test_ari_app_killed_in_mid_call(office: LoopbackOffice, step: str) -> None:
    seen = a_call(office, STEPS[step], office.app.kill)
    nobody_left(office)
    office.start_app()
    expect_whole(office, seen)


def test_ari_app_killed_in_the_moment_of_the_hang_up(office: LoopbackOffice) -> None:
    seen = a_call(office, talking, lambda: None)
    office.app.kill()
    nobody_left(office)
    office.start_app()
    expect_whole(office, seen)


def test_ari_app_killed_while_the_announcement_plays(
    make_office: Callable[..., LoopbackOffice],
) -> None:
    """With the office's real prompts: what the caller hears is on the right-hand channel from the first word."""
    office = make_office(sounds=True)
    for extension in ("801", "802"):
        office.desk(extension).answers(after_s=0.5, plays=tone(880))
    run = office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=12)
    until("the announcement", lambda: "!Playback!" in office.pbx.cli("core show channels concise"))
    office.app.kill()
    (seen,) = run.wait()
    nobody_left(office)
    office.start_app()
    call = expect_whole(office, seen, desk="802")
    on = recording_of(office, call.id).officer_on_ms
    assert on is not None
    assert on > 1500
    assert loudness(sealed_audio(office, call)[2000:10000, 1]) > 0.01


def test_ari_app_killed_while_the_caller_waits_for_a_desk(make_office: Make) -> None:
    office = make_office(description(ports=2))
    for extension in ("801", "802"):
        office.desk(extension).answers(after_s=0.1, plays=tone(880))
    talks = [office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=20) for _ in range(2)]
    until("both desks busy", lambda: len([c for c in calls_of(office) if c.answered_at]) == 2)
    run = office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=3)
    until("the third waiting", lambda: "1 call" in office.pbx.cli("queue show 07-2"))
    office.app.kill()
    run.wait()
    for talk in talks:
        talk.stop()
    office.start_app()
    call = call_on(office, "07-2")
    assert (call.disposition, call.rings, call.hung_up_by) == (Disposition.BUSY, 0, Party.CALLER)


def test_a_recording_that_was_interrupted_is_two_parts_joined_with_the_gap_marked(office: LoopbackOffice) -> None:
    """Somebody with a console stops the recording in mid-call and begins it anew a second later."""
    office.desk("801").answers(after_s=0.2, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=7)
    talking(office)
    (first,) = office.paths.spool.iterdir()
    until("two seconds on disk", lambda: first.stat().st_size > 64_000)
    channels = [line.split("!")[0] for line in office.pbx.cli("core show channels concise").splitlines()]
    (channel,) = [channel for channel in channels if channel.startswith("PJSIP/fxo-1-")]
    office.pbx.cli(f"mixmonitor stop {channel}")
    until("a second without recording", lambda: time.time() - first.stat().st_mtime > 1.0)
    second = first.with_name(first.name.replace(".a1.", ".a2."))
    office.pbx.cli(f"mixmonitor start {channel} {second},D")
    (seen,) = run.wait()
    call = expect_whole(office, seen)
    recording = recording_of(office, call.id)
    assert sorted(part.name for part in recording.parts) == [first.name, second.name]
    (gap,) = recording.gaps
    assert 900 <= gap["length_ms"] <= 2500
    assert Cause.RECORDING_GAP in {incident.cause for incident in incidents_of(office)}


def test_an_event_wire_that_another_took_is_taken_back(office: LoopbackOffice) -> None:
    """Asterisk sends all events to the last that connected under a name, and tells the one before but once."""
    before = office.app.said().count("ari connected")
    password = office.paths.secret("ari").read_text("ascii").strip()
    asked = f"/ari/events?app={ADMISSION},{WATCH}&api_key={office.settings.ari_user}:{password}"
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    with socket.create_connection(("127.0.0.1", office.network.http_port)) as other:
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ari\r\n"
        other.sendall(f"GET {asked} HTTP/1.1\r\nHost: 127.0.0.1\r\n{upgrade}{key}\r\n".encode())
        assert b" 101 " in other.recv(4096)
        until("ours again", lambda: office.app.said().count("ari connected") > before)
    expect_whole(office, a_call(office, talking, lambda: None))


@pytest.mark.parametrize("step", ["ringing", "talking"])
def test_ari_app_killed_and_back_while_the_call_goes_on(office: LoopbackOffice, step: str) -> None:
    def restart() -> None:
        office.app.kill()
        office.start_app()

    expect_whole(office, a_call(office, STEPS[step], restart))


def test_ari_app_killed_while_the_call_is_inside_stasis(office: LoopbackOffice) -> None:
    office.app.freeze()
    seen = a_call(office, in_stasis, office.app.kill)
    nobody_left(office)
    office.start_app()
    call = expect_whole(office, seen)
    assert [part.name.split(".")[1] for part in recording_of(office, call.id).parts] == ["d1"]


def test_ari_app_frozen_during_admission_and_thawed_later(office: LoopbackOffice) -> None:
    office.app.freeze()
    seen = a_call(office, talking, lambda: None)
    office.app.thaw()
    expect_whole(office, seen)


def test_ari_app_frozen_during_admission_and_thawed_in_mid_call(office: LoopbackOffice) -> None:
    office.app.freeze()
    expect_whole(office, a_call(office, talking, office.app.thaw))


@pytest.mark.parametrize("step", ["ringing", "talking"])
def test_ari_app_frozen_in_mid_call(office: LoopbackOffice, step: str) -> None:
    seen = a_call(office, STEPS[step], office.app.freeze)
    nobody_left(office)
    office.app.thaw()
    expect_whole(office, seen)


def test_ari_app_away_from_the_first_ring_to_the_last_word(office: LoopbackOffice) -> None:
    office.app.stop()
    seen = a_call(office, talking, lambda: None)
    assert calls_of(office) == []
    office.start_app()
    call = expect_whole(office, seen)
    assert call.caller_number == "13812341234"


def test_a_call_that_only_the_call_detail_record_tells_of_is_a_whole_record(office: LoopbackOffice) -> None:
    """ari_app away for the whole call, and the channel event log lost."""
    office.app.stop()
    seen = a_call(office, talking, lambda: None)
    nobody_left(office)
    for lost in office.paths.cel.parent.glob("master.db*"):
        lost.unlink()
    office.start_app()
    call = call_over(office)
    assert (call.disposition, call.answered_desk, call.witness) == (Disposition.ANSWERED, "801", Witness.CDR)
    assert abs((call.ended_at or call.offered_at).timestamp() - seen.at_ms("BYE") / 1000) < 1.5
    assert (recording_of(office, call.id).parts[0].length_bytes or 0) > 100_000


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def test_ami_down_with_ari_up(make_office: Callable[..., LoopbackOffice], wire: Wire) -> None:
    def connect(office: LoopbackOffice) -> None:
        wire.target = office.network.ami_port

    office = make_office(prepare=connect, settings={"SUPERVISION_AMI_PORT": str(wire.port)})
    wire.cut()
    call = expect_whole(office, a_call(office, talking, lambda: None))
    assert [part.name.split(".")[1] for part in recording_of(office, call.id).parts] == ["d1"]
    assert Cause.ADMITTED_BY_DIALPLAN in {incident.cause for incident in incidents_of(office)}
    until("the loss seen", lambda: Cause.CONTROL_LOST in {i.cause for i in incidents_of(office)})
    wire.mend()
    lost = Cause.CONTROL_LOST
    until("the loss healed", lambda: all(i.healed_at for i in incidents_of(office) if i.cause is lost))


def test_ami_lost_in_mid_call(make_office: Callable[..., LoopbackOffice], wire: Wire) -> None:
    def connect(office: LoopbackOffice) -> None:
        wire.target = office.network.ami_port

    office = make_office(prepare=connect, settings={"SUPERVISION_AMI_PORT": str(wire.port)})
    expect_whole(office, a_call(office, talking, wire.cut))


def test_asterisk_killed_in_mid_call(office: LoopbackOffice) -> None:
    office.desk("801").answers(after_s=0.2, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=60)
    talking(office)
    until("three seconds on disk", lambda: sum(p.stat().st_size for p in office.paths.spool.iterdir()) > 96_000)
    office.pbx.kill()
    run.stop()
    office.pbx.start()
    call = call_over(office, 30)
    seal_all(office)
    recording = recording_of(office, call.id)
    assert call.interrupted
    assert call.disposition is Disposition.ANSWERED
    assert recording.interrupted
    assert recording.state is RecordingState.READY
    audio = sealed_audio(office, call)
    assert len(audio) >= 24_000
    assert hears(audio[8000:-4000, 0]) == 440
    assert {incident.cause for incident in incidents_of(office)} == {Cause.ASTERISK_STOPPED}


def test_a_frozen_asterisk_is_seen_within_five_seconds_and_its_return_too(office: LoopbackOffice) -> None:
    office.pbx.freeze()
    until("the loss noticed", lambda: "ari lost" in office.app.said() and "ami lost" in office.app.said(), 5.0)
    before = office.app.said()
    office.pbx.thaw()
    office.wait_for_app(before)
