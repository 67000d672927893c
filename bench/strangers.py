"""Strangers who hold connections open: each does one thing with a new connection."""

import socket
import ssl
from collections.abc import Callable

ASKS = b"GET /account/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def stays_after_the_answer(connection: socket.socket) -> None:
    """Ask for the connection to be closed, and neither read the answer nor close it."""
    connection.sendall(ASKS)


def stays_with_certificate(context: ssl.SSLContext) -> Callable[[socket.socket], socket.socket]:
    """Ask with an office's certificate for the connection to be closed, and do not close. Gives what is in TLS."""

    def stay(connection: socket.socket) -> socket.socket:
        tls = context.wrap_socket(connection, server_hostname="127.0.0.1")
        tls.sendall(ASKS)
        return tls

    return stay
