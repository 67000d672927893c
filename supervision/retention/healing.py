"""Files that were removed on purpose: what was wrong with their content is over."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident

OF_CONTENT = (Cause.CONTENT_CHANGED, Cause.DISK_FAULT)


def heal_removed(session: Session, office_code: str, names: Iterable[str], at: datetime) -> None:
    """Heal what is open about the content of these files, since nobody looks through them any more."""
    for name in names:
        for cause in OF_CONTENT:
            heal_incident(session, office_code=office_code, cause=cause, subject=name, at=at)
