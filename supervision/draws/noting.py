"""What goes wrong with a draw, noted as an incident once while it lasts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.draws.models import Draw
from supervision.incidents.models import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident


def note_wrong(session: Session, found: Draw, cause: Cause, at: datetime, detail: Mapping[str, Any]) -> None:
    """Something is wrong with a draw. It is looked at every few seconds and noted once."""
    if not is_open(session, found.office_code, cause, found.name):
        open_incident(
            session,
            office_code=found.office_code,
            cause=cause,
            subject=found.name,
            at=at,
            detail={"draw": found.name, **detail},
        )


def note_over(session: Session, found: Draw, cause: Cause, at: datetime) -> None:
    """It is over by itself."""
    heal_incident(session, office_code=found.office_code, cause=cause, subject=found.name, at=at)
