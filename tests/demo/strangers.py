"""Strangers who open connections half, or close them half: each does one thing with a new connection."""

import contextlib
import socket
import ssl

from bench.strangers import ASKS


def says_nothing(_connection: socket.socket) -> None:
    """Connect, and that is all."""


def stops_in_mid_request(connection: socket.socket) -> None:
    """Never end the first request."""
    connection.sendall(ASKS[:40])


def half_closes(connection: socket.socket) -> None:
    """Ask, say that nothing more will come, and do not close."""
    connection.sendall(ASKS)
    connection.shutdown(socket.SHUT_WR)


def half_shakes_hands(connection: socket.socket) -> None:
    """Begin TLS and never go on."""
    connection.sendall(_hello())


def half_closes_in_tls(connection: socket.socket) -> None:
    """Begin TLS, say that nothing more will come, and do not close."""
    connection.sendall(_hello())
    connection.shutdown(socket.SHUT_WR)


def _hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="hq.example").do_handshake()
    return outgoing.read()
