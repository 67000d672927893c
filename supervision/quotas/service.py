"""Reminding people of quotas, once a day: on the site by an incident, and by mail where there is a mail server."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Role
from supervision.clock import local
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.quotas.messages import email_of
from supervision.quotas.models import Reminder
from supervision.quotas.queries import Quota
from supervision.quotas.rules import Level, Urgency, notified_levels

ROLES: dict[Level, frozenset[Role]] = {
    Level.OFFICE: frozenset({Role.OFFICE_LEADER}),
    Level.SUPERVISION: frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD}),
    Level.BUREAU: frozenset({Role.BUREAU_LEADER}),
}


def remind_of(session: Session, quota: Quota, at: datetime, mail_domain: str = "") -> bool:
    """Remind of a quota that is due soon or overdue and was not reminded of today; whether it was."""
    today, name = local(at).date(), quota.draw.name
    levels = notified_levels(quota.reviewer, quota.urgency, of_office=quota.waits_for_office)
    if not levels:
        code = quota.draw.office_code
        heal_incident(session, office_code=code, cause=Cause.REVIEW_OVERDUE, subject=name, at=at)
        return False
    if session.get(Reminder, (quota.draw.id, today)) is not None:
        return False
    _remind_one(session, quota, levels, at, mail_domain)
    return True


def _remind_one(session: Session, quota: Quota, levels: Sequence[Level], at: datetime, mail_domain: str) -> None:
    draw, today = quota.draw, local(at).date()
    session.add(Reminder(draw_id=draw.id, day=today, urgency=quota.urgency, remaining=quota.left, at=at))
    if quota.urgency is Urgency.OVERDUE:
        detail = {"draw": draw.name, "left": quota.left, "drawn": quota.progress is not None}
        open_incident(
            session,
            office_code=draw.office_code,
            cause=Cause.REVIEW_OVERDUE,
            subject=draw.name,
            at=at,
            detail=detail,
        )
    for login in logins_of(session, draw.office_code, levels) if mail_domain else ():
        subject, body = email_of(quota)
        about = f"quota:{draw.name}:{today.isoformat()}"
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
    session.flush()


def logins_of(session: Session, office_code: str, levels: Sequence[Level]) -> list[str]:
    """The sign-in names of those who are notified, of an office and the levels above it."""
    logins: list[str] = []
    for level in levels:
        query = select(Account.login).where(Account.role.in_(ROLES[level]), Account.active)
        if level is Level.OFFICE:
            query = query.where(Account.office_code == office_code)
        logins += session.scalars(query.order_by(Account.login))
    return logins
