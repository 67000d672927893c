"""Deletion orders: fetched from headquarters each minute; what the worker has removed is reported."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ari_app.uplink.streams import Uplink
from supervision.retention import deleting
from supervision.retention.messages import Orders


async def exchange_orders(context: Uplink) -> bool:
    """Say what is gone, and write down what is to go; whether there was any. Raises LinkDown, Rejected.

    The worker deletes; this only carries words.
    """
    gone = await context.read(deleting.done_unsent)
    sent = await context.link.deletions(gone)
    if not (gone or sent.orders):
        return False
    await context.write(_note, gone, sent, context.clock())
    return True


def _note(session: Session, gone: Sequence[uuid.UUID], sent: Orders, at: datetime) -> None:
    deleting.note_sent(session, gone, at)
    deleting.apply_orders(session, sent, at)
