"""A phone whose every message and packet the test chooses: holds, moves its port, asks for transfers, dies.

It speaks SIP by itself where nothing else was said: it registers, rings, answers, confirms and hangs up. sipp
(`demo.phones`) plays whole scenarios; this one can be given orders in the middle of a call.
"""

import select
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from asterisk.ports import free_ports, give_back
from bench.sip import Account, SipMessage, authorization, message, reply
from bench.wire import LOOPBACK, Address, Wire
from tests.pbx.speech import Speech, described

PATIENCE_S = 30.0
FINAL = 200


class NoAnswer(AssertionError):
    """What was waited for did not come; the message says what came."""


@dataclass
class Dialog:
    """One call's, or one registration's, addresses and number of the last request."""

    uri: str
    ours: str
    theirs: str
    call_id: str
    sequence: int = 0


class Softphone:
    """One phone with one call at a time; a thread of its own serves it."""

    def __init__(self, pbx: Address, account: Account, hertz: int, host: str = LOOPBACK) -> None:
        self.pbx = pbx
        self._host = host
        self.account = account
        (port,) = free_ports(1)
        self._wire = Wire(port, host)
        self.speech = Speech(hertz, host)
        self.seen: list[SipMessage] = []
        self.answers_after_s: float | None = 0.2
        self.declines_with = ""
        self.description: Callable[[], str] = lambda: described(self.speech.port, host=host)
        self.late_offer = False
        self.headers: list[tuple[str, str]] = []
        self._from_name = b""
        self._dialog: Dialog | None = None
        self._answering: tuple[float, SipMessage] | None = None
        self._replies: dict[tuple[str, str], bytes] = {}
        self._dead = False
        self._stopped = False
        self._changed = threading.Condition(threading.RLock())
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Stop, without a word."""
        self._stopped = True
        self._thread.join()
        self._wire.close()
        self.speech.close()
        give_back([self._wire.port])

    # What a story tells it to do.

    def registers(self) -> Self:
        """Register at the PBX. Raises NoAnswer."""
        dialog = self._new_dialog("", self.account.name)
        challenge = self._ask("REGISTER", dialog)
        final = self._ask("REGISTER", dialog, authorized_by=challenge)
        self._require(final, 200, "REGISTER")
        return self

    def dials(self, number: str, name: bytes = b"") -> int:
        """Dial; the status of the final answer. From a 200 on it talks."""
        self._from_name = name
        dialog = self._dialog = self._new_dialog(f"{number}@", number)
        body = "" if self.late_offer else self.description()
        answer = self._ask("INVITE", dialog, body)
        if _status(answer) == 401:
            answer = self._ask("INVITE", dialog, body, authorized_by=answer)
        return _status(answer)

    def gives_up(self) -> None:
        """Hang up while another thread still dials: CANCEL, once the PBX has begun to try. Raises NoAnswer."""

        def tried() -> Dialog | None:
            dialog = self._dialog
            wanted = dialog and (dialog.call_id, f"{dialog.sequence} INVITE")
            came = [one for one in self.seen if one.name == "100 INVITE"]
            return dialog if wanted in [(one.header("call-id"), one.header("cseq")) for one in came] else None

        with self._changed:
            dialog = self._changed.wait_for(tried, PATIENCE_S)
            if dialog is None:
                raise NoAnswer(f"{self.account.name} dials nobody; {self._came()}")
            self._request("CANCEL", dialog, "", [])

    def offers_again(self, description: str) -> int:
        """A re-INVITE with that SDP; the status of its answer."""
        self.description = lambda: description
        return _status(self._ask("INVITE", self._call(), description))

    def asks(self, method: str, headers: list[tuple[str, str]], body: str = "") -> int:
        """Any other request in the call (or, outside one, to the PBX itself); the status of its answer."""
        dialog = self._dialog or self._new_dialog("s@", "s")
        answer = self._ask(method, dialog, body, headers)
        if _status(answer) == 401:
            answer = self._ask(method, dialog, body, headers, authorized_by=answer)
        return _status(answer)

    def hangs_up(self) -> None:
        """Say BYE and wait for its answer. Who was called says it after the ACK only (RFC 3261, section 15)."""
        with self._changed:
            self._changed.wait_for(lambda: self._dialog is None or self.in_call, PATIENCE_S)
        self.speech.hush()
        self._require(self._ask("BYE", self._call()), 200, "BYE")
        self._dialog = None

    def dies(self) -> None:
        """From now on neither a packet nor a message."""
        with self._changed:
            self._dead = True
            self.speech.hush()

    def replaces(self) -> str:
        """The value of a Replaces header that names this phone's dialog to the PBX (RFC 3891)."""
        dialog = self._call()
        ours, theirs = (
            text.partition("tag=")[2].partition(";")[0].strip(">") for text in (dialog.ours, dialog.theirs)
        )
        return f"{dialog.call_id};to-tag={theirs};from-tag={ours}"

    @property
    def in_call(self) -> bool:
        """Whether it has a call that was answered and is not over."""
        dialog, confirming = self._dialog, {"ACK", "200 INVITE"}
        return dialog is not None and any(
            one.name in confirming and one.header("call-id") == dialog.call_id for one in self.seen
        )

    def waits_for(self, name: str, within_s: float = PATIENCE_S, count: int = 1) -> SipMessage:
        """The message of that name (`INVITE`, `200 INVITE`, `BYE`), once so many have come. Raises NoAnswer."""

        def found() -> list[SipMessage]:
            return [one for one in self.seen if one.name == name]

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, within_s):
                raise NoAnswer(f"{self.account.name}: no {name} in {within_s:g} s; {self._came()}")
            return found()[count - 1]

    # The rest happens by itself.

    def _call(self) -> Dialog:
        if self._dialog is None:
            raise NoAnswer(f"{self.account.name} is in no call; {self._came()}")
        return self._dialog

    def _came(self) -> str:
        return "came: " + ", ".join(one.name for one in self.seen[-15:])

    def _require(self, answer: SipMessage, status: int, what: str) -> None:
        if _status(answer) != status:
            raise NoAnswer(f"{self.account.name}: {what} was answered with {answer.first}")

    def _new_dialog(self, user: str, called: str) -> Dialog:
        host = f"{self.pbx[0]}:{self.pbx[1]}"
        ours = f"<sip:{self.account.name}@{host}>;tag={uuid.uuid4().hex[:8]}"
        return Dialog(f"sip:{user}{host}", ours, f"<sip:{called}@{host}>", str(uuid.uuid4()))

    @property
    def _contact(self) -> str:
        return f"<sip:{self.account.name}@{self._host}:{self._wire.port}>"

    def _ask(
        self,
        method: str,
        dialog: Dialog,
        body: str = "",
        headers: list[tuple[str, str]] | None = None,
        authorized_by: SipMessage | None = None,
    ) -> SipMessage:
        """Send a request and wait for its final answer. Raises NoAnswer where none comes: a hanging request."""
        with self._changed:
            dialog.sequence += 1
            sequence = dialog.sequence
            more = list(headers or [])
            if authorized_by is not None:
                challenge = authorized_by.header("www-authenticate")
                more.append(("Authorization", authorization(challenge, self.account, method, dialog.uri)))
            self._request(method, dialog, body, more)

            def final() -> list[SipMessage]:
                wanted = f"{sequence} {method}"
                return [
                    one
                    for one in self.seen
                    if one.first.startswith("SIP/2.0")
                    and one.header("call-id") == dialog.call_id
                    and one.header("cseq") == wanted
                    and _status(one) >= FINAL
                ]

            if not self._changed.wait_for(final, PATIENCE_S * 4 if method == "INVITE" else PATIENCE_S):
                raise NoAnswer(f"{self.account.name}: {method} was never answered; {self._came()}")
            return final()[0]

    def _request(self, method: str, dialog: Dialog, body: str, more: list[tuple[str, str]]) -> None:
        branch = f"z9hG4bK{dialog.call_id}{dialog.sequence}{method if method == 'ACK' else ''}"
        headers = [
            ("Via", f"SIP/2.0/UDP {self._host}:{self._wire.port};rport;branch={branch}"),
            ("From", "@NAME@" + dialog.ours),
            ("To", dialog.theirs),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{dialog.sequence} {method}"),
            ("Contact", self._contact),
            ("Max-Forwards", "70"),
            *self.headers,
            *more,
        ]
        data = message(f"{method} {dialog.uri} SIP/2.0", headers, body)
        if any(key == "Content-Type" for key, _ in more):
            data = data.replace(b"Content-Type: application/sdp\r\n", b"")
        name = b'"' + self._from_name + b'" ' if self._from_name else b""
        self._wire.send(data.replace(b"@NAME@", name), self.pbx)

    def _serve(self) -> None:
        while not self._stopped:
            with suppress(ValueError, OSError):  # speech may move to another port just now
                select.select([self._wire.socket, self.speech.socket], [], [], 0.005)
            with self._changed:
                self.speech.serve()
                for one in self._wire.arrived():
                    if not self._dead:
                        self._take(SipMessage.parse(one.data))
                if self._answering and time.monotonic() >= self._answering[0] and not self._dead:
                    self._pick_up(self._answering[1])

    def _take(self, came: SipMessage) -> None:
        if came.first.startswith("SIP/2.0"):
            self._confirm(came)
        else:
            self._obey(came)
        self.seen.append(came)
        self._changed.notify_all()

    def _confirm(self, came: SipMessage) -> None:
        """ACK a final answer to our INVITE, again if it comes again."""
        dialog = self._dialog
        if dialog is None or not came.name.endswith(" INVITE") or _status(came) < FINAL:
            return
        confirmed = Dialog(dialog.uri, dialog.ours, came.header("to"), dialog.call_id, dialog.sequence)
        if _status(came) != 200:
            self._request("ACK", confirmed, "", [])
            return
        dialog.theirs, dialog.uri = came.header("to"), came.contact
        confirmed.uri = dialog.uri
        self._request("ACK", confirmed, self.description() if self.late_offer else "", [])
        self.late_offer = False
        if "m=audio" in came.body and "m=audio 0" not in came.body:
            self.speech.talk(came)

    def _obey(self, came: SipMessage) -> None:
        key = came.header("via"), came.header("cseq")
        if came.name == "ACK":
            return
        if key in self._replies:
            self._wire.send(self._replies[key], self.pbx)
        elif came.name == "INVITE" and "tag=" not in came.header("to"):
            self._ring(came)
        elif came.name == "INVITE":
            self._reply(came, "200 OK", self.description())
        elif came.name == "CANCEL":
            self._reply(came, "200 OK")
            if self._answering:
                self._reply(self._answering[1], "487 Request Terminated")
            self._answering = None
        else:
            if came.name == "BYE":
                self.speech.hush()
                self._dialog = None
            self._reply(came, "200 OK")

    def _ring(self, came: SipMessage) -> None:
        if self.declines_with:
            self._reply(came, self.declines_with)
            return
        self._reply(came, "180 Ringing")
        self._answering = (
            time.monotonic() + (3600 if self.answers_after_s is None else self.answers_after_s),
            came,
        )

    def _pick_up(self, came: SipMessage) -> None:
        self._answering = None
        self._reply(came, "200 OK", self.description())
        ours = f"{came.header('to')};tag=t{self._wire.port}"
        self._dialog = Dialog(came.contact, ours, came.header("from"), came.header("call-id"))
        self.speech.talk(came)

    def _reply(self, to: SipMessage, status: str, body: str = "") -> None:
        data = reply(to, status, f"t{self._wire.port}", self._contact, body)
        if not status.startswith("1"):
            self._replies[to.header("via"), to.header("cseq")] = data
        self._wire.send(data, self.pbx)


def _status(answer: SipMessage) -> int:
    return int(answer.first.split()[1])
