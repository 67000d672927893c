"""As much SIP as two phones on loopback need to time one call: messages taken apart, answered, authorised."""

import hashlib
import re
from dataclasses import dataclass

from bench.wire import Address

KEPT = frozenset({"via", "record-route", "from", "call-id", "cseq"})
CHALLENGE = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]+))')


@dataclass(frozen=True)
class SipMessage:
    """One message, headers in order."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def parse(cls, data: bytes) -> "SipMessage":
        """Raises ValueError if it is none."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        if "SIP/2.0" not in first:
            raise ValueError(f"not SIP: {first!r}")
        headers = [line.partition(":") for line in lines if ":" in line]
        return cls(first, tuple((name.strip().lower(), value.strip()) for name, _, value in headers), body)

    def header(self, name: str) -> str:
        """The first header of that name, in small letters. Raises ValueError if there is none."""
        for key, value in self.headers:
            if key == name:
                return value
        raise ValueError(f"no {name} in {self.first!r}")

    @property
    def name(self) -> str:
        """`INVITE` for a request, `180 INVITE` for an answer."""
        method = self.header("cseq").split()[1]
        return f"{self.first.split()[1]} {method}" if self.first.startswith("SIP/2.0") else method

    @property
    def audio(self) -> Address:
        """Where its SDP wants the audio. Raises ValueError if it has none."""
        port, host = re.search(r"^m=audio (\d+)", self.body, re.M), re.search(r"^c=IN IP4 (\S+)", self.body, re.M)
        if port is None or host is None:
            raise ValueError(f"no audio in {self.first!r}")
        return host[1], int(port[1])

    @property
    def contact(self) -> str:
        """The address in its Contact."""
        return self.header("contact").partition("<")[2].partition(">")[0]


@dataclass(frozen=True)
class Account:
    """Who a phone is."""

    name: str
    password: str


def offer(port: int) -> str:
    """SDP: A-law, 20 ms, on that port."""
    return (
        "v=0\r\no=bench 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def message(first: str, headers: list[tuple[str, str]], body: str = "") -> bytes:
    """A message as it goes over the wire."""
    kind = [("Content-Type", "application/sdp")] if body else []
    lines = [first, *(f"{name}: {value}" for name, value in [*headers, *kind, ("Content-Length", str(len(body)))])]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def reply(to: SipMessage, status: str, tag: str, contact: str, body: str = "") -> bytes:
    """An answer to a request, with our tag if it has none yet."""
    kept = [(name, value) for name, value in to.headers if name in KEPT]
    called = to.header("to")
    tagged = called if "tag=" in called else f"{called};tag={tag}"
    return message(f"SIP/2.0 {status}", [*kept, ("To", tagged), ("Contact", contact)], body)


def authorization(challenge: str, account: Account, method: str, uri: str) -> str:
    """The Authorization that answers a WWW-Authenticate of MD5, with qop=auth or without (RFC 2617)."""
    given = {key.lower(): quoted or plain for key, quoted, plain in CHALLENGE.findall(challenge)}
    realm, nonce = given["realm"], given["nonce"]
    secret, act = _md5(f"{account.name}:{realm}:{account.password}"), _md5(f"{method}:{uri}")
    parts = [f'username="{account.name}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"', "algorithm=MD5"]
    if "qop" in given:
        parts += ["qop=auth", "nc=00000001", 'cnonce="bench"']
        answer = _md5(f"{secret}:{nonce}:00000001:bench:auth:{act}")
    else:
        answer = _md5(f"{secret}:{nonce}:{act}")
    parts += [f'opaque="{given["opaque"]}"'] if "opaque" in given else []
    return "Digest " + ", ".join([*parts, f'response="{answer}"'])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
