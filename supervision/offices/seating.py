"""Putting people at desks. The fact of a call is its desk; who answered is derived from what is kept here.

Each change is written down with how things stood before and after, so that the past is not rewritten without a
trace; what is corrected in it needs a reason.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from supervision.actor import Scope
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.clock import now
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.offices.models import Desk, DeskAssignment
from supervision.offices.rules import Sitting, is_correction, seated
from supervision.people.models import Account
from supervision.people.service import Person, create_account
from supervision.texts import optional_text, required_text

AHEAD_AT_MOST = timedelta(days=366)
REFUSED_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Seat:
    """Who is to sit at a desk (None: nobody), from when (None: from now on) until when, and why."""

    account_id: uuid.UUID | None
    since_at: datetime | None = None
    until_at: datetime | None = None
    reason: str = ""


def get_desk(session: Session, scope: Scope, desk_id: uuid.UUID) -> Desk:
    """The desk. Raises NotFound where there is none or where it lies outside the scope: the same answer."""
    desk = session.get(Desk, desk_id)
    if desk is None or scope.office_code not in {None, desk.office_code}:
        raise NotFound(f"desk {desk_id}")
    return desk


def timeline_of(session: Session, desk_id: uuid.UUID) -> list[Sitting]:
    """Who sat, sits and will sit at a desk, the earliest first."""
    query = select(DeskAssignment).where(DeskAssignment.desk_id == desk_id).order_by(DeskAssignment.since_at)
    return [Sitting(row.account_id, row.since_at, row.until_at, row.id) for row in session.scalars(query)]


def people_for(session: Session, office_code: str) -> Sequence[Account]:
    """Who may sit at a desk of an office."""
    query = select(Account).where(Account.office_code == office_code, Account.active)
    return session.scalars(query.order_by(Account.name, Account.login)).all()


def seat(context: Context, desk_id: uuid.UUID, wanted: Seat, *, version: int) -> Desk:
    """Say who sits at a desk from when on. Raises Conflict where the desk has changed since it was looked at."""
    session, at = context.session, context.at
    get_desk(session, context.scope, desk_id)
    query = select(Desk).where(Desk.id == desk_id).with_for_update()
    desk = session.scalars(query.execution_options(populate_existing=True)).one()
    if desk.version != version:
        raise Conflict(f"desk {desk_id}")
    since_at = wanted.since_at or at
    reason = _checked_reason(session, desk, wanted, since_at, at)
    before = timeline_of(session, desk_id)
    after = seated(before, wanted.account_id, since_at, wanted.until_at)
    if _shown(before) == _shown(after):
        raise Refused("seat_unchanged")
    _keep(session, desk, before, after)
    flag_modified(desk, "name")  # whoever looked at it before gets a conflict
    session.flush()
    was, is_now = _shown(before), _shown(after)
    detail = {
        "desk": desk.extension,
        "before": [one for one in was if one not in is_now],
        "after": [one for one in is_now if one not in was],
        "reason": reason,
    }
    record(session, context.actor, "desk_assigned", subject_of("desk", desk.id), detail, desk.office_code, at)
    return desk


def seat_by_roster(
    context: Context,
    office_code: str,
    before: Mapping[str, Sequence[Sitting]],
    after: Mapping[str, Sequence[Sitting]],
    reason: str,
) -> None:
    """Bring the desks of an office from what one roster said of them to what another says, by extension.

    What both say alike is left alone, also where people have corrected it by hand since. Where only the earlier
    one put somebody, nobody sits then. All desks are locked before the log is.
    """
    session, at = context.session, context.at
    query = select(Desk).where(Desk.office_code == office_code, Desk.extension.in_(before.keys() | after.keys()))
    query = query.order_by(Desk.extension).with_for_update().execution_options(populate_existing=True)
    changes: list[tuple[Desk, list[Sitting], Sequence[Sitting]]] = []
    for desk in session.scalars(query).all():
        was, wanted = before.get(desk.extension, ()), after.get(desk.extension, ())
        over, new = [one for one in was if one not in wanted], [one for one in wanted if one not in was]
        if not (over or new):
            continue
        held = _around(session, desk.id, [*over, *new])
        timeline: Sequence[Sitting] = held
        for one in over:
            timeline = seated(timeline, None, one.since_at, one.until_at)
        for one in new:
            timeline = seated(timeline, one.account_id, one.since_at, one.until_at)
        _keep(session, desk, held, timeline)
        flag_modified(desk, "name")  # whoever looked at it before gets a conflict
        changes.append((desk, held, timeline))
    session.flush()
    for desk, held, timeline in changes:
        was_shown, is_now = _shown(held), _shown(timeline)
        detail = {
            "desk": desk.extension,
            "before": [one for one in was_shown if one not in is_now],
            "after": [one for one in is_now if one not in was_shown],
            "reason": reason,
            "by_roster": True,
        }
        record(session, context.actor, "desk_assigned", subject_of("desk", desk.id), detail, office_code, at)


def _around(session: Session, desk_id: uuid.UUID, spans: Sequence[Sitting]) -> list[Sitting]:
    """A desk's timeline as far as it touches these times, the earliest first."""
    first = min(one.since_at for one in spans)
    last = max(one.until_at or one.since_at for one in spans)
    query = select(DeskAssignment).where(
        DeskAssignment.desk_id == desk_id,
        or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at >= first),
        DeskAssignment.since_at <= last,
    )
    rows = session.scalars(query.order_by(DeskAssignment.since_at))
    return [Sitting(row.account_id, row.since_at, row.until_at, row.id) for row in rows]


