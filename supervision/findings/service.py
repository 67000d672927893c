"""Opening treatments of what was found; treating, agreeing and confirming; reminding of what is untreated."""

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.audit.service import record
from supervision.calls.queries import office_names
from supervision.clock import day_bounds, local
from supervision.context import Context
from supervision.draws.rules import Party
from supervision.errors import Conflict, Refused
from supervision.evaluations.models import Judgement
from supervision.evaluations.rules import Kind
from supervision.findings.messages import email_of
from supervision.findings.models import FindingPosition, Treatment
from supervision.findings.queries import (
    Breach,
    breaches_of,
    count_untreated,
    get_treatment,
    list_untreated,
    offices_with_untreated,
)
from supervision.findings.rules import (
    DUE_IN_WORKING_DAYS,
    Measure,
    Objection,
    Prevention,
    Standing,
    TreatmentAct,
    objection,
    standing,
)
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.mail.service import post
from supervision.quotas.rules import told, urgency
from supervision.quotas.service import logins_of
from supervision.texts import required_text
from supervision.workdays.queries import get_calendar, working_days_after
from supervision.workdays.rules import count_after

LONGEST = 1000
AT_ONCE = 100
OPENING_ACTS = ("evaluation_submitted", "evaluation_amended", "evaluation_set_aside")
_UNTREATED = (
    Incident.cause == Cause.FINDING_UNTREATED,
    Incident.received.is_(False),
    Incident.healed_at.is_(None),
)


def open_treatments(session: Session) -> bool:
    """Open a treatment for each breach of the evaluations that changed since the last look; whether more did.

    What changed is read from the log, whose numbers are in the order of commits. A breach that an amendment took
    back is gone, as all of one that an appeal set aside; one that an amendment brought is due from then on.
    """
    position = session.get(FindingPosition, 1, with_for_update=True) or FindingPosition(id=1, n=0)
    session.add(position)
    query = select(AuditEntry.n, AuditEntry.subject).where(
        AuditEntry.n > position.n, AuditEntry.act.in_(OPENING_ACTS)
    )
    rows = session.execute(query.order_by(AuditEntry.n).limit(AT_ONCE)).all()
    ids = list(dict.fromkeys(uuid.UUID(row.subject.partition(":")[2]) for row in rows))
    breaches = breaches_of(session, ids)
    known = {
        (one.evaluation_id, one.key): one
        for one in session.scalars(select(Treatment).where(Treatment.evaluation_id.in_(ids)))
    }
    for name, breach in breaches.items():
        _open(session, known.get(name), breach)
    for name in known.keys() - breaches.keys():
        known[name].state = Standing.GONE
    position.n = rows[-1].n if rows else position.n
    session.flush()
    return len(rows) == AT_ONCE


def _open(session: Session, known: Treatment | None, breach: Breach) -> None:
    finding, evaluation = breach.finding, breach.evaluation
    treatment = known or Treatment(evaluation_id=evaluation.id, key=finding.key, call_id=evaluation.call_id)
    if known is None or known.state is Standing.GONE:
        judged = session.get_one(Judgement, finding.judgement_id)
        due = working_days_after(session, local(judged.at).date(), DUE_IN_WORKING_DAYS)
        treatment.found_at, treatment.due_on, treatment.provisional = judged.at, due.day, due.provisional
        treatment.office_code, treatment.person_id = evaluation.office_code, breach.person_id
        treatment.drawn = evaluation.kind is Kind.TICKET
    treatment.category, treatment.text, treatment.at_s = finding.category, finding.text, finding.at_s
    treatment.state = standing(treatment.given)
    session.add(treatment)


def treat_person(
    context: Context, treatment_id: uuid.UUID, measure: Measure, text: str, *, version: int
) -> Treatment:
    """Write down education or criticism of the person; he confirms it. Raises Refused, Conflict, InvalidInput."""
    text = required_text(text, "text", LONGEST)
    treatment = _get(context, treatment_id, TreatmentAct.TREAT_PERSON, version)
    treatment.measure, treatment.measure_text = measure, text
    treatment.measure_by, treatment.measure_at = context.actor.account_id, context.at
    return _settle(context, treatment, "person_treated", {"measure": measure.value, "text": text})


def prevent(context: Context, treatment_id: uuid.UUID, text: str, *, needed: bool, version: int) -> Treatment:
    """Write down what keeps it from happening again, or why nothing is needed, to which another must agree."""
    text = required_text(text, "text", LONGEST)
    treatment = _get(context, treatment_id, TreatmentAct.PREVENT, version)
    _set_prevention(context, treatment, Prevention.MEASURE if needed else Prevention.NONE_NEEDED, text)
    return _settle(context, treatment, "finding_prevented", {"needed": needed, "text": text})


def agree(context: Context, treatment_id: uuid.UUID, *, version: int) -> Treatment:
    """Agree that nothing is needed. Raises Refused for who wrote it, and for the person it is about."""
    treatment = _get(context, treatment_id, TreatmentAct.AGREE, version)
    treatment.agreed_by, treatment.agreed_at = context.actor.account_id, context.at
    return _settle(context, treatment, "none_needed_agreed", {})


