"""Signed heads of headquarters' audit log: fetched each minute, kept here for ever."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ari_app.uplink.streams import Uplink
from supervision.audit.checkpoints import SentCheckpoint, keep_checkpoint, last_checkpoint
from supervision.audit.rules import GENESIS, Head, is_late
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident

SUBJECT = "checkpoint"


@dataclass
class CheckpointKeeper:
    """Keeps headquarters' heads. Where none was ever kept, the first is awaited from `began_at` on."""

    context: Uplink
    began_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began_at = self.context.clock()

    async def fetch_once(self) -> int:
        """Ask for what is new, and keep it; how many came. Raises LinkDown, Rejected, ValueError."""
        last = await self.context.read(last_checkpoint)
        number, head = (last.number, Head(last.n, last.hash)) if last else (0, Head(0, GENESIS))
        sent = await self.context.link.checkpoints(number, head)
        for one in sent:
            await self.context.write(self._keep, one)
        await self._note_late()
        return len(sent)

    def _keep(self, session: Session, sent: SentCheckpoint) -> None:
        """Keep one; what does not fit is an incident until the next that does."""
        fault = keep_checkpoint(session, sent, self.context.clock())
        detail = {"fault": fault.value, "text": sent.text[:400]} if fault else None
        self._state(session, Cause.HEAD_DIFFERS, detail)

    async def _note_late(self) -> None:
        """Headquarters answers, and has had nothing new for hours: an incident until it has."""
        last = await self.context.read(last_checkpoint)
        late = is_late(max(last.kept_at, self.began_at) if last else self.began_at, self.context.clock())
        if late != await self.context.read(is_open, self.context.office_code, Cause.HEAD_LATE, SUBJECT):
            detail = {"number": last.number if last else 0} if late else None
            await self.context.write(self._state, Cause.HEAD_LATE, detail)

    def _state(self, session: Session, cause: Cause, detail: dict[str, Any] | None) -> None:
        """Open that incident where something is wrong, heal it where nothing is."""
        code, at = self.context.office_code, self.context.clock()
        about: Any = {"office_code": code, "cause": cause, "subject": SUBJECT, "at": at}
        if detail is None:
            heal_incident(session, **about)
        else:
            open_incident(session, **about, detail=detail)
