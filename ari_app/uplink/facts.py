"""The outbox on its way: batch after batch, in order; headquarters' own word says how far it has come."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.anew import tell_anew
from ari_app.uplink.link import Elsewhere, Link, LinkDown, NumberedTwice, Rejected
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.rules import HEARTBEAT_EVERY, was_put_back
from supervision.exchange.service import Batch, next_batch, note_received

log = structlog.get_logger("uplink")

MOST = 200
LOOK_EVERY_S = 0.2
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Teller:
    """Tells headquarters what the outbox holds, until cancelled."""

    link: Link
    database: Database
    office_code: str
    _told_at: datetime | None = None

    async def run(self) -> None:
        """Send what there is, and look for more."""
        failures = 0
        while True:
            try:
                more = await self.tell_once()
            except (LinkDown, Rejected, SQLAlchemyError) as error:
                if failures == 0:
                    log.warning("facts wait", error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1
                continue
            if failures:
                log.info("facts flow again")
            failures = 0
            if not more:
                await asyncio.sleep(LOOK_EVERY_S)

    async def tell_once(self) -> bool:
        """Send the next batch, or say now and then that we are there; whether it was facts. LinkDown, Rejected."""
        batch = await asyncio.to_thread(self._next)
        if batch is None or not (batch.facts or self._beat_is_due()):
            return False
        try:
            n = await self.link.tell(batch)
            put_back = was_put_back([fact.n for fact in batch.facts], batch.received_n, n)
        except Elsewhere as error:
            n, put_back = error.at, False
        except NumberedTwice as error:
            n, put_back = error.n, True
        if put_back:
            await asyncio.to_thread(self._begin_anew, batch.epoch, n)
            return True
        await asyncio.to_thread(self._note, batch.epoch, n)
        self._told_at = now()
        return bool(batch.facts)

    def _beat_is_due(self) -> bool:
        return self._told_at is None or not timedelta(0) <= now() - self._told_at < HEARTBEAT_EVERY

    def _next(self) -> Batch | None:
        with self.database.reading() as session:
            return next_batch(session, self.office_code, MOST)

    def _begin_anew(self, epoch: uuid.UUID, n: int) -> None:
        log.error("this node's database was put back from a copy: it is told anew", received=n)
        with self.database.transaction() as session:
            tell_anew(session, self.office_code, epoch, n, now())

    def _note(self, epoch: uuid.UUID, n: int) -> None:
        with self.database.transaction() as session:
            note_received(session, self.office_code, epoch, n)
