"""A real link of the kernel: the office in a network namespace of its own, a veth pair to headquarters.

It needs root and iproute2. What a cut or a one-way link does is the kernel's doing, TCP's own patience
included.
"""

import json
import os
import random
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

NOBODYS_ADDRESS = "02:00:00:00:00:99"


def missing() -> str:
    """What is missing here to make namespaces; empty if nothing is."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None or shutil.which("tc") is None:
        return "network namespaces need ip and tc (Debian: iproute2)"
    tried = subprocess.run(["ip", "netns", "add", name := f"try-{os.getpid()}"], capture_output=True, check=False)  # noqa: S603, S607
    if tried.returncode:
        return f"network namespaces cannot be made here: {tried.stderr.decode().strip()}"
    _ip("netns", "del", name)
    return ""


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], capture_output=True, check=True, text=True).stdout  # noqa: S603, S607


@dataclass(frozen=True)
class End:
    """One end of the link: how `ip` reaches it, its device, and the address at the other end."""

    where: list[str]
    device: str
    other: str


@dataclass
class Link:
    """A veth pair from here (`near`, headquarters' end) into a namespace (`far`, the office's end)."""

    name: str
    hq_address: str
    office_address: str

    @classmethod
    def make(cls) -> "Link":
        """Names and addresses that nobody has: from the range for tests of devices (RFC 2544)."""
        dice = random.SystemRandom()
        number = dice.randrange(2**14)
        net = f"198.18.{number >> 6}.{number % 64 * 4}".rpartition(".")
        host = int(net[2])
        return cls(f"o{dice.randrange(10**8)}", f"{net[0]}.{host + 1}", f"{net[0]}.{host + 2}")

    @property
    def near(self) -> str:
        """Headquarters' end."""
        return f"{self.name}h"

    @property
    def far(self) -> str:
        """The office's end, in the namespace."""
        return f"{self.name}f"

    @property
    def inside(self) -> list[str]:
        """The command that runs another in the office's namespace."""
        return ["ip", "netns", "exec", self.name]

    def __enter__(self) -> Self:
        _ip("netns", "add", self.name)
        try:
            _ip("link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.name)
            _ip("addr", "add", f"{self.hq_address}/30", "dev", self.near)
            _ip("-n", self.name, "addr", "add", f"{self.office_address}/30", "dev", self.far)
            _ip("-n", self.name, "link", "set", "lo", "up")
            self.mend()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", self.near)
        _ip("netns", "del", self.name)

    def cut(self) -> None:
        """Take the link down."""
        _ip("link", "set", self.near, "down")

    def mend(self) -> None:
        """Let everything through again, both ways."""
        _ip("link", "set", self.near, "up")
        _ip("-n", self.name, "link", "set", self.far, "up")
        for end in self._ends:
            with suppress(subprocess.CalledProcessError):
                _ip(*end.where, "neigh", "del", end.other, "dev", end.device)

    def deafen(self, direction: str) -> None:
        """Lose all that goes one way: `up` is towards headquarters."""
        end = self._ends[direction == "up"]
        known = ["neigh", "replace", end.other, "lladdr", NOBODYS_ADDRESS, "dev", end.device, "nud", "permanent"]
        _ip(*end.where, *known)

    @property
    def _ends(self) -> "tuple[End, End]":
        return (
            End([], self.near, self.office_address),
            End(["-n", self.name], self.far, self.hq_address),
        )

    def limit(self, bits_per_s: int) -> None:
        """Let no more than this through, each way (tbf, with a queue of 50 ms, as a good router has)."""
        for where, end in (([], self.near), (self.inside, self.far)):
            rate = ["rate", f"{bits_per_s}bit", "burst", str(max(5000, bits_per_s // 8 // 250)), "latency", "50ms"]
            command = [*where, "tc", "qdisc", "replace", "dev", end, "root", "tbf", *rate]
            subprocess.run(command, capture_output=True, check=True)  # noqa: S603

    @property
    def sent_bytes(self) -> int:
        """What has gone towards headquarters, headers and all."""
        (statistics,) = json.loads(_ip("-j", "-s", "link", "show", self.near))
        return int(statistics["stats64"]["rx"]["bytes"])
