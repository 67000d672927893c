"""The node's certificate renewed: asked for each day, put in the place of the old one, and shown from then on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import ANSWER_S, Link, LinkDown, Rejected, Renewed
from supervision.certificates.service import served_ending, take_renewed
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.errors import DomainError
from supervision.machines.service import note_endings
from supervision.paths import Paths

log = structlog.get_logger("uplink")

ASK_EVERY_S = 24 * 3600.0
AGAIN_S = 600.0


@dataclass
class Renewer:
    """Keeps the node's certificate from running out, until cancelled. `connect` makes connections that show it."""

    link: Link
    database: Database
    office_code: str
    paths: Paths
    connect: Callable[[], httpx.AsyncClient]
    clock: Clock = now

    async def run(self) -> None:
        """Ask at once, then each day; what fails, sooner."""
        while True:
            wait_s = ASK_EVERY_S
            try:
                old = await self.renew_once()
                if old is not None:
                    await asyncio.sleep(2 * ANSWER_S)
                    await old.aclose()
            except (LinkDown, Rejected, DomainError, OSError, ValueError, SQLAlchemyError) as error:
                log.warning("certificates wait", error=f"{type(error).__name__}: {error}"[:300])
                wait_s = AGAIN_S
            await asyncio.sleep(wait_s)

    async def renew_once(self) -> httpx.AsyncClient | None:
        """Ask once; the connections from before, to be closed, where something was renewed.

        Raises LinkDown, Rejected, InvalidInput, OSError.
        """
        renewed = await self.link.certificates()
        if not await asyncio.to_thread(self._take, renewed):
            return None
        log.info("certificates renewed")
        return self.link.use(self.connect())

    def _take(self, renewed: Renewed) -> bool:
        """Put in place what is new, and say it where headquarters itself shows a certificate that runs out."""
        if renewed.served is not None:
            served = served_ending(renewed.served)
            with self.database.transaction() as session:
                note_endings(session, self.office_code, [served], self.clock())
        return take_renewed(self.paths, renewed.certificate, renewed.authority)
