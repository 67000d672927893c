"""Draws on their way: every few seconds this node says how each of its draws stands, and applies the answer."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.draws.messages import HqMessage, OfficeMessage
from supervision.draws.node import apply_answers, write_message
from supervision.draws.share_files import ShareFiles
from supervision.paths import Paths

log = structlog.get_logger("uplink")

SAY_EVERY_S = 15.0


@dataclass
class Drawer:
    """Exchanges messages about draws with headquarters, until cancelled."""

    link: Link
    database: Database
    office_code: str
    paths: Paths
    clock: Clock = now

    async def run(self) -> None:
        """Say how things stand; at once again while something moves."""
        failed = False
        while True:
            moved = False
            try:
                moved = await self.exchange_once()
                failed = False
            except (LinkDown, Rejected, SQLAlchemyError, OSError, ValueError) as error:
                if not failed:
                    log.warning("draws wait", error=f"{type(error).__name__}: {error}"[:300])
                failed = True
            await asyncio.sleep(0.5 if moved else SAY_EVERY_S)

    async def exchange_once(self) -> bool:
        """One message and its answer; whether anything moved. Raises LinkDown, Rejected.

        What is due by this node's own clock is done first, whether headquarters can be reached or not.
        """
        message = await asyncio.to_thread(self._write, self.clock())
        answer = await self.link.draws(message)
        return await asyncio.to_thread(self._apply, answer, self.clock())

    def _write(self, at: datetime) -> OfficeMessage:
        with self.database.transaction() as session:
            return write_message(session, ShareFiles(self.paths), self.office_code, at)

    def _apply(self, answer: HqMessage, at: datetime) -> bool:
        with self.database.transaction() as session:
            return apply_answers(session, ShareFiles(self.paths), self.office_code, answer, at)
