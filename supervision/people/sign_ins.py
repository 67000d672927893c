"""Signing in and out: the password checked in constant work, and the signed-in sessions.

Only the SHA-256 of a session's token is stored. A password is checked while no connection to the database is
held, since it costs tens of milliseconds of work in which nobody else should wait. Sessions are ended in one
order: their rows are held first, in the order of their ids, then changed, then written down.
"""

import functools
import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from supervision.actor import Actor
from supervision.audit.rules import plain_text, subject_of
from supervision.audit.service import record
from supervision.clock import now
from supervision.errors import NotFound, Refused
from supervision.people import passwords
from supervision.people.models import Account, PeopleCopy, SignIn
from supervision.people.sign_in_rules import CopyState, copy_state, sign_ins_end_at
from supervision.settings import Settings

SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class Origin:
    """Where a sign-in comes from: network address and browser, as the request says."""

    address: str
    agent: str


@dataclass(frozen=True)
class Claimed:
    """The account whose login was given, as it is known before its password is checked; none may have it."""

    login: str
    account_id: uuid.UUID | None = None
    password_hash: str | None = None
    active: bool = False


@dataclass(frozen=True)
class Checked:
    """What checking a login and password found; `right` only says that the password is the account's."""

    login: str
    account_id: uuid.UUID | None
    password_hash: str | None
    right: bool
    renewed_hash: str | None = None


@dataclass(frozen=True)
class CurrentSignIn:
    """A signed-in person, as found by his token."""

    actor: Actor
    id: uuid.UUID
    must_change_password: bool
    last_seen_at: datetime
    barred_until: datetime | None = None


def actor_of(account: Account) -> Actor:
    """The account as the one on whose behalf services act."""
    return Actor(account.id, account.login, account.name, account.role, account.office_code)


def find_claimed(session: Session, login: str) -> Claimed:
    """Whose login was given. Needs only reading."""
    login = plain_login(login)
    account = session.scalars(select(Account).where(Account.login == login)).one_or_none()
    if account is None:
        return Claimed(login)
    return Claimed(login, account.id, account.password_hash, account.active)


def plain_login(login: str) -> str:
    """A login as it is stored, whatever was typed."""
    return plain_text(login.strip().lower())


def check_password(claimed: Claimed, password: str) -> Checked:
    """Whether the password is right: the same work whether or not there is such an account. Raises Busy.

    Without a session, so that no connection is held meanwhile.
    """
    stored = claimed.password_hash
    right = passwords.is_right(stored, password)
    renewed = passwords.renewed(stored, password) if right and claimed.active and stored else None
    return Checked(claimed.login, claimed.account_id, stored, right, renewed)


def begin_sign_in(
    session: Session,
    checked: Checked,
    origin: Origin,
    at: datetime | None = None,
    settings: Settings | None = None,
) -> str:
    """Start a signed-in session and give its token.

    Raises Refused("sign_in") without saying why. Write the refusal down with `note_refused`. On a node, a hash is
    headquarters' to renew.
    """
    at = at or now()
    account = hold_account(session, checked.account_id)
    if account is None or not account.active or not checked.right:
        raise Refused("sign_in")
    if account.password_hash != checked.password_hash:
        raise Refused("sign_in")
    if account.password_ends_at is not None and account.password_ends_at <= at:
        raise Refused("sign_in")
    if checked.renewed_hash and not (settings and settings.people_from_hq):
        _note(session, account, password_hash=checked.renewed_hash)
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_hash=_token_hash(token),
        account_id=account.id,
        started_at=at,
        last_seen_at=at,
        address=plain_text(origin.address)[:64],
        agent=plain_text(origin.agent)[:256],
    )
    session.add(row)
    session.flush()
    detail = {"sign_in": str(row.id), "address": row.address}
    record(
        session, actor_of(account), "signed_in", subject_of("account", account.id), detail, account.office_code, at
    )
    return token


def note_refused(
    session: Session, account_id: uuid.UUID | None, origin: Origin, attempts: int, at: datetime | None = None
) -> None:
    """Write a refused sign-in down, with how many there were of this name from this address.

    Runs in its own transaction. All unknown logins of an address are one, and are not written down themselves:
    people type passwords into the wrong field.
    """
    at, account = at or now(), session.get(Account, account_id) if account_id else None
    detail = {"address": origin.address, "agent": origin.agent[:256], "attempts": attempts}
    if account is None:
        record(session, None, "sign_in_refused", subject_of("account", "unknown"), detail, at=at)
        return
    detail |= {"login": account.login}
    record(session, None, "sign_in_refused", subject_of("account", account.id), detail, account.office_code, at)


