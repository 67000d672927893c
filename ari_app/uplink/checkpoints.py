"""Heads of headquarters' audit log on their way down: asked for each minute, kept here for ever."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.audit.checkpoint_rules import CheckpointFault
from supervision.audit.checkpoints import SentCheckpoint, keep_checkpoint, last_checkpoint
from supervision.audit.rules import GENESIS, Head
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.incidents.models import Cause
from supervision.incidents.service import heal_incident, open_incident

log = structlog.get_logger("uplink")

ASK_EVERY_S = 60.0


@dataclass
class Keeper:
    """Keeps headquarters' heads, until cancelled."""

    link: Link
    database: Database
    office_code: str
    clock: Clock = now

    async def run(self) -> None:
        """Ask at once, then each minute."""
        failed = False
        while True:
            try:
                await self.keep_once()
                failed = False
            except (LinkDown, Rejected, ValueError, SQLAlchemyError) as error:
                if not failed:
                    log.warning("heads wait", error=f"{type(error).__name__}: {error}"[:300])
                failed = True
            await asyncio.sleep(ASK_EVERY_S)

    async def keep_once(self) -> int:
        """Ask for what is new, and keep it; how many came. Raises LinkDown, Rejected, ValueError."""
        number, head = await asyncio.to_thread(self._last)
        sent = await self.link.checkpoints(number, head)
        for one in sent:
            await asyncio.to_thread(self._keep, one)
        return len(sent)

    def _last(self) -> tuple[int, Head]:
        with self.database.reading() as session:
            last = last_checkpoint(session)
            return (last.number, Head(last.n, last.hash)) if last else (0, Head(0, GENESIS))

    def _keep(self, sent: SentCheckpoint) -> CheckpointFault | None:
        """Keep one; what does not fit is an incident until the next that does."""
        at = self.clock()
        with self.database.transaction() as session:
            fault = keep_checkpoint(session, sent, at)
            code, cause, subject = self.office_code, Cause.HEAD_DIFFERS, "checkpoint"
            if fault is not None:
                detail = {"fault": fault.value, "text": sent.text[:400]}
                open_incident(session, office_code=code, cause=cause, subject=subject, at=at, detail=detail)
            else:
                heal_incident(session, office_code=code, cause=cause, subject=subject, at=at)
        return fault
