"""Telling each person of the judgements of his calls, and his word that he has read one (已阅)."""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, selectinload

from supervision.audit.models import AuditEntry
from supervision.audit.rules import parse_subject, subject_of
from supervision.audit.service import lock_log, record
from supervision.context import Context
from supervision.discipline.models import JudgementNotice, NoticePosition
from supervision.discipline.queries import appeal_deadline, get_notice, person_of_call
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.rules import Kind

AT_ONCE = 100
TELLING_ACTS = ("evaluation_submitted", "evaluation_amended")
SEATING_ACT = "desk_assigned"  # who answered a call may be known only after it was judged


def tell_of_judgements(session: Session, at: datetime) -> bool:
    """Tell of the judgements that were submitted since the last look; whether there are more.

    What is new is read from the log, whose numbers are in the order of commits. The days for an appeal begin when
    the person is told. A re-score looks at a reviewer and is told to nobody. Once it is entered who sat at a desk
    of an office, all is looked at there of which nobody was told.
    """
    position = session.get(NoticePosition, 1, with_for_update=True) or NoticePosition(id=1, n=0)
    session.add(position)
    query = select(AuditEntry.n, AuditEntry.act, AuditEntry.subject, AuditEntry.office_code).where(
        AuditEntry.n > position.n, AuditEntry.act.in_((*TELLING_ACTS, SEATING_ACT))
    )
    rows = session.execute(query.order_by(AuditEntry.n).limit(AT_ONCE)).all()
    ids = {uuid.UUID(parse_subject(row.subject).id) for row in rows if row.act != SEATING_ACT}
    seated = {row.office_code for row in rows if row.act == SEATING_ACT}
    judged = select(Evaluation).where(
        Evaluation.id.in_(ids) | (Evaluation.office_code.in_(seated) & _is_unnotified()),
        Evaluation.kind != Kind.RESCORE,
    )
    for evaluation in session.scalars(judged.options(selectinload(Evaluation.judgements))):
        _tell(session, evaluation, at)
    position.n = rows[-1].n if rows else position.n
    session.flush()
    return len(rows) == AT_ONCE


def _is_unnotified() -> ColumnElement[bool]:
    notified = select(JudgementNotice.judgement_id).where(JudgementNotice.evaluation_id == Evaluation.id)
    judged = select(Judgement.id).where(Judgement.evaluation_id == Evaluation.id)
    return and_(judged.correlate(Evaluation).exists(), ~notified.correlate(Evaluation).exists())


def _tell(session: Session, evaluation: Evaluation, at: datetime) -> None:
    person = person_of_call(session, evaluation.call_id)
    if person is None or not evaluation.judgements:
        return
    latest = evaluation.judgements[-1]
    if session.get(JudgementNotice, latest.id) is not None:
        return
    until = appeal_deadline(session, at)
    session.add(
        JudgementNotice(
            judgement_id=latest.id,
            evaluation_id=evaluation.id,
            person_id=person.id,
            notified_at=at,
            appeal_until=until.day,
            provisional=until.provisional,
        )
    )


def mark_read(context: Context, evaluation_id: uuid.UUID) -> JudgementNotice:
    """A person's word that he has read what his call was given. Said twice, it is written once."""
    session = context.session
    lock_log(session)  # two clicks at once are one word
    notice = get_notice(session, context.actor, evaluation_id)
    session.refresh(notice)
    if notice.read_at is None:
        notice.read_at = context.at
        session.flush()
        evaluation = notice.evaluation
        subject, detail = subject_of("evaluation", evaluation.id), {"n": notice.judgement.n}
        record(session, context.actor, "judgement_read", subject, detail, evaluation.office_code, context.at)
    return notice
