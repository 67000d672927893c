"""A node whose database was restored from a copy: its facts get numbers that headquarters does not know yet."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.messages import send_log
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.draws.node_lists import note_acknowledged_calls
from supervision.exchange.models import OutboxHead
from supervision.exchange.rules import FactKind
from supervision.exchange.service import begin_epoch, send_fact
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident


def send_anew(session: Session, office_code: str, epoch: uuid.UUID, received_n: int, at: datetime) -> None:
    """Begin a new epoch in place of that one, and send all that headquarters may lack; an incident says so.

    `received_n` is the last number that headquarters has of the epoch. The audit log is sent whole: headquarters
    keeps each epoch's by itself. What was lost with the database, headquarters has.
    """
    note_acknowledged_calls(session, office_code, at)  # the numbers of this epoch are forgotten with it
    head = session.get_one(OutboxHead, office_code)
    written = head.last_n
    if head.epoch != epoch:
        return  # it was begun meanwhile
    unsent = begin_epoch(session, office_code)
    send_log(session, office_code)
    for fact in unsent:
        if fact.kind is not FactKind.AUDIT:
            send_fact(session, office_code, fact.kind, fact.body, fact.at)
    numbers = {"written": written, "received": received_n, "waiting": len(unsent)}
    record(session, None, "sent_anew", subject_of("office", office_code), numbers, office_code, at)
    open_incident(
        session,
        office_code=office_code,
        cause=Cause.SEQUENCE_SKIPPED,
        subject=f"outbox:{epoch}",
        at=at,
        detail={**numbers, "put_back": True},
    )