def find_sign_in(
    session: Session, token: str, settings: Settings, at: datetime | None = None
) -> CurrentSignIn | None:
    """Who holds a token, if his session goes on and his account is active."""
    at = at or now()
    row = session.scalars(_by_token(), {"token_hash": _token_hash(token)}).one_or_none()
    if row is None or not _goes_on(row, settings, at) or not row.account.active:
        return None
    if not standing(session, settings, at).usable:
        return None
    account = row.account
    must_change, until = account.must_change_password, account.barred_until
    return CurrentSignIn(actor_of(account), row.id, must_change, row.last_seen_at, until)


@functools.cache
def _by_token() -> Select[SignIn]:
    """Each request of each person asks it: put together once."""
    query = select(SignIn).where(SignIn.token_hash == bindparam("token_hash"))
    return query.options(joinedload(SignIn.account))


def note_seen(session: Session, sign_in_id: uuid.UUID, at: datetime | None = None) -> None:
    """Keep a session alive; asked for at most every SEEN_EVERY."""
    query = update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
    session.execute(query.values(last_seen_at=at or now()))


def list_open(
    session: Session, account_id: uuid.UUID, settings: Settings, at: datetime | None = None
) -> Sequence[SignIn]:
    """The sessions of an account that go on, the latest used first."""
    at = at or now()
    query = select(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    rows = session.scalars(query.order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())).all()
    return [row for row in rows if _goes_on(row, settings, at)]


def end_own(session: Session, actor: Actor, sign_in_id: uuid.UUID, at: datetime | None = None) -> None:
    """End one's own session: this one (signing out) or one on another machine."""
    query = select(SignIn).where(SignIn.id == sign_in_id, SignIn.account_id == actor.account_id)
    rows = _held(session, query)
    if not rows:
        raise NotFound(f"sign-in {sign_in_id}")
    _end(session, actor, [row for row in rows if row.ended_at is None], actor.office_code, at or now())


def end_all(  # noqa: PLR0913 - who acts may be nobody: the copy of the directory ends sessions, too
    session: Session,
    actor: Actor | None,
    account: Account,
    at: datetime,
    *,
    keep: uuid.UUID | None = None,
    settings: Settings | None = None,
) -> int:
    """End the sessions of an account, but for one to keep; how many went on until now.

    With the settings, those that had expired before are written down as that, and not as ended by the actor.
    """
    query = select(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None))
    rows = [row for row in _held(session, query) if row.id != keep]
    going_on = [row for row in rows if settings is None or _goes_on(row, settings, at)]
    if settings is not None:
        _expire(session, [row for row in rows if row not in going_on], settings, at)
    _end(session, actor, going_on, account.office_code, at)
    return len(going_on)


def has_expired(session: Session, settings: Settings, at: datetime | None = None) -> bool:
    """Whether a session has expired that is not written down as ended. Needs only reading."""
    at = at or now()
    query = select(SignIn.id).where(_expired(session, settings, at)).limit(1)
    return session.scalar(query) is not None


def end_expired(session: Session, settings: Settings, at: datetime | None = None) -> int:
    """Close the sessions that nobody used any more, as of the moment they expired; at most 200 at a time.

    So do all sessions of a node whose copy of its people holds no longer.
    """
    at = at or now()
    query = select(SignIn).where(_expired(session, settings, at)).limit(200)
    rows = _held(session, query, skip_locked=True)
    _expire(session, rows, settings, at)
    return len(rows)


def _held(session: Session, query: Select[SignIn], *, skip_locked: bool = False) -> Sequence[SignIn]:
    held = query.order_by(SignIn.id).with_for_update(of=SignIn, skip_locked=skip_locked)
    return session.scalars(held.execution_options(populate_existing=True)).all()


def _end(
    session: Session, actor: Actor | None, rows: Sequence[SignIn], office_code: str | None, at: datetime
) -> None:
    for row in rows:
        row.ended_at = at
    session.flush()
    for row in rows:
        detail = {"sign_in": str(row.id)}
        record(session, actor, "signed_out", subject_of("account", row.account_id), detail, office_code, at)


