"""The arithmetic of the benchmarks, and what they read. No time is asserted here."""

import io
import os
import random
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from bench import behind, delay, live, reconciling, reviewing, uplink
from bench.behind import Growth, Speaker, Way, steps_in
from bench.cpu import ALTOGETHER, SEALING, Measured, Shape, report, shape_from
from bench.figures import median, once_a_call_ms, percent_of_core, percentile, ratio, shown, table
from bench.jitter import CYCLE, WEATHERS, byte_of, codes, find_packets
from bench.machine import TICKS_A_SECOND, ProcessStat, cpu_seconds, machine_line
from bench.nodes import bare_modules, office_of
from bench.phones import Moments
from bench.sip import Account, SipMessage, authorization, offer, reply
from bench.uplink import Acknowledged, Step, waited_ms
from bench.wire import Media, Wire, is_marked, rtp_packet
from supervision.offices.description import OfficeDescription

INVITE = (
    b"INVITE sip:100@127.0.0.1:16000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
    b'From: "a: b" <sip:1@127.0.0.1>;tag=f\r\nTo: <sip:100@127.0.0.1>\r\n'
    b"Contact: <sip:asterisk@127.0.0.1:5060>\r\n"
    b"Call-ID: c1\r\nCSeq: 7 INVITE\r\nContent-Type: application/sdp\r\n\r\n" + offer(18000).encode()
)


def stat_line(pid: int, parent: int, cpu: tuple[int, int, int, int], name: str = "asterisk") -> str:
    before, after = "S {parent} 1 1 0 -1 4194304 100 0 0 0", "20 0 75 0 1000 1 2 3"
    return f"{pid} ({name}) {before.format(parent=parent)} {' '.join(map(str, cpu))} {after}\n"


def proc(folder: Path, *lines: str) -> Path:
    for line in lines:
        (folder / line.split()[0]).mkdir()
        (folder / line.split()[0] / "stat").write_text(line)
    return folder


def test_a_stat_line_gives_own_and_reaped_ticks_apart() -> None:
    assert ProcessStat.parse(stat_line(42, 7, (11, 5, 3, 1))) == ProcessStat(42, 7, 16, 4)


def test_a_name_with_blanks_and_brackets_does_not_shift_the_fields() -> None:
    assert ProcessStat.parse(stat_line(42, 7, (11, 5, 0, 0), "a) S 9 (b")).ticks == 16


@pytest.mark.parametrize("text", ["", "42 asterisk S 7", "42 (asterisk) S 7 1 1"])
def test_what_is_no_stat_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="stat"):
        ProcessStat.parse(text)


def test_a_process_counts_with_its_children_and_their_children_and_no_stranger(tmp_path: Path) -> None:
    lines = [
        stat_line(10, 1, (100, 20, 30, 0)),
        stat_line(11, 10, (5, 0, 0, 0)),
        stat_line(12, 11, (2, 1, 0, 0)),
        stat_line(13, 1, (9999, 0, 0, 0)),
    ]
    assert cpu_seconds(10, proc(tmp_path, *lines)) == 158 / TICKS_A_SECOND


def test_a_child_that_ends_takes_no_cpu_away(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    before = proc(tmp_path / "before", stat_line(10, 1, (100, 0, 0, 0)), stat_line(11, 10, (7, 3, 0, 0)))
    after = proc(tmp_path / "after", stat_line(10, 1, (100, 0, 7, 3)))
    assert cpu_seconds(10, after) == cpu_seconds(10, before)


def test_a_process_that_is_gone_is_no_zero(tmp_path: Path) -> None:
    with pytest.raises(ProcessLookupError):
        cpu_seconds(10, tmp_path)


def test_the_machine_says_cores_versions_and_load() -> None:
    line = machine_line("Asterisk 22.10.1")
    assert all(word in line for word in ("cores", "Asterisk 22.10.1", "Python 3.", "load "))


def test_the_median_is_the_middle_or_between_the_two() -> None:
    assert median([5.0, 1.0, 3.0]) == 3.0
    assert median([1.0, 2.0]) == 1.5
    with pytest.raises(ValueError, match="nothing"):
        median([])


def test_a_percentile_lies_between_its_neighbours() -> None:
    values = [float(n) for n in range(101)]
    assert percentile(values[::-1], 95) == 95.0
    assert percentile([10.0, 20.0], 50) == 15.0
    assert percentile([4.0], 95) == 4.0
    assert percentile([1.0, 2.0, 3.0], 100) == 3.0
    with pytest.raises(ValueError, match="of 0 values"):
        percentile([], 95)


def test_a_ratio_to_nothing_is_none() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(3.0, 0.0) is None


def test_six_cpu_seconds_in_ten_for_thirty_calls_are_two_per_cent_each() -> None:
    assert percent_of_core(6.0, 10.0, 30) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="no share"):
        percent_of_core(1.0, 0.0)


