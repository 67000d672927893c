"""The raw parts of recordings on this machine: the spool at an office, what has come in at headquarters."""

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from supervision.parts.incoming import Incoming
from supervision.parts.spool import OfficeSpool
from supervision.paths import HqPaths, PartName, Paths
from supervision.settings import Mode


class PartStore(Protocol):
    """Where the parts of a machine are found, read while they grow, and removed once they are not needed.

    Nothing is read from beyond what counts: at headquarters that is what was acknowledged (decision 2).
    """

    def path(self, office: str, name: PartName) -> Path:
        """The file of a part, there or not."""

    def names(self, office: str, call_id: uuid.UUID) -> list[PartName]:
        """The parts of a call that are here, in the order of their names."""

    def held(self, office: str, name: PartName) -> int:
        """How many bytes of a part can be heard, in whole frames; 0 if it is not here."""

    def read(self, office: str, name: PartName, at: int, most: int) -> bytes:
        """What can be heard from a byte on, at most so many bytes; nothing where there is no more yet."""

    def remove(self, office: str, names: Iterable[PartName]) -> None:
        """Remove closed parts for good, durably. Done again it is the same."""


def part_store(home: Path, mode: Mode) -> PartStore:
    """The store of the machine whose home this is."""
    return Incoming(HqPaths(home)) if mode is Mode.HQ else OfficeSpool(Paths(home))
