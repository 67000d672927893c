"""A node's copy of its people: what headquarters says, whole or not at all."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Role, Scope
from supervision.audit.models import AuditEntry
from supervision.clock import now
from supervision.context import Context
from supervision.database import Database
from supervision.errors import InvalidInput, Refused
from supervision.exchange.service import next_batch, note_received
from supervision.ingest.messages import parse_batch
from supervision.ingest.service import receive_batch
from supervision.offices.description import parse_description
from supervision.offices.models import Desk, DeskAssignment, Office
from supervision.offices.people_copy import SentPeople, apply_people, parse_people, people_of
from supervision.offices.seating import Seat, seat
from supervision.offices.service import load_office
from supervision.people.models import Account, PeopleCopy, SignIn
from supervision.people.service import Person, change_account, create_account, issue_password
from supervision.people.sign_in_rules import VALID_FOR
from supervision.people.sign_ins import (
    find_sign_in,
    is_noted,
    note_confirmed,
    refuse_where_copied,
    refuse_without_copy,
)
from supervision.people.tasks import end_expired_sessions
from supervision.settings import Settings
from supervision.task import Worker
from tests.factories import PASSWORD, QUICK, make_account, make_actor, make_passwords_cheap, make_sign_in
from tests.ingest.test_service import wire
from tests.store_fixtures import make_store

pytestmark = pytest.mark.usefixtures("unhurried")

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NODE = Settings(home=Path("/nowhere"), hq_url="https://hq.example:8443")
CODE = "3101"
OFFICE = {
    "office": {"code": CODE, "name": "第一税务所"},
    "lines": [
        {
            "key": "3101-1",
            "number": "62310001",
            "name": "一号线",
            "gateway": {"account": "fxo1"},
            "desks": ["801"],
            "leader": "900",
        }
    ],
    "desks": [
        {"extension": "801", "name": "一号台", "officer": {"login": "zhang.san", "name": "张三"}},
        {
            "extension": "900",
            "name": "带班领导",
            "officer": {"login": "li.qiang", "name": "李强", "role": "office_leader"},
        },
    ],
}


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    make_passwords_cheap(monkeypatch)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Database]:
    """An office's node that copies its people."""
    database = Database(make_store(tmp_path / "node.db"))
    load(database)
    yield database
    database.close()


def load(node: Database, *, people_from_hq: bool = True, at: datetime = NOON) -> None:
    with node.transaction() as session:
        text = yaml.safe_dump(OFFICE, allow_unicode=True)
        load_office(session, parse_description(text), at, people_from_hq=people_from_hq)


def tell(node: Database, hq: Database) -> None:
    """What the node has to tell is taken in at headquarters."""
    with node.reading() as session:
        batch = next_batch(session, CODE, 1000)
    assert batch is not None
    with hq.transaction() as session:
        n = receive_batch(session, CODE, parse_batch(wire(batch)), NOON)
    with node.transaction() as session:
        note_received(session, CODE, batch.epoch, n)


def copy(hq: Database, node: Database, at: datetime = NOON) -> SentPeople:
    """The copy goes down as it does over the wire."""
    with hq.reading() as session:
        people = parse_people(people_of(session, CODE).model_dump_json().encode())
    with node.transaction() as session:
        apply_people(session, CODE, people, NODE, at)
    return people


def people(side: Database) -> dict[str, Account]:
    with side.reading() as session:
        return {row.login: row for row in session.scalars(select(Account))}


def seats(side: Database) -> list[tuple[Any, ...]]:
    with side.reading() as session:
        query = select(DeskAssignment, Desk.extension).join(Desk).order_by(DeskAssignment.since_at, Desk.extension)
        return [
            (row.id, extension, row.account_id, row.since_at, row.until_at)
            for row, extension in session.execute(query)
        ]


def change(hq: Database, login: str, **facts: Any) -> None:
    """The security administrator changes an account at headquarters."""
    with hq.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        now_is = {
            "name": account.name,
            "role": account.role,
            "office_code": account.office_code,
            "active": account.active,
        }
        wanted = Person(**(now_is | facts))
        change_account(
            Context(session, make_actor(session), Scope(), NOON), account.id, wanted, version=account.version
        )


def give_password(hq: Database, login: str) -> None:
    with hq.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        account.password_hash, account.must_change_password = QUICK, False


def sign_in(node: Database, login: str, at: datetime = NOON) -> str:
    with node.transaction() as session:
        return make_sign_in(session, session.scalars(select(Account).where(Account.login == login)).one(), at)