def test_what_a_call_costs_once_is_what_neither_rest_nor_talking_explains() -> None:
    # Ten calls of 20 s in a span of 30 s: 0.1 a second at rest, 0.5 while they talk, and 50 ms for each.
    whole_s = 0.1 * 30 + (0.5 - 0.1) * 20 + 10 * 0.05
    assert once_a_call_ms(whole_s, 30.0, (0.1, 0.5), 20.0, 10) == pytest.approx(50.0)


def test_a_table_puts_words_left_and_figures_right() -> None:
    assert table(["what", "ms"], [["a", "10.5"], ["long one", "3"]]).splitlines() == [
        "what        ms",
        "--------  ----",
        "a         10.5",
        "long one     3",
    ]
    assert shown(None) == "-"
    assert shown(1.234, 1, " x") == "1.2 x"


def test_the_cpu_table_takes_each_ratio_in_its_own_round() -> None:
    """Medians of 1, 2, 9 and 3, 6, 9 would give 3; the rounds' own ratios are 3, 3 and 1."""
    plain = [Measured(0.0, figure, 1.0) for figure in (1.0, 2.0, 9.0)]
    node = [Measured(2.0, figure, 5.0) for figure in (3.0, 6.0, 9.0)]
    names = ("asterisk", "ari_app", "worker", ALTOGETHER, SEALING)
    figures = {("plain Dial", "asterisk"): plain, ("plain Dial", ALTOGETHER): plain}
    figures |= {("whole node", name): node for name in names}
    lines = report(["plain Dial", "whole node"], figures).splitlines()
    assert lines[2].split() == ["plain", "Dial", "asterisk", "0.00", "2.000", "1.00", "x", "1.0"]
    assert lines[-1].split() == ["with", "sealing", "2.00", "6.000", "3.00", "x", "5.0"]
    assert len(lines) == 2 + 1 + len(names)


def test_the_quick_run_is_small_and_the_calls_outlast_the_window() -> None:
    quick, chosen = shape_from(["--quick"]), shape_from(["--calls", "7", "--rounds", "2", "--window", "9"])
    assert quick.rounds == 1
    assert quick.talks_s * 4 < 20
    assert chosen == Shape(calls=7, rounds=2, window_s=9.0, idle_s=4.0, settle_s=2.0)
    assert chosen.talks_s > chosen.settle_s + chosen.window_s


def test_the_delay_table_takes_the_difference_turn_by_turn() -> None:
    plain = [Moments(0, 2_000_000, 3_000_000, 0, 10_000_000, 12_000_000) for _ in range(3)]
    ours = [
        Moments(0, 40_000_000, 41_000_000, 0, late, 14_000_000) for late in (11_000_000, 12_000_000, 30_000_000)
    ]
    lines = delay.report(plain, ours).splitlines()
    assert lines[2].split()[-5:] == ["2.0", "2.0", "40.0", "40.0", "38.0"]
    assert lines[4].split()[-5:] == ["10.0", "10.0", "12.0", "28.2", "2.0"]
    assert lines[6].split()[-5:] == ["12.0", "12.0", "14.0", "28.4", "2.0"]


def test_the_bare_asterisk_has_no_queue_no_stasis_and_no_witness_and_dials() -> None:
    ours = "load = chan_pjsip.so\nload = app_queue.so\nload = app_stasis.so\n; the witnesses\nload = cdr_csv.so\n"
    assert bare_modules(ours).split("\n") == [
        "load = chan_pjsip.so",
        "load = app_dial.so",
        "load = bridge_native_rtp.so",
        "",
    ]


def test_the_office_of_the_benchmarks_is_a_valid_one() -> None:
    office = OfficeDescription.model_validate(office_of(3))
    assert [line.desks for line in office.lines] == [("100",), ("101",), ("102",)]
    assert not any(line.announcement for line in office.lines)


def test_only_audio_that_is_all_mark_counts_as_the_other_side() -> None:
    packet = rtp_packet(3, 7, b"\x7b" * 160)
    assert is_marked(packet, 0x7B)
    assert not is_marked(packet, 0x2A)
    assert not is_marked(packet[:-1] + b"\xd5", 0x7B)
    assert not is_marked(packet[:12], 0x7B)
    assert not is_marked(bytes([0x80, 200]) + packet[2:], 0x7B), "RTCP"


