"""What telephones do with their audio: other packets, codecs, ports, offers. Each call is recorded whole."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bench.jitter import WEATHERS, measure
from demo.office import LoopbackOffice
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ
from tests.pbx.softphone import Softphone
from tests.pbx.speech import PCMU, described, fax
from tests.pbx.stories import calls_over, hears, incidents_of, nobody_left, seal_all, sealed_audio

pytestmark = pytest.mark.pbx

TALKS_S = 1.5


@dataclass(frozen=True)
class Kind:
    """A kind of call: how the port and the desk are set up before it, and what happens in its middle."""

    before: Callable[[Softphone, Softphone], None] = lambda port, desk: None
    amid: Callable[[Softphone, Softphone], None] = lambda port, desk: None


def packets_of(ms: int) -> Callable[[Softphone, Softphone], None]:
    """Both sides send packets of another length, as their offers say."""

    def before(*phones: Softphone) -> None:
        for phone in phones:
            phone.speech.ptime = ms
            phone.description = lambda phone=phone: described(phone.speech.port, ptime=ms)  # type: ignore[misc]

    return before


def other_codec(port: Softphone, desk: Softphone) -> None:
    """Each side goes on in mu-law."""
    for phone in (port, desk):
        assert phone.offers_again(described(phone.speech.port, codec=PCMU)) == 200
        phone.speech.codec = PCMU


def offered_other_port(port: Softphone, desk: Softphone) -> None:
    """Each side says that it goes on at another port, and does."""
    for phone in (port, desk):
        phone.speech.move()
        assert phone.offers_again(described(phone.speech.port)) == 200


def plain_again(port: Softphone, desk: Softphone) -> None:
    """The same offer once more, as a session is refreshed."""
    for phone in (port, desk):
        assert phone.offers_again(described(phone.speech.port)) == 200


def with_fax(template: Callable[[Softphone], str]) -> Callable[[Softphone, Softphone], None]:
    """The port's first offer names a fax beside the audio."""

    def before(port: Softphone, desk: Softphone) -> None:
        port.description = lambda: template(port)

    return before


def late(port: Softphone, desk: Softphone) -> None:
    """The port's INVITE has no offer; the PBX offers in its 200, and the ACK answers."""
    port.late_offer = True


KINDS = {
    "packets of 30 ms": Kind(before=packets_of(30)),
    "packets of 60 ms": Kind(before=packets_of(60)),
    "another codec": Kind(amid=other_codec),
    "another port, offered": Kind(amid=offered_other_port),
    "refreshed": Kind(amid=plain_again),
    "late offer": Kind(before=late),
    "audio and fax": Kind(before=with_fax(lambda p: described(p.speech.port) + fax(p.speech.port + 1))),
    "fax and audio": Kind(
        before=with_fax(lambda p: described(p.speech.port).replace("m=audio", fax(p.speech.port + 1) + "m=audio"))
    ),
}

ROW = {"lines": len(KINDS)}


def test_each_kind_of_call_is_answered_heard_and_recorded_on_both_sides(row: LoopbackOffice, plug: Plug) -> None:
    """All at once, each on a line of its own with its own desk."""
    office = row
    pairs = {title: (plug(office, f"07-{n}"), plug(office, str(100 + n))) for n, title in enumerate(KINDS)}
    for n, (title, (port, desk)) in enumerate(pairs.items()):
        KINDS[title].before(port, desk)
        assert port.dials(office.number(f"07-{n}")) == 200, title
    time.sleep(TALKS_S)
    for title, (port, desk) in pairs.items():
        KINDS[title].amid(port, desk)
    for phones in pairs.values():
        for phone in phones:
            phone.speech.heard()
    time.sleep(TALKS_S)
    for title, (port, desk) in pairs.items():
        assert (hears(port.speech.heard()), hears(desk.speech.heard())) == (DESK_HZ, PORT_HZ), title
    for port, _ in pairs.values():
        port.hangs_up()
    calls = {call.line_key: call for call in calls_over(office, len(KINDS))}
    seal_all(office)
    for n, title in enumerate(KINDS):
        call = calls[f"07-{n}"]
        assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.CALLER), title
        assert_whole(office, call, title)
    assert incidents_of(office) == []
    nobody_left(office)


def test_packets_that_overtake_each_other_are_put_in_order_before_they_are_recorded(row: LoopbackOffice) -> None:
    """Without a buffer a fifth of the audio is lost in such a weather (`python -m bench.jitter`)."""
    found = measure(row, "", WEATHERS["60 ms reordered"], calls=1, talk_s=4)
    for (side,) in (found.caller, found.desk):
        assert side.in_order > 0.92
    nobody_left(row)


def assert_whole(office: LoopbackOffice, call: Call, title: str) -> None:
    """The recording is as long as the talk, and has each side on its channel at its beginning and its end."""
    assert call.answered_at is not None
    assert call.ended_at is not None
    audio = sealed_audio(office, call)
    assert abs(len(audio) / 8000 - (call.ended_at - call.answered_at).total_seconds()) < 0.5, title
    for part in (audio[2400:9600], audio[-9600:-2400]):
        assert (hears(part[:, 0]), hears(part[:, 1])) == (PORT_HZ, DESK_HZ), title
