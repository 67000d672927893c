"""No security administrator alone becomes somebody else by giving him a new password."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope
from supervision.audit.queries import EntryFilter, list_entries
from supervision.context import Context
from supervision.database import Database, new_id
from supervision.errors import InvalidInput, Refused
from supervision.mail.models import Mail
from supervision.people import passwords
from supervision.people.models import Account, PasswordReset
from supervision.people.reset_rules import (
    BARRED_ACTS,
    BARRED_FOR,
    SUPERIOR,
    VALID_FOR,
    Asked,
    Objection,
    ResetState,
    is_barred,
    is_guarded,
    objection,
)
from supervision.people.resets import agree_to_reset, ask_reset, find_open, list_failed_resets, refuse_reset
from supervision.people.rules import Act, may
from supervision.people.service import (
    Person,
    agree,
    change_account,
    change_own_password,
    check_own_change,
    issue_password,
)
from supervision.people.sign_ins import actor_of, begin_sign_in
from supervision.settings import Settings
from tests.factories import HERE, check_sign_in, make_account, make_sign_in

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=30)
SETTINGS = Settings(home=Path("/nowhere"), smtp_host="mail.example", mail_domain="tax.example")
GUARDED = sorted(role for role in Role if is_guarded(role))


@contextmanager
def refused(reason: str) -> Iterator[None]:
    with pytest.raises(Refused) as refusal:
        yield
    assert refusal.value.reason == reason


def somebody(session: Session, role: Role) -> Account:
    account = make_account(session, role, at=LONG_AGO)
    account.established_at = LONG_AGO
    session.flush()
    return account


def second_of(role: Role) -> Role:
    return SUPERIOR.get(role, Role.SECURITY_ADMINISTRATOR)


def open_of(session: Session, account: Account) -> uuid.UUID:
    reset = find_open(session, account.id, NOON)
    assert reset is not None
    return reset.id


def reset_by_two(session: Session, owner: Account, at: datetime = NOON) -> str:
    admin = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR))
    reset = ask_reset(Context(session, admin, Scope(), at), owner.id, SETTINGS)
    agree_to_reset(Context(session, actor_of(somebody(session, second_of(owner.role))), Scope(), at), reset.id)
    return issue_password(Context(session, admin, Scope(), at), owner.id, settings=SETTINGS)


@pytest.mark.parametrize("role", GUARDED, ids=str)
def test_one_security_administrator_alone_gets_no_password_of_a_guarded_account(
    store: Database, role: Role
) -> None:
    with store.transaction() as session:
        admin, owner = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR)), somebody(session, role)
        before = owner.password_hash
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)
        reset = ask_reset(Context(session, admin, Scope(), NOON), owner.id, SETTINGS)
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)
        with refused("reset_same_person"):
            agree_to_reset(Context(session, admin, Scope(), NOON), reset.id)
        assert owner.password_hash == before


@pytest.mark.parametrize("role", GUARDED, ids=str)
def test_with_a_second_person_it_is_issued_once_and_the_owner_is_notified_twice(
    store: Database, role: Role
) -> None:
    with store.transaction() as session:
        owner = somebody(session, role)
        password = reset_by_two(session, owner)
        assert passwords.is_right(owner.password_hash, password)
        letters = session.query(Mail).order_by(Mail.id).all()
        assert [letter.recipient for letter in letters] == [f"{owner.login}@tax.example"] * 2
        assert not [letter for letter in letters if password in letter.body]
        (reset,) = session.query(PasswordReset)
        admin = actor_of(session.get_one(Account, reset.asked_by))
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)
        acts = [entry.act for entry in list_entries(session, EntryFilter()).rows]
    assert acts == ["password_issued", "password_reset_agreed", "password_reset_asked"]


def test_another_administrator_does_not_issue_what_was_agreed_to_for_the_first(store: Database) -> None:
    with store.transaction() as session:
        first, other, owner = (somebody(session, Role.SECURITY_ADMINISTRATOR) for _ in range(3))
        reset = ask_reset(Context(session, actor_of(first), Scope(), NOON), owner.id)
        agree_to_reset(Context(session, actor_of(other), Scope(), NOON), reset.id)
        with refused("reset_needs_second"):
            issue_password(Context(session, actor_of(other), Scope(), NOON), owner.id)


def test_an_account_that_was_just_made_or_changed_is_no_second_person(store: Database) -> None:
    with store.transaction() as session:
        admin, owner = somebody(session, Role.SECURITY_ADMINISTRATOR), somebody(session, Role.SUPERVISION_HEAD)
        puppet = make_account(session, Role.SECURITY_ADMINISTRATOR)
        puppet.established_at = NOON - timedelta(minutes=1)
        reset = ask_reset(Context(session, actor_of(admin), Scope(), NOON), owner.id)
        with refused("reset_too_new"):
            agree_to_reset(Context(session, actor_of(puppet), Scope(), NOON), reset.id)
        officer, other = somebody(session, Role.SUPERVISOR), somebody(session, Role.SECURITY_ADMINISTRATOR)
        person = Person(officer.name, Role.BUREAU_LEADER)
        changed = change_account(
            Context(session, actor_of(admin), Scope(), NOON), officer.id, person, version=officer.version
        )
        agree(Context(session, actor_of(other), Scope(), NOON), open_of(session, changed))
        with refused("reset_too_new"):
            agree_to_reset(Context(session, actor_of(changed), Scope(), NOON), reset.id)


def test_a_detour_by_an_officers_role_does_not_make_the_account_unguarded(store: Database) -> None:
    with store.transaction() as session:
        admin, owner = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR)), somebody(session, Role.SUPERVISOR)
        down = Person(owner.name, Role.OFFICER, "01")
        owner = change_account(Context(session, admin, Scope(), NOON), owner.id, down, version=owner.version)
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)


def test_an_account_that_is_given_a_guarded_role_is_barred_for_a_day(store: Database) -> None:
    with store.transaction() as session:
        admin, officer = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR)), somebody(session, Role.OFFICER)
        up = Person(officer.name, Role.SUPERVISOR)
        account = change_account(Context(session, admin, Scope(), NOON), officer.id, up, version=officer.version)
        assert (account.role, account.barred_until) == (Role.OFFICER, None)
        agree(
            Context(session, actor_of(somebody(session, Role.SUPERVISION_HEAD)), Scope(), NOON),
            open_of(session, account),
        )
        assert (account.role, account.barred_until) == (Role.SUPERVISOR, NOON + BARRED_FOR)


def test_an_officers_password_is_issued_by_one(store: Database) -> None:
    with store.transaction() as session:
        admin = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR))
        for role in (Role.OFFICER, Role.OFFICE_LEADER):
            owner = somebody(session, role)
            assert issue_password(Context(session, admin, Scope(), NOON), owner.id)
            assert (owner.barred_until, owner.password_ends_at) == (None, None)


def test_a_reset_ends_after_a_day_whether_asked_for_or_agreed_to_and_can_be_asked_for_again(
    store: Database,
) -> None:
    late = NOON + VALID_FOR
    with store.transaction() as session:
        admin = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR))
        other, owner = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR)), somebody(session, Role.AUDITOR)
        reset = ask_reset(Context(session, admin, Scope(), NOON), owner.id)
        with refused("reset_not_open"):
            agree_to_reset(Context(session, other, Scope(), late), reset.id)
        with refused("reset_open"):
            ask_reset(Context(session, admin, Scope(), NOON), owner.id)
        again = ask_reset(Context(session, admin, Scope(), late), owner.id)
        agree_to_reset(Context(session, other, Scope(), late), again.id)
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), late + VALID_FOR), owner.id)


def test_a_reset_that_is_refused_issues_nothing(store: Database) -> None:
    with store.transaction() as session:
        admin = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR))
        other, owner = actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR)), somebody(session, Role.AUDITOR)
        reset = ask_reset(Context(session, admin, Scope(), NOON), owner.id)
        agree_to_reset(Context(session, other, Scope(), NOON), reset.id)
        with pytest.raises(InvalidInput, match="reason"):
            refuse_reset(Context(session, other, Scope(), NOON), reset.id, " ")
        refuse_reset(Context(session, other, Scope(), NOON), reset.id, "电话核实：本人没有申请")
        with refused("reset_needs_second"):
            issue_password(Context(session, admin, Scope(), NOON), owner.id)


def test_what_came_to_nothing_stays_to_be_seen_for_a_month_by_whom_and_why(store: Database) -> None:
    with store.transaction() as session:
        admin, other = (actor_of(somebody(session, Role.SECURITY_ADMINISTRATOR)) for _ in range(2))
        owners = [somebody(session, Role.AUDITOR) for _ in range(4)]
        no, unanswered, agreed, used = (
            ask_reset(Context(session, admin, Scope(), NOON), one.id).id for one in owners
        )
        refuse_reset(Context(session, other, Scope(), NOON + timedelta(hours=1)), no, "本人没有申请")
        for reset_id in (agreed, used):
            agree_to_reset(Context(session, other, Scope(), NOON), reset_id)
        issue_password(Context(session, admin, Scope(), NOON), owners[3].id)

        def seen(at: datetime) -> list[tuple[uuid.UUID, uuid.UUID | None, str]]:
            found = list_failed_resets(session, at)
            return [
                (one.reset.id, one.refused_by.id if one.refused_by else None, one.reset.refusal) for one in found
            ]

        assert seen(NOON + timedelta(hours=2)) == [(no, other.account_id, "本人没有申请")]
        late = NOON + VALID_FOR
        assert {one[0] for one in seen(late)} == {no, unanswered, agreed}
        ask_reset(Context(session, admin, Scope(), late + timedelta(hours=1)), owners[1].id)
        assert {one[0] for one in seen(late + timedelta(hours=1))} == {no, unanswered, agreed}
        assert seen(NOON + timedelta(days=33)) == []


def test_a_password_that_was_reset_signs_in_for_a_day_only(store: Database) -> None:
    with store.transaction() as session:
        owner = somebody(session, Role.SUPERVISOR)
        password = reset_by_two(session, owner)
        checked = check_sign_in(session, owner.login, password)
        assert begin_sign_in(session, checked, HERE, NOON + VALID_FOR - timedelta(seconds=1))
        with refused("sign_in"):
            begin_sign_in(session, checked, HERE, NOON + VALID_FOR)
        change = check_own_change(actor_of(owner), owner.password_hash, password, "another good one")
        with pytest.raises(InvalidInput):
            change_own_password(Context(session, actor_of(owner), Scope(), NOON + VALID_FOR), change)


def test_the_bar_begins_when_the_password_is_changed_so_that_nobody_waits_it_out(store: Database) -> None:
    late = NOON + VALID_FOR - timedelta(minutes=1)
    with store.transaction() as session:
        owner = somebody(session, Role.SUPERVISOR)
        password = reset_by_two(session, owner)
        assert owner.barred_until == NOON + BARRED_FOR
        change = check_own_change(actor_of(owner), owner.password_hash, password, "another good one")
        change_own_password(Context(session, actor_of(owner), Scope(), late), change)
        assert (owner.barred_until, owner.password_ends_at) == (late + BARRED_FOR, None)
        make_account(session, Role.SUPERVISOR)
        first = make_account(session, Role.SUPERVISOR, must_change_password=True)
        token = make_sign_in(session, first)
        assert token
        assert first.barred_until is None, "a first password bars nobody"


@pytest.mark.parametrize("wrong", ["asked_by", "agreed_by", "both"])
def test_the_database_itself_wants_three_people(store: Database, wrong: str) -> None:
    with store.transaction() as session:
        owner, one, two = (somebody(session, Role.SECURITY_ADMINISTRATOR).id for _ in range(3))
    people = {"asked_by": (owner, two), "agreed_by": (one, owner), "both": (one, one)}[wrong]
    row = PasswordReset(account_id=owner, asked_by=people[0], ends_at=NOON, agreed_by=people[1], agreed_at=NOON)
    with pytest.raises(IntegrityError), store.transaction() as session:
        session.add(row)


roles = st.sampled_from(sorted(Role))


@given(roles, roles, st.sampled_from(ResetState), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_whoever_agrees_is_another_person_of_standing_and_above_the_owner(
    owner: Role, role: Role, state: ResetState, faults: tuple[bool, bool, bool]
) -> None:
    late, new, same = faults
    asked = Asked(new_id(), owner, new_id(), NOON + VALID_FOR, state)
    second = Actor(asked.asked_by if same else new_id(), "x", "x", role)
    at = asked.ends_at if late else NOON
    found = objection(asked, second, at if new else LONG_AGO, at)
    above = role is Role.SECURITY_ADMINISTRATOR or SUPERIOR.get(owner) is role
    assert (found is None) is (state is ResetState.ASKED and not late and not new and not same and above)
    if found is None:
        assert may(role, Act.AGREE_RESETS)


def test_no_superior_is_his_own_and_every_chain_ends(store: Database) -> None:
    for role in SUPERIOR:
        chain = [role]
        while chain[-1] in SUPERIOR:
            chain.append(SUPERIOR[chain[-1]])
        assert len(chain) == len(set(chain))
    assert Objection.TOO_NEW


def test_for_a_day_the_account_neither_agrees_listens_downloads_nor_exports() -> None:
    for act, exports in itertools.product(Act, (False, True)):
        barred = exports or act in BARRED_ACTS
        assert is_barred(act, NOON, NOON - timedelta(seconds=1), exports=exports) is barred
        assert not is_barred(act, NOON, NOON, exports=exports)
        assert not is_barred(act, None, NOON, exports=exports)
