"""One desk's phone: registered or away; it rings, answers, declines, lets it ring, and writes down what it saw."""

import asyncio
import time
import uuid
from collections.abc import Callable

from bench.sip import Account, SipMessage, authorization, message, offer, reply
from bench.truth.accounts import Away, DeskAccount
from bench.truth.media import Voice
from bench.truth.signalling import Signalling

REFUSALS = {480: "480 Temporarily Unavailable", 486: "486 Busy Here", 603: "603 Decline"}


class DeskLeg:
    """One INVITE at a desk."""

    def __init__(self, phone: "DeskPhone", invite: SipMessage, at_ns: int) -> None:
        self.phone = phone
        came_from = invite.header("from")
        self.seen = DeskAccount(phone.extension, user_of(came_from), at_ns, name=name_of(came_from))
        self.acked = asyncio.Event()
        self.over = asyncio.Event()
        self._invite = invite
        self._tag = f"d{uuid.uuid4().hex[:10]}"
        self._call_id = invite.header("call-id")
        phone.signalling.legs[self._call_id] = self
        self._answer(invite, "100 Trying")  # so that a repeated INVITE is not taken for a new one

    def receive(self, came: SipMessage, at_ns: int) -> None:
        """A message of this call came."""
        if came.first.startswith("SIP/2.0"):
            if came.header("cseq").endswith("BYE") and int(came.first.split()[1]) >= 200:
                self._end(at_ns)
            return
        method = came.header("cseq").split()[1]
        if method == "ACK":
            if self.seen.answered_ns is not None and self.seen.acked_ns is None:
                self.seen.acked_ns = at_ns
                self.acked.set()
        elif method == "CANCEL":
            self._receive_cancel(came, at_ns)
        elif method == "BYE":
            self.seen.bye_came_ns = self.seen.bye_came_ns or at_ns
            self._answer(came, "200 OK")
            self._end(at_ns)
        else:
            body = offer(self.phone.voice.port) if method in {"INVITE", "UPDATE"} else ""
            self._answer(came, "200 OK", body)

    def _receive_cancel(self, came: SipMessage, at_ns: int) -> None:
        self._answer(came, "200 OK")
        if self.seen.answered_ns is None and self.seen.declined is None and not self.over.is_set():
            self.seen.cancelled_ns = at_ns
            self._answer(self._invite, "487 Request Terminated")
            self._end(at_ns)

    def ring(self) -> None:
        """180."""
        if not self.over.is_set():
            self.seen.rang_ns = self._answer(self._invite, "180 Ringing")

    def decline(self, status: int) -> None:
        """Refuse it."""
        if not self.over.is_set():
            self.seen.declined = status
            self.seen.declined_ns = self._answer(self._invite, REFUSALS[status])
            self._end(self.seen.declined_ns)

    def pick_up(self) -> bool:
        """200 and talk; False if the caller is gone."""
        if self.over.is_set():
            return False
        voice = self.phone.voice
        self.seen.heard = voice.begin()
        self.seen.answered_ns = self._answer(self._invite, "200 OK", offer(voice.port))
        voice.talk(self._invite.audio)
        return True

    def hang_up(self) -> None:
        """BYE, unless one came."""
        if self.over.is_set() or self.seen.answered_ns is None or self.seen.bye_sent_ns is not None:
            return
        branch = f"z9hG4bK{self._tag}bye"
        signalling = self.phone.signalling
        called = self._invite.header("to")
        headers = [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{signalling.port};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"{called};tag={self._tag}"),
            ("To", self._invite.header("from")),
            ("Call-ID", self._call_id),
            ("CSeq", "1 BYE"),
        ]
        data = message(f"BYE {self._invite.contact} SIP/2.0", headers)
        self.seen.bye_sent_ns = signalling.request(branch, "BYE", data)
        self.phone.voice.hush()

    def _answer(self, to: SipMessage, status: str, body: str = "") -> int:
        data = reply(to, status, self._tag, self.phone.contact, body)
        return self.phone.signalling.answer(to, data)

    def _end(self, at_ns: int) -> None:
        if not self.over.is_set():
            self.seen.over_ns = at_ns
            self.phone.voice.hush()
            self.over.set()


