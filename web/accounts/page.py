"""What the page of one account shows."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from supervision.actor import Actor, scope_of
from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.errors import NotFound
from supervision.people.models import Account, PasswordReset, SignIn
from supervision.people.resets import find_open
from supervision.people.rules import Act, may
from supervision.people.service import get_account
from supervision.people.sign_ins import list_open
from web.accounts.forms import offices_to_choose, roles_to_choose, typed_of
from web.people_copy import people_are_copied
from web.sign_ins import site_settings
from web.unit import database


@dataclass
class AccountPage:
    """One account, what stands in its form, and its sessions; one's own, and headquarters', is for looking only.

    `watches`: sessions are shown to who may end them, and to nobody else.
    """

    account: Account
    typed: Mapping[str, str]
    roles: Sequence[tuple[str, str]]
    offices: Sequence[tuple[str, str]]
    sessions: Sequence[SignIn]
    own: bool
    changes: bool
    watches: bool
    copied: bool
    reset: PasswordReset | None = None
    refusal: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


def gather_account(session: Session, actor: Actor, account_id: uuid.UUID) -> AccountPage:
    """The page of one account. Raises NotFound, also for one that lies outside the actor's scope."""
    account = get_account(session, account_id)
    if scope_of(actor).office_code not in {None, account.office_code}:
        raise NotFound(f"account {account_id}")
    return AccountPage(
        account=account,
        typed=typed_of(account),
        roles=roles_to_choose(),
        offices=offices_to_choose(office_names(session)),
        sessions=list_open(session, account.id, site_settings()) if may(actor.role, Act.CHANGE_ACCOUNTS) else (),
        own=actor.account_id == account.id,
        changes=may(actor.role, Act.CHANGE_ACCOUNTS)
        and not people_are_copied()
        and actor.account_id != account.id,
        watches=may(actor.role, Act.CHANGE_ACCOUNTS),
        copied=people_are_copied(),
        reset=find_open(session, account.id, now()),
    )


def must_ask_first(account_id: uuid.UUID) -> bool:
    """Whether a second person must agree first, and has not been asked yet. Holds no connection afterwards."""
    with database().reading() as looking:
        account = get_account(looking, account_id)
        return account.guarded and find_open(looking, account_id, now()) is None
