"""Requests whose day is past: an incident, seen once a day until the caller is answered."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import local
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.requests.models import CallerRequest
from supervision.requests.rules import OPEN


def note_overdue(session: Session, at: datetime) -> int:
    """Note each overdue request, at most once on one day of the bureau; how many were noted now."""
    today = local(at).date()
    query = select(CallerRequest).where(CallerRequest.state.in_(OPEN), CallerRequest.due_on < today)
    noted = 0
    for request in session.scalars(query.order_by(CallerRequest.due_on, CallerRequest.id)):
        if not _seen_on(session, request, at):
            open_incident(
                session,
                office_code=request.office_code,
                cause=Cause.REQUEST_OVERDUE,
                subject=request.subject,
                at=at,
                detail={"number": request.number, "due_on": request.due_on.isoformat()},
            )
            noted += 1
    return noted


def heal_overdue(session: Session, request: CallerRequest, at: datetime) -> None:
    """The request is answered: its incident, if there is one, is over."""
    heal_incident(
        session,
        office_code=request.office_code,
        cause=Cause.REQUEST_OVERDUE,
        subject=request.subject,
        at=at,
    )


def _seen_on(session: Session, request: CallerRequest, at: datetime) -> bool:
    query = select(Incident.last_seen_at).where(
        Incident.office_code == request.office_code,
        Incident.cause == Cause.REQUEST_OVERDUE,
        Incident.subject == request.subject,
        Incident.healed_at.is_(None),
    )
    seen = session.scalar(query)
    return seen is not None and local(seen).date() >= local(at).date()
