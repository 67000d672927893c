"""Hold, three ways and by either side: music for the held caller, kept in his recording, and nobody cut off."""

import time
from collections.abc import Callable

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party
from tests.pbx.conftest import Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ
from tests.pbx.softphone import Softphone
from tests.pbx.speech import described
from tests.pbx.stories import calls_over, hears, incidents_of, loudness, nobody_left, seal_all, sealed_audio

pytestmark = pytest.mark.pbx

WAYS: list[Callable[[int], str]] = [
    lambda port: described(port, direction="sendonly"),
    lambda port: described(port, direction="inactive"),
    lambda port: described(port, host="0.0.0.0"),  # noqa: S104 - the old way to hold
]
# Held for longer than a silent peer is waited for while nobody is on hold: 60 s as rendered.
ROW = {"lines": 2 * len(WAYS), "rtp_timeout_s": 2, "rtp_timeout_hold_s": 30}
HELD_S, RESUMED_S = 3.0, 1.2


def test_hold_in_each_way_by_each_side_has_music_and_ends_no_call(row: LoopbackOffice, plug: Plug) -> None:
    """Six calls at once, a line for each: talked, held without a packet, resumed, ended by the caller."""
    pairs = [(plug(row, f"07-{n}"), plug(row, str(100 + n))) for n in range(len(WAYS) * 2)]
    for n, (port, _) in enumerate(pairs):
        assert port.dials(row.number(f"07-{n}")) == 200
    until("all talk", lambda: all(len(port.speech.heard()) for port, _ in pairs))
    time.sleep(1)
    holders = [desk if n < len(WAYS) else port for n, (port, desk) in enumerate(pairs)]
    for holder, way in zip(holders, WAYS * 2, strict=True):
        assert holder.offers_again(way(holder.speech.port)) == 200
        holder.speech.hush()
    for pair in pairs:
        for phone in pair:
            phone.speech.heard()
    time.sleep(HELD_S)
    for pair, holder in zip(pairs, holders, strict=True):
        assert_hears_music(next(phone for phone in pair if phone is not holder))
    for holder in holders:
        assert holder.offers_again(described(holder.speech.port)) == 200
    time.sleep(RESUMED_S)
    for port, _ in pairs:
        port.hangs_up()
    calls = {call.line_key: call for call in calls_over(row, len(pairs))}
    seal_all(row)
    for n in range(len(pairs)):
        assert_recorded(row, calls[f"07-{n}"], held_by_desk=n < len(WAYS))
    assert incidents_of(row) == []
    nobody_left(row)


def assert_hears_music(held: Softphone) -> None:
    """A packet each 20 ms, and something in them."""
    music = held.speech.heard()
    assert len(music) > 8000 * (HELD_S - 0.5)
    assert loudness(music) > 0.005


def assert_recorded(office: LoopbackOffice, call: Call, *, held_by_desk: bool) -> None:
    """One talk, ended by the caller, with his voice, the music that he heard, and both sides at the end."""
    assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.CALLER)
    assert len(call.segments) == 1
    audio = sealed_audio(office, call)
    assert len(audio) / 8000 > HELD_S + 1.5 + RESUMED_S / 2
    assert hears(audio[-6400:-1600, 0]) == PORT_HZ
    assert hears(audio[-6400:-1600, 1]) == DESK_HZ
    if held_by_desk:
        music = audio[-int((RESUMED_S + HELD_S) * 8000) : -int((RESUMED_S + 1) * 8000), 1]
        assert loudness(music) > 0.005
        assert hears(music) != DESK_HZ
