"""Telling the next level of findings that are untreated after their day: one incident for each evaluation."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.clock import local
from supervision.findings.models import Treatment
from supervision.findings.rules import UNTREATED
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident


def note_overdue(session: Session, at: datetime) -> int:
    """Note each evaluation with overdue findings, at most once on one day of the bureau; heal the others."""
    late = _late(session, at)
    seen = _open_incidents(session)
    for subject in seen.keys() - late.keys():
        code = seen[subject].office_code
        heal_incident(session, office_code=code, cause=Cause.FINDING_UNTREATED, subject=subject, at=at)
    noted = 0
    for subject, (code, call_id, number) in late.items():
        if subject in seen and local(seen[subject].last_seen_at).date() >= local(at).date():
            continue
        open_incident(
            session,
            office_code=code,
            cause=Cause.FINDING_UNTREATED,
            subject=subject,
            call_id=call_id,
            at=at,
            detail={"findings": number},
        )
        noted += 1
    return noted


def _late(session: Session, at: datetime) -> dict[str, tuple[str, uuid.UUID, int]]:
    query = (
        select(Treatment.evaluation_id, Treatment.office_code, Treatment.call_id, func.count())
        .where(Treatment.state.in_(UNTREATED), Treatment.due_on < local(at).date())
        .group_by(Treatment.evaluation_id, Treatment.office_code, Treatment.call_id)
    )
    return {f"evaluation:{row[0]}": (row[1], row[2], row[3]) for row in session.execute(query)}


def _open_incidents(session: Session) -> dict[str, Incident]:
    query = select(Incident).where(
        Incident.cause == Cause.FINDING_UNTREATED, Incident.told.is_(False), Incident.healed_at.is_(None)
    )
    return {one.subject: one for one in session.scalars(query)}
