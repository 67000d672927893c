"""`python -m bench.noting FILE`: the uplink as it is, which also notes when headquarters acknowledged what.

Each line of the file: nanoseconds of CLOCK_MONOTONIC, the part, its acknowledged bytes.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import IO

from ari_app.uplink.link import Link, client
from ari_app.uplink.parts import Sender
from supervision.database import Database
from supervision.paths import PartName, Paths
from supervision.settings import Settings


class NotingLink(Link):
    """The wire to headquarters, with a clock beside it."""

    notes: IO[str]

    async def add(self, name: PartName, offset: int, data: bytes, length: int | None = None) -> int:
        """The same, noted as soon as the 204 is read."""
        acknowledged = await super().add(name, offset, data, length)
        self.notes.write(f"{time.monotonic_ns()} {name} {acknowledged}\n")
        return acknowledged


async def serve(settings: Settings, database: Database, notes: IO[str]) -> None:
    """Send parts until ended."""
    paths = Paths(settings.home)
    async with client(settings.hq_url, paths, settings.uplink_connections) as http:
        link = NotingLink(http)
        link.notes = notes
        await Sender(link, paths, database, settings.uplink_connections, settings.uplink_bytes_per_s).run()


def main() -> None:
    """Ends on SIGTERM; what was noted is in the file by then, line by line."""
    settings = Settings()
    with Path(sys.argv[1]).open("w", buffering=1) as notes:
        asyncio.run(serve(settings, Database(settings.database()), notes))


if __name__ == "__main__":
    main()
