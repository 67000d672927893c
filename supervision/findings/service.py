"""Opening treatments of what was found, and treating: the person, what prevents it, agreeing and confirming."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Actor, Scope
from supervision.audit.models import AuditEntry
from supervision.audit.service import record
from supervision.clock import local, now
from supervision.errors import Conflict, Refused
from supervision.evaluations.models import Judgement
from supervision.evaluations.rules import Kind
from supervision.findings.models import FindingPosition, Treatment
from supervision.findings.queries import Breach, breaches_of, get_treatment
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
from supervision.texts import required_text
from supervision.workdays.queries import working_days_after

LONGEST = 1000
AT_ONCE = 100
OPENING_ACTS = ("evaluation_submitted", "evaluation_amended")


def open_treatments(session: Session) -> bool:
    """Open a treatment for each breach of the evaluations that changed since the last look; whether more did.

    What changed is read from the log, whose numbers are in the order of commits. A breach that an amendment took
    back is gone; one that it brought is due from then on.
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


def treat_person(  # noqa: PLR0913, PLR0917 - who, which, how, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    treatment_id: uuid.UUID,
    measure: Measure,
    text: str,
    *,
    version: int,
    at: datetime | None = None,
) -> Treatment:
    """Write down education or criticism of the person; he confirms it. Raises Refused, Conflict, InvalidInput."""
    at, text = at or now(), required_text(text, "text", LONGEST)
    treatment = _get(session, actor, scope, treatment_id, TreatmentAct.TREAT_PERSON, version)
    treatment.measure, treatment.measure_text = measure, text
    treatment.measure_by, treatment.measure_at = actor.account_id, at
    return _settle(session, actor, treatment, "person_treated", {"measure": measure.value, "text": text}, at)


def prevent(  # noqa: PLR0913 - who, which, what, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    treatment_id: uuid.UUID,
    text: str,
    *,
    needed: bool,
    version: int,
    at: datetime | None = None,
) -> Treatment:
    """Write down what keeps it from happening again, or why nothing is needed, to which another must agree."""
    at, text = at or now(), required_text(text, "text", LONGEST)
    treatment = _get(session, actor, scope, treatment_id, TreatmentAct.PREVENT, version)
    _set_prevention(treatment, actor, Prevention.MEASURE if needed else Prevention.NONE_NEEDED, text, at)
    return _settle(session, actor, treatment, "finding_prevented", {"needed": needed, "text": text}, at)


def agree(  # noqa: PLR0913 - who, to what, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    treatment_id: uuid.UUID,
    *,
    version: int,
    at: datetime | None = None,
) -> Treatment:
    """Agree that nothing is needed. Raises Refused for who wrote it, and for the person it is about."""
    at = at or now()
    treatment = _get(session, actor, scope, treatment_id, TreatmentAct.AGREE, version)
    treatment.agreed_by, treatment.agreed_at = actor.account_id, at
    return _settle(session, actor, treatment, "none_needed_agreed", {}, at)


def decline(  # noqa: PLR0913 - who, what, why, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    treatment_id: uuid.UUID,
    reason: str,
    *,
    version: int,
    at: datetime | None = None,
) -> Treatment:
    """Do not agree that nothing is needed: a measure is still to be written down."""
    at, reason = at or now(), required_text(reason)
    treatment = _get(session, actor, scope, treatment_id, TreatmentAct.DECLINE, version)
    treatment.prevention, treatment.prevention_text = None, ""
    treatment.prevention_by = treatment.prevention_at = None
    return _settle(session, actor, treatment, "none_needed_declined", {"reason": reason}, at)


def confirm(  # noqa: PLR0913 - who, what, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    treatment_id: uuid.UUID,
    *,
    version: int,
    at: datetime | None = None,
) -> Treatment:
    """The person confirms what was said to him."""
    at = at or now()
    treatment = _get(session, actor, scope, treatment_id, TreatmentAct.CONFIRM, version)
    treatment.confirmed_at = at
    return _settle(session, actor, treatment, "treatment_confirmed", {}, at)


def put_into_rectification(
    session: Session, actor: Actor, treatment: Treatment, number: str, at: datetime
) -> None:
    """A rectification asks for what prevents it: that half is given."""
    _set_prevention(treatment, actor, Prevention.RECTIFICATION, number, at)
    _settle(session, actor, treatment, "finding_in_rectification", {"number": number}, at)


def _set_prevention(treatment: Treatment, actor: Actor, kind: Prevention, text: str, at: datetime) -> None:
    treatment.prevention, treatment.prevention_text = kind, text
    treatment.prevention_by, treatment.prevention_at = actor.account_id, at
    treatment.agreed_by = treatment.agreed_at = None


def _get(  # noqa: PLR0913, PLR0917 - who wants to do what to which
    session: Session, actor: Actor, scope: Scope, treatment_id: uuid.UUID, act: TreatmentAct, version: int
) -> Treatment:
    treatment = get_treatment(session, scope, treatment_id, lock=True)
    if treatment.version != version:
        raise Conflict(f"finding {treatment_id}")
    against = objection(actor, act, treatment.given, treatment.office_code)
    if treatment.state is Standing.GONE or against is not None:
        raise Refused(f"treatment_{(against or Objection.NOT_AT_THIS_STEP).value}")
    return treatment


def _settle(  # noqa: PLR0913, PLR0917 - who did what to which, and when
    session: Session, actor: Actor, treatment: Treatment, act: str, detail: Mapping[str, object], at: datetime
) -> Treatment:
    treatment.state = standing(treatment.given)
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"finding {treatment.id}") from error
    record(session, actor, act, treatment.subject, detail, treatment.office_code, at)
    return treatment
