import socket
import subprocess
import sys

import pytest

from asterisk.ports import free_ports, free_range, give_back

pytestmark = pytest.mark.enable_socket


def test_no_port_is_handed_out_twice_by_one_process() -> None:
    ports = free_ports(40) + free_ports(40)
    first, last = free_range(20)
    taken = [*ports, *range(first, last + 1)]
    assert len(set(taken)) == 100
    assert first % 2 == 0
    give_back(taken)


def test_a_port_handed_out_is_not_handed_out_by_another_process() -> None:
    mine = free_ports(300)
    code = "from asterisk.ports import free_ports; print(*free_ports(3000))"
    theirs = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert not set(mine) & {int(port) for port in theirs.stdout.split()}
    give_back(mine)


def test_a_port_in_use_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    give_back([port])
    monkeypatch.setattr("asterisk.ports.PORTS", range(port, port + 1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        with pytest.raises(OSError, match="no 1 free ports"):
            free_ports(1)
    assert free_ports(1) == [port]
    give_back([port])
