"""What headquarters has deleted goes here, too: the node asks each minute, and says what its worker removed."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.clock import now
from supervision.database import Database
from supervision.retention import deleting
from supervision.retention.messages import Orders

log = structlog.get_logger("uplink")

ASK_EVERY_S = 60.0


@dataclass
class Asker:
    """Asks headquarters what is to be deleted, until cancelled. The worker deletes; this only carries words."""

    link: Link
    database: Database

    async def run(self) -> None:
        """Ask at once, then each minute."""
        while True:
            try:
                await self.ask_once()
            except (LinkDown, Rejected, SQLAlchemyError) as error:
                log.debug("no orders", error=f"{type(error).__name__}: {error}"[:300])
            await asyncio.sleep(ASK_EVERY_S)

    async def ask_once(self) -> None:
        """Say what is gone, and write down what is to go. Raises LinkDown, Rejected."""
        gone = await asyncio.to_thread(self._gone)
        told = await self.link.deletions(gone)
        if gone or told.orders:
            await asyncio.to_thread(self._note, gone, told)

    def _gone(self) -> Sequence[uuid.UUID]:
        with self.database.reading() as session:
            return deleting.done_untold(session)

    def _note(self, gone: Sequence[uuid.UUID], told: Orders) -> None:
        with self.database.transaction() as session:
            deleting.note_told(session, gone, now())
            deleting.apply_orders(session, told, now())
