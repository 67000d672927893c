"""Who is at the other end: the office that the TLS peer's certificate names, and nobody else (decision 12).

With TLS by gunicorn the certificate is the connection's own. Behind nginx it comes in `X-Client-Cert` (URL-encoded
PEM, `$ssl_client_escaped_cert`), which is believed only on the configured private unix socket. On any other
connection the header is a forgery, and refused as one.
"""

import socket
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from flask import Flask, g, request

from supervision.certificates.trust import Trust
from supervision.settings import Settings
from web.intake.problems import Problem

HEADER = "X-Client-Cert"

log = structlog.get_logger()


def install(app: Flask, settings: Settings, trust: Trust) -> None:
    """Ask before each request; what follows finds the office by `office`."""

    def identify() -> None:
        g.certificate = _certificate(settings.intake_socket)
        g.office = trust.office_of(g.certificate)

    app.before_request(identify)


def office() -> str:
    """The office that this request comes from."""
    return str(g.office)


def certificate() -> bytes:
    """The certificate that it showed."""
    return bytes(g.certificate)


def _certificate(private_socket: str) -> bytes:
    connection = request.environ.get("gunicorn.socket")
    given = request.headers.get(HEADER)
    if _is_private(connection, private_socket):
        shown = unquote_to_bytes(given) if given else b""
    elif given is not None:
        log.warning("intake_forged_identity", peer=request.remote_addr)
        raise Problem(403, "forged-identity", "Forged identity", f"{HEADER} is believed from our own proxy only")
    else:
        shown = _peer_certificate(connection)
    if not shown:
        raise Problem(401, "certificate-missing", "A client certificate is needed", "No certificate was presented")
    return shown


def _is_private(connection: Any, private_socket: str) -> bool:
    if not private_socket or connection is None or connection.family != socket.AF_UNIX:
        return False
    return bool(connection.getsockname() == private_socket)


def _peer_certificate(connection: Any) -> bytes:
    """The certificate that the TLS handshake verified, DER; empty without TLS or without one."""
    ask = getattr(connection, "getpeercert", None)
    return (ask(binary_form=True) or b"") if ask is not None else b""
