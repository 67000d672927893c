"""An office's log as it comes in: kept, and an incident where it does not follow from what came before."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.audit.messages import take_entry
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident


def take_log(session: Session, office_code: str, epoch: uuid.UUID, body: Any, at: datetime) -> None:
    """Keep one entry of an office's log; a break is an incident of that log, counted from the first one on."""
    fault = take_entry(session, office_code, epoch, body, at)
    if fault is not None:
        detail = {"n": body["n"], "hash": body["hash"], "fault": fault.value}
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.AUDIT_BROKEN,
            subject=f"log:{epoch}",
            at=at,
            detail=detail,
        )
