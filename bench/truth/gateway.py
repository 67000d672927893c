"""One FXO port: it calls, hears who answers, hangs up when its caller wants, and writes down what it saw."""

import asyncio
import time
import uuid
from dataclasses import dataclass

from bench.sip import Account, SipMessage, authorization, message, offer, reply
from bench.truth.accounts import CallerAccount
from bench.truth.media import Voice
from bench.truth.plan import CallPlan
from bench.truth.signalling import Signalling

OVER_WITHIN_S = 40.0


@dataclass(frozen=True)
class Port:
    """What tells the line: its account, or a header."""

    line: str
    number: str
    account: Account | None
    header: tuple[str, str] | None


class CallerLeg:
    """One call of a port."""

    def __init__(self, signalling: Signalling, port: Port, voice: Voice, plan: CallPlan) -> None:
        self.signalling = signalling
        self.port = port
        self.voice = voice
        self.seen = CallerAccount(plan.n, plan.line, plan.user, plan.name, time.time_ns(), heard=voice.begin())
        self.up = asyncio.Event()
        self.over = asyncio.Event()
        self._call_id = str(uuid.uuid4())
        self._uri = f"sip:{port.number}@{signalling.pbx[0]}:{signalling.pbx[1]}"
        shown = f'"{plan.name}" ' if plan.name else ""
        shown = shown if plan.name.count('"') == 0 else '"' + plan.name.replace('"', '\\"') + '" '
        self._from = f"{shown}<sip:{plan.user}@127.0.0.1:{signalling.port}>;tag=g{self._call_id[:8]}"
        self._to = f"<{self._uri}>"
        self._contact = f"<sip:gateway@127.0.0.1:{signalling.port}>"
        self._target = self._uri
        self._sequence = 1
        self._authorization = ""
        self._ack = b""
        signalling.legs[self._call_id] = self

    def dial(self) -> None:
        """Send the INVITE."""
        self.seen.invited_ns = self._request("INVITE", offer(self.voice.port))

    def hang_up(self) -> None:
        """The caller has put his phone down: CANCEL, or BYE, or as soon as either is allowed."""
        if self.seen.wanted_out_ns is not None or self.over.is_set():
            return
        self.seen.wanted_out_ns = time.time_ns()
        self._leave()

    def _leave(self) -> None:
        if self.seen.up_ns is not None:
            self._say_bye()
        elif self.seen.tried_ns is not None and self.seen.cancelled_ns is None:
            data = self._build("CANCEL", self._sequence, self._branch("INVITE"))
            self.seen.cancelled_ns = self.signalling.request(self._branch("INVITE"), "CANCEL", data)

    def _say_bye(self) -> None:
        if self.seen.bye_sent_ns is None and self.seen.bye_came_ns is None:
            self._sequence += 1
            self.seen.bye_sent_ns = self._request("BYE")
            self.voice.hush()

    def receive(self, came: SipMessage, at_ns: int) -> None:
        """A message of this call came."""
        if came.first.startswith("SIP/2.0"):
            self._receive_answer(came, at_ns)
        else:
            self._receive_request(came, at_ns)

    def _receive_answer(self, came: SipMessage, at_ns: int) -> None:
        status, method = int(came.first.split()[1]), came.header("cseq").split()[1]
        if method == "BYE" and status >= 200:
            self._end(at_ns)
        elif method == "INVITE" and status < 200:
            self.seen.tried_ns = self.seen.tried_ns or at_ns
            if status in {180, 183}:
                self.seen.rang_ns = self.seen.rang_ns or at_ns
            if self.seen.wanted_out_ns is not None:
                self._leave()
        elif method == "INVITE" and status < 300:
            self._receive_ok(came, at_ns)
        elif method == "INVITE":
            self._receive_refusal(came, at_ns, status)

    def _receive_ok(self, came: SipMessage, at_ns: int) -> None:
        if self.seen.up_ns is not None:
            self.signalling.send(self._ack)
            return
        self.seen.up_ns = at_ns
        self._to, self._target = came.header("to"), came.contact
        self._ack = self._build("ACK", self._sequence, f"z9hG4bKa{self._call_id}")
        self.signalling.send(self._ack)
        self.up.set()
        if self.seen.wanted_out_ns is not None:
            self._say_bye()
        else:
            self.voice.talk(came.audio)

    def _receive_refusal(self, came: SipMessage, at_ns: int, status: int) -> None:
        number = int(came.header("cseq").split()[0])
        branch = self._branch("INVITE", number)
        self.signalling.send(self._build("ACK", number, branch, to=came.header("to")))
        if number != self._sequence:
            return
        if status == 401 and self.port.account is not None and not self._authorization:
            challenge = came.header("www-authenticate")
            self._authorization = authorization(challenge, self.port.account, "INVITE", self._uri)
            self._sequence += 1
            self.seen.tried_ns = None
            self._request("INVITE", offer(self.voice.port))
            return
        self.seen.final, self.seen.reason = status, _reason(came)
        self._end(at_ns)

    def _receive_request(self, came: SipMessage, at_ns: int) -> None:
        method = came.header("cseq").split()[1]
        if method == "BYE":
            self.seen.bye_came_ns, self.seen.reason = at_ns, _reason(came)
            self.signalling.answer(came, self._reply(came, "200 OK"))
            self._end(at_ns)
        elif method in {"INVITE", "UPDATE"}:
            self.signalling.answer(came, self._reply(came, "200 OK", offer(self.voice.port)))
        elif method != "ACK":
            self.signalling.answer(came, self._reply(came, "200 OK"))

    def _end(self, at_ns: int) -> None:
        if not self.over.is_set():
            self.seen.over_ns = at_ns
            self.voice.hush()
            self.over.set()

    def forget(self) -> None:
        """No more is expected of this call."""
        self.signalling.legs.pop(self._call_id, None)

    def _branch(self, method: str, number: int | None = None) -> str:
        return f"z9hG4bK{self._call_id}{method}{number or self._sequence}"

    def _request(self, method: str, body: str = "") -> int:
        branch = self._branch(method)
        return self.signalling.request(branch, method, self._build(method, self._sequence, branch, body=body))

    def _build(self, method: str, number: int, branch: str, *, to: str = "", body: str = "") -> bytes:
        headers = [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.signalling.port};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", self._from),
            ("To", to or self._to),
            ("Call-ID", self._call_id),
            ("CSeq", f"{number} {method}"),
            ("Contact", self._contact),
        ]
        if method == "INVITE":
            headers += [self.port.header] if self.port.header else []
            headers += [("Authorization", self._authorization)] if self._authorization else []
        target = self._uri if method in {"INVITE", "CANCEL"} or to else self._target
        return message(f"{method} {target} SIP/2.0", headers, body)

    def _reply(self, to: SipMessage, status: str, body: str = "") -> bytes:
        return reply(to, status, f"g{self._call_id[:8]}", self._contact, body)


def _reason(came: SipMessage) -> str:
    return next((value for name, value in came.headers if name == "reason"), "")
