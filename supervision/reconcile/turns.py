"""Whose turn it is: a run is due each minute and whenever somebody asks, and one worker takes it."""

import contextlib
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.service import record
from supervision.clock import to_milliseconds
from supervision.reconcile.models import Reconciler
from supervision.reconcile.service import Outcome

EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=3)  # for a worker that was killed; one that fails gives the run back at once


def last_run(session: Session) -> Reconciler | None:
    """How the reconciler stands; None if it never ran."""
    return session.get(Reconciler, 1)


def is_due(row: Reconciler | None, at: datetime) -> bool:
    """Whether a run is due, and nobody has it."""
    if row is None or row.started_at is None:
        return True
    if row.claimed_until is not None and row.claimed_until > at:
        return False
    return is_asked(row) or not timedelta(0) <= at - row.started_at < EVERY


def is_asked(row: Reconciler) -> bool:
    """Whether somebody asked for a run that has not begun."""
    return row.asked_at is not None and (row.started_at is None or row.asked_at > row.started_at)


def take(session: Session, at: datetime) -> bool:
    """Take the run that is due; False if it is not, or another worker has it."""
    row = _row(session)
    if not is_due(row, at):
        return False
    row.started_at, row.claimed_until = at, to_milliseconds(at + LEASE)
    session.flush()
    return True


def ask(session: Session, actor: Actor, at: datetime) -> None:
    """Have a worker compare everything at once, because a person wants to know."""
    row = _row(session)
    row.asked_at, row.asked_by = at, actor.account_id
    session.flush()
    record(session, actor, "comparison_asked", "reconciler", {}, None, at)


def finish(session: Session, outcome: Outcome, at: datetime) -> None:
    """Write down what the run came to."""
    row = _row(session)
    row.claimed_until, row.finished_at = None, at
    for name, value in vars(outcome).items():
        setattr(row, name, value)
    session.flush()


def release(session: Session) -> None:
    """Give back a run that came to nothing, for the next one that is due."""
    _row(session).claimed_until = None


def _row(session: Session) -> Reconciler:
    if session.get(Reconciler, 1, with_for_update=True) is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():  # another worker may have begun it
            session.add(Reconciler(id=1))
    return session.get_one(Reconciler, 1, with_for_update=True)
