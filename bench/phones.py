"""Two phones in one process, a gateway's port and a desk, that place one call and time each step of it.

sipp (`demo.phones`) does not say when audio arrives, so the delay is measured with phones of our own.
"""

import dataclasses
import select
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from asterisk.ports import free_ports, give_back
from bench.sip import Account, SipMessage, authorization, message, offer, reply
from bench.wire import Address, Media, Wire

GATEWAY_MARK, DESK_MARK = 0x2A, 0x7B
PATIENCE_S = 10.0
RINGS_S = 0.4
TALKS_S = 0.3


class NoCall(AssertionError):
    """The call did not come about."""


@dataclass(frozen=True)
class Moments:
    """One call: when what passed, nanoseconds since 1970 by one clock.

    `desk_heard` is when the desk's first audio arrived at the gateway, `caller_heard` the other way.
    """

    invited: int
    desk_invited: int
    ringing_heard: int
    desk_answered: int
    desk_heard: int
    caller_heard: int


@dataclass(frozen=True)
class Dialog:
    """What the requests of one call, or one registration, have in common."""

    uri: str
    caller: str
    called: str
    call_id: str
    sequence: int = 1
    transaction: str = "1"
    authorization: str = ""

    def authorized(self, challenge: str, account: Account, method: str) -> "Dialog":
        """The next try, with the answer to a challenge."""
        answer = authorization(challenge, account, method, self.uri)
        return dataclasses.replace(self, sequence=self.sequence + 1, transaction="2", authorization=answer)


class Phone:
    """One phone: its SIP wire, its audio, who it is."""

    def __init__(self, pbx: Address, account: Account, mark: int, others_mark: int) -> None:
        self.pbx = pbx
        self.account = account
        (port,) = free_ports(1)
        self.sip = Wire(port)
        self.media = Media(mark, others_mark)
        self.inbox: list[tuple[SipMessage, int]] = []

    def unplug(self) -> None:
        """Close its sockets."""
        self.sip.close()
        self.media.close()
        give_back([self.sip.port])

    @property
    def contact(self) -> str:
        """Where it is reached."""
        return f"<sip:{self.account.name}@127.0.0.1:{self.sip.port}>"

    def begins(self, user: str, called_user: str) -> Dialog:
        """A new dialog with the PBX."""
        host = f"{self.pbx[0]}:{self.pbx[1]}"
        caller = f"<sip:{self.account.name}@{host}>;tag=t{self.sip.port}"
        return Dialog(f"sip:{user}{host}", caller, f"<sip:{called_user}@{host}>", str(uuid.uuid4()))

    def request(self, method: str, dialog: Dialog, body: str = "") -> int:
        """Send a request, and say when."""
        branch = f"z9hG4bK{dialog.call_id}{dialog.transaction}"
        headers = [
            (
                "Via",
                f"SIP/2.0/UDP 127.0.0.1:{self.sip.port};rport;branch={branch}",
            ),
            ("From", dialog.caller),
            ("To", dialog.called),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{dialog.sequence} {method}"),
            ("Contact", self.contact),
            ("Max-Forwards", "70"),
            ("Expires", "3600"),
        ]
        headers += [("Authorization", dialog.authorization)] if dialog.authorization else []
        return self.sip.send(message(f"{method} {dialog.uri} SIP/2.0", headers, body), self.pbx)

    def answer(self, to: SipMessage, status: str, body: str = "") -> int:
        """Send an answer, and say when."""
        return self.sip.send(reply(to, status, f"t{self.sip.port}", self.contact, body), self.pbx)

    def serve(self) -> None:
        """Do what is due; put what came into the inbox."""
        self.media.serve()
        self.inbox += [(SipMessage.parse(one.data), one.at_ns) for one in self.sip.arrived()]


