"""Copies of SIP messages: what is none of Asterisk's is left alone, whatever it holds."""

import asyncio
import socket
import struct
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.hep import Copied, NotHep, listen, parse_hep
from asterisk.ports import free_ports

KEY = b"sesame"


def packet(payload: bytes, key: bytes = KEY, source: bytes = b"\x7f\x00\x00\x01") -> bytes:
    parts = [(0x0003, source), (0x000E, key), (0x000F, payload)]
    chunks = b"".join(struct.pack("!HHH", 0, kind, 6 + len(data)) + data for kind, data in parts)
    return struct.pack("!4sH", b"HEP3", 6 + len(chunks)) + chunks


def test_a_copy_is_read() -> None:
    assert parse_hep(packet(b"INVITE"), KEY) == Copied("127.0.0.1", b"INVITE")


@pytest.mark.parametrize("data", [packet(b"x", b"other"), packet(b"x", b""), packet(b"x")[:-1], b"HEP3", b""])
def test_one_without_the_key_or_cut_is_refused(data: bytes) -> None:
    with pytest.raises(NotHep):
        parse_hep(data, KEY)


@given(
    st.binary(max_size=200)
    | st.binary(max_size=100).map(lambda rest: struct.pack("!4sH", b"HEP3", 6 + len(rest)) + rest)
)
def test_nothing_that_is_no_copy_is_taken_for_one(data: bytes) -> None:
    with pytest.raises(NotHep):
        parse_hep(data, KEY)


def test_a_port_that_is_taken_is_waited_for_and_holds_nobody_up(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ari_app.hep.RETRY_S", 0.01)
    refused = asyncio.Event()
    monkeypatch.setattr("ari_app.hep.log", Mock(warning=lambda *_, **__: refused.set()))
    (port,) = free_ports(1)

    async def story() -> list[Copied]:
        seen: list[Copied] = []
        came = asyncio.Event()

        def take(copied: Copied) -> None:
            seen.append(copied)
            came.set()

        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        other.bind(("127.0.0.1", port))
        listening = asyncio.create_task(listen(port, KEY.decode(), take))
        await refused.wait()
        other.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asterisk:
            while not came.is_set():
                asterisk.sendto(b"nonsense", ("127.0.0.1", port))
                asterisk.sendto(packet(b"INVITE"), ("127.0.0.1", port))
                await asyncio.sleep(0.01)
        listening.cancel()
        return seen

    assert asyncio.run(story())[0] == Copied("127.0.0.1", b"INVITE")
