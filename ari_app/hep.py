"""Receives a copy of each SIP message from Asterisk, as HEP (version 3) over UDP on loopback.

An offer that Asterisk refuses never becomes a channel: neither ARI, AMI, CEL, CDR nor the log tells of it. Nothing
is kept of the messages, and nothing waits for them: where the port is taken no refusal is seen, and calls go on.
"""

import asyncio
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("hep")

HEAD = struct.Struct("!4sH")
CHUNK = struct.Struct("!HHH")
SOURCE, KEY, PAYLOAD = 0x0003, 0x000E, 0x000F
RETRY_S = 5.0


class NotHep(ValueError):
    """A datagram that is none of Asterisk's."""


@dataclass(frozen=True)
class Copied:
    """One SIP message, and the IPv4 address that it came from."""

    source: str
    message: bytes


def parse_hep(data: bytes, key: bytes) -> Copied:
    """The typed record of a datagram. Raises NotHep for one that is cut, damaged, or lacks the key."""
    if len(data) < HEAD.size:
        raise NotHep("too short")
    name, length = HEAD.unpack_from(data)
    if name != b"HEP3" or length != len(data):
        raise NotHep("no HEP3, or of another length")
    chunks: dict[int, bytes] = {}
    at = HEAD.size
    while at < length:
        if length - at < CHUNK.size:
            raise NotHep("a chunk is cut")
        vendor, kind, size = CHUNK.unpack_from(data, at)
        if size < CHUNK.size or at + size > length:
            raise NotHep("a chunk is longer than the datagram")
        if vendor == 0:
            chunks[kind] = data[at + CHUNK.size : at + size]
        at += size
    if not hmac.compare_digest(chunks.get(KEY, b""), key):
        raise NotHep("another key")
    return Copied(".".join(str(byte) for byte in chunks.get(SOURCE, b"")), chunks.get(PAYLOAD, b""))


class _Reader(asyncio.DatagramProtocol):
    def __init__(self, key: bytes, on_message: Callable[[Copied], None]) -> None:
        self.key = key
        self.on_message = on_message

    def datagram_received(self, data: bytes, _addr: object) -> None:
        try:
            copied = parse_hep(data, self.key)
        except NotHep as error:
            log.debug("not hep", error=str(error))
            return
        self.on_message(copied)


async def listen(port: int, key: str, on_message: Callable[[Copied], None]) -> None:
    """Receive what Asterisk sends until cancelled; tries again while the port is taken."""
    logged = False
    while True:
        try:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Reader(key.encode(), on_message), local_addr=("127.0.0.1", port)
            )
        except OSError as error:
            if not logged:
                log.warning("the port for copies of SIP messages is taken", port=port, error=str(error))
            logged = True
            await asyncio.sleep(RETRY_S)
            continue
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            transport.close()