class DeskPhone:
    """One desk's phone. A second INVITE while it is in a call is refused as busy, as a phone of one line does."""

    def __init__(
        self, signalling: Signalling, account: Account, voice: Voice, on_ring: Callable[[DeskLeg], None]
    ) -> None:
        self.signalling = signalling
        self.account = account
        self.voice = voice
        self.legs: list[DeskLeg] = []
        self.away: list[Away] = []
        self._away_since: int | None = time.time_ns()
        self._on_ring = on_ring

    @property
    def extension(self) -> str:
        """Its number."""
        return self.account.name

    @property
    def contact(self) -> str:
        """Where it is reached."""
        return f"<sip:{self.extension}@127.0.0.1:{self.signalling.port}>"

    @property
    def is_busy(self) -> bool:
        """Whether it rings or is in a call."""
        return any(not leg.over.is_set() for leg in self.legs)

    def invite(self, came: SipMessage, at_ns: int) -> None:
        """It is called."""
        busy = self.is_busy
        leg = DeskLeg(self, came, at_ns)
        self.legs.append(leg)
        if busy:
            leg.decline(486)
        else:
            self._on_ring(leg)

    async def register(self, expires_s: int = 3600) -> None:
        """Register, or with 0 go away. Raises TimeoutError."""
        if expires_s == 0:
            self._away_since = time.time_ns()
        await _Registration(self, expires_s).run()
        if expires_s and self._away_since is not None:
            self.away.append(Away(self.extension, self._away_since, time.time_ns()))
            self._away_since = None

    def unplug(self) -> None:
        """The run is over."""
        if self._away_since is not None:
            self.away.append(Away(self.extension, self._away_since, time.time_ns()))


class _Registration:
    """One REGISTER and the answer to its challenge."""

    def __init__(self, phone: DeskPhone, expires_s: int) -> None:
        self.phone = phone
        self._expires_s = expires_s
        self._call_id = str(uuid.uuid4())
        self._answers: asyncio.Queue[SipMessage] = asyncio.Queue()

    def receive(self, came: SipMessage, at_ns: int) -> None:
        """An answer came."""
        del at_ns
        self._answers.put_nowait(came)

    async def run(self) -> None:
        signalling, account = self.phone.signalling, self.phone.account
        signalling.legs[self._call_id] = self
        uri = f"sip:{signalling.pbx[0]}:{signalling.pbx[1]}"
        given = ""
        try:
            for number in range(1, 4):
                branch = f"z9hG4bK{self._call_id}{number}"
                signalling.request(branch, "REGISTER", self._build(uri, number, branch, given))
                async with asyncio.timeout(30):
                    came = await self._answers.get()
                if came.first.split()[1] == "200":
                    return
                given = authorization(came.header("www-authenticate"), account, "REGISTER", uri)
            raise TimeoutError(f"{account.name} is not let in")
        finally:
            signalling.legs.pop(self._call_id, None)

    def _build(self, uri: str, number: int, branch: str, given: str) -> bytes:
        phone = self.phone
        who = f"<sip:{phone.extension}@{phone.signalling.pbx[0]}>"
        headers = [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{phone.signalling.port};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"{who};tag=r{self._call_id[:8]}"),
            ("To", who),
            ("Call-ID", self._call_id),
            ("CSeq", f"{number} REGISTER"),
            ("Contact", phone.contact),
            ("Expires", str(self._expires_s)),
        ]
        headers += [("Authorization", given)] if given else []
        return message(f"REGISTER {uri} SIP/2.0", headers)


def user_of(address: str) -> str:
    """The user of a From."""
    return address.rpartition("<sip:")[2].partition("@")[0].partition(">")[0]


def name_of(address: str) -> str:
    """The name before a From's address."""
    return address.rpartition("<sip:")[0].strip().strip('"')
