"""Marking what is unusual, once a week; a measure with owner and day for each sign, or a reasoned dismissal."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Actor, Scope
from supervision.audit.service import record
from supervision.clock import local, now
from supervision.early_signs.models import BUREAU, EarlySign, SignLook
from supervision.early_signs.queries import Tallies, count_for, get_sign, list_owners
from supervision.early_signs.rules import (
    UNFINISHED,
    SignMove,
    after,
    chance,
    is_unusual,
    last_week,
    level,
    may_be_new,
)
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations.rules import Category
from supervision.texts import required_text

LONGEST = 1000


def mark_signs(session: Session, at: datetime) -> list[EarlySign]:
    """Look at the last week that is over, if nobody has; the signs that are new."""
    week = last_week(local(at).date())
    if session.get(SignLook, week) is not None:
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
    return is_unusual(span, most, rest)


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
    span = tallies.span(code, category)
    sign = EarlySign(
        office_code=code,
        category=category,
        week=week,
        window_calls=span.window.calls,
        window_found=span.window.found,
        before_calls=span.before.calls,
        before_found=span.before.found,
        chance=chance(span),
        marked_at=at,
    )
    session.add(sign)
    session.flush()
    detail = {"category": category.value, "week": week.isoformat(), "found": span.window.found}
    record(session, None, "sign_marked", sign.subject, detail, code or None, at)
    return sign


def take_measure(  # noqa: PLR0913 - who, about which, what, by whom and when
    session: Session,
    actor: Actor,
    sign_id: uuid.UUID,
    text: str,
    *,
    owner_id: uuid.UUID,
    due_on: date,
    version: int,
    at: datetime | None = None,
) -> EarlySign:
    """Give a sign its measure, with an owner and a day. Raises InvalidInput for a day that is past."""
    at, text = at or now(), required_text(text, "text", LONGEST)
    if due_on < local(at).date():
        raise InvalidInput("due_on", due_on.isoformat(), "a day to come")
    office_code = get_sign(session, Scope(), sign_id).office_code
    if owner_id not in {one.id for one in list_owners(session, office_code)}:
        raise InvalidInput("owner", "unknown")
    sign = _move(session, sign_id, SignMove.TAKE_MEASURE, version)
    sign.text, sign.owner_id, sign.due_on = text, owner_id, due_on
    sign.decided_by, sign.decided_at = actor.account_id, at
    detail = {"text": text, "owner": str(owner_id), "due_on": due_on.isoformat()}
    return _settle(session, actor, sign, "sign_measure_taken", detail, at)


def dismiss(  # noqa: PLR0913 - who, which, why, on which version
    session: Session, actor: Actor, sign_id: uuid.UUID, reason: str, *, version: int, at: datetime | None = None
) -> EarlySign:
    """Say why nothing is to be done about a sign."""
    at, reason = at or now(), required_text(reason, "reason", LONGEST)
    sign = _move(session, sign_id, SignMove.DISMISS, version)
    sign.text, sign.decided_by, sign.decided_at = reason, actor.account_id, at
    return _settle(session, actor, sign, "sign_dismissed", {"reason": reason}, at)


def finish(  # noqa: PLR0913 - who, which, with what outcome, on which version
    session: Session, actor: Actor, sign_id: uuid.UUID, outcome: str, *, version: int, at: datetime | None = None
) -> EarlySign:
    """Say that the measure is done, and what came of it."""
    at, outcome = at or now(), required_text(outcome, "outcome", LONGEST)
    sign = _move(session, sign_id, SignMove.FINISH, version)
    sign.outcome = outcome
    return _settle(session, actor, sign, "sign_finished", {"outcome": outcome}, at)


def _move(session: Session, sign_id: uuid.UUID, move: SignMove, version: int) -> EarlySign:
    sign = get_sign(session, Scope(), sign_id, lock=True)
    if sign.version != version:
        raise Conflict(f"sign {sign_id}")
    state = after(sign.state, move)
    if state is None:
        raise Refused("sign_not_at_this_step", f"{sign.state} {move}")
    sign.state = state
    return sign


def _settle(  # noqa: PLR0913, PLR0917 - who did what to which, and when
    session: Session, actor: Actor, sign: EarlySign, act: str, detail: Mapping[str, object], at: datetime
) -> EarlySign:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"sign {sign.id}") from error
    record(session, actor, act, sign.subject, detail, sign.office_code or None, at)
    return sign
