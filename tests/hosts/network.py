"""Network namespaces joined by a bridge, which is in a namespace of its own: nothing of this machine is in it."""

import ctypes
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from asterisk.cache import MissingPart, output_of, program

PREFIX = "10.219.0"
CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class Network:
    """A LAN in namespaces of our own. Everything that it made is gone at the end."""

    def __init__(self) -> None:
        self._id = uuid.uuid4().hex[:6]
        self._lan = f"sv{self._id}-lan"
        self._names: dict[str, str] = {}

    def __enter__(self) -> Self:
        _ip("netns", "add", self._lan)
        _in(self._lan, "link", "add", "br0", "type", "bridge")
        _in(self._lan, "link", "set", "br0", "up")
        return self

    def __exit__(self, *_: object) -> None:
        for name in (*self._names.values(), self._lan):
            with suppress(MissingPart):
                _ip("netns", "delete", name)

    def join(self, name: str, number: int) -> str:
        """A new namespace on the LAN, its address ending in `number`; the address."""
        space = self._names[name] = f"sv{self._id}-{name}"
        address = f"{PREFIX}.{number}"
        outer = f"v{self._id}{number}"
        _ip("netns", "add", space)
        _in(self._lan, "link", "add", outer, "type", "veth", "peer", "name", "host0", "netns", space)
        _in(self._lan, "link", "set", outer, "master", "br0", "up")
        _in(space, "link", "set", "lo", "up")
        _in(space, "address", "add", f"{address}/24", "dev", "host0")
        _in(space, "link", "set", "host0", "up")
        return address

    def path(self, name: str) -> Path:
        """The file by which a namespace is entered."""
        return Path("/run/netns") / self._names[name]

    def inside(self, name: str) -> list[str]:
        """The words before a command that is to run in that namespace."""
        return [program("ip", "iproute2"), "netns", "exec", self._names[name]]

    def cut(self, name: str) -> None:
        """Take its link away."""
        _in(self._names[name], "link", "set", "host0", "down")

    def mend(self, name: str) -> None:
        """Give it back."""
        _in(self._names[name], "link", "set", "host0", "up")

    @contextmanager
    def entered(self, name: str) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are in that namespace, and stay there."""
        with Path("/proc/thread-self/ns/net").open("rb") as ours, self.path(name).open("rb") as theirs:
            _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _ip(*words: str) -> None:
    output_of([program("ip", "iproute2"), *words])


def _in(space: str, *words: str) -> None:
    _ip("-n", space, *words)
