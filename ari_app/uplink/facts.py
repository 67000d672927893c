"""Sends the outbox, batch after batch, in order; headquarters' answer says up to where it has them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from ari_app.uplink.anew import send_anew
from ari_app.uplink.link import Elsewhere, NumberedTwice
from ari_app.uplink.streams import Uplink
from supervision.exchange.rules import HEARTBEAT_EVERY, was_put_back
from supervision.exchange.service import next_batch, note_received
from supervision.recordings.service import forget_receipts

log = structlog.get_logger("uplink")

MOST = 200


@dataclass
class FactSender:
    """Sends headquarters what the outbox holds."""

    context: Uplink
    _sent_at: datetime | None = None

    async def send_once(self) -> bool:
        """Send the next batch, or say now and then that we are there; whether it was facts. LinkDown, Rejected."""
        context = self.context
        batch = await context.read(next_batch, context.office_code, MOST)
        if batch is None or not (batch.facts or self._heartbeat_is_due()):
            return False
        try:
            n = await context.link.send(batch)
            put_back = was_put_back([fact.n for fact in batch.facts], batch.received_n, n)
        except Elsewhere as error:
            n, put_back = error.at, False
        except NumberedTwice as error:
            n, put_back = error.n, True
        if put_back:
            log.error("this node's database was put back from a copy: its facts are sent anew", received=n)
            await context.write(send_anew, context.office_code, batch.epoch, n, context.clock())
            return True
        if n < batch.received_n:
            log.error("headquarters was put back from a copy: all since then is sent again", received=n)
            await context.write(_send_again, context.office_code, batch.epoch, n)
        else:
            await context.write(note_received, context.office_code, batch.epoch, n)
        self._sent_at = context.clock()
        return bool(batch.facts)

    def _heartbeat_is_due(self) -> bool:
        since = self._sent_at
        return since is None or not timedelta(0) <= self.context.clock() - since < HEARTBEAT_EVERY


def _send_again(session: Session, office_code: str, epoch: uuid.UUID, n: int) -> None:
    """Headquarters' database was put back: it lacks facts, and maybe parts, of which this node has its receipt."""
    note_received(session, office_code, epoch, n)
    forget_receipts(session)