def test_a_new_office_fills_itself_and_both_have_the_same_people_at_the_same_desks(
    node: Database, store: Database
) -> None:
    assert people(node) == {}
    tell(node, store)
    assert {login: (one.name, one.role, one.password_hash) for login, one in people(store).items()} == {
        "zhang.san": ("张三", Role.OFFICER, None),
        "li.qiang": ("李强", Role.OFFICE_LEADER, None),
    }
    give_password(store, "zhang.san")
    copy(store, node)
    here, there = people(node), people(store)
    assert {login: one.id for login, one in here.items()} == {login: one.id for login, one in there.items()}
    assert here["zhang.san"].password_hash == QUICK
    assert seats(node) == seats(store)
    assert [row[1] for row in seats(store)] == ["801", "900"]
    assert sign_in(node, "zhang.san")


def test_a_node_that_stood_alone_keeps_the_ids_that_its_facts_rest_on(tmp_path: Path, store: Database) -> None:
    alone = Database(make_store(tmp_path / "alone.db"))
    load(alone, people_from_hq=False)
    with alone.transaction() as session:
        create_account(session, None, "feng.jing", Person("冯静", Role.SECURITY_ADMINISTRATOR), password=PASSWORD)
    tell(alone, store)
    before = people(alone)
    copy(store, alone)
    after = people(alone)
    assert {login: one.id for login, one in after.items()} == {login: one.id for login, one in before.items()}
    assert {login: one.id for login, one in people(store).items()} == {
        login: before[login].id for login in ("zhang.san", "li.qiang")
    }
    assert not after["feng.jing"].active, "made by nobody of headquarters"
    assert seats(alone) == seats(store)
    alone.close()


def test_a_login_that_both_had_is_headquarters_and_the_nodes_own_stays_as_a_name(
    node: Database, store: Database
) -> None:
    with node.transaction() as session:
        own = make_account(session, office_code=CODE, login="wang.fang").id
    with store.transaction() as session:
        make_account(session, office_code=CODE, login="wang.fang")
    copy(store, node)
    rows = people(node)
    assert rows["wang.fang"].id == people(store)["wang.fang"].id != own
    (retired,) = [row for row in rows.values() if row.id == own]
    assert (retired.active, retired.password_hash) == (False, None)


def test_two_people_may_exchange_their_logins(node: Database, store: Database) -> None:
    tell(node, store)
    copy(store, node)
    with store.transaction() as session:
        rows = {row.login: row for row in session.scalars(select(Account))}
        rows["zhang.san"].login = "parked"
        session.flush()
        rows["li.qiang"].login = "zhang.san"
        session.flush()
        rows["zhang.san"].login = "li.qiang"
    copy(store, node)
    assert {login: one.id for login, one in people(node).items()} == {
        login: one.id for login, one in people(store).items()
    }


def test_who_left_signs_in_no_more_and_his_sessions_end_but_old_calls_still_name_him(
    node: Database, store: Database
) -> None:
    tell(node, store)
    give_password(store, "zhang.san")
    copy(store, node)
    token = sign_in(node, "zhang.san")
    with store.transaction() as session:
        make_account(session, office_code=CODE, login="zhao.lei")
        desk = session.scalars(select(Desk).where(Desk.extension == "801")).one()
        keeper = make_actor(session)
        new = session.scalars(select(Account).where(Account.login == "zhao.lei")).one()
        seat(
            Context(session, keeper, Scope(), now() + timedelta(hours=1)),
            desk.id,
            Seat(new.id),
            version=desk.version,
        )
        session.add(Office(code="3199", name="隔壁税务所"))
    change(store, "zhang.san", office_code="3199")
    handed = copy(store, node)
    assert {one.login: (one.active, one.password_hash) for one in handed.accounts}["zhang.san"] == (False, None)
    with node.reading() as session:
        assert find_sign_in(session, token, NODE, NOON) is None
        assert session.scalars(select(SignIn.ended_at)).one() is not None
    assert people(node)["zhang.san"].name == "张三"
    assert [row[1:4] for row in seats(node)] == [row[1:4] for row in seats(store)]