class Pair:
    """A gateway's port and a desk, served by one thread so that no lock of ours delays either."""

    def __init__(self, pbx: Address, gateway: Account, desk: Account) -> None:
        self.gateway = Phone(pbx, gateway, GATEWAY_MARK, DESK_MARK)
        self.desk = Phone(pbx, desk, DESK_MARK, GATEWAY_MARK)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.unplug()
        self.desk.unplug()

    def register(self) -> Self:
        """Register the desk. Raises NoCall."""
        dialog = self.desk.begins("", self.desk.account.name)
        self.desk.request("REGISTER", dialog)
        asked, _ = self._wait(self.desk, "401 REGISTER")
        challenge = asked.header("www-authenticate")
        self.desk.request("REGISTER", dialog.authorized(challenge, self.desk.account, "REGISTER"))
        self._wait(self.desk, "200 REGISTER")
        return self

    def call(
        self,
        number: str,
        phase_ns: int,
        said_all: Callable[[], bool] = lambda: False,
        talks_at_most_s: float = TALKS_S,
    ) -> Moments:
        """Dial, ring, answer, speak both ways until all is said, hang up. Raises NoCall.

        Each side speaks `phase_ns` after it may: a phone's audio clock does not begin with the signalling.
        `said_all` is asked a hundred times a second and more, once each has heard the other.
        """
        gateway, desk = self.gateway, self.desk
        for phone in (gateway, desk):
            phone.media.begin()
            phone.inbox.clear()
        dialog, invited = self._dial(number)
        incoming, desk_invited = self._wait(desk, "INVITE")
        desk.answer(incoming, "180 Ringing")
        _, ringing_heard = self._wait(gateway, "180 INVITE")
        self._pump(lambda: False, RINGS_S)
        desk_answered = desk.answer(incoming, "200 OK", offer(desk.media.wire.port))
        desk.media.talk(incoming.audio, desk_answered + phase_ns)
        taken, _ = self._wait(gateway, "200 INVITE")
        dialog = dataclasses.replace(dialog, uri=taken.contact, called=taken.header("to"), transaction="a")
        gateway.media.talk(taken.audio, gateway.request("ACK", dialog) + phase_ns)
        self._wait(desk, "ACK")
        self._pump(lambda: bool(gateway.media.heard_ns and desk.media.heard_ns), PATIENCE_S)
        self._pump(said_all, talks_at_most_s)
        self._hang_up(dialog)
        desk_heard, caller_heard = gateway.media.heard_ns, desk.media.heard_ns
        if desk_heard is None or caller_heard is None:
            raise NoCall(f"no audio: the desk's {desk_heard}, the caller's {caller_heard}")
        return Moments(invited, desk_invited, ringing_heard, desk_answered, desk_heard, caller_heard)

    def _dial(self, number: str) -> tuple[Dialog, int]:
        gateway = self.gateway
        dialog, sdp = gateway.begins(f"{number}@", number), offer(gateway.media.wire.port)
        gateway.request("INVITE", dialog, sdp)
        asked, _ = self._wait(gateway, "401 INVITE")
        gateway.request("ACK", dataclasses.replace(dialog, called=asked.header("to")))
        dialog = dialog.authorized(asked.header("www-authenticate"), gateway.account, "INVITE")
        return dialog, gateway.request("INVITE", dialog, sdp)

    def _hang_up(self, dialog: Dialog) -> None:
        self.gateway.request("BYE", dataclasses.replace(dialog, sequence=dialog.sequence + 1, transaction="b"))
        self._wait(self.gateway, "200 BYE")
        ended, _ = self._wait(self.desk, "BYE")
        self.desk.answer(ended, "200 OK")

    def _wait(self, phone: Phone, name: str) -> tuple[SipMessage, int]:
        found: list[tuple[SipMessage, int]] = []

        def there() -> bool:
            found[:] = [one for one in phone.inbox if one[0].name == name][:1]
            return bool(found)

        if not self._pump(there, PATIENCE_S):
            came = {p.account.name: [one.name for one, _ in p.inbox] for p in (self.gateway, self.desk)}
            raise NoCall(f"no {name} for {phone.account.name} in {PATIENCE_S:g} s; came: {came}")
        phone.inbox.remove(found[0])
        return found[0]

    def _pump(self, until: Callable[[], bool], within_s: float) -> bool:
        """Serve both phones until that is so; False if it was not in time."""
        phones, deadline = (self.gateway, self.desk), time.monotonic() + within_s
        sockets = [wire.socket for phone in phones for wire in (phone.sip, phone.media.wire)]
        while True:
            for phone in phones:
                phone.serve()
            if until():
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            due = [(phone.media.due_ns - time.time_ns()) / 1e9 for phone in phones if phone.media.due_ns]
            select.select(sockets, [], [], max(0.0, min([left_s, *due])))