def seat_first(  # noqa: PLR0913 - what a node's fact says of a desk; no person acts, so there is no context
    session: Session,
    desk: Desk,
    login: str,
    person: Person,
    *,
    since_at: datetime,
    account_id: uuid.UUID | None = None,
) -> None:
    """The first person at a desk that nobody has had so far, as the office's node names him.

    Makes him an account without a password, by the id that the node gave him. Whoever is known as another's person
    is not seated: that is written down once a day, however often the node says it, and for people to settle.
    """
    if session.scalar(select(DeskAssignment.id).where(DeskAssignment.desk_id == desk.id).limit(1)) is not None:
        return
    code = desk.office_code
    try:
        account = _first_account(session, code, login, person, account_id, since_at)
    except InvalidInput as error:
        at = now()
        if desk.refused_at is not None and timedelta(0) <= at - desk.refused_at < REFUSED_AGAIN:
            return
        desk.refused_at = at
        detail = {"desk": desk.extension, "login": login, "why": str(error)}
        record(session, None, "seat_refused", subject_of("desk", desk.id), detail, code)
        return
    session.add(DeskAssignment(desk_id=desk.id, account_id=account.id, since_at=since_at))
    detail = {"desk": desk.extension, "account": str(account.id), "since": since_at.isoformat()}
    record(session, None, "desk_assigned", subject_of("desk", desk.id), detail, code)


def _first_account(  # noqa: PLR0913, PLR0917 - the same facts as `seat_first` has, of which it is the first half
    session: Session, code: str, login: str, person: Person, account_id: uuid.UUID | None, at: datetime
) -> Account:
    """The account of that login, or a new one. Raises InvalidInput where it is not this office's."""
    account = session.scalars(select(Account).where(Account.login == login)).one_or_none()
    if account is None:
        taken = account_id is not None and session.get(Account, account_id) is not None
        return create_account(session, None, login, person, account_id=None if taken else account_id, at=at)
    if account.office_code != code:
        raise InvalidInput("login", "taken")
    return account


def _checked_reason(session: Session, desk: Desk, wanted: Seat, since_at: datetime, at: datetime) -> str:
    """The reason of a change that may be made; one that corrects the past must have one. Raises InvalidInput."""
    if wanted.until_at is not None and wanted.until_at <= since_at:
        raise InvalidInput("until", "before_since")
    if max(since_at, wanted.until_at or since_at) > at + AHEAD_AT_MOST:
        raise InvalidInput("since", "too_far")
    reason = required_text(wanted.reason) if is_correction(since_at, at) else optional_text(wanted.reason)
    if wanted.account_id is not None:
        account = session.get(Account, wanted.account_id)
        if account is None or account.office_code != desk.office_code or not account.active:
            raise InvalidInput("person", "not_of_office")
    return reason


def _keep(session: Session, desk: Desk, before: Sequence[Sitting], after: Sequence[Sitting]) -> None:
    """Bring the rows to the new timeline: what changes goes first, so that a desk never has two at once."""
    held = {one.id: one for one in before}
    changed = [one for one in after if held.get(one.id) != one or one.id is None]
    stays = {one.id for one in after} - {one.id for one in changed}
    gone = select(DeskAssignment).where(DeskAssignment.id.in_([one for one in held if one not in stays]))
    for row in session.scalars(gone):
        session.delete(row)
    session.flush()
    for one in changed:
        row = DeskAssignment(
            desk_id=desk.id, account_id=one.account_id, since_at=one.since_at, until_at=one.until_at
        )
        if one.id is not None:
            row.id = one.id
        session.add(row)
    session.flush()


def _shown(timeline: Sequence[Sitting]) -> list[dict[str, Any]]:
    return [
        {
            "account": str(one.account_id),
            "since": one.since_at.isoformat(),
            "until": one.until_at.isoformat() if one.until_at else None,
        }
        for one in timeline
    ]
