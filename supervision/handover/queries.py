"""What waits for a person by name, in all rooms; the posts that nobody holds; what was handed over."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Actor, Role, Scope, scope_of
from supervision.complaints.queries import handlers_of, list_in_hand
from supervision.early_signs.queries import list_measures, list_owners
from supervision.errors import NotFound
from supervision.handover.models import Handover
from supervision.handover.rules import SECTION_POSTS, Held, HeldKind, Post, by_day, may_hand_over
from supervision.people.models import Account
from supervision.rectification.queries import list_addressed, takers_of

MOST_HANDED_OVER = 50


def list_held(session: Session, scope: Scope, holder: uuid.UUID | None = None) -> list[Held]:
    """What waits for a person, or for anybody by name, by its day: as far as the scope shows it."""
    found = [*_measures(session, scope, holder), *_notices(session, scope, holder)]
    if scope.office_code is None:  # who complained is the section's to know
        found += _complaints(session, holder)
    return by_day(found)


def _measures(session: Session, scope: Scope, holder: uuid.UUID | None) -> Iterator[Held]:
    takers: dict[str, frozenset[uuid.UUID]] = {}
    for sign, owner in list_measures(session, scope, holder):
        code = sign.office_code
        if code not in takers:
            takers[code] = frozenset(one.id for one in list_owners(session, code))
        name, due_on = sign.category.value, sign.due_on
        yield Held(HeldKind.MEASURE, sign.id, code, name, due_on, owner.id, owner.role, takers[code])


def _notices(session: Session, scope: Scope, holder: uuid.UUID | None) -> Iterator[Held]:
    rows = list_addressed(session, scope, holder)
    takers = takers_of(session, [one for one, _ in rows])
    for one, addressee in rows:
        named = one.office_code, one.number, one.due_on
        yield Held(HeldKind.NOTICE, one.id, *named, addressee.id, addressee.role, takers[one.id])


def _complaints(session: Session, holder: uuid.UUID | None) -> Iterator[Held]:
    rows = list_in_hand(session, holder)
    takers = handlers_of(session, [one for one, _ in rows])
    for one, handler in rows:
        named = one.office_code, one.number, one.due_on
        yield Held(HeldKind.COMPLAINT, one.id, *named, handler.id, handler.role, takers[one.id])


def list_in_reach(session: Session, actor: Actor, holder: uuid.UUID | None = None) -> list[Held]:
    """What a person may hand over."""
    return [one for one in list_held(session, scope_of(actor), holder) if may_hand_over(actor, one)]


@dataclass(frozen=True)
class Holder:
    """A person for whom something waits: how much, and how much of it in vain."""

    account: Account
    number: int
    stranded: int


def list_holders(session: Session, actor: Actor) -> list[Holder]:
    """For whom something waits that a person may hand over: first those who are gone, then by name."""
    held = list_in_reach(session, actor)
    numbers = Counter(one.holder for one in held)
    stranded = Counter(one.holder for one in held if one.is_stranded)
    people = session.scalars(select(Account).where(Account.id.in_(numbers))).all()
    found = [Holder(one, numbers[one.id], stranded[one.id]) for one in people]
    return sorted(found, key=lambda one: (-one.stranded, one.account.name, one.account.id))


def get_holder(session: Session, actor: Actor, account_id: uuid.UUID) -> Account:
    """Somebody whose things the person may hand over. Raises NotFound for all others, as for nobody."""
    account = session.get(Account, account_id)
    if account is None or not (_is_his(actor, account) or list_in_reach(session, actor, account_id)):
        raise NotFound(f"account {account_id}")
    return account


def _is_his(actor: Actor, account: Account) -> bool:
    if actor.account_id == account.id or actor.role is Role.SUPERVISION_HEAD:
        return True
    return actor.role is Role.OFFICE_LEADER and actor.office_code == account.office_code


def names_of_takers(session: Session, items: Sequence[Held]) -> Mapping[uuid.UUID, str]:
    """The people who could take at least one of these, in the order of their names."""
    ids = {taker for one in items for taker in one.takers}
    query = select(Account.id, Account.name).where(Account.id.in_(ids)).order_by(Account.name, Account.id)
    return {row[0]: row[1] for row in session.execute(query)}


def list_handovers(session: Session, actor: Actor, account_id: uuid.UUID) -> Sequence[Handover]:
    """What a person handed over or took over, the latest first.

    Of others a leader sees what his office's people had in hand there, and not what one of them did at
    headquarters or in another office before.
    """
    his = [or_(Handover.from_id == account_id, Handover.to_id == account_id)]
    if actor.account_id != account_id and actor.role is not Role.SUPERVISION_HEAD:
        his += [Handover.office_code == (actor.office_code or ""), Handover.kind != HeldKind.COMPLAINT]
    query = select(Handover).where(*his).order_by(Handover.at.desc(), Handover.id)
    return session.scalars(query.limit(MOST_HANDED_OVER)).all()


def list_posts(session: Session) -> list[Post]:
    """The leaders of each office that has people, and the section's posts where the section has any."""
    rows = session.execute(select(Account.office_code, Account.role).where(Account.active)).all()
    holders = Counter((code or "", role) for code, role in rows)
    offices = sorted({code for code, role in holders if code and role in OFFICE_ROLES})
    posts = [Post(code, Role.OFFICE_LEADER, holders[code, Role.OFFICE_LEADER]) for code in offices]
    if any(holders["", role] for role in SECTION_POSTS):
        posts += [Post("", role, holders["", role]) for role in SECTION_POSTS]
    return posts
