from datetime import UTC, datetime

import pytest

from demo.phones import shown_caller
from demo.sipp import CallSeen, Message, PhoneFailed

LOG = """\
2026-11-23	23:10:38.456000	1795475438.456000	S	1-1@127.0.0.1	CSeq:1 INVITE	INVITE sip:55@127.0.0.1 SIP/2.0
2026-11-23	23:10:38.457000	1795475438.457000	R	1-1@127.0.0.1	CSeq:1 INVITE	SIP/2.0 401 Unauthorized
2026-11-23	23:10:38.458000	1795475438.458000	S	1-1@127.0.0.1	CSeq:1 ACK	ACK sip:55@127.0.0.1 SIP/2.0
2026-11-23	23:10:38.459000	1795475438.459000	S	1-1@127.0.0.1	CSeq:2 INVITE	INVITE sip:55@127.0.0.1 SIP/2.0
2026-11-23	23:10:39.000000	1795475439.000000	R	1-1@127.0.0.1	CSeq:2 INVITE	SIP/2.0 200 OK
2026-11-23	23:10:39.001000	1795475439.001000	S	1-1@127.0.0.1	CSeq:2 ACK	ACK sip:127.0.0.1:25060 SIP/2.0
2026-11-23	23:10:42.250000	1795475442.250000	R	1-1@127.0.0.1	CSeq:3 BYE	BYE sip:127.0.0.1:25060 SIP/2.0
2026-11-23	23:10:42.251000	1795475442.251000	S	1-1@127.0.0.1	CSeq:3 BYE	SIP/2.0 200 OK
"""


def seen(lines: int) -> CallSeen:
    messages = [Message.parse(line) for line in LOG.splitlines()[:lines]]
    return CallSeen("1-1@127.0.0.1", tuple(message for message in messages if message))


def test_a_line_of_the_log_becomes_a_typed_message() -> None:
    message = Message.parse(LOG.splitlines()[1])
    assert message == Message(
        datetime(2026, 11, 23, 23, 10, 38, 457000, tzinfo=UTC), False, "1-1@127.0.0.1", 1, "INVITE", 401
    )
    assert message.name == "401 INVITE"
    assert Message.parse("half a li") is None


def test_a_calls_length_is_from_the_answer_to_the_bye() -> None:
    assert seen(8).length_ms == pytest.approx(3250)
    assert seen(8).over
    assert seen(8).answered


def test_a_challenge_is_not_the_end_of_a_call() -> None:
    assert not seen(3).over
    assert not seen(5).over
    assert not seen(7).over


def test_what_did_not_pass_is_named_with_what_did() -> None:
    with pytest.raises(PhoneFailed, match=r"no BYE in call .* seen: INVITE, 401 INVITE, ACK, INVITE"):
        seen(4).at_ms("BYE")


@pytest.mark.parametrize(
    ("given", "name", "user"),
    [
        (b"13912341234", b'"13912341234" ', b"13912341234@"),
        (b"", b"", b""),
        (b'"; rm -rf <x>\r\n', b'"\\"; rm -rf <x>" ', b"%22%3B%20rm%20-rf%20%3Cx%3E@"),
        (b"\xff\xfe", b'"\xff\xfe" ', b"%FF%FE@"),
    ],
)
def test_a_caller_id_goes_as_a_gateway_sends_it(given: bytes, name: bytes, user: bytes) -> None:
    assert shown_caller(given) == {"cid_name": name, "cid_user": user}
