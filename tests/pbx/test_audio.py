"""What is heard is what is kept: channels, lengths, first syllables, and fifty calls at once."""

import pytest

from demo.office import LoopbackOffice
from demo.phones import Dial, Gateways
from supervision.recordings.models import RecordingState
from tests.pbx.stories import (
    as_long_as,
    call_over,
    calls_over,
    description,
    hears,
    incidents_of,
    loudness,
    recording_of,
    seal_all,
    sealed_audio,
    tone,
)

pytestmark = [pytest.mark.pbx, pytest.mark.alone]


@pytest.mark.parametrize("line", ["07-1", "07-2"])
def test_each_side_is_kept_on_its_own_channel_in_full_length(office: LoopbackOffice, line: str) -> None:
    for extension in ("801", "802"):
        office.desk(extension).answers(after_s=1.2, plays=tone(880))
    (seen,) = office.gateway(line).dials(office.number(line), plays=tone(440), talks_s=6).wait()
    call = call_over(office)
    seal_all(office)
    recording, audio = recording_of(office, call.id), sealed_audio(office, call)
    assert recording.state is RecordingState.READY
    caller, officer = audio[:, 0], audio[:, 1]
    assert hears(caller[4000:-4000]) == 440
    on = recording.officer_on_ms
    assert on is not None
    assert hears(officer[on * 8 + 2000 : -4000]) == 880
    length_ms = len(audio) / 8
    assert as_long_as(audio, seen.length_ms), (length_ms, seen.length_ms)
    assert abs((recording.duration_ms or 0) - length_ms) <= 1
    assert incidents_of(office) == []


def test_the_first_hundred_milliseconds_of_the_caller_are_there(office: LoopbackOffice) -> None:
    """The caller's tone begins with his ACK; it is in the file from its start on, but for the way there."""
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=3).wait()
    call = call_over(office)
    seal_all(office)
    heard = sealed_audio(office, call)[480:1280, 0]
    # The jitter buffer may put in one packet's silence as it begins, and 100 ms resolve no tone more finely.
    assert abs(hears(heard) - 440) <= 10, "60 to 160 ms after the answer"
    assert sum(loudness(heard[n : n + 80]) < 0.1 for n in range(0, 800, 80)) <= 2


def test_where_the_officer_came_on_is_marked(office: LoopbackOffice) -> None:
    office.desk("802").answers(after_s=1.5, plays=tone(880))
    office.gateway("07-2").dials(office.number("07-2"), plays=tone(440), talks_s=5).wait()
    call = call_over(office)
    seal_all(office)
    officer, on = sealed_audio(office, call)[:, 1], recording_of(office, call.id).officer_on_ms
    assert on is not None
    # A short stretch, in which the jitter buffer may have left out a packet.
    assert abs(hears(officer[on * 8 + 1600 : on * 8 + 8000]) - 880) <= 10
    before = officer[max(0, on * 8 - 1600) : on * 8 - 400]
    assert abs(hears(before) - 880) > 10 or loudness(before) < 0.01


def test_fifty_calls_at_once_and_none_mixed_up(make_office: object) -> None:
    office: LoopbackOffice = make_office(fifty_lines(), rtp_ports=500)  # type: ignore[operator]
    keys = [line.key for line in office.description.lines]
    desks = office.desks([desk.extension for desk in office.description.desks if desk.extension != "899"])
    desks.answers(after_s=0.5, plays={str(100 + n): tone(1500 + 25 * n) for n in range(50)})
    gateways = Gateways(("127.0.0.1", office.network.sip_port), office.home / "phones", at_once=50)
    dials = [
        Dial(
            f"fxo-{n}",
            office.paths.secret(f"sip-line-{key}").read_text("ascii").strip(),
            office.number(key),
            tone(300 + 20 * n),
        )
        for n, key in enumerate(keys)
    ]
    seen = gateways.dial(dials, talks_s=8, a_second=50).wait(90)
    assert len([call for call in seen if call.answered]) == 50
    calls = calls_over(office, 50, 60)
    seal_all(office)
    gateways.unplug()
    for call in calls:
        n = keys.index(call.line_key)
        audio = sealed_audio(office, call)
        assert call.answered_desk == str(100 + n)
        assert hears(audio[8000:-8000, 0]) == 300 + 20 * n
        assert hears(audio[16000:-8000, 1]) == 1500 + 25 * n
    assert incidents_of(office) == []


def fifty_lines() -> dict[str, object]:
    """Fifty lines, each with a desk of its own, and one leader."""
    return description() | {
        "lines": [
            {
                "key": f"07-{n}",
                "number": f"8888{n:04d}",
                "name": f"线路{n}",
                "gateway": {"account": f"fxo-{n}"},
                "desks": [str(100 + n)],
                "leader": "899",
                "announcement": False,
                "ring_s": 5,
            }
            for n in range(50)
        ],
        "desks": [{"extension": str(100 + n), "name": f"台{n}"} for n in range(50)]
        + [{"extension": "899", "name": "带班台"}],
    }
