"""Who sits at a desk when: no overlaps, and no past that changes without a trace."""

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope, scope_of
from supervision.audit.models import AuditEntry
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.offices.models import Desk
from supervision.offices.rules import Sitting, seated, sits_at
from supervision.offices.seating import Seat, people_for, seat, seat_first, timeline_of
from supervision.people.models import Account
from supervision.people.service import Person
from supervision.people.sign_ins import actor_of
from tests.factories import make_account, make_office

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = [uuid.UUID(int=n) for n in range(1, 4)]
hours = st.integers(0, 12).map(lambda n: NOON + n * HOUR)
acts = st.lists(
    st.tuples(st.sampled_from([None, *PEOPLE]), hours, st.one_of(st.none(), st.integers(1, 6))), max_size=8
)


@given(acts)
def test_whatever_is_said_in_whatever_order_the_last_word_counts_and_nobody_sits_on_another(
    said: list[tuple[uuid.UUID | None, datetime, int | None]],
) -> None:
    timeline: Sequence[Sitting] = ()
    model: dict[int, uuid.UUID | None] = {}
    for account_id, since_at, length in said:
        until_at = since_at + length * HOUR if length else None
        timeline = seated(timeline, account_id, since_at, until_at)
        for n in range(20):
            moment = NOON + n * HOUR
            if since_at <= moment and (until_at is None or moment < until_at):
                model[n] = account_id
    for n in range(20):
        found = sits_at(timeline, NOON + n * HOUR)
        assert (found.account_id if found else None) == model.get(n)
    for earlier, later in itertools.pairwise(timeline):
        assert earlier.until_at is not None
        assert earlier.until_at <= later.since_at
        assert earlier.until_at < later.since_at or earlier.account_id != later.account_id
    assert all(one.until_at is None or one.since_at < one.until_at for one in timeline)


def test_a_row_that_is_cut_in_two_keeps_its_identity_once() -> None:
    row = uuid.uuid4()
    whole = Sitting(PEOPLE[0], NOON, None, row)
    cut = seated([whole], PEOPLE[1], NOON + HOUR, NOON + 2 * HOUR)
    assert [(one.account_id, one.id) for one in cut] == [(PEOPLE[0], row), (PEOPLE[1], None), (PEOPLE[0], None)]


class Room:
    """An office with a desk, its leader, and two officers."""

    def __init__(self, session: Session) -> None:
        make_office(session)
        self.desk = Desk(office_code="01", extension="801", name="一号台")
        session.add(self.desk)
        session.flush()
        self.leader = make_account(session, Role.OFFICE_LEADER)
        self.zhang, self.li = (make_account(session, login=login) for login in ("zhang", "li.na"))

    @property
    def actor(self) -> Actor:
        return actor_of(self.leader)

    @property
    def scope(self) -> Scope:
        return scope_of(self.actor)

    def seat(self, session: Session, wanted: Seat, at: datetime = NOON, version: int | None = None) -> Desk:
        seen = self.desk.version if version is None else version
        self.desk = seat(Context(session, self.actor, self.scope, at), self.desk.id, wanted, version=seen)
        return self.desk


@pytest.fixture
def room(store: Database) -> Room:
    with store.transaction() as session:
        return Room(session)


def shown(session: Session, room: Room) -> list[tuple[uuid.UUID, datetime, datetime | None]]:
    return [(one.account_id, one.since_at, one.until_at) for one in timeline_of(session, room.desk.id)]


def test_the_next_person_at_a_desk_ends_the_time_of_the_one_before(store: Database, room: Room) -> None:
    with store.transaction() as session:
        room.seat(session, Seat(room.zhang.id))
    with store.transaction() as session:
        room.seat(session, Seat(room.li.id), at=NOON + HOUR)
        assert shown(session, room) == [
            (room.zhang.id, NOON, NOON + HOUR),
            (room.li.id, NOON + HOUR, None),
        ]


def test_a_reason_that_nobody_asked_for_has_its_length_too(store: Database, room: Room) -> None:
    with pytest.raises(InvalidInput, match="reason: too_long"), store.transaction() as session:
        room.seat(session, Seat(room.zhang.id, reason="长" * 501))
    with store.transaction() as session:
        room.seat(session, Seat(room.zhang.id, reason="长" * 500))


