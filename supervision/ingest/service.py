"""Receiving a batch: in order, without a gap, each fact once; what is refused holds up nothing."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.errors import Unavailable
from supervision.exchange.models import Inbox
from supervision.exchange.rules import (
    PutBack,
    clock_off,
    fact_sha256,
    new_ones,
)
from supervision.ingest.applying import apply_fact
from supervision.ingest.contact import check_own_clock, note_contact
from supervision.ingest.messages import SentBatch, SentFact

MOST_EPOCHS = 20  # of an office, within a day
RECEIVE_S = 3.0


def receive_batch(
    session: Session,
    office_code: str,
    batch: SentBatch,
    at: datetime,
    clock_s: Callable[[], float] = time.monotonic,
) -> int:
    """Write down what is new in a batch; the last number received afterwards.

    What is not done within some seconds waits for the office to send it again: who writes holds up other writers.

    Raises Gap, PutBack where the last number that was received comes again with another content, and ClockBehind
    where headquarters' own clock is: then nothing is taken.
    """
    check_own_clock(session, batch, at)
    inbox = _inbox(session, office_code, batch.epoch, at)
    _refuse_another_past(inbox, batch)
    known = new_ones(inbox.n, [fact.n for fact in batch.facts])
    off = clock_off(batch.sent_at, inbox.fact_at, [fact.at for fact in batch.facts[known:]], at)
    taken: list[SentFact] = []
    until_s = clock_s() + RECEIVE_S
    for fact in batch.facts[known:]:
        if taken and clock_s() >= until_s:
            break
        apply_fact(session, office_code, batch.epoch, fact, at, off)
        taken.append(fact)
    if batch.facts:
        inbox.gap_n = None
    if taken:
        inbox.n, inbox.taken = taken[-1].n, inbox.taken + len(taken)
        inbox.last_sha256 = _sha256(taken[-1])
    note_contact(session, inbox, batch, [fact.at for fact in taken], at)
    session.flush()
    return inbox.n


def note_gap(session: Session, office_code: str, batch: SentBatch, at: datetime) -> None:
    """Note that a batch was refused with Gap, in a transaction of its own; the next that fits takes it back."""
    inbox = _inbox(session, office_code, batch.epoch, at)
    inbox.gap_n = batch.facts[0].n
    note_contact(session, inbox, batch, [], at)
    session.flush()


def _inbox(session: Session, office_code: str, epoch: uuid.UUID, at: datetime) -> Inbox:
    inbox = session.get(Inbox, (office_code, epoch), with_for_update=True)
    if inbox is None:
        _refuse_too_many_epochs(session, office_code, at)
        before = session.scalar(select(func.max(Inbox.heard_at)).where(Inbox.office_code == office_code))
        inbox = Inbox(office_code=office_code, epoch=epoch, n=0, taken=0, heard_at=at, away_at=before, back_at=at)
        session.add(inbox)
        session.flush()
    return inbox


def _refuse_too_many_epochs(session: Session, office_code: str, at: datetime) -> None:
    """A node begins anew when it is rebuilt; whoever does it all day makes each look at the inboxes dearer."""
    lately = Inbox.office_code == office_code, Inbox.heard_at >= at - timedelta(days=1)
    if (session.scalar(select(func.count()).select_from(Inbox).where(*lately)) or 0) >= MOST_EPOCHS:
        raise Unavailable(f"office {office_code} began {MOST_EPOCHS} times anew within a day")


def _refuse_another_past(inbox: Inbox, batch: SentBatch) -> None:
    same = next((fact for fact in batch.facts if fact.n == inbox.n), None)
    if same is not None and inbox.last_sha256 is not None and _sha256(same) != inbox.last_sha256:
        raise PutBack(inbox.n)


def _sha256(fact: SentFact) -> str:
    return fact_sha256(fact.n, fact.kind, fact.body)
