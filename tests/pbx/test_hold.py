"""Hold, three ways and by either side: music for the held caller, kept in his recording, and nobody cut off."""

import time
from collections.abc import Callable

import pytest

from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Party
from tests.pbx.conftest import Make, Plug
from tests.pbx.plugged import DESK_HZ, PORT_HZ, a_desk_for_each_line
from tests.pbx.softphone import Softphone
from tests.pbx.speech import described
from tests.pbx.stories import (
    bridged,
    calls_over,
    hears,
    incidents_of,
    loudness,
    nobody_left,
    seal_all,
    sealed_audio,
)

pytestmark = pytest.mark.pbx

# Longer than a silent peer is waited for while nobody is on hold: 2 s here, 60 s as rendered.
HELD_S = 3.0
WAYS: dict[str, Callable[[int], str]] = {
    "sendonly": lambda port: described(port, direction="sendonly"),
    "inactive": lambda port: described(port, direction="inactive"),
    "0.0.0.0": lambda port: described(port, host="0.0.0.0"),  # noqa: S104 - the old way to hold
}
Pair = tuple[Softphone, Softphone]


def held(office: LoopbackOffice, plug: Plug, by_desk: bool) -> list[Pair]:
    """Three calls at once, each on a line of its own: talked, held in its way without a packet, resumed, ended."""
    pairs = [(plug(office, f"07-{n}"), plug(office, str(100 + n))) for n in range(len(WAYS))]
    for n, (port, _) in enumerate(pairs):
        assert port.dials(office.number(f"07-{n}")) == 200
    until("all talk", lambda: all(len(p.speech.heard()) and len(d.speech.heard()) for p, d in pairs))
    time.sleep(1)
    holders = [desk if by_desk else port for port, desk in pairs]
    for holder, way in zip(holders, WAYS.values(), strict=True):
        assert holder.offers_again(way(holder.speech.port)) == 200
        holder.speech.hush()
    for pair in pairs:
        for phone in pair:
            phone.speech.heard()
    time.sleep(HELD_S)
    return pairs


def resume_and_end(pairs: list[Pair], by_desk: bool) -> None:
    holders = [desk if by_desk else port for port, desk in pairs]
    for holder in holders:
        assert holder.offers_again(described(holder.speech.port)) == 200
    time.sleep(1.2)
    for port, _ in pairs:
        port.hangs_up()


def test_a_caller_held_by_a_desk_hears_music_and_it_is_in_his_recording(make_office: Make, plug: Plug) -> None:
    office = make_office(a_desk_for_each_line(3), rtp_timeout_s=2, rtp_timeout_hold_s=30)
    pairs = held(office, plug, by_desk=True)
    for port, _ in pairs:
        music = port.speech.heard()
        assert len(music) > 8000 * (HELD_S - 0.5), "a packet each 20 ms"
        assert loudness(music) > 0.005
    resume_and_end(pairs, by_desk=True)
    calls = calls_over(office, 3)
    seal_all(office)
    for call in calls:
        assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.CALLER)
        assert len(call.segments) == 1
        audio = sealed_audio(office, call)
        assert len(audio) / 8000 > HELD_S + 2
        assert hears(audio[4000:-4000, 0]) == PORT_HZ
        heard = audio[:, 1]
        assert hears(heard[-6400:-1600]) == DESK_HZ
        music = heard[-int((1.2 + HELD_S) * 8000) : -int(2.2 * 8000)]
        assert loudness(music) > 0.005
        assert hears(music) != DESK_HZ
    assert incidents_of(office) == []
    nobody_left(office)


def test_a_caller_who_holds_keeps_his_call(make_office: Make, plug: Plug) -> None:
    office = make_office(a_desk_for_each_line(3), rtp_timeout_s=2, rtp_timeout_hold_s=30)
    pairs = held(office, plug, by_desk=False)
    assert bridged(office)
    resume_and_end(pairs, by_desk=False)
    calls = calls_over(office, 3)
    seal_all(office)
    for call in calls:
        assert (call.disposition, call.hung_up_by) == (Disposition.ANSWERED, Party.CALLER)
        audio = sealed_audio(office, call)
        assert hears(audio[-6400:-1600, 0]) == PORT_HZ
        assert hears(audio[4000:-4000, 1]) == DESK_HZ
    nobody_left(office)


def test_a_desk_that_never_comes_back_from_hold_is_dead_in_the_time_of_hold(make_office: Make, plug: Plug) -> None:
    office = make_office(a_desk_for_each_line(1), rtp_timeout_s=1, rtp_timeout_hold_s=2)
    port, desk, leader = plug(office, "07-0"), plug(office, "100"), plug(office, "809")
    assert port.dials(office.number("07-0")) == 200
    desk.offers_again(described(desk.speech.port, direction="sendonly"))
    desk.dies()
    leader.waits_for("INVITE", 30)
    until("the leader talks", lambda: leader.in_call)
    leader.hangs_up()
    (call,) = calls_over(office, 1)
    assert [segment.desk for segment in call.segments] == ["100", "809"]
    nobody_left(office)
