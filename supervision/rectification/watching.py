"""What happens to rectifications by themselves: the watch reopens them, and who must answer is reminded."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import day_bounds, local
from supervision.draws.models import AnsweredCall
from supervision.draws.rules import Party
from supervision.findings.models import Treatment
from supervision.findings.queries import within
from supervision.findings.rules import Standing
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.quotas.rules import Level, Urgency, told, urgency
from supervision.quotas.service import logins_of
from supervision.rectification.messages import email_of
from supervision.rectification.models import Rectification, RectificationFinding
from supervision.rectification.rules import (
    DUE_IN_WORKING_DAYS,
    UNANSWERED,
    WATCHED,
    Move,
    RectificationState,
    after,
    does_recur,
)
from supervision.rectification.service import count_due, heal_overdue, recount_due

LATEST_FINDING = WATCHED + timedelta(days=60)  # a drawn call may be judged long after it was made


def list_watched(session: Session, at: datetime) -> Sequence[Rectification]:
    """The closed rectifications whose watch may still find something."""
    query = select(Rectification).where(
        Rectification.state == RectificationState.CLOSED, Rectification.closed_at > at - LATEST_FINDING
    )
    return session.scalars(query.order_by(Rectification.closed_at)).all()


def watch_one(session: Session, rectification_id: uuid.UUID, at: datetime) -> bool:
    """Reopen a closed rectification if the same was found again in a drawn call; whether it was."""
    rectification = session.get(Rectification, rectification_id, with_for_update=True)
    if rectification is None or rectification.closed_at is None:
        return False
    found = _found_again(session, rectification, rectification.closed_at)
    state = after(rectification.state, Move.RECUR)
    if found is None or state is None:
        return False
    rectification.state, rectification.closed_at = state, None
    rectification.recurred += 1
    rectification.findings.append(
        RectificationFinding(treatment=found, category=found.category, recurred=True, added_at=at)
    )
    count_due(session, rectification, DUE_IN_WORKING_DAYS, at)
    session.flush()
    detail = {"finding": str(found.id), "call": str(found.call_id), "due_on": rectification.due_on.isoformat()}
    record(session, None, "rectification_recurred", rectification.subject, detail, rectification.office_code, at)
    return True


def _found_again(session: Session, rectification: Rectification, closed_at: datetime) -> Treatment | None:
    known = {one.treatment_id for one in rectification.findings}
    began_at = func.coalesce(AnsweredCall.began_at, Call.offered_at)  # its office may send the call again
    query = (
        select(Treatment, began_at)
        .join(Call, Call.id == Treatment.call_id)
        .outerjoin(AnsweredCall, AnsweredCall.call_id == Call.id)
        .where(
            *within(Scope()),  # what is judged once more is hidden from headquarters, and so from the watch
            Treatment.office_code == rectification.office_code,
            Treatment.category.in_(rectification.categories),
            Treatment.state != Standing.GONE,
            Treatment.id.not_in(known),
            began_at > closed_at,
        )
    )
    closed_on = local(closed_at).date()
    for treatment, called_at in session.execute(query.order_by(began_at, Treatment.id)):
        called_on = local(called_at).date()
        if does_recur(called_on, closed_on, drawn=treatment.drawn, after_closing=called_at > closed_at):
            return treatment
    return None


def list_unanswered(session: Session) -> Sequence[Rectification]:
    """The rectifications that wait for a reply."""
    query = select(Rectification).where(Rectification.state.in_(UNANSWERED))
    return session.scalars(query.order_by(Rectification.due_on, Rectification.id)).all()


def remind_of(session: Session, rectification_id: uuid.UUID, at: datetime, mail_domain: str = "") -> bool:
    """Remind of one that is due soon or overdue, once a day; whether it was. Its day is counted again first."""
    rectification = session.get(Rectification, rectification_id, with_for_update=True)
    if rectification is None or rectification.state not in UNANSWERED:
        return False
    today = local(at).date()
    recounted = recount_due(session, rectification, today)
    how = urgency(day_bounds(rectification.due_on)[1], at, met=False)
    levels = told(Party.OFFICE, how)
    is_told = bool(levels) and rectification.reminded_on != today
    if is_told:
        rectification.reminded_on = today
    if how is not Urgency.OVERDUE:
        heal_overdue(session, rectification, at)
    elif is_told:
        _note_overdue(session, rectification, at)
    session.flush()
    if recounted:
        detail = {"due_on": rectification.due_on.isoformat()}
        subject, office_code = rectification.subject, rectification.office_code
        record(session, None, "rectification_recounted", subject, detail, office_code, at)
    subject, body = email_of(rectification, how)
    about = f"{rectification.subject}:{today.isoformat()}"
    for login in _people(session, rectification, levels) if is_told and mail_domain else ():
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
    return is_told


def _note_overdue(session: Session, rectification: Rectification, at: datetime) -> None:
    open_incident(
        session,
        office_code=rectification.office_code,
        cause=Cause.RECTIFICATION_OVERDUE,
        subject=rectification.subject,
        at=at,
        detail={"number": rectification.number, "due_on": rectification.due_on.isoformat()},
    )


def _people(session: Session, rectification: Rectification, levels: Sequence[Level]) -> list[str]:
    """Whose work it is, and the next level up; inside an office these are the person and its leaders."""
    if rectification.party is Party.HQ:
        return logins_of(session, rectification.office_code, levels)
    query = select(Account.login).where(Account.id == rectification.addressee_id, Account.active)
    own = list(session.scalars(query))
    above = logins_of(session, rectification.office_code, (Level.OFFICE,)) if len(levels) > 1 else []
    return own + [one for one in above if one not in own]