def test_a_change_of_the_past_needs_a_reason_and_leaves_what_was_there_before(store: Database, room: Room) -> None:
    with store.transaction() as session:
        room.seat(session, Seat(room.zhang.id))
    correction = Seat(room.li.id, NOON + HOUR, NOON + 2 * HOUR)
    with pytest.raises(InvalidInput, match="reason"), store.transaction() as session:
        room.seat(session, correction, at=NOON + 3 * HOUR)
    with store.transaction() as session:
        why = Seat(correction.account_id, correction.since_at, correction.until_at, "张三去开会")
        room.seat(session, why, at=NOON + 3 * HOUR)
        assert [row[0] for row in shown(session, room)] == [room.zhang.id, room.li.id, room.zhang.id]
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc())).first()
        assert entry is not None
        assert (entry.act, entry.detail["reason"]) == ("desk_assigned", "张三去开会")
        assert [one["account"] for one in entry.detail["before"]] == [str(room.zhang.id)]
        assert len(entry.detail["after"]) == 3


def test_of_two_at_one_desk_the_second_is_notified(store: Database, room: Room) -> None:
    seen = room.desk.version
    with store.transaction() as session:
        room.seat(session, Seat(room.zhang.id))
    with pytest.raises(Conflict), store.transaction() as session:
        room.seat(session, Seat(room.li.id), version=seen)
    with store.reading() as session:
        assert [row[0] for row in shown(session, room)] == [room.zhang.id]


def test_nobody_may_sit_there_and_nothing_new_is_refused(store: Database, room: Room) -> None:
    with pytest.raises(Refused, match="seat_unchanged"), store.transaction() as session:
        room.seat(session, Seat(None))
    with store.transaction() as session:
        room.seat(session, Seat(room.zhang.id))
    with store.transaction() as session:
        room.seat(session, Seat(None), at=NOON + HOUR)
        assert shown(session, room) == [(room.zhang.id, NOON, NOON + HOUR)]


@pytest.mark.parametrize(
    ("since", "until", "where"),
    [(HOUR, HOUR, "until"), (2 * HOUR, HOUR, "until"), (timedelta(days=800), None, "since")],
)
def test_times_that_cannot_be_are_refused(
    store: Database, room: Room, since: timedelta, until: timedelta | None, where: str
) -> None:
    wanted = Seat(room.zhang.id, NOON + since, NOON + until if until else None)
    with pytest.raises(InvalidInput, match=where), store.transaction() as session:
        room.seat(session, wanted)


def test_only_the_offices_own_active_people_sit_there_and_only_its_leader_says_so(
    store: Database, room: Room
) -> None:
    with store.transaction() as session:
        make_office(session, "02", "城东税务所")
        stranger = make_account(session, Role.OFFICE_LEADER, office_code="02")
        gone = make_account(session, active=False)
        assert {one.id for one in people_for(session, "01")} == {room.leader.id, room.zhang.id, room.li.id}
    for who in (stranger, gone):
        with pytest.raises(InvalidInput, match="person"), store.transaction() as session:
            room.seat(session, Seat(who.id))
    with pytest.raises(NotFound), store.transaction() as session:
        seat(Context(session, actor_of(stranger), Scope("02"), NOON), room.desk.id, Seat(stranger.id), version=1)


def test_the_first_person_is_taken_from_the_node_once(store: Database, room: Room) -> None:
    given = uuid.uuid4()
    person = Person("王芳", Role.OFFICER, "01")
    with store.transaction() as session:
        seat_first(session, room.desk, "wang.fang", person, since_at=NOON, account_id=given)
        seat_first(session, room.desk, "zhao.lei", person, since_at=NOON + HOUR)
        account = session.scalars(select(Account).where(Account.login == "wang.fang")).one()
        assert (account.id, account.password_hash) == (given, None)
        assert shown(session, room) == [(given, NOON, None)]
        assert session.scalars(select(Account).where(Account.login == "zhao.lei")).one_or_none() is None


@pytest.mark.parametrize("login", ["sun.li", "x", "A B"])
def test_a_node_gives_no_desk_to_anothers_person_and_makes_no_account_out_of_order(
    store: Database, room: Room, login: str
) -> None:
    with store.transaction() as session:
        make_account(session, Role.SUPERVISOR, login="sun.li")
        seat_first(session, room.desk, login, Person("孙丽", Role.OFFICE_LEADER, "01"), since_at=NOON)
        assert shown(session, room) == []
        acts = session.scalars(select(AuditEntry.act)).all()
        assert list(acts) == ["seat_refused"]


def test_a_node_does_not_take_over_an_account_by_its_id(store: Database, room: Room) -> None:
    with store.transaction() as session:
        head = make_account(session, Role.SUPERVISION_HEAD, login="zhou.min")
        person = Person("周敏", Role.OFFICER, "01")
        seat_first(session, room.desk, "zhou.min2", person, since_at=NOON, account_id=head.id)
        ((account_id, _, _),) = shown(session, room)
        assert account_id != head.id
        assert session.get_one(Account, head.id).role is Role.SUPERVISION_HEAD
