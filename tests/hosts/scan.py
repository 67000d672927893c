"""What of a machine can be reached from a namespace: its TCP ports, by nmap; whether its Asterisk answers."""

import socket
import uuid
import xml.etree.ElementTree as ET

from asterisk.cache import output_of, program
from tests.hosts.bureau import Bureau

# Asterisk asks whoever registers for his password; to other requests of strangers it says nothing.
REGISTER = (
    "REGISTER sip:{address} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK{unique}\r\n"
    "From: <sip:scan@{address}>;tag={unique}\r\nTo: <sip:scan@{address}>\r\n"
    "Call-ID: {unique}\r\nCSeq: 1 REGISTER\r\n"
    "Contact: <sip:scan@192.0.2.1:5060>\r\nMax-Forwards: 70\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n"
)
ANSWERS_WITHIN_S = 3.0


def open_ports(bureau: Bureau, space: str, address: str) -> set[str]:
    """`22/tcp` and so on, of all TCP ports."""
    command = [
        *bureau.network.inside(space),
        program("nmap", "nmap"),
        *("-n", "-Pn", "--min-rate", "15000", "--max-retries", "1", "-sS", "-p", "1-65535", "-oX", "-", address),
    ]
    root = ET.fromstring(output_of(command, timeout_s=300))  # noqa: S314 - nmap's own
    found = set()
    for port in root.iter("port"):
        state = port.find("state")
        if state is not None and state.get("state") == "open":
            found.add(f"{port.get('portid')}/{port.get('protocol')}")
    return found


def answers_sip(bureau: Bureau, space: str, address: str, port: int = 5060) -> bool:
    """Whether Asterisk there answers a SIP request from a namespace."""
    with bureau.network.entered(space):
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with probe:
        probe.settimeout(ANSWERS_WITHIN_S)
        probe.sendto(REGISTER.format(address=address, unique=uuid.uuid4().hex).encode(), (address, port))
        try:
            return probe.recv(65535).startswith(b"SIP/2.0")
        except TimeoutError:
            return False
