"""Emails about records and appeals; what headquarters sends an office's node of records, and the copies there.

Emails are in both languages, since an email does not know its reader's; they name nobody. A node receives as
little: that there is a decision about one of its people, so that his start page leads him to headquarters' site.
"""

import uuid
from collections.abc import Sequence
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from supervision.audit import messages as log
from supervision.audit.rules import BEGINNING, Head
from supervision.discipline.models import Appeal, Record, RecordCopy
from supervision.discipline.rules import DECIDED, RecordState
from supervision.quotas.rules import Urgency

AT_ONCE = 50
KIND = "records"
ACTS = (
    "record_decided",
    "record_confirmed",
    "record_fell",
    "appeal_filed",
    "appeal_retracted",
    "appeal_dismissed",
    "appeal_upheld",
)


def email_of_decision(number: str, until: date) -> tuple[str, str]:
    """Subject and text of the notice to the person that a record about him was decided."""
    subject = f"[通知] {number}"
    text = (
        f"有一份与您有关的责任追究或表彰奖励决定（{number}），请登录总系统查阅并签收。\n"
        f"如有异议，可在 {until.isoformat()} 前申诉。\n\n"
        f"A record about you was decided ({number}). Sign in at headquarters' site to read and confirm it.\n"
        f"If you disagree, you may appeal up to {until.isoformat()}.\n"
    )
    return subject, text


def email_of_outcome(number: str) -> tuple[str, str]:
    """Subject and text of the notice to the person that his appeal was decided."""
    subject = f"[申诉结果] {number}"
    text = (
        f"您的申诉（{number}）已有决定，请登录总系统查阅。\n\n"
        f"Your appeal ({number}) was decided. Sign in at headquarters' site to read the decision.\n"
    )
    return subject, text


def email_of_judgements(number: int) -> tuple[str, str]:
    """Subject and text of the day's notice to a person that calls of his were evaluated."""
    subject = f"[通知] 通话评价: {number}"
    text = (
        f"您有 {number} 份通话评价尚未查阅，请登录总系统查阅；如有异议，可在其所示日期前申诉。\n\n"
        f"Evaluations of your calls that you have not read: {number}.\n"
        "Sign in at headquarters' site to read them. Each shows until when you may appeal against it.\n"
    )
    return subject, text


def email_of_proposal(number: str, due: date, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder to those who must decide a proposal."""
    return _reminder("责任追究或表彰奖励的提议", "The proposal", number, due, how)


def email_of_appeal(number: str, due: date, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder to those who must decide an appeal."""
    return _reminder("申诉", "The appeal", number, due, how)


def _reminder(what: str, named: str, number: str, due: date, how: Urgency) -> tuple[str, str]:
    late, day = how is Urgency.OVERDUE, due.isoformat()
    subject = f"[{'决定逾期' if late else '决定提醒'}] {number}: {day}"
    text = (
        f"{what} {number} {'已逾期' if late else '即将到期'}，应于 {day} 前作出决定。\n请登录总系统办理。\n\n"
        f"{named} {number} is {'overdue' if late else 'due soon'}.\nThe last day for the decision is {day}.\n"
        "Sign in at headquarters' site to decide.\n"
    )
    return subject, text


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, from_attributes=True)


class SentRecord(_Sent):
    """That there is a decided record about a person, and where it stands; not what it says."""

    id: uuid.UUID
    number: str
    person_id: uuid.UUID
    state: RecordState
    decided_at: AwareDatetime
    appeal_until: date


class SentRecords(_Sent):
    """What changed after an entry of headquarters' log: up to entry `n`, which has that hash.

    `more`: there is more. `anew`: the node has copies from another log: what it keeps goes before this comes.
    """

    n: int = Field(ge=0)
    hash: str = ""
    anew: bool = False
    more: bool
    copies: tuple[SentRecord, ...]


def changed_after(session: Session, office_code: str, known: Head = BEGINNING) -> SentRecords:
    """At headquarters: the office's decided records that changed after an entry of the log, also by an appeal."""
    changed = log.changed_after(session, office_code, ACTS, known, AT_ONCE)
    appealed = select(Appeal.record_id).where(Appeal.id.in_(changed.ids))
    query = select(Record).where(
        or_(Record.id.in_(changed.ids), Record.id.in_(appealed)),
        Record.office_code == office_code,
        Record.state.in_(DECIDED),
    )
    found = session.scalars(query.order_by(Record.decided_at, Record.id))
    copies = tuple(SentRecord.model_validate(one) for one in found if one.appeal_until is not None)
    here = changed.here
    return SentRecords(n=here.n, hash=here.hash, anew=changed.anew, more=changed.more, copies=copies)


def apply_copies(session: Session, office_code: str, sent: SentRecords) -> None:
    """On a node: keep what headquarters sent, each record as it stands now."""
    if sent.anew:
        session.execute(delete(RecordCopy).where(RecordCopy.office_code == office_code))
    for one in sent.copies:
        session.merge(
            RecordCopy(
                record_id=one.id,
                office_code=office_code,
                person_id=one.person_id,
                state=one.state,
                received=one.model_dump(mode="json"),
            )
        )
    log.note_copied(session, office_code, KIND, Head(sent.n, sent.hash))


def list_to_confirm(session: Session, person_id: uuid.UUID) -> Sequence[SentRecord]:
    """On a node: the decisions about a person that wait at headquarters for his confirmation."""
    his = RecordCopy.person_id == person_id, RecordCopy.state == RecordState.NOTIFIED
    found = [SentRecord.model_validate(one.received) for one in session.scalars(select(RecordCopy).where(*his))]
    return sorted(found, key=lambda one: (one.decided_at, one.number))
