"""What happens to rectifications by themselves: the watch reopens them, and who must answer is reminded."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from supervision.actor import Scope
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import local
from supervision.deadlines.service import Deadline, keep_deadline
from supervision.draws.models import AnsweredCall
from supervision.draws.rules import Party
from supervision.findings.models import Treatment
from supervision.findings.queries import within
from supervision.findings.rules import Standing
from supervision.findings.service import put_into_rectification
from supervision.incidents.rules import Cause
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.quotas.rules import Level, Urgency, notified_levels
from supervision.quotas.service import logins_of
from supervision.rectification.messages import email_of
from supervision.rectification.models import Rectification, RectificationFinding
from supervision.rectification.queries import within as seen_within
from supervision.rectification.rules import (
    DUE_IN_WORKING_DAYS,
    UNANSWERED,
    UNFINISHED,
    Move,
    RectificationState,
    after,
)
from supervision.rectification.service import asking, count_due


def list_recurring(session: Session) -> Sequence[Rectification]:
    """The closed rectifications of which the same was found again, whenever that call was judged."""
    query = select(Rectification).where(Rectification.id.in_(_found_again().with_only_columns(Rectification.id)))
    return session.scalars(query.order_by(Rectification.closed_at)).all()


def watch_one(session: Session, rectification_id: uuid.UUID, at: datetime) -> bool:
    """Reopen a closed rectification if the same was found again in a drawn call; whether it was.

    What was found is to be prevented by the reply to it.
    """
    rectification = session.get(Rectification, rectification_id, with_for_update=True)
    state = after(rectification.state, Move.RECUR) if rectification is not None else None
    if rectification is None or state is None:
        return False
    found = session.scalars(_found_again().where(Rectification.id == rectification_id).limit(1)).first()
    if found is None:
        return False
    rectification.state, rectification.closed_at, rectification.watch_ends_at = state, None, None
    rectification.recurred += 1
    rectification.findings.append(
        RectificationFinding(treatment=found, category=found.category, recurred=True, added_at=at)
    )
    count_due(session, rectification, DUE_IN_WORKING_DAYS, at)
    session.flush()
    put_into_rectification(session, [found], asking(rectification), at)
    detail = {"finding": str(found.id), "call": str(found.call_id), "due_on": rectification.due_on.isoformat()}
    record(session, None, "rectification_recurred", rectification.subject, detail, rectification.office_code, at)
    return True


def _found_again() -> Select[Treatment]:
    """A finding of a category that a closed notice is about, in a drawn call of its office that is watched.

    The earliest call first. What an amendment took back neither recurs nor is watched.
    """
    began_at = func.coalesce(AnsweredCall.began_at, Call.offered_at)  # its office may send the call again
    asked, first = aliased(RectificationFinding), aliased(Treatment)
    of_this = asked.rectification_id == Rectification.id
    is_known = select(asked.treatment_id).where(of_this, asked.treatment_id == Treatment.id)
    is_about_it = (
        select(asked.treatment_id)
        .join(first, first.id == asked.treatment_id)
        .where(of_this, asked.category == Treatment.category, first.state != Standing.GONE)
    )
    return (
        select(Treatment)
        .join(Rectification, Rectification.office_code == Treatment.office_code)
        .join(Call, Call.id == Treatment.call_id)
        .outerjoin(AnsweredCall, AnsweredCall.call_id == Call.id)
        .where(
            *within(Scope()),  # what is judged once more is hidden from headquarters, and so from the watch
            Rectification.state == RectificationState.CLOSED,
            Treatment.drawn,
            Treatment.state != Standing.GONE,
            began_at > Rectification.closed_at,
            began_at < Rectification.watch_ends_at,
            is_about_it.correlate(Rectification, Treatment).exists(),
            ~is_known.correlate(Rectification, Treatment).exists(),
        )
        .order_by(began_at, Treatment.id)
    )


def list_unfinished(session: Session) -> Sequence[Rectification]:
    """The rectifications that wait for a reply, or for the issuer's side."""
    query = select(Rectification).where(Rectification.state.in_(UNFINISHED))
    return session.scalars(query.order_by(Rectification.due_on, Rectification.id)).all()


def remind_of(session: Session, rectification_id: uuid.UUID, at: datetime, mail_domain: str = "") -> bool:
    """Remind of one that is due soon or overdue, once a day; whether it was. Its day is counted again first."""
    rectification = session.get(Rectification, rectification_id, with_for_update=True)
    if rectification is None or rectification.state not in UNFINISHED:
        return False
    deadline = Deadline(
        rectification.counted_from,
        rectification.days,
        Cause.RECTIFICATION_OVERDUE,
        "rectification_recounted",
    )
    how = keep_deadline(session, rectification, deadline, at)
    if how is None:
        return False
    subject, body = email_of(rectification, how)
    about = f"{rectification.subject}:{local(at).date().isoformat()}"
    for login in _people(session, rectification, how) if mail_domain else ():
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
    return True


def _people(session: Session, rectification: Rectification, how: Urgency) -> list[str]:
    """Whose turn it is, and once it is overdue the next level up.

    Inside an office it is a person's turn, and above him are its leaders, who are notified at once where he has
    left; or it is theirs, and above them is headquarters, unless the notice is hidden there.
    """
    awaits_reply, office_code = rectification.state in UNANSWERED, rectification.office_code
    if rectification.party is Party.HQ:
        return logins_of(session, office_code, notified_levels(Party.OFFICE if awaits_reply else Party.HQ, how))
    query = select(Account.login).where(Account.id == rectification.addressee_id, Account.active)
    addressee, leaders = list(session.scalars(query)), logins_of(session, office_code, (Level.OFFICE,))
    if not awaits_reply:
        levels = notified_levels(Party.OFFICE, how) if _is_seen(session, rectification) else ()
        section = logins_of(session, office_code, [one for one in levels if one is not Level.OFFICE])
        return [one for one in leaders if one not in addressee] + section
    above = leaders if how is Urgency.OVERDUE or not addressee else []
    return addressee + [one for one in above if one not in addressee]


def _is_seen(session: Session, rectification: Rectification) -> bool:
    seen = select(Rectification.id).where(Rectification.id == rectification.id, *seen_within(Scope()))
    return session.scalar(seen) is not None