def decline(context: Context, treatment_id: uuid.UUID, reason: str, *, version: int) -> Treatment:
    """Do not agree that nothing is needed: a measure is still to be written down."""
    reason = required_text(reason)
    treatment = _get(context, treatment_id, TreatmentAct.DECLINE, version)
    treatment.prevention, treatment.prevention_text = None, ""
    treatment.prevention_by = treatment.prevention_at = None
    return _settle(context, treatment, "none_needed_declined", {"reason": reason})


def confirm(context: Context, treatment_id: uuid.UUID, *, version: int) -> Treatment:
    """The person confirms what was said to him."""
    treatment = _get(context, treatment_id, TreatmentAct.CONFIRM, version)
    treatment.confirmed_at = context.at
    return _settle(context, treatment, "treatment_confirmed", {})


def put_into_rectification(context: Context, treatment: Treatment, number: str) -> None:
    """A rectification asks for what prevents it: that half is given."""
    _set_prevention(context, treatment, Prevention.RECTIFICATION, number)
    _settle(context, treatment, "finding_in_rectification", {"number": number})


def _set_prevention(context: Context, treatment: Treatment, kind: Prevention, text: str) -> None:
    treatment.prevention, treatment.prevention_text = kind, text
    treatment.prevention_by, treatment.prevention_at = context.actor.account_id, context.at
    treatment.agreed_by = treatment.agreed_at = None


def _get(context: Context, treatment_id: uuid.UUID, act: TreatmentAct, version: int) -> Treatment:
    treatment = get_treatment(context.session, context.scope, treatment_id, lock=True)
    if treatment.version != version:
        raise Conflict(f"finding {treatment_id}")
    against = objection(context.actor, act, treatment.given, treatment.office_code)
    if treatment.state is Standing.GONE or against is not None:
        raise Refused(f"treatment_{(against or Objection.NOT_AT_THIS_STEP).value}")
    return treatment


def _settle(context: Context, treatment: Treatment, act: str, detail: Mapping[str, object]) -> Treatment:
    treatment.state = standing(treatment.given)
    try:
        context.session.flush()
    except StaleDataError as error:
        raise Conflict(f"finding {treatment.id}") from error
    record(context.session, context.actor, act, treatment.subject, detail, treatment.office_code, context.at)
    return treatment


def offices_to_remind(session: Session) -> list[str]:
    """The offices with untreated findings, and those whose last incident about them is to heal."""
    waiting = select(Incident.office_code).where(*_UNTREATED).distinct()
    return sorted({*offices_with_untreated(session), *session.scalars(waiting)})


def remind_of_untreated(session: Session, office_code: str, at: datetime, mail_domain: str = "") -> int:
    """Remind of an office's untreated findings, once a day; how many emails were written.

    Before the last day the office's leaders are told, afterwards the next level up as well, and there is an
    incident for each evaluation with overdue findings. The due days are counted again first.
    """
    today = local(at).date()
    _recount_due(session, office_code, at)
    _note_overdue(session, office_code, at)
    untreated = count_untreated(session, Scope(office_code=office_code), today)
    if untreated.first_due_on is None or not mail_domain:
        return 0
    how = urgency(day_bounds(untreated.first_due_on)[1], at, met=False)
    office = office_names(session, [office_code]).get(office_code, office_code)
    subject, body = email_of(office, untreated, today)
    about = f"findings:{office_code}:{today.isoformat()}"
    logins = logins_of(session, office_code, told(Party.OFFICE, how))
    return sum(
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
        for login in logins
    )


def _recount_due(session: Session, office_code: str, at: datetime) -> None:
    """Count the due days again on the calendar as it is now: days may have been entered since."""
    calendar = get_calendar(session)
    for one in list_untreated(session, office_code):
        due = count_after(calendar, local(one.found_at).date(), DUE_IN_WORKING_DAYS)
        if (one.due_on, one.provisional) != (due.day, due.provisional):
            one.due_on, one.provisional = due.day, due.provisional
            detail = {"due_on": due.day.isoformat()}
            record(session, None, "finding_recounted", one.subject, detail, office_code, at)
    session.flush()


def _note_overdue(session: Session, office_code: str, at: datetime) -> None:
    """Note each evaluation with overdue findings, at most once on one day of the bureau; heal the others."""
    today = local(at).date()
    late = Counter(
        (one.evaluation_id, one.call_id) for one in list_untreated(session, office_code) if one.due_on < today
    )
    query = select(Incident).where(*_UNTREATED, Incident.office_code == office_code)
    known = {one.subject: one for one in session.scalars(query)}
    for subject in known.keys() - {f"evaluation:{evaluation_id}" for evaluation_id, _ in late}:
        heal_incident(session, office_code=office_code, cause=Cause.FINDING_UNTREATED, subject=subject, at=at)
    for (evaluation_id, call_id), number in late.items():
        subject = f"evaluation:{evaluation_id}"
        if subject in known and local(known[subject].last_seen_at).date() >= today:
            continue
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.FINDING_UNTREATED,
            subject=subject,
            call_id=call_id,
            at=at,
            detail={"findings": number},
        )