def test_a_sip_message_is_taken_apart() -> None:
    message = SipMessage.parse(INVITE)
    assert message.name == "INVITE"
    assert message.audio == ("127.0.0.1", 18000)
    assert message.contact == "sip:asterisk@127.0.0.1:5060"
    assert message.header("from") == '"a: b" <sip:1@127.0.0.1>;tag=f'
    with pytest.raises(ValueError, match="no subject"):
        message.header("subject")
    with pytest.raises(ValueError, match="not SIP"):
        SipMessage.parse(b"\x80\x08")


def test_an_answer_keeps_what_belongs_to_the_transaction_and_adds_one_tag() -> None:
    answer = SipMessage.parse(reply(SipMessage.parse(INVITE), "180 Ringing", "t1", "<sip:100@127.0.0.1:16000>"))
    assert answer.name == "180 INVITE"
    assert answer.header("via") == "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1"
    assert answer.header("to") == "<sip:100@127.0.0.1>;tag=t1"
    assert answer.header("content-length") == "0"


def test_the_digest_without_qop_is_that_of_the_rfc_2069_example() -> None:
    challenge = 'Digest realm="testrealm@host.com",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",algorithm=MD5'
    answer = authorization(challenge, Account("Mufasa", "Circle Of Life"), "GET", "/dir/index.html")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in answer


def test_a_challenge_with_qop_and_opaque_gets_both_back() -> None:
    challenge = 'Digest realm="asterisk",nonce="1/2",opaque="0f",algorithm=MD5,qop="auth"'
    answer = authorization(challenge, Account("fxo-1", "secret"), "INVITE", "sip:1@127.0.0.1")
    assert all(part in answer for part in ('opaque="0f"', "qop=auth", "nc=00000001", 'nonce="1/2"'))


@pytest.mark.enable_socket
def test_the_kernel_says_when_a_datagram_came() -> None:
    before = time.time_ns()
    wire = Wire(0)
    try:
        sent = wire.send(b"x", wire.socket.getsockname())
        (arrived,) = wire.arrived()
    finally:
        wire.close()
    assert arrived.data == b"x"
    assert before <= sent
    if "FAKETIME" not in os.environ:  # scripts/with_clock.sh moves no clock of the kernel's
        assert abs(arrived.at_ns - sent) < 60_000_000_000, "of the same clock"


def test_a_step_waits_for_the_first_acknowledgement_that_covers_it() -> None:
    answers = [Acknowledged.parse(line) for line in ("3000000 a 32768", "5000000 b 32768", "9000000 a 98304")]
    steps = [Step("a", 32_768, 1_000_000), Step("a", 65_536, 2_000_000), Step("b", 32_768, 4_500_000)]
    assert waited_ms(steps, answers) == [2.0, 7.0, 0.5]
    with pytest.raises(ValueError, match="not acknowledged"):
        waited_ms([Step("b", 32_769, 0)], answers)


def test_the_uplinks_table_names_the_ratio_of_p99_to_the_goal() -> None:
    waited = [float(n) for n in range(101)]
    lines = uplink.report({"spread": uplink.Measured(waited, {"uplink": 12.34, "intake": 5.0})}).splitlines()
    assert lines[2].split() == ["spread", "101", "50.0", "95.0", "99.0", "100.0", "0.20", "x", "12.3", "5.0"]


def test_a_length_was_reached_when_there_was_first_as_much() -> None:
    growth = Growth()
    for size, at_ns in ((0, 1), (4, 2), (4, 3), (12, 4)):
        growth.note(size, at_ns)
    assert [growth.reached_ns(size) for size in (0, 4, 5, 12)] == [1, 2, 4, 4]
    with pytest.raises(ValueError, match="13 bytes"):
        growth.reached_ns(13)


def test_steps_are_where_the_callers_side_turns_to_its_opposite_whatever_the_other_side_says() -> None:
    caller, officer = [0, 0, 9, 9, 0, -9, -9, 9], [5, -5, 5, -5, 5, -5, 5, -5]
    frames = zip(caller, officer, strict=True)
    audio = b"".join(n.to_bytes(2, "little", signed=True) for frame in frames for n in frame)
    assert steps_in(audio) == [5, 7]