def test_a_new_password_ends_the_sessions_and_a_new_name_does_not(node: Database, store: Database) -> None:
    tell(node, store)
    give_password(store, "zhang.san")
    copy(store, node)
    token = sign_in(node, "zhang.san")
    change(store, "zhang.san", name="张三丰")
    copy(store, node)
    with node.reading() as session:
        assert find_sign_in(session, token, NODE, NOON) is not None
    with store.transaction() as session:
        issue_password(Context(session, make_actor(session), Scope()), people(store)["zhang.san"].id)
    copy(store, node)
    assert people(node)["zhang.san"].must_change_password
    with node.reading() as session:
        assert find_sign_in(session, token, NODE, NOON) is None


def test_nobody_of_headquarters_or_of_another_office_is_handed_down(node: Database, store: Database) -> None:
    tell(node, store)
    with store.transaction() as session:
        for role in Role:
            make_account(session, role, office_code="02" if role in OFFICE_ROLES else None)
        assert {one.login for one in people_of(session, CODE).accounts} == {"zhang.san", "li.qiang"}
        assert people_of(session, "99").accounts == ()


def test_what_does_not_change_changes_nothing_and_is_named_the_same(node: Database, store: Database) -> None:
    tell(node, store)
    first = copy(store, node)
    with node.reading() as session:
        entries = session.scalars(select(AuditEntry.act)).all()
    second = copy(store, node, NOON + timedelta(hours=1))
    assert first.etag == second.etag
    with node.reading() as session:
        assert session.scalars(select(AuditEntry.act)).all() == entries
        assert list(entries).count("people_copied") == 1
        copied = session.scalars(select(PeopleCopy)).one()
        assert copied.confirmed_at == NOON + timedelta(hours=1)


def test_a_copy_that_breaks_in_the_middle_leaves_the_one_before(node: Database, store: Database) -> None:
    tell(node, store)
    held = copy(store, node)
    with store.transaction() as session:
        make_account(session, office_code=CODE, login="zhao.lei")
    with store.reading() as session:
        whole = people_of(session, CODE)
    torn = whole.model_copy(update={"seats": (whole.seats[0].model_copy(update={"account_id": uuid.uuid4()}),)})
    with pytest.raises(Exception, match="FOREIGN KEY"), node.transaction() as session:
        apply_people(session, CODE, torn, NODE, NOON)
    assert set(people(node)) == {"zhang.san", "li.qiang"}
    with node.reading() as session:
        assert session.scalars(select(PeopleCopy.etag)).one() == held.etag


@pytest.mark.parametrize("changed", [{"office_code": "3102"}, {"role": Role.SECURITY_ADMINISTRATOR}])
def test_a_copy_for_another_or_with_a_role_of_headquarters_is_refused(
    node: Database, store: Database, changed: dict[str, Any]
) -> None:
    tell(node, store)
    with store.reading() as session:
        whole = people_of(session, CODE)
    if "role" in changed:
        changed = {"accounts": tuple(one.model_copy(update=changed) for one in whole.accounts)}
    with pytest.raises(InvalidInput), node.transaction() as session:
        apply_people(session, CODE, whole.model_copy(update=changed), NODE, NOON)
    assert people(node) == {}


def refused(session: Session, at: datetime) -> str:
    try:
        refuse_without_copy(session, NODE, at)
    except Refused as error:
        return error.reason
    return ""


def test_without_a_copy_or_with_an_old_one_nobody_signs_in_and_open_sessions_end(
    node: Database, store: Database
) -> None:
    with node.reading() as session:
        assert refused(session, NOON) == "people_copy_missing"
    tell(node, store)
    give_password(store, "zhang.san")
    copy(store, node)
    last = NOON + VALID_FOR
    token = sign_in(node, "zhang.san", last - timedelta(minutes=5))
    with node.reading() as session:
        assert refused(session, last - timedelta(seconds=1)) == ""
        assert find_sign_in(session, token, NODE, last - timedelta(seconds=1)) is not None
        assert refused(session, last) == "people_copy_stale"
        assert find_sign_in(session, token, NODE, last) is None
    worker = Worker(NODE, node, lambda: last + timedelta(minutes=1))
    assert end_expired_sessions(worker)
    assert not end_expired_sessions(worker)
    with node.transaction() as session:
        assert session.scalars(select(SignIn.ended_at)).one() == last
        assert not is_noted(session, CODE, last)
        note_confirmed(session, CODE, session.scalars(select(PeopleCopy.etag)).one(), last)
        assert refused(session, last) == ""


def test_nothing_about_people_is_changed_where_they_are_copies() -> None:
    refuse_where_copied(Settings(home=Path("/nowhere")))
    with pytest.raises(Refused, match="people_at_hq"):
        refuse_where_copied(NODE)
