"""What happens to complaints by itself: whose turn it is is reminded each day, once overdue the next level too."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import local
from supervision.complaints.messages import email_of
from supervision.complaints.models import Complaint
from supervision.complaints.queries import case_of, next_move
from supervision.complaints.rules import OPEN, SECTION, Move, objection
from supervision.deadlines.service import Deadline, keep_deadline
from supervision.draws.rules import Party
from supervision.incidents.rules import Cause
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.people.sign_ins import actor_of
from supervision.quotas.rules import Level, Urgency, notified_levels
from supervision.quotas.service import logins_of


def list_open(session: Session) -> Sequence[Complaint]:
    """The complaints that nobody has answered yet."""
    query = select(Complaint).where(Complaint.state.in_(OPEN))
    return session.scalars(query.order_by(Complaint.due_on, Complaint.id)).all()


def remind_of(session: Session, complaint_id: uuid.UUID, at: datetime, mail_domain: str = "") -> bool:
    """Remind of one that is due soon or overdue, once a day; whether it was. Its day is counted again first."""
    complaint = session.get(Complaint, complaint_id, with_for_update=True)
    if complaint is None or complaint.state not in OPEN:
        return False
    deadline = Deadline(
        complaint.counted_from,
        complaint.kind.days,
        Cause.COMPLAINT_OVERDUE,
        "complaint_recounted",
    )
    how = keep_deadline(session, complaint, deadline, at)
    if how is None:
        return False
    subject, body = email_of(complaint, how)
    about = f"{complaint.subject}:{local(at).date().isoformat()}"
    for login in _people(session, complaint, how) if mail_domain else ():
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
    return True


def _people(session: Session, complaint: Complaint, how: Urgency) -> list[str]:
    """Who may make the next move; once it is overdue the bureau's leaders as well, never whom it is about.

    What its handler has in hand anybody else of the section may take over, who is reminded once he has left.
    """
    move, case = next_move(complaint), case_of(session, complaint)
    query = select(Account).where(Account.role.in_(SECTION), Account.active).order_by(Account.login)
    section = session.scalars(query).all()
    if move is Move.PROPOSE and all(one.id != complaint.handler_id for one in section):
        move = Move.TAKE
    own = [one.login for one in section if move and objection(actor_of(one), move, case) is None]
    bureau = Level.BUREAU in notified_levels(Party.HQ, how)
    return own + (logins_of(session, complaint.office_code, (Level.BUREAU,)) if bureau else [])