def _expire(session: Session, rows: Sequence[SignIn], settings: Settings, at: datetime) -> None:
    latest = standing(session, settings, at).ended_at or at
    for row in rows:
        idle_out = row.last_seen_at + timedelta(seconds=settings.session_idle_s)
        longest = row.started_at + timedelta(seconds=settings.session_longest_s)
        row.ended_at = max(row.started_at, min(idle_out, longest, latest))
    session.flush()
    for row in rows:
        detail = {"sign_in": str(row.id), "ended_at": row.ended_at.isoformat() if row.ended_at else None}
        office_code = row.account.office_code
        record(session, None, "session_expired", subject_of("account", row.account_id), detail, office_code, at)


def _expired(session: Session, settings: Settings, at: datetime) -> Any:
    if not standing(session, settings, at).usable:
        return SignIn.ended_at.is_(None)
    idle = SignIn.last_seen_at <= at - timedelta(seconds=settings.session_idle_s)
    longest = SignIn.started_at <= at - timedelta(seconds=settings.session_longest_s)
    return and_(SignIn.ended_at.is_(None), or_(idle, longest))


def hold_account(session: Session, account_id: uuid.UUID | None) -> Account | None:
    """The account as it is now, held until the transaction ends."""
    if account_id is None:
        return None
    query = select(Account).where(Account.id == account_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _note(session: Session, account: Account, **values: Any) -> None:
    """Change what the machine counts, past the version that people edit the account against."""
    table = cast(Table, Account.__table__)
    session.execute(update(table).where(table.c.id == account.id).values(**values))
    session.refresh(account, list(values))


def _goes_on(row: SignIn, settings: Settings, at: datetime) -> bool:
    return (
        row.ended_at is None
        and row.last_seen_at > at - timedelta(seconds=settings.session_idle_s)
        and row.started_at > at - timedelta(seconds=settings.session_longest_s)
    )


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class CopyStanding:
    """How a machine's accounts stand, and until when its signed-in sessions could last at most."""

    state: CopyState
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def usable(self) -> bool:
        """Whether anybody can sign in at all."""
        return self.ended_at is None


def standing(session: Session, settings: Settings, at: datetime) -> CopyStanding:
    """How the accounts of this machine stand. Needs only reading."""
    if not settings.people_from_hq:
        return CopyStanding(CopyState.OWN)
    confirmed_at = session.scalar(
        select(PeopleCopy.confirmed_at).order_by(PeopleCopy.confirmed_at.desc()).limit(1)
    )
    state = copy_state(True, confirmed_at, at)
    return CopyStanding(state, confirmed_at, sign_ins_end_at(state, confirmed_at, at))


def refuse_without_copy(session: Session, settings: Settings, at: datetime) -> None:
    """Raise Refused where nobody may sign in, since this node has no copy of its people that holds."""
    found = standing(session, settings, at)
    if not found.usable:
        raise Refused(f"people_copy_{found.state}")


def refuse_where_copied(settings: Settings) -> None:
    """Raise Refused on a node whose people are headquarters': nothing about them is changed here."""
    if settings.people_from_hq:
        raise Refused("people_at_hq")


def held_etag(session: Session, office_code: str) -> str:
    """Which copy this node holds; empty if none."""
    return session.scalar(select(PeopleCopy.etag).where(PeopleCopy.office_code == office_code)) or ""


def is_noted(session: Session, office_code: str, at: datetime) -> bool:
    """Whether the copy was confirmed so lately that it need not be written down again. Needs only reading."""
    confirmed_at = session.scalar(select(PeopleCopy.confirmed_at).where(PeopleCopy.office_code == office_code))
    return confirmed_at is not None and timedelta(0) <= at - confirmed_at < NOTED_EVERY


def note_confirmed(session: Session, office_code: str, etag: str, at: datetime) -> None:
    """Note that headquarters says that this copy is right."""
    copy = session.get(PeopleCopy, office_code, with_for_update=True)
    if copy is None or copy.etag != etag:
        copy = session.merge(PeopleCopy(office_code=office_code, etag=etag, changed_at=at, confirmed_at=at))
    copy.confirmed_at = at
    session.flush()
