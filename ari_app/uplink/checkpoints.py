"""Heads of headquarters' audit log on their way down: asked for each minute, kept here for ever."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.audit.checkpoints import SentCheckpoint, keep_checkpoint, last_checkpoint
from supervision.audit.rules import GENESIS, CheckpointFault, Head, is_late
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident

log = structlog.get_logger("uplink")

ASK_EVERY_S = 60.0
SUBJECT = "checkpoint"


@dataclass
class Keeper:
    """Keeps headquarters' heads, until cancelled."""

    link: Link
    database: Database
    office_code: str
    clock: Clock = now
    began_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Where none was ever kept, the first is awaited from here on."""
        self.began_at = self.clock()

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
        await asyncio.to_thread(self._note_late)
        return len(sent)

    def _last(self) -> tuple[int, Head]:
        with self.database.reading() as session:
            last = last_checkpoint(session)
            return (last.number, Head(last.n, last.hash)) if last else (0, Head(0, GENESIS))

    def _keep(self, sent: SentCheckpoint) -> CheckpointFault | None:
        """Keep one; what does not fit is an incident until the next that does."""
        with self.database.transaction() as session:
            fault = keep_checkpoint(session, sent, self.clock())
            detail = {"fault": fault.value, "text": sent.text[:400]} if fault else None
            self._state(session, Cause.HEAD_DIFFERS, detail)
        return fault

    def _note_late(self) -> None:
        """Headquarters answers, and has had nothing new for hours: an incident until it has."""
        with self.database.reading() as session:
            last = last_checkpoint(session)
            last_at = max(last.kept_at, self.began_at) if last else self.began_at
            late = is_late(last_at, self.clock())
            open_before = is_open(session, self.office_code, Cause.HEAD_LATE, SUBJECT)
        if late != open_before:
            with self.database.transaction() as session:
                self._state(session, Cause.HEAD_LATE, {"number": last.number if last else 0} if late else None)

    def _state(self, session: Session, cause: Cause, detail: dict[str, Any] | None) -> None:
        """Open that incident where something is wrong, heal it where nothing is."""
        about: Any = {"office_code": self.office_code, "cause": cause, "subject": SUBJECT, "at": self.clock()}
        if detail is None:
            heal_incident(session, **about)
        else:
            open_incident(session, **about, detail=detail)
