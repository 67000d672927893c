from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supervision.actor import Scope
from supervision.context import Context
from supervision.draws.service import finish_ticket, take_ticket
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.retention import queries
from supervision.retention.models import Deletion, DeletionAgreement, DeletionItem, RetentionTerm
from supervision.retention.queries import list_terms, term_in_force
from supervision.retention.rules import DeletionCause, DeletionState, HoldReason, ItemState
from supervision.retention.service import (
    Holding,
    agree,
    decline,
    place_hold,
    propose_due,
    propose_for_request,
    release_hold,
    set_term,
)
from tests.draws.made import ticket_of
from tests.retention.archive import EVERYTHING, LATER, OLD, Archive, acts, both_agree


def test_what_is_past_its_time_is_proposed_by_office_and_month_and_only_once(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        january = [hq.recorded(town), hq.recorded(town, OLD + timedelta(days=9))]
        east = hq.recorded(town, office_code="02", line_key="east")
        hq.recorded(town, OLD + timedelta(days=25))  # some of its month are still within their time
        hq.recorded(town, LATER - timedelta(days=10))
        proposed = propose_due(session, LATER)
        assert [(one.office_code, one.cause) for one in proposed] == [
            ("01", DeletionCause.AGE),
            ("02", DeletionCause.AGE),
        ]
        items = session.scalars(select(DeletionItem)).all()
        assert {item.call_id for item in items} == {call.id for call in (*january, east)}
        assert propose_due(session, LATER) == []


def test_what_is_held_is_not_proposed_until_it_is_released(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call = hq.recorded(town)
        hold = place_hold(
            Context(session, town.actor("watcher"), EVERYTHING, LATER), call.id, Holding(HoldReason.APPEAL, "申诉")
        )
        assert propose_due(session, LATER) == []
        release_hold(Context(session, town.actor("watcher2"), Scope(), LATER), hold.id, "申诉已结")
        assert len(propose_due(session, LATER)) == 1
        with pytest.raises(Refused, match="hold_released"):
            release_hold(Context(session, town.actor("watcher2"), Scope(), LATER), hold.id, "again")
        assert acts(session) == ["hold_placed", "hold_released", "deletion_proposed"]


def test_what_is_drawn_is_held_by_its_ticket_until_it_is_done(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call = hq.recorded(town)
        ticket = ticket_of(session, call, OLD)
        assert propose_due(session, LATER) == []
        with pytest.raises(Refused, match="recording_drawn"):
            propose_for_request(Context(session, town.actor("head"), Scope(), LATER), "request:x", [call])
        leader = Context(session, town.actor("leader"), town.scope("leader"), LATER)
        take_ticket(leader, ticket.id)
        assert propose_due(session, LATER) == []
        finish_ticket(leader, ticket.id)
        assert len(propose_due(session, LATER)) == 1


def test_a_hold_whose_last_day_is_over_holds_no_more(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call, actor = hq.recorded(town), town.actor("watcher")
        until = LATER.date() + timedelta(days=5)
        context = Context(session, actor, EVERYTHING, LATER)
        with pytest.raises(InvalidInput, match="until"):
            place_hold(context, call.id, Holding(HoldReason.OTHER, "x", until=OLD.date()))
        place_hold(context, call.id, Holding(HoldReason.OTHER, "x", until=until))
        assert propose_due(session, LATER + timedelta(days=5)) == []
        assert len(propose_due(session, LATER + timedelta(days=6))) == 1


def test_a_hold_takes_its_recording_out_of_a_deletion_that_waits(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call, other = hq.recorded(town), hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        place_hold(
            Context(session, town.actor("head"), EVERYTHING, LATER), call.id, Holding(HoldReason.CASE, "案例")
        )
        states = {item.call_id: item.state for item in session.scalars(select(DeletionItem))}
        assert states == {call.id: ItemState.SPARED, other.id: ItemState.WAITING}
        assert [item.call_id for item in queries.waiting(session, deletion.id)] == [other.id]


def test_nobody_agrees_twice_and_two_supervisors_need_the_head(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        agree(Context(session, town.actor("watcher"), Scope()), deletion.id, version=deletion.version)
        with pytest.raises(Refused, match="deletion_agreed_already"):
            agree(Context(session, town.actor("watcher"), Scope()), deletion.id, version=deletion.version)
        with pytest.raises(Refused, match="deletion_needs_head"):
            agree(Context(session, town.actor("watcher2"), Scope()), deletion.id, version=deletion.version)
        assert [deletion.state] == [DeletionState.AGREED_ONCE]
        agree(Context(session, town.actor("head"), Scope()), deletion.id, version=deletion.version)
        assert deletion.state is DeletionState.AGREED
        with pytest.raises(Refused, match="deletion_not_open"):
            decline(
                Context(session, town.actor("head"), Scope()), deletion.id, "zu spät", version=deletion.version
            )


@pytest.mark.parametrize("seat", [1, 2, 3])
def test_the_database_itself_gives_nobody_two_seats_and_nobody_a_third(hq: Archive, seat: int) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        agree(Context(session, town.actor("head"), Scope()), deletion.id, version=deletion.version)
        deletion_id, head = deletion.id, town.people["head"].id
    with pytest.raises(IntegrityError), hq.database.transaction() as session:
        session.add(DeletionAgreement(deletion_id=deletion_id, seat=seat, account_id=head, name="x", head=True))


def test_the_database_itself_keeps_a_recording_in_one_deletion(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call = hq.recorded(town)
        propose_due(session, LATER)
        other = Deletion(
            cause=DeletionCause.AGE, office_code="01", from_day=OLD.date(), to_day=OLD.date(), term_days=730
        )
        session.add(other)
        session.flush()
        ids = other.id, call.id
    with pytest.raises(IntegrityError), hq.database.transaction() as session:
        session.add(DeletionItem(deletion_id=ids[0], call_id=ids[1], offered_at=OLD))


def test_who_agrees_to_what_has_changed_since_he_looked_is_notified(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        looked_at = deletion.version
        agree(Context(session, town.actor("watcher"), Scope()), deletion.id, version=looked_at)
        with pytest.raises(Conflict):
            agree(Context(session, town.actor("head"), Scope()), deletion.id, version=looked_at)


def test_what_was_declined_stays_and_rests_for_thirty_days(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        with pytest.raises(InvalidInput):
            decline(
                Context(session, town.actor("watcher"), Scope(), LATER), deletion.id, " ", version=deletion.version
            )
        decline(
            Context(session, town.actor("watcher"), Scope(), LATER),
            deletion.id,
            "仍需查证",
            version=deletion.version,
        )
        assert queries.waiting(session, deletion.id) == []
        assert propose_due(session, LATER + timedelta(days=29)) == []
        assert len(propose_due(session, LATER + timedelta(days=31))) == 1


def test_a_request_is_proposed_before_its_time_but_not_under_hold_nor_twice(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        young, held = hq.recorded(town, LATER - timedelta(days=9)), hq.recorded(town, LATER - timedelta(days=8))
        head = town.actor("head")
        place_hold(Context(session, head, EVERYTHING, LATER), held.id, Holding(HoldReason.COMPLAINT, "投诉"))
        with pytest.raises(Refused, match="recording_held"):
            propose_for_request(Context(session, head, Scope(), LATER), "request:1", [young, held])
    with hq.database.transaction() as session:
        propose_for_request(Context(session, head, Scope(), LATER), "request:1", [young])
        with pytest.raises(Refused, match="recording_in_deletion"):
            propose_for_request(Context(session, head, Scope(), LATER), "request:2", [young])


def test_the_time_is_a_version_with_a_reason_within_bounds(hq: Archive) -> None:
    with hq.database.transaction() as session:
        head = hq.people(session).actor("head")
        assert term_in_force(session) == 730
        for days in (364, 3651):
            with pytest.raises(InvalidInput):
                set_term(Context(session, head, Scope()), days, "x", known_n=0)
        with pytest.raises(InvalidInput):
            set_term(Context(session, head, Scope()), 800, "", known_n=0)
        set_term(Context(session, head, Scope()), 800, "市局要求", known_n=0)
        set_term(Context(session, head, Scope()), 1095, "档案规定", known_n=1)
        assert term_in_force(session) == 1095
        assert [(term.n, term.days) for term in list_terms(session)] == [(2, 1095), (1, 800)]
    with pytest.raises(Conflict), hq.database.transaction() as session:
        set_term(Context(session, head, Scope()), 900, "late", known_n=1)


@pytest.mark.parametrize("days", [364, 3651])
def test_the_database_itself_takes_no_time_outside_the_bounds(hq: Archive, days: int) -> None:
    with hq.database.transaction() as session:
        head = hq.people(session).people["head"].id
    with pytest.raises(IntegrityError), hq.database.transaction() as session:
        session.add(RetentionTerm(n=1, days=days, reason="x", set_by=head))


def test_both_agree_is_what_a_deletion_needs(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        both_agree(session, town.actor("head"), town.actor("watcher"), deletion)
        assert [one.name for one in deletion.agreements] == ["孙科长", "李监察"]
        assert deletion.ready_at is not None
