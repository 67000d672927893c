"""What docs/nginx-connections.nft lets through: real connections in a network namespace."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.namespaces import Link, missing

FILTER = Path(__file__).parents[2] / "docs" / "nginx-connections.nft"
STRANGER = """
import socket, sys
address, port, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.create_server((address, port), backlog=wanted, family=family):
    held = []
    for _ in range(wanted):
        try:
            held.append(socket.create_connection((address, port), timeout=20))
        except ConnectionRefusedError:
            pass
    print(len(held))
"""

WHY = missing() or ("" if shutil.which("nft") else "needs nft (Debian: nftables)")


@pytest.mark.skipif(bool(WHY), reason=WHY)
def test_a_stranger_who_holds_connections_open_gets_no_more_than_his_share_before_any_handshake() -> None:
    with Link.make() as link:
        subprocess.run([*link.inside, "nft", "-f", str(FILTER)], check=True)  # noqa: S603
        held = [
            subprocess.run(  # noqa: S603
                [*link.inside, sys.executable, "-c", STRANGER, address, port, wanted],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.strip()
            for address, port, wanted in (
                ("127.0.0.1", "8443", "70"),
                ("::1", "8443", "70"),
                ("127.0.0.1", "443", "70"),
            )
        ]
    assert held == ["64", "64", "70"]
