"""What this office is asked to put right, on its way down: asked for each half minute, kept for its people."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.database import Database
from supervision.errors import DomainError
from supervision.rectification.messages import SentRectifications, apply_copies, position

log = structlog.get_logger("uplink")

ASK_EVERY_S = 30.0


@dataclass
class Receiver:
    """Keeps the copies of this office's notices, until cancelled."""

    link: Link
    database: Database
    office_code: str

    async def run(self) -> None:
        """Ask at once, then again and again; without a pause as long as there is more."""
        failed = False
        while True:
            more = False
            try:
                more = await self.read_once()
                failed = False
            except (LinkDown, Rejected, DomainError, SQLAlchemyError) as error:
                if not failed:
                    log.warning("rectifications wait", error=f"{type(error).__name__}: {error}"[:300])
                failed = True
            await asyncio.sleep(0 if more else ASK_EVERY_S)

    async def read_once(self) -> bool:
        """Ask once, and keep what is told; whether there is more. Raises LinkDown, Rejected."""
        after = await asyncio.to_thread(self._position)
        sent = await self.link.rectifications(after)
        if sent.n != after or sent.rectifications:
            await asyncio.to_thread(self._apply, sent)
        return sent.more

    def _position(self) -> int:
        with self.database.reading() as session:
            return position(session, self.office_code)

    def _apply(self, sent: SentRectifications) -> None:
        with self.database.transaction() as session:
            apply_copies(session, self.office_code, sent)
        if sent.rectifications:
            log.info("rectifications copied", number=len(sent.rectifications))
