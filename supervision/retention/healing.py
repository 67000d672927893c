"""Files that were removed on purpose: what was wrong with their content is over."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident
from supervision.incidents.set_aside import Item, take_up

OF_CONTENT = (Cause.CONTENT_CHANGED, Cause.DISK_FAULT)
TASKS = ("seal", "scrub")  # whose work a recording is, until it is deleted


def heal_removed(session: Session, office_code: str, names: Iterable[str], at: datetime) -> None:
    """Heal what is open about the content of these files, since nobody looks through them any more."""
    for name in names:
        for cause in OF_CONTENT:
            heal_incident(session, office_code=office_code, cause=cause, subject=name, at=at)


def heal_deleted(
    session: Session, office_code: str, call_id: uuid.UUID, parts: Iterable[str], at: datetime
) -> None:
    """Heal all that is open about the files of a recording that was deleted, and about work on it."""
    heal_removed(session, office_code, (f"{call_id}.flac", *parts), at)
    heal_incident(session, office_code=office_code, cause=Cause.SEALING_FAILED, subject=str(call_id), at=at)
    for task in TASKS:
        take_up(session, Item(office_code, task, str(call_id)), at)
