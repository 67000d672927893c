"""Marking what is unusual, once a week; a measure with owner and day for each, or a dismissal; reminding of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.service import record
from supervision.calls.queries import office_names
from supervision.clock import day_bounds, local
from supervision.context import Context
from supervision.early_signs.messages import email_of
from supervision.early_signs.models import BUREAU, EarlySign, SignLook
from supervision.early_signs.queries import Tallies, count_for, get_sign, list_owners
from supervision.early_signs.rules import (
    DECIDE_DAYS,
    LONGEST_MEASURE,
    UNFINISHED,
    SignMove,
    SignState,
    after,
    chance,
    is_unusual,
    last_week,
    level,
    may_be_new,
    objection,
)
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations.rules import Category
from supervision.findings.service import has_unread
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, last_seen_at, open_incident
from supervision.machines.service import HEADQUARTERS
from supervision.mail.service import post
from supervision.people.models import Account
from supervision.quotas.rules import Level, Urgency, urgency
from supervision.quotas.service import logins_of
from supervision.texts import required_text

LONGEST = 1000


@dataclass(frozen=True)
class Measure:
    """What is to be done about a sign, who sees to it, and until when."""

    text: str
    owner_id: uuid.UUID
    due_on: date


def mark_signs(session: Session, at: datetime) -> list[EarlySign]:
    """Look at the last week that is over, if nobody has; the signs that are new.

    Not before the findings of every evaluation so far stand in the treatments: a week is looked at once.
    """
    week = last_week(local(at).date())
    if session.get(SignLook, week) is not None or has_unread(session):
        return []
    session.add(SignLook(week=week, at=at))
    session.flush()
    tallies = count_for(session, week)
    groups = [BUREAU, *sorted(tallies.calls)]
    most, known = level(len(groups), len(Category)), _known(session)
    found = []
    for code in groups:
        for category in Category:
            if not known.get((code, category), True) or not _may_be_new(session, code, category, week):
                continue
            if _is_sign(tallies, code, category, most):
                found.append(_mark(session, tallies, code, category, week, at))
    return found


def _is_sign(tallies: Tallies, code: str, category: Category, most: float) -> bool:
    span = tallies.span(code, category)
    rest = None if code == BUREAU else tallies.span(BUREAU, category) - span
    return is_unusual(span, most, rest, spread=tallies.spread(code, category))


def _known(session: Session) -> Mapping[tuple[str, Category], bool]:
    """By office and category: False where a sign is not finished."""
    query = select(EarlySign.office_code, EarlySign.category).where(EarlySign.state.in_(UNFINISHED))
    return {(row[0], row[1]): False for row in session.execute(query)}


def _may_be_new(session: Session, code: str, category: Category, week: date) -> bool:
    same = EarlySign.office_code == code, EarlySign.category == category
    return may_be_new(week, session.scalar(select(func.max(EarlySign.week)).where(*same)))


def _mark(  # noqa: PLR0913, PLR0917 - what was seen, where and when
    session: Session, tallies: Tallies, code: str, category: Category, week: date, at: datetime
) -> EarlySign:
    span, spread = tallies.span(code, category), tallies.spread(code, category)
    sign = EarlySign(
        office_code=code,
        category=category,
        week=week,
        window_calls=span.window.calls,
        window_found=span.window.found,
        before_calls=span.before.calls,
        before_found=span.before.found,
        spread=spread,
        chance=chance(span, spread),
        marked_at=at,
        due_on=local(at).date() + timedelta(days=DECIDE_DAYS),
    )
    session.add(sign)
    session.flush()
    detail = {"category": category.value, "week": week.isoformat(), "found": span.window.found}
    record(session, None, "sign_marked", sign.subject, detail, code or None, at)
    return sign


def take_measure(context: Context, sign_id: uuid.UUID, measure: Measure, *, version: int) -> EarlySign:
    """Give a sign its measure, with an owner and a day. Raises InvalidInput for one that is past or far away."""
    text, owner_id, due_on = required_text(measure.text, "text", LONGEST), measure.owner_id, measure.due_on
    if not timedelta(0) <= due_on - local(context.at).date() <= LONGEST_MEASURE:
        raise InvalidInput("due_on", due_on.isoformat(), "a day of the year to come")
    office_code = get_sign(context.session, context.scope, sign_id).office_code
    if owner_id not in {one.id for one in list_owners(context.session, office_code)}:
        raise InvalidInput("owner", "unknown")
    sign = _move(context, sign_id, SignMove.TAKE_MEASURE, version)
    sign.text, sign.owner_id, sign.due_on = text, owner_id, due_on
    sign.decided_by, sign.decided_at = context.actor.account_id, context.at
    heal_overdue(context.session, sign, context.at)
    detail = {"text": text, "owner": str(owner_id), "due_on": due_on.isoformat()}
    return _settle(context, sign, "sign_measure_taken", detail)


def pass_measure(context: Context, sign_id: uuid.UUID, giver_id: uuid.UUID, owner_id: uuid.UUID) -> None:
    """Give a measure that is not done yet to another owner. Who may: `handover.rules`."""
    sign = get_sign(context.session, context.scope, sign_id, lock=True)
    if sign.owner_id != giver_id or sign.state is not SignState.MEASURE:
        raise Refused("handover_gone")
    sign.owner_id = owner_id
    _settle(context, sign, "sign_measure_passed", {"from": str(giver_id), "to": str(owner_id)})


def dismiss(context: Context, sign_id: uuid.UUID, reason: str, *, version: int) -> EarlySign:
    """Say why nothing is to be done about a sign."""
    reason = required_text(reason, "reason", LONGEST)
    sign = _move(context, sign_id, SignMove.DISMISS, version)
    sign.text, sign.decided_by, sign.decided_at = reason, context.actor.account_id, context.at
    heal_overdue(context.session, sign, context.at)
    return _settle(context, sign, "sign_dismissed", {"reason": reason})


def finish(context: Context, sign_id: uuid.UUID, outcome: str, *, version: int) -> EarlySign:
    """Say that the measure is done, and what came of it."""
    outcome = required_text(outcome, "effect", LONGEST)
    sign = _move(context, sign_id, SignMove.FINISH, version)
    sign.outcome = outcome
    heal_overdue(context.session, sign, context.at)
    return _settle(context, sign, "sign_finished", {"outcome": outcome})


def _move(context: Context, sign_id: uuid.UUID, move: SignMove, version: int) -> EarlySign:
    sign = get_sign(context.session, context.scope, sign_id, lock=True)
    if sign.version != version:
        raise Conflict(f"sign {sign_id}")
    against = objection(context.actor, move, sign.owner_id)
    if against is not None:
        raise Refused(f"sign_{against.value}")
    state = after(sign.state, move)
    if state is None:
        raise Refused("sign_not_at_this_step", f"{sign.state} {move}")
    sign.state = state
    return sign


def _settle(context: Context, sign: EarlySign, act: str, detail: Mapping[str, object]) -> EarlySign:
    try:
        context.session.flush()
    except StaleDataError as error:
        raise Conflict(f"sign {sign.id}") from error
    record(context.session, context.actor, act, sign.subject, detail, sign.office_code or None, context.at)
    return sign


def list_due(session: Session) -> Sequence[EarlySign]:
    """The signs that wait for a decision, or whose measure is not done yet, by their days."""
    query = select(EarlySign).where(EarlySign.state.in_(UNFINISHED))
    return session.scalars(query.order_by(EarlySign.due_on, EarlySign.id)).all()


def remind_of_measure(session: Session, sign_id: uuid.UUID, at: datetime, mail_domain: str = "") -> bool:
    """Remind of a decision or a measure that is due soon or overdue, once a day; whether somebody is notified.

    Before the last day the person in charge is notified (of a decision the section), afterwards the next level up
    as well, and there is an incident.
    """
    sign = session.get(EarlySign, sign_id, with_for_update=True)
    if sign is None or sign.state not in UNFINISHED or sign.due_on is None:
        return False
    how = urgency(day_bounds(sign.due_on)[1], at, met=False)
    if how not in {Urgency.DUE_SOON, Urgency.OVERDUE}:
        return False
    today = local(at).date()
    if how is Urgency.OVERDUE:
        _note_overdue(session, sign, at)
    subject, body = email_of(sign, office_names(session).get(sign.office_code, sign.office_code), how)
    about = f"{sign.subject}:{today.isoformat()}"
    for login in _people(session, sign.owner, how) if mail_domain else ():
        post(session, recipient=f"{login}@{mail_domain}", subject=subject, body=body, about=about, at=at)
    return True


def _note_overdue(session: Session, sign: EarlySign, at: datetime) -> None:
    what = sign.office_code or HEADQUARTERS, Cause.SIGN_OVERDUE, sign.subject
    seen = last_seen_at(session, *what)
    if seen is not None and local(seen).date() >= local(at).date():
        return
    office_code, cause, subject = what
    detail = {"category": sign.category.value, "due_on": str(sign.due_on)}
    open_incident(session, office_code=office_code, cause=cause, subject=subject, at=at, detail=detail)


def _people(session: Session, owner: Account | None, how: Urgency) -> Sequence[str]:
    """Whoever sees to it; once it is overdue the level above as well."""
    if owner is None:
        late = (Level.BUREAU,) if how is Urgency.OVERDUE else ()
        return logins_of(session, "", (Level.SUPERVISION, *late))
    own = [owner.login] if owner.active else []
    if how is not Urgency.OVERDUE:
        return own
    above = Level.BUREAU if owner.office_code is None else Level.SUPERVISION
    return [*own, *logins_of(session, "", (above,))]


def heal_overdue(session: Session, sign: EarlySign, at: datetime) -> None:
    """It is decided or done, or has another day: its incident, if there is one, is over."""
    code = sign.office_code or HEADQUARTERS
    heal_incident(session, office_code=code, cause=Cause.SIGN_OVERDUE, subject=sign.subject, at=at)