@pytest.mark.enable_socket
def test_a_speaker_steps_when_the_value_before_was_held_and_waits_after_the_last() -> None:
    media = Media(0x2A, 0x7B)
    try:
        media.spoke_ns = 1_000
        speaker = Speaker(media, steps=1)
        assert not speaker.said_all(1_000), "it is held"
        assert media.spoke_ns == 1_000
        assert not speaker.said_all(2_000_000_000), "a step is on its way"
        assert media.spoke_ns is None
        assert not speaker.said_all(2_000_000_001)
        media.spoke_ns = 2_000_000_005
        assert not speaker.said_all(2_100_000_000)
        assert speaker.said_all(6_000_000_000), "all is said"
        assert speaker.spoken_ns == [1_000, 2_000_000_005]
    finally:
        media.close()


def test_behind_speech_is_both_spans_of_each_step() -> None:
    lines = behind.report([Way(0.5, 0.01), Way(1.0, 0.03), Way(0.2, 0.02)]).splitlines()
    assert lines[4].split()[-6:] == ["0.220", "0.510", "0.978", "1.030", "0.41", "x"]


def test_a_steps_lag_is_from_its_packet_to_the_supervisors_player() -> None:
    assert live.lags([1_000_000_000, 2_500_000_000], [2_700.0, 4_300.0]) == pytest.approx([1.7, 1.8])
    with pytest.raises(ValueError, match="2 steps were spoken, 1 were heard"):
        live.lags([1, 2], [1.0])
    assert live.report([1.5, 1.75, 2.0]).splitlines()[-1].split()[-6:] == [
        "1.500",
        "1.750",
        "1.975",
        "2.000",
        "0.67",
        "x",
    ]


def test_waiting_in_the_review_room_is_shown_as_a_share_of_a_calls_72_seconds() -> None:
    waited = reviewing.Waited(next_s=[0.36, 0.72, 1.08], sound_s=[0.072])
    rows = [line.split() for line in reviewing.report(waited).splitlines()[2:]]
    assert [row[-5:] for row in rows] == [
        ["0.720", "1.044", "1.080", "0.0100", "x"],
        ["0.072", "0.072", "0.072", "0.0010", "x"],
    ]


def test_a_look_of_the_reconciler_is_shown_beside_a_plain_pass_and_as_a_share_of_its_minute() -> None:
    taken = reconciling.Taken(calls=490_560, looks_s=[6.0, 7.2, 9.0], plain_s=[3.6, 3.6, 3.6])
    assert reconciling.report(taken).splitlines()[2].split() == [
        "490,560",
        "7.20",
        "3.60",
        "2.0",
        "x",
        "0.120",
        "x",
    ]


def test_a_filled_headquarters_is_whole_so_that_a_look_finds_nothing() -> None:
    taken = reconciling.measure(2, 1)
    assert (taken.calls, len(taken.looks_s), len(taken.plain_s)) == (2 * 12 * 56, 1, 1)


def recording_of(numbers: list[int | None]) -> "npt.NDArray[np.int16]":
    """A channel with so many packets one after the other; None is silence."""
    heard = [0 if number is None else int(codes()[number % CYCLE]) for number in numbers]
    return np.repeat(np.array(heard, dtype=np.int16), 160)


def test_a_packets_byte_is_decoded_to_its_value() -> None:
    raw = bytes(byte_of(number) for number in range(CYCLE))
    decoded, _ = soundfile.read(
        io.BytesIO(raw), dtype="int16", samplerate=8000, channels=1, format="RAW", subtype="ALAW"
    )
    assert decoded.tolist() == codes().tolist()
    assert len(set(decoded.tolist())) == CYCLE


def test_a_whole_recording_has_all_packets_in_order() -> None:
    found = find_packets(recording_of([None] * 7 + list(range(40, 400)) + [None]))
    assert (found.there, found.in_order) == (1.0, 1.0)


def test_what_was_lost_is_not_there_and_what_was_overtaken_is_not_in_order() -> None:
    lost = find_packets(recording_of([*range(50), None, *range(51, 100)]))
    assert (lost.there, lost.in_order) == (0.99, 0.99)
    swapped = find_packets(recording_of([*range(50), 51, 50, *range(52, 100)]))
    assert (swapped.there, swapped.in_order) == (1.0, 0.99)


def test_a_recording_without_a_packet_has_none() -> None:
    assert find_packets(recording_of([None] * 9)).there == 0.0


def test_the_weathers_lose_and_delay_what_they_say() -> None:
    dice = random.Random(1)  # noqa: S311 - weather is no secret
    assert {WEATHERS["clean"](dice) for _ in range(100)} == {0.0}
    lost = [WEATHERS["5 % lost"](dice) for _ in range(4000)].count(None)
    assert 100 < lost < 300
    late = [WEATHERS["60 ms reordered"](dice) for _ in range(1000)]
    assert all(ms is not None and 0 <= ms <= 60 for ms in late)
