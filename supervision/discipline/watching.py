"""Who must decide is reminded, what is overdue is an incident; and people are written of what concerns them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supervision.actor import Role
from supervision.audit.service import record as write_down
from supervision.clock import local
from supervision.deadlines.service import Deadline, keep_deadline
from supervision.discipline.messages import (
    email_of_appeal,
    email_of_decision,
    email_of_judgements,
    email_of_outcome,
    email_of_proposal,
)
from supervision.discipline.models import Appeal, JudgementNotice, Record
from supervision.discipline.queries import contest_of, count_unread
from supervision.discipline.rules import (
    APPEAL_IN_WORKING_DAYS,
    DECIDE_IN_WORKING_DAYS,
    AppealState,
    RecordState,
    deciding_roles,
)
from supervision.incidents.rules import Cause
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.quotas.rules import Urgency
from supervision.workdays.queries import get_calendar
from supervision.workdays.rules import Counted, count_after, recounted

RECOUNTED_FOR = timedelta(days=60)  # days are entered in the weeks after a year begins


def list_undecided(session: Session) -> Sequence[Record]:
    """The proposals that wait for a decision."""
    query = select(Record).where(Record.state == RecordState.PROPOSED)
    return session.scalars(query.order_by(Record.due_on, Record.id)).all()


def list_open_appeals(session: Session) -> Sequence[Appeal]:
    """The appeals that wait for a decision."""
    query = select(Appeal).where(Appeal.state == AppealState.OPEN)
    return session.scalars(query.order_by(Appeal.due_on, Appeal.id)).all()


def list_unconfirmed(session: Session) -> Sequence[Record]:
    """The records whose person has not confirmed that he was told."""
    query = select(Record).where(Record.state == RecordState.NOTIFIED)
    return session.scalars(query.order_by(Record.decided_at, Record.id)).all()


def tell_person(session: Session, record_id: uuid.UUID, at: datetime, mail_domain: str) -> bool:
    """Write the person once that a record about him was decided; whether that was done now."""
    record = session.get(Record, record_id)
    if record is None or record.appeal_until is None or not mail_domain:
        return False
    subject, body = email_of_decision(record.number, record.appeal_until)
    recipient, about = f"{record.person.login}@{mail_domain}", f"{record.subject}:decided"
    return post(session, recipient=recipient, subject=subject, body=body, about=about, at=at)


def tell_outcome(session: Session, appeal_id: uuid.UUID, at: datetime, mail_domain: str) -> bool:
    """Write the person once that his appeal was decided; whether that was done now."""
    appeal = session.get_one(Appeal, appeal_id)
    if not mail_domain:
        return False
    subject, body = email_of_outcome(appeal.number)
    recipient, about = f"{appeal.person.login}@{mail_domain}", f"{appeal.subject}:decided"
    return post(session, recipient=recipient, subject=subject, body=body, about=about, at=at)


def tell_of_unread(session: Session, account_id: uuid.UUID, at: datetime, mail_domain: str) -> bool:
    """Write a person, once a day, how many judgements he has not read; whether that was done now."""
    person, unread = session.get_one(Account, account_id), count_unread(session, account_id)
    if not mail_domain or not unread:
        return False
    subject, body = email_of_judgements(unread)
    recipient, about = f"{person.login}@{mail_domain}", f"judgements:{local(at).date().isoformat()}"
    return post(session, recipient=recipient, subject=subject, body=body, about=about, at=at)


def remind_of_record(session: Session, record_id: uuid.UUID, at: datetime, mail_domain: str = "") -> bool:
    """Remind of a proposal that is due soon or overdue, once a day; whether it was."""
    record = session.get(Record, record_id, with_for_update=True)
    if record is None or record.state is not RecordState.PROPOSED:
        return False
    how = _note(session, record, record.proposed_at, Cause.DISCIPLINE_OVERDUE, at)
    if how is None:
        return False
    roles = {Role.SUPERVISION_HEAD, *([Role.BUREAU_LEADER] if how is Urgency.OVERDUE else [])}
    subject, body = email_of_proposal(record.number, record.due_on, how)
    about = f"{record.subject}:{local(at).date().isoformat()}"
    for recipient in _addresses(session, roles, mail_domain):
        post(session, recipient=recipient, subject=subject, body=body, about=about, at=at)
    return True


def remind_of_appeal(session: Session, appeal_id: uuid.UUID, at: datetime, mail_domain: str = "") -> bool:
    """The same of an appeal."""
    appeal = session.get(Appeal, appeal_id, with_for_update=True)
    if appeal is None or appeal.state is not AppealState.OPEN:
        return False
    how = _note(session, appeal, appeal.filed_at, Cause.APPEAL_OVERDUE, at)
    if how is None:
        return False
    roles = {
        *deciding_roles(contest_of(session, appeal)),
        *([Role.BUREAU_LEADER] if how is Urgency.OVERDUE else []),
    }
    subject, body = email_of_appeal(appeal.number, appeal.due_on, how)
    about = f"{appeal.subject}:{local(at).date().isoformat()}"
    for recipient in _addresses(session, roles, mail_domain):
        post(session, recipient=recipient, subject=subject, body=body, about=about, at=at)
    return True


def recount_appeal_days(session: Session, at: datetime) -> int:
    """Count the last days for an appeal again, since days may have been entered; how many came to be later.

    Sooner none comes to be: the person was told of the day.
    """
    calendar, today = get_calendar(session), local(at).date()

    def later(since: datetime, day: date, *, provisional: bool) -> Counted | None:
        found = count_after(calendar, local(since).date(), APPEAL_IN_WORKING_DAYS)
        found = recounted(Counted(day, provisional), found, today)
        return found if found.day > day else None

    moved = 0
    lately = JudgementNotice.notified_at >= at - RECOUNTED_FOR
    still = or_(JudgementNotice.appeal_until >= today, JudgementNotice.provisional)
    for notice in session.scalars(
        select(JudgementNotice).where(lately, still).order_by(JudgementNotice.judgement_id)
    ):
        due = later(notice.notified_at, notice.appeal_until, provisional=notice.provisional)
        if due is not None:
            notice.appeal_until, notice.provisional, moved = due.day, due.provisional, moved + 1
    open_yet = Record.appeal_until >= today, Record.state.in_((RecordState.NOTIFIED, RecordState.CONFIRMED))
    for record in session.scalars(select(Record).where(*open_yet).order_by(Record.id).with_for_update()):
        if record.decided_at is None or record.appeal_until is None:
            continue  # the query has none of these
        due = later(record.decided_at, record.appeal_until, provisional=False)
        if due is not None:
            record.appeal_until, moved = due.day, moved + 1
            session.flush()
            detail = {"appeal_until": due.day.isoformat()}
            write_down(session, None, "decision_recounted", record.subject, detail, record.office_code, at)
    session.flush()
    return moved


def _note(session: Session, one: Record | Appeal, since: datetime, cause: Cause, at: datetime) -> Urgency | None:
    """How urgent a decision is, if somebody is to be told of it today."""
    deadline = Deadline(local(since).date(), DECIDE_IN_WORKING_DAYS, cause, "decision_recounted")
    return keep_deadline(session, one, deadline, at)


def _addresses(session: Session, roles: Collection[Role], mail_domain: str) -> list[str]:
    if not mail_domain:
        return []
    query = select(Account.login).where(Account.role.in_(roles), Account.active).order_by(Account.login)
    return [f"{login}@{mail_domain}" for login in session.scalars(query)]
