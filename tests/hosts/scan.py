"""Which ports of a machine can be reached from a namespace, found by nmap."""

import xml.etree.ElementTree as ET

from asterisk.cache import output_of, program
from tests.hosts.bureau import Bureau


def open_ports(bureau: Bureau, space: str, address: str, *, udp: str = "") -> set[str]:
    """`22/tcp` and so on: every TCP port, and of UDP those named that answer or refuse nothing."""
    scan = ["-sS", "-p", "1-65535"] if not udp else ["-sU", "-p", udp]
    command = [
        *bureau.network.inside(space),
        program("nmap", "nmap"),
        *("-n", "-Pn", "--min-rate", "3000", "--max-retries", "1", *scan, "-oX", "-", address),
    ]
    root = ET.fromstring(output_of(command, timeout_s=300))  # noqa: S314 - nmap's own
    found = set()
    for port in root.iter("port"):
        state = port.find("state")
        if state is not None and state.get("state") == "open":
            found.add(f"{port.get('portid')}/{port.get('protocol')}")
    return found
