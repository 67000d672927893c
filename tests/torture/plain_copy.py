"""A plain copy: so many bytes over one TCP connection, nothing else. Run as a program it is the sender."""

import socket
import sys
import time
from pathlib import Path

from demo.processes import Process
from tests.torture.namespaces import Link

BLOCK = bytes(256 * 1024)
PATIENCE_S = 120


def send(host: str, port: int, length: int) -> None:
    """Send so much, and wait until it was taken."""
    with socket.create_connection((host, port), PATIENCE_S) as connection:
        while length > 0:
            connection.sendall(BLOCK[:length])
            length -= len(BLOCK)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)


def bytes_per_s(link: Link, length: int, log: Path) -> float:
    """How fast a plain copy from the office goes over the link."""
    with socket.create_server((link.hq_address, 0)) as listener:
        listener.settimeout(PATIENCE_S)
        words = ["tests.torture.plain_copy", link.hq_address, str(listener.getsockname()[1]), str(length)]
        process = Process(words, {}, log, link.inside).start()
        try:
            connection, _ = listener.accept()
            with connection:
                return _taken(connection)
        finally:
            process.stop()


def _taken(connection: socket.socket) -> float:
    connection.settimeout(PATIENCE_S)
    began, taken = time.monotonic(), 0
    while data := connection.recv(1024 * 1024):
        taken += len(data)
    return taken / (time.monotonic() - began)


if __name__ == "__main__":
    send(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
