"""sipp's scenarios, as its XML: a gateway port that calls, a desk that is called, a registration.

Each row of the injection file is one gateway port or desk: `[field0]` its account, `[field1]` its credentials
(sipp fills in what stands in such a field), `[field2]` the number dialled, `[field3]` the key of its voice.
"""

from collections.abc import Mapping
from pathlib import Path

HEAD = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
OFFER = """v=0
o=phone 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20
a=sendrecv"""
REFUSALS = (400, 403, 404, 408, 420, 480, 482, 484, 486, 487, 488, 500, 503, 600, 603)
RINGS_BEFORE_REJECTING_MS = 500
REGISTERED_S = 7200  # the longest that Asterisk grants
RINGS_IN = (
    '<recv request="OPTIONS" optional="true" next="90"/>',
    '<recv request="INVITE" rrs="true"><action>'
    '<ereg regexp="sip:([^@;>]+)@" search_in="msg" check_it="false" assign_to="whole,extension"/>'
    '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" check_it="true" assign_to="invite"/>'
    '<ereg regexp=".*" search_in="hdr" header="From:" check_it="true" assign_to="caller"/>'
    '<ereg regexp=".*" search_in="hdr" header="To:" check_it="true" assign_to="called"/>'
    "</action></recv>",
    '<Reference variables="whole,caller,called,extension,invite"/>',
)


def credentials(account: str, password: str) -> str:
    """What stands in `[field1]`: sipp turns it into the answer to a challenge."""
    return f"[authentication username={account} password={password}]"


def registration() -> str:
    """REGISTER with a password, again every hour; the contact is the very port that is sent from."""

    def request(sequence: int, extra: str) -> str:
        return _send(
            f"""REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=z9hG4bK-[pid]-[call_number]-r{sequence}
From: <sip:[field0]@[remote_ip]>;tag=[pid]r[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: {sequence} REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Expires: {REGISTERED_S}
{extra}Content-Length: 0"""
        )

    return _scenario(
        "registration",
        '<label id="1"/>',
        request(1, ""),
        '<recv response="401" auth="true"/>',
        request(2, "[field1]\n"),
        '<recv response="200"/>',
        f'<pause milliseconds="{REGISTERED_S * 500}" next="1"/>',
    )


def desk(
    voices: Mapping[str, Path],
    *,
    answers_after_s: float | None,
    hangs_up_after_s: float | None,
    rejects_with: int | None = None,
    rings: bool = True,
) -> str:
    """A phone that rings and is answered, never answered (None), or rejects; it goes on for call after call.

    One that does not ring (`rings` False) is registered and dead: it takes a call without a word, or rejects it
    at once. sipp runs it as its out-of-call scenario, beside the registration: one process, one port.
    """
    ringing = _send(_reply("180 Ringing", tag=True)) if rings else _send(_reply("100 Trying"))
    if rejects_with is not None:
        pause = f'<pause milliseconds="{RINGS_BEFORE_REJECTING_MS}"/>'
        turned_down = _send(_reply(f"{rejects_with} Not Now", tag=True))
        first = [ringing, pause] if rings else []
        return _scenario("desk", *RINGS_IN, *first, turned_down, '<recv request="ACK" next="99"/>', *_pings())
    patience = _at_most(answers_after_s, "20")
    return _scenario(
        "desk",
        *RINGS_IN,
        ringing,
        f'<recv request="CANCEL" next="10"{patience}/>',
        '<label id="10"/>',
        _send(_reply("200 OK", tag=True)),
        _send(_reply("487 Request Terminated", tag=True, cseq="[$invite] INVITE"), retrans=True),
        '<recv request="ACK" next="99"/>',
        '<label id="20"/>',
        _send(_reply("200 OK", tag=True, body=True, contact=True), retrans=True),
        '<recv request="ACK"/>',
        *_plays("extension", voices),
        *_desk_end(hangs_up_after_s),
        *_pings(),
    )


def gateway(
    voices: Mapping[str, Path],
    *,
    authenticates: bool,
    gives_up_after_s: float | None,
    talks_s: float | None,
    headers: Mapping[str, str],
) -> str:
    """An FXO port: dials, is challenged, talks or gives up; `[cid_name]` and `[cid_user]` are keys of the run."""
    more = "".join(f"{name}: {value}\n" for name, value in headers.items())
    refusals = [f'<recv response="{code}" optional="true" next="40"/>' for code in (401, 407, *REFUSALS)]
    patience = _at_most(gives_up_after_s, "30")
    answer = "[field1]\n" if authenticates else ""
    return _scenario(
        "gateway",
        *(_challenge(more) if authenticates else []),
        _send(_invite(2, more + answer), retrans=True),
        # sipp waits by the clock of the message that came last, so each of them has it.
        *[f'<recv response="{code}" optional="true"{patience}/>' for code in (100, 180, 183)],
        *refusals,
        f'<recv response="200" rrs="true"{patience}/>',
        _send(_ack(2, branch="a2", uri="[next_url]")),
        '<nop><action><assignstr assign_to="voice" value="[field3]"/></action></nop>',
        *_plays("voice", voices),
        f'<recv request="BYE" next="10"{_at_most(talks_s, "20")}/>',
        '<label id="10"/>',
        _send(_reply("200 OK"), then="99"),
        '<label id="20"/>',
        _send(_request("BYE", 3, "[next_url]", "b3"), retrans=True),
        '<recv response="200" next="99"/>',
        *_giving_up(),
        '<label id="40"/>',
        _send(_ack(2, branch="i2"), then="99"),
        '<label id="41"/>',
        _send(_ack(1, branch="i1")),
        '<label id="99"/>',
    )


