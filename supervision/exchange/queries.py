"""How far each side has come: what headquarters holds of an office, and when a node last had its answer."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.exchange.models import Inbox, OutboxHead


def latest_position(session: Session, office_code: str) -> tuple[uuid.UUID, int] | None:
    """Up to which fact of which epoch an office was last heard; None if it never was."""
    query = select(Inbox.epoch, Inbox.n).where(Inbox.office_code == office_code)
    row = session.execute(query.order_by(Inbox.heard_at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.epoch, row.n)


def list_inboxes(session: Session) -> Sequence[Inbox]:
    """Every epoch of every office that was ever heard, by office, the one heard last first."""
    return session.scalars(select(Inbox).order_by(Inbox.office_code, Inbox.heard_at.desc())).all()


def headquarters_reached_at(session: Session) -> datetime | None:
    """When this node last had headquarters' answer; None if it never had."""
    return session.scalar(select(OutboxHead.reached_at))
