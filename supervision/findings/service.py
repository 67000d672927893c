"""Opening treatments of what was found; treating, agreeing and confirming; reminding of what is untreated."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Actor, Scope
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
    list_overdue,
    list_untreated,
    offices_with_untreated,
)
from supervision.findings.rules import (
    DUE_IN_WORKING_DAYS,
    UNFINISHED,
    UNTREATED,
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
from supervision.quotas.rules import Level, notified_levels, urgency
from supervision.quotas.service import logins_of
from supervision.texts import required_text
from supervision.workdays.queries import get_calendar, working_days_after
from supervision.workdays.rules import Counted, count_after, recounted

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


def has_unread(session: Session) -> bool:
    """Whether an evaluation changed whose breaches `open_treatments` has not looked at."""
    read = session.scalar(select(FindingPosition.n)) or 0
    query = select(AuditEntry.n).where(AuditEntry.n > read, AuditEntry.act.in_(OPENING_ACTS))
    return session.scalar(query.limit(1)) is not None


def _open(session: Session, known: Treatment | None, breach: Breach) -> None:
    finding, evaluation = breach.finding, breach.evaluation
    treatment = known or Treatment(evaluation_id=evaluation.id, key=finding.key, call_id=evaluation.call_id)
    judged = session.get_one(Judgement, finding.judgement_id)
    is_new = known is None or known.state is Standing.GONE
    is_other = known is not None and known.category is not finding.category
    by_hq = judged.author.office_code is None
    # A reviewer of the office gives it no more time for what was not treated by amending his own evaluation.
    if known is None or ((is_new or is_other) and (by_hq or standing(known.given) not in UNTREATED)):
        _await(session, treatment, judged.at)
    if is_other:
        _begin_anew(treatment, by_hq=by_hq)
    if is_new:
        treatment.found_at = judged.at
        if treatment.person_id != breach.person_id:  # what was said to somebody else was not said to him
            treatment.measure = treatment.measure_by = treatment.measure_at = treatment.confirmed_at = None
            treatment.measure_text = ""
        treatment.office_code, treatment.person_id = evaluation.office_code, breach.person_id
        treatment.drawn = evaluation.kind is Kind.TICKET
    treatment.category, treatment.text, treatment.at_s = finding.category, finding.text, finding.at_s
    treatment.state = standing(treatment.given)
    session.add(treatment)


def _await(session: Session, treatment: Treatment, at: datetime) -> None:
    """Its treatment is awaited from this day on."""
    treatment.counted_from = local(at).date()
    due = working_days_after(session, treatment.counted_from, DUE_IN_WORKING_DAYS)
    treatment.due_on, treatment.provisional = due.day, due.provisional


def _begin_anew(treatment: Treatment, *, by_hq: bool) -> None:
    """An amendment made another breach of it: what was said and done about the first one is none of this one's.

    A rectification goes on, whatever it was about; and headquarters' word stays, unless headquarters amended. What
    there was before is in the log.
    """
    stays = frozenset() if by_hq else treatment.given.by_hq
    treatment.confirmed_at = None
    if TreatmentAct.TREAT_PERSON not in stays:
        treatment.measure = treatment.measure_by = treatment.measure_at = None
        treatment.measure_text = ""
    if TreatmentAct.DECLINE not in stays:
        treatment.declined_by = None
    if TreatmentAct.PREVENT not in stays and treatment.prevention is not Prevention.RECTIFICATION:
        _clear_prevention(treatment)


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
    _clear_prevention(treatment)
    treatment.declined_by = context.actor.account_id
    return _settle(context, treatment, "none_needed_declined", {"reason": reason})


def confirm(context: Context, treatment_id: uuid.UUID, *, version: int) -> Treatment:
    """The person confirms what was said to him."""
    treatment = _get(context, treatment_id, TreatmentAct.CONFIRM, version)
    treatment.confirmed_at = context.at
    return _settle(context, treatment, "treatment_confirmed", {})


@dataclass(frozen=True)
class Asking:
    """A rectification that asks for what prevents findings: its number, by whom it was issued, and for whom."""

    number: str
    issued_by: uuid.UUID
    party: Party


def put_into_rectification(
    session: Session, treatments: Iterable[Treatment], asking: Asking, at: datetime, actor: Actor | None = None
) -> None:
    """A rectification asks for what prevents these: that half is given. No actor: it recurred by itself.

    A measure that was written down stays: the rectification comes on top of it. And what headquarters wrote, an
    office's own rectification does not replace.
    """
    put = [one for one in treatments if one.state in UNFINISHED and _may_be_asked(one, asking.party)]
    for one in put:
        one.prevention, one.prevention_text = Prevention.RECTIFICATION, asking.number
        one.prevention_by, one.prevention_at = asking.issued_by, at
        one.agreed_by = one.agreed_at = None
    _settle_all(session, actor, put, "finding_in_rectification", {"number": asking.number}, at)


def take_out_of_rectification(context: Context, treatments: Iterable[Treatment], number: str) -> None:
    """No rectification asks for what prevents these any more: it is to be written down.

    In the time from now where headquarters withdrew it; an office gives itself no more by a notice of its own.
    """
    taken = [one for one in treatments if one.prevention is Prevention.RECTIFICATION]
    for one in taken:
        _clear_prevention(one)
        if context.actor.office_code is None:
            _await(context.session, one, context.at)
    detail = {"number": number}
    _settle_all(context.session, context.actor, taken, "finding_out_of_rectification", detail, context.at)


def _may_be_asked(treatment: Treatment, party: Party) -> bool:
    if treatment.prevention is Prevention.MEASURE:
        return False
    return party is Party.HQ or TreatmentAct.PREVENT not in treatment.given.by_hq


def _set_prevention(context: Context, treatment: Treatment, kind: Prevention, text: str) -> None:
    treatment.prevention, treatment.prevention_text = kind, text
    treatment.prevention_by, treatment.prevention_at = context.actor.account_id, context.at
    treatment.agreed_by = treatment.agreed_at = None


def _clear_prevention(treatment: Treatment) -> None:
    treatment.prevention, treatment.prevention_text = None, ""
    treatment.prevention_by = treatment.prevention_at = None
    treatment.agreed_by = treatment.agreed_at = None


def _get(context: Context, treatment_id: uuid.UUID, act: TreatmentAct, version: int) -> Treatment:
    treatment = get_treatment(context.session, context.scope, treatment_id, me=context.actor.account_id, lock=True)
    if treatment.version != version:
        raise Conflict(f"finding {treatment_id}")
    against = objection(context.actor, act, treatment.given, treatment.office_code)
    if treatment.state is Standing.GONE or against is not None:
        raise Refused(f"treatment_{(against or Objection.NOT_AT_THIS_STEP).value}")
    return treatment


def _settle(context: Context, treatment: Treatment, act: str, detail: Mapping[str, object]) -> Treatment:
    _settle_all(context.session, context.actor, [treatment], act, detail, context.at)
    return treatment


def _settle_all(  # noqa: PLR0913, PLR0917 - what was done, by whom and when
    session: Session,
    actor: Actor | None,
    treatments: Sequence[Treatment],
    act: str,
    detail: Mapping[str, object],
    at: datetime,
) -> None:
    """All of them are written before anything is to the log: two who hold one each would wait for the other."""
    for one in treatments:
        if one.state is not Standing.GONE:
            one.state = standing(one.given)
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict("a finding") from error
    for one in treatments:
        session.expire(one, ["treated_by", "prevented_by", "agreeing", "declining"])
        record(session, actor, act, one.subject, detail, one.office_code, at)


def offices_to_remind(session: Session) -> list[str]:
    """The offices with untreated findings, and those whose last incident about them is to heal."""
    waiting = select(Incident.office_code).where(*_UNTREATED).distinct()
    return sorted({*offices_with_untreated(session), *session.scalars(waiting)})


def remind_of_untreated(session: Session, office_code: str, at: datetime, mail_domain: str = "") -> int:
    """Remind of an office's untreated findings, once a day; how many emails were written.

    Before the last day the office's leaders are notified, afterwards the next level up as well, and there is an
    incident for each evaluation with overdue findings. The due days are counted again first.
    """
    moved = _recount_due(session, office_code, local(at).date())
    _note_overdue(session, office_code, at)
    for one in moved:
        detail = {"due_on": one.due_on.isoformat()}
        record(session, None, "finding_recounted", one.subject, detail, office_code, at)
    return sum(_remind(session, office_code, level, at, mail_domain) for level in Level) if mail_domain else 0


def _remind(session: Session, office_code: str, level: Level, at: datetime, mail_domain: str) -> int:
    """Remind one level of what it may know of: headquarters not of what it may judge once more."""
    today, scope = local(at).date(), Scope(office_code=office_code) if level is Level.OFFICE else Scope()
    untreated = count_untreated(session, scope, today, office_code)
    if untreated.first_due_on is None:
        return 0
    if level not in notified_levels(Party.OFFICE, urgency(day_bounds(untreated.first_due_on)[1], at, met=False)):
        return 0
    office = office_names(session, [office_code]).get(office_code, office_code)
    subject, body = email_of(office, untreated, today)
    about = f"findings:{office_code}:{today.isoformat()}"
    return sum(
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
        for login in logins_of(session, office_code, (level,))
    )


def _recount_due(session: Session, office_code: str, today: date) -> list[Treatment]:
    """Count the due days again on the calendar as it is now; those that are others now, days having been entered.

    All of them are held before anything is written to the log, as by whoever treats one: each would wait for the
    other.
    """
    calendar, moved = get_calendar(session), []
    for one in list_untreated(session, office_code, lock=True):
        known = Counted(one.due_on, one.provisional)
        found = count_after(calendar, one.counted_from, DUE_IN_WORKING_DAYS)
        due = recounted(known, found, today)
        if due != known:
            one.due_on, one.provisional = due.day, due.provisional
            moved.append(one)
    session.flush()
    return moved


def _note_overdue(session: Session, office_code: str, at: datetime) -> None:
    """Note each evaluation with overdue findings, at most once on one day of the bureau; heal the others.

    Not of what headquarters may judge once more: an incident, too, would tell it where something was found.
    """
    today = local(at).date()
    late = Counter((one.evaluation_id, one.call_id) for one in list_overdue(session, office_code, today))
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