def _challenge(more: str) -> list[str]:
    return [
        _send(_invite(1, more), retrans=True),
        '<recv response="100" optional="true"/>',
        *[f'<recv response="{code}" optional="true" next="41"/>' for code in REFUSALS],
        '<recv response="407" optional="true" auth="true" next="5"/>',
        '<recv response="401" auth="true" next="5"/>',
        '<label id="5"/>',
        _send(_ack(1, branch="i1")),
    ]


def _giving_up() -> list[str]:
    return [
        '<label id="30"/>',
        _send(_request("CANCEL", 2, "sip:[field2]@[remote_ip]:[remote_port]", "i2", to_tag=False), retrans=True),
        # The answer, or the end, may have been on its way already.
        *[f'<recv response="{code}" optional="true" next="40"/>' for code in (481, *REFUSALS)],
        '<recv response="200" rrs="true"/>',
        '<recv response="200" optional="true" rrs="true" next="35"/>',
        '<recv response="487" next="40"/>',
        '<label id="35"/>',
        _send(_ack(2, branch="a2", uri="[next_url]"), then="20"),
    ]


def _at_most(seconds: float | None, then: str) -> str:
    """Attributes of a `recv` that waits so long and then goes on elsewhere; None waits for ever."""
    return "" if seconds is None else f' timeout="{max(1, round(seconds * 1000))}" ontimeout="{then}"'


def _desk_end(hangs_up_after_s: float | None) -> list[str]:
    bye = """BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=z9hG4bK-[pid]-[call_number]-b1
From:[$called];tag=[pid]d[call_number]
To:[$caller]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0"""
    return [
        f'<recv request="BYE" next="30"{_at_most(hangs_up_after_s, "40")}/>',
        '<label id="30"/>',
        _send(_reply("200 OK"), then="99"),
        '<label id="40"/>',
        _send(bye, retrans=True),
        '<recv response="200" next="99"/>',
    ]


def _pings() -> list[str]:
    return ['<label id="90"/>', _send(_reply("200 OK", tag=True)), '<label id="99"/>']


def _plays(variable: str, voices: Mapping[str, Path]) -> list[str]:
    """Play the voice that belongs to the variable's value; any other value is silent.

    sipp reads the file's name when it loads, so each voice needs a branch of its own.
    """
    steps = [f'<Reference variables="{variable}"/>']
    for n, (value, voice) in enumerate(voices.items(), 200):
        steps += [
            f'<nop><action><strcmp assign_to="order" variable="{variable}" value="{value}"/>'
            '<test assign_to="other" variable="order" compare="not_equal" value="0"/></action></nop>',
            f'<nop next="{n}" test="other"/>',
            f'<nop next="199"><action><exec rtp_stream="{voice},1,8"/></action></nop>',
            f'<label id="{n}"/>',
        ]
    return [*steps, '<label id="199"/>']


def _invite(sequence: int, extra: str) -> str:
    return f"""INVITE sip:[field2]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=z9hG4bK-[pid]-[call_number]-i{sequence}
From: [cid_name]<sip:[cid_user][local_ip]:[local_port]>;tag=[pid]g[call_number]
To: <sip:[field2]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: {sequence} INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
User-Agent: fxo-gateway
{extra}Content-Type: application/sdp
Content-Length: [len]

{OFFER}"""


def _request(method: str, sequence: int, uri: str, branch: str, *, to_tag: bool = True) -> str:
    return f"""{method} {uri} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=z9hG4bK-[pid]-[call_number]-{branch}
From: [cid_name]<sip:[cid_user][local_ip]:[local_port]>;tag=[pid]g[call_number]
To: <sip:[field2]@[remote_ip]:[remote_port]>{"[peer_tag_param]" if to_tag else ""}
Call-ID: [call_id]
CSeq: {sequence} {method}
Max-Forwards: 70
Content-Length: 0"""


def _ack(sequence: int, *, branch: str, uri: str = "sip:[field2]@[remote_ip]:[remote_port]") -> str:
    return _request("ACK", sequence, uri, branch)


def _reply(status: str, *, tag: bool = False, body: bool = False, contact: bool = False, cseq: str = "") -> str:
    lines = [
        f"SIP/2.0 {status}",
        "[last_Via:]",
        "[last_From:]",
        "[last_To:]" + (";tag=[pid]d[call_number]" if tag else ""),
        "[last_Call-ID:]",
        f"CSeq: {cseq}" if cseq else "[last_CSeq:]",
    ]
    if contact:
        lines.append("Contact: <sip:[$extension]@[local_ip]:[local_port]>")
    lines += (
        ["Content-Type: application/sdp", "Content-Length: [len]", "", OFFER] if body else ["Content-Length: 0"]
    )
    return "\n".join(lines)


def _send(message: str, *, retrans: bool = False, then: str = "") -> str:
    attributes = (' retrans="500"' if retrans else "") + (f' next="{then}"' if then else "")
    return f"<send{attributes}><![CDATA[\n\n{message}\n\n]]></send>"


def _scenario(name: str, *steps: str) -> str:
    return HEAD + f'<scenario name="{name}">\n' + "\n".join(steps) + "\n</scenario>\n"
