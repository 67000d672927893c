"""What the spool holds for headquarters: read from the disk, the database and headquarters, and never stored."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from ari_app.uplink.rules import Waiting
from supervision.paths import PartName, Paths

log = structlog.get_logger("uplink")


@dataclass
class Spool:
    """The parts that headquarters still lacks something of, by name.

    `sent` are those that it has whole. `postponed` are left alone until a time: something is wrong with them,
    at either side, and they must not hold up the others.
    """

    paths: Paths
    parts: dict[str, Waiting] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    postponed: dict[str, float] = field(default_factory=dict)

    def scan(self) -> None:
        """See all that is there. Raises OSError."""
        for name in os.listdir(self.paths.spool):  # noqa: PTH208 - names are all that is wanted of many thousands
            self.saw(name)

    def saw(self, name: str) -> bool:
        """A part was begun or has grown; False if there is nothing new to it."""
        part = PartName.parse(name)
        if part is None or name in self.sent:
            return False
        try:
            found = self.paths.part(part).lstat()
        except FileNotFoundError:
            return False
        except OSError as error:
            log.warning("part cannot be looked at", part=name, error=str(error))
            return False
        known = self.parts.get(name, Waiting(name, None, 0, None, fixed=False, touched_at=datetime.now(UTC)))
        touched_at = datetime.fromtimestamp(found.st_mtime, UTC)
        seen = self.parts[name] = replace(known, size=found.st_size, touched_at=touched_at)
        return seen != known

    def closed(self, name: str, length: int) -> bool:
        """A part is closed, and headquarters is not known to have it; False if its final length was known.

        Of one that had its receipt, headquarters may have lost it since: its database was put back from a copy.
        """
        self.sent.discard(name)
        self.saw(name)
        part = self.parts.get(name)
        if part is None or part.length is not None:
            return False
        self.parts[name] = replace(part, length=length)
        return True

    def know(self, name: str, offset: int, *, fixed: bool) -> None:
        """Headquarters acknowledges so much of a part; `fixed`: and knows its length."""
        part = self.parts[name]
        self.parts[name] = replace(part, offset=offset, fixed=part.fixed or fixed)

    def ask_again(self, name: str) -> None:
        """Headquarters may stand elsewhere than was thought: its own word is asked for before more is sent."""
        if name in self.parts:
            self.parts[name] = replace(self.parts[name], offset=None, fixed=False)

    def hold(self, name: str, *, busy: bool) -> None:
        """A part is being sent from, or not any more."""
        if name in self.parts:
            self.parts[name] = replace(self.parts[name], busy=busy)

    def postpone(self, name: str, until: float) -> None:
        """Leave a part alone until then."""
        self.postponed[name] = until

    def free(self, moment: float) -> list[Waiting]:
        """The parts that may be sent from now."""
        if self.postponed:
            self.postponed = {name: until for name, until in self.postponed.items() if until > moment}
        return [part for part in self.parts.values() if part.name not in self.postponed]

    def wanting_receipt(self) -> list[str]:
        """The parts that have gone whole, and of which headquarters has not said that it has them."""
        return [part.name for part in self.parts.values() if part.fixed and not part.wants]

    def received(self, names: Iterable[str]) -> None:
        """Headquarters has these, whole and verified."""
        for name in names:
            self.sent.add(name)
            self.parts.pop(name, None)
