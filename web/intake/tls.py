"""TLS of the intake when no proxy stands before it: a client without a certificate of ours gets no further."""

import socket
import ssl
from typing import Any

from supervision.paths import HqPaths

HANDSHAKE_S = 10.0


class PatientContext(ssl.SSLContext):
    """A context whose handshakes end: gunicorn itself would wait for ever for a client that says nothing."""

    def wrap_socket(self, sock: socket.socket, *args: Any, **named: Any) -> ssl.SSLSocket:
        """The connection with TLS, its handshake and first request within a time."""
        sock.settimeout(HANDSHAKE_S)
        return super().wrap_socket(sock, *args, **named)


def server_context(paths: HqPaths) -> ssl.SSLContext:
    """Our certificate, and the offices' authority: the handshake asks for one of its certificates."""
    context = PatientContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths.server.certificate, paths.server.key)
    context.load_verify_locations(paths.ca.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
