"""Strangers who hold connections open, half open and half closed: each does one thing with a new connection."""

import contextlib
import socket
import ssl
from collections.abc import Callable

ASKS = b"GET /account/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def says_nothing(_connection: socket.socket) -> None:
    """Connect, and that is all."""


def stops_in_mid_request(connection: socket.socket) -> None:
    """Never end the first request."""
    connection.sendall(ASKS[:40])


def stays_after_the_answer(connection: socket.socket) -> None:
    """Ask for the connection to be closed, and neither read the answer nor close it."""
    connection.sendall(ASKS)


def half_closes(connection: socket.socket) -> None:
    """Ask, say that nothing more will come, and do not close."""
    connection.sendall(ASKS)
    connection.shutdown(socket.SHUT_WR)


def half_shakes_hands(connection: socket.socket) -> None:
    """Begin TLS and never go on."""
    connection.sendall(_hello())


def stays_with_certificate(context: ssl.SSLContext) -> Callable[[socket.socket], socket.socket]:
    """Ask with an office's certificate for the connection to be closed, and do not close. Gives what is in TLS."""

    def stay(connection: socket.socket) -> socket.socket:
        tls = context.wrap_socket(connection, server_hostname="127.0.0.1")
        tls.sendall(ASKS)
        return tls

    return stay


def half_closes_in_tls(connection: socket.socket) -> None:
    """Begin TLS, say that nothing more will come, and do not close."""
    connection.sendall(_hello())
    connection.shutdown(socket.SHUT_WR)


def _hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="hq.example").do_handshake()
    return outgoing.read()
