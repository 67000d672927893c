from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supervision.draws.service import finish_ticket, take_ticket
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.retention import queries
from supervision.retention.models import Deletion, DeletionAgreement, DeletionItem, RetentionTerm
from supervision.retention.queries import list_terms, term_in_force
from supervision.retention.rules import DeletionCause, DeletionState, HoldReason, ItemState
from supervision.retention.service import (
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
            session, town.actor("watcher"), EVERYTHING, call.id, reason=HoldReason.APPEAL, note="申诉", at=LATER
        )
        assert propose_due(session, LATER) == []
        release_hold(session, town.actor("watcher2"), hold.id, "申诉已结", LATER)
        assert len(propose_due(session, LATER)) == 1
        with pytest.raises(Refused, match="hold_released"):
            release_hold(session, town.actor("watcher2"), hold.id, "again", LATER)
        assert acts(session) == ["hold_placed", "hold_released", "deletion_proposed"]


def test_what_is_drawn_is_held_by_its_ticket_until_it_is_done(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call = hq.recorded(town)
        ticket = ticket_of(session, call, OLD)
        assert propose_due(session, LATER) == []
        with pytest.raises(Refused, match="recording_drawn"):
            propose_for_request(session, town.actor("head"), "request:x", [call], LATER)
        leader = town.actor("leader"), town.scope("leader")
        take_ticket(session, *leader, ticket.id, LATER)
        assert propose_due(session, LATER) == []
        finish_ticket(session, *leader, ticket.id, LATER)
        assert len(propose_due(session, LATER)) == 1


def test_a_hold_whose_last_day_is_over_holds_no_more(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call, actor = hq.recorded(town), town.actor("watcher")
        until = LATER.date() + timedelta(days=5)
        hold = {"reason": HoldReason.OTHER, "note": "x"}
        with pytest.raises(InvalidInput, match="until"):
            place_hold(session, actor, EVERYTHING, call.id, until=OLD.date(), at=LATER, **hold)  # type: ignore[arg-type]
        place_hold(session, actor, EVERYTHING, call.id, until=until, at=LATER, **hold)  # type: ignore[arg-type]
        assert propose_due(session, LATER + timedelta(days=5)) == []
        assert len(propose_due(session, LATER + timedelta(days=6))) == 1


def test_a_hold_takes_its_recording_out_of_a_deletion_that_waits(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call, other = hq.recorded(town), hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        place_hold(session, town.actor("head"), EVERYTHING, call.id, reason=HoldReason.CASE, note="案例", at=LATER)
        states = {item.call_id: item.state for item in session.scalars(select(DeletionItem))}
        assert states == {call.id: ItemState.SPARED, other.id: ItemState.WAITING}
        assert [item.call_id for item in queries.waiting(session, deletion.id)] == [other.id]


def test_nobody_agrees_twice_and_two_supervisors_need_the_head(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        agree(session, town.actor("watcher"), deletion.id, version=deletion.version)
        with pytest.raises(Refused, match="deletion_agreed_already"):
            agree(session, town.actor("watcher"), deletion.id, version=deletion.version)
        with pytest.raises(Refused, match="deletion_needs_head"):
            agree(session, town.actor("watcher2"), deletion.id, version=deletion.version)
        assert [deletion.state] == [DeletionState.AGREED_ONCE]
        agree(session, town.actor("head"), deletion.id, version=deletion.version)
        assert deletion.state is DeletionState.AGREED
        with pytest.raises(Refused, match="deletion_not_open"):
            decline(session, town.actor("head"), deletion.id, "zu spät", version=deletion.version)


@pytest.mark.parametrize("seat", [1, 2, 3])
def test_the_database_itself_gives_nobody_two_seats_and_nobody_a_third(hq: Archive, seat: int) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        agree(session, town.actor("head"), deletion.id, version=deletion.version)
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


def test_who_agrees_to_what_has_changed_since_he_looked_is_told(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        looked_at = deletion.version
        agree(session, town.actor("watcher"), deletion.id, version=looked_at)
        with pytest.raises(Conflict):
            agree(session, town.actor("head"), deletion.id, version=looked_at)


def test_what_was_declined_stays_and_rests_for_thirty_days(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        hq.recorded(town)
        (deletion,) = propose_due(session, LATER)
        with pytest.raises(InvalidInput):
            decline(session, town.actor("watcher"), deletion.id, " ", version=deletion.version, at=LATER)
        decline(session, town.actor("watcher"), deletion.id, "仍需查证", version=deletion.version, at=LATER)
        assert queries.waiting(session, deletion.id) == []
        assert propose_due(session, LATER + timedelta(days=29)) == []
        assert len(propose_due(session, LATER + timedelta(days=31))) == 1


def test_a_request_is_proposed_before_its_time_but_not_under_hold_nor_twice(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        young, held = hq.recorded(town, LATER - timedelta(days=9)), hq.recorded(town, LATER - timedelta(days=8))
        head = town.actor("head")
        place_hold(session, head, EVERYTHING, held.id, reason=HoldReason.COMPLAINT, note="投诉", at=LATER)
        with pytest.raises(Refused, match="recording_held"):
            propose_for_request(session, head, "request:1", [young, held], LATER)
    with hq.database.transaction() as session:
        propose_for_request(session, head, "request:1", [young], LATER)
        with pytest.raises(Refused, match="recording_in_deletion"):
            propose_for_request(session, head, "request:2", [young], LATER)


def test_the_time_is_a_version_with_a_reason_within_bounds(hq: Archive) -> None:
    with hq.database.transaction() as session:
        head = hq.people(session).actor("head")
        assert term_in_force(session) == 730
        for days in (364, 3651):
            with pytest.raises(InvalidInput):
                set_term(session, head, days, "x", known_n=0)
        with pytest.raises(InvalidInput):
            set_term(session, head, 800, "", known_n=0)
        set_term(session, head, 800, "市局要求", known_n=0)
        set_term(session, head, 1095, "档案规定", known_n=1)
        assert term_in_force(session) == 1095
        assert [(term.n, term.days) for term in list_terms(session)] == [(2, 1095), (1, 800)]
    with pytest.raises(Conflict), hq.database.transaction() as session:
        set_term(session, head, 900, "late", known_n=1)


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
