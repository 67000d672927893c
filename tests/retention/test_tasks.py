import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.context import Context
from supervision.database import Database
from supervision.errors import Refused
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident
from supervision.parts.errors import AlreadyFinal
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths, PartName
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.recordings.queries import get_sealed
from supervision.recordings.sealing import claim_call
from supervision.retention import deleting
from supervision.retention.deleting import OF_CONTENT, apply_orders, done_unsent, note_gone, note_sent, outstanding
from supervision.retention.messages import Orders
from supervision.retention.models import Deletion, DeletionItem, DeletionOrder
from supervision.retention.putting_away import DOUBTS
from supervision.retention.rules import DeletionState, HoldReason, ItemState
from supervision.retention.service import Holding, place_hold, propose_due
from supervision.retention.tasks import Remover, put_parts_away
from supervision.settings import Mode
from tests.draws.made import ticket_of
from tests.retention.archive import EVERYTHING, LATER, Archive, acts, agreed, order_for, received, work


def states(database: Database) -> list[ItemState]:
    with database.reading() as session:
        return list(session.scalars(select(DeletionItem.state).order_by(DeletionItem.offered_at)))


def test_nothing_is_deleted_before_two_have_agreed(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        call = hq.recorded(town)
        propose_due(session, LATER)
    work(hq)
    assert hq.sealed(call).exists()
    assert hq.raw(call).exists()
    assert states(hq.database) == [ItemState.WAITING]


def test_what_two_agreed_to_is_deleted_everywhere_and_leaves_its_proof(hq: Archive) -> None:
    (call, other), deletion_id = agreed(hq, 2)
    work(hq)
    for one in (call, other):
        assert not hq.sealed(one).exists()
        assert not hq.paths.peaks(one.id, one.offered_at).exists()
        assert not hq.raw(one).exists()
    with hq.database.reading() as session:
        assert session.get_one(Deletion, deletion_id).state is DeletionState.DONE
        item = session.get_one(DeletionItem, (deletion_id, call.id))
        recording = session.get_one(Recording, call.id)
        assert item.state is ItemState.DELETED
        assert item.deleted_at == LATER
        assert (item.pcm_sha256, item.flac_sha256) == (recording.pcm_sha256, recording.flac_sha256)
        assert [part["name"] for part in item.parts] == [f"{call.id}.a1.raw"]
        assert recording.state is RecordingState.DELETED
        assert session.get_one(Part, f"{call.id}.a1.raw").put_away_at == LATER
        assert acts(session)[-2:] == ["recording_deleted", "recording_deleted"]
        with pytest.raises(Refused, match="recording_deleted"):
            get_sealed(session, EVERYTHING, call.id)


def test_a_deleted_recording_can_be_neither_held_nor_sealed_nor_received_again(hq: Archive) -> None:
    (call,), _ = agreed(hq)
    work(hq)
    with hq.database.transaction() as session:
        head = hq.people_of(session)
        with pytest.raises(Refused, match="recording_deleted"):
            place_hold(Context(session, head, EVERYTHING, LATER), call.id, Holding(HoldReason.CASE, "x"))
        with pytest.raises(Refused, match="recording_deleted"):
            claim_call(session, call.id, LATER, 60)
    incoming, name = Incoming(HqPaths(hq.home)), PartName(call.id, "a", 1)
    assert incoming.create(call.office_code, name, None, 10).final
    with pytest.raises(AlreadyFinal), incoming.open(call.office_code, name, 0):
        pass
    assert not hq.raw(call).exists()


def test_a_hold_placed_after_the_agreement_still_saves_the_recording(hq: Archive) -> None:
    (call, other), deletion_id = agreed(hq, 2)
    with hq.database.transaction() as session:
        actor = hq.people_of(session)
        place_hold(Context(session, actor, EVERYTHING, LATER), call.id, Holding(HoldReason.APPEAL, "申诉"))
    work(hq)
    assert hq.sealed(call).exists()
    assert not hq.sealed(other).exists()
    assert states(hq.database) == [ItemState.SPARED, ItemState.DELETED]
    with hq.database.reading() as session:
        assert session.get_one(Deletion, deletion_id).state is DeletionState.DONE
        assert session.get_one(Recording, call.id).state is RecordingState.READY


def test_a_ticket_drawn_after_the_agreement_still_saves_the_recording(hq: Archive) -> None:
    (call,), deletion_id = agreed(hq)
    with hq.database.transaction() as session:
        ticket_of(session, call, LATER)
    work(hq)
    assert hq.sealed(call).exists()
    with hq.database.reading() as session:
        assert session.get_one(DeletionItem, (deletion_id, call.id)).spared_because == "ticket"


@pytest.mark.parametrize("files_gone", [False, True])
def test_a_worker_that_dies_in_between_is_followed_by_one_that_goes_on(hq: Archive, files_gone: bool) -> None:
    (call,), deletion_id = agreed(hq)
    with hq.database.transaction() as session:
        target = deleting.take_out_of_use(session, (deletion_id, call.id), LATER)
    assert target is not None
    if files_gone:
        Remover(hq.worker.settings.home, Mode.HQ).remove_recording(target)
    with pytest.raises(Refused), hq.database.transaction() as session:
        place_hold(
            Context(session, hq.people_of(session), EVERYTHING, LATER), call.id, Holding(HoldReason.CASE, "x")
        )
    work(hq)
    assert not hq.sealed(call).exists()
    assert states(hq.database) == [ItemState.DELETED]


def test_a_recording_that_is_being_sealed_anew_waits_for_that(hq: Archive) -> None:
    (call,), _ = agreed(hq)
    with hq.database.transaction() as session:
        claim_call(session, call.id, LATER, 60)
    work(hq)
    assert hq.sealed(call).exists()
    hq.now += timedelta(seconds=61)
    work(hq)
    assert not hq.sealed(call).exists()


def carried(session: Session, gone: list[uuid.UUID]) -> Orders:
    """What an office asks and is answered, as JSON carries it."""
    note_gone(session, "01", gone, LATER)
    return Orders.model_validate_json(outstanding(session, "01").model_dump_json())


def test_the_office_deletes_its_own_copy_when_it_asks_and_says_so(hq: Archive) -> None:
    (call,), deletion_id = agreed(hq)
    with hq.database.transaction() as session:
        assert carried(session, []).orders == ()  # agreed to, and not yet gone at headquarters
    work(hq)
    with hq.database.transaction() as session:
        (order,) = carried(session, []).orders
        assert order.call_id == call.id
        assert [one.name for one in order.agreed_by] == ["李监察", "孙科长"]
        assert outstanding(session, "02").orders == ()
        assert note_gone(session, "02", [call.id], LATER) == 0
        assert carried(session, [call.id]).orders == ()
        assert session.get_one(DeletionItem, (deletion_id, call.id)).office_deleted_at == LATER


def test_a_node_deletes_what_it_is_ordered_to_and_nothing_else(office: Archive) -> None:
    with office.database.transaction() as session:
        town = office.people(session)
        call, other = office.recorded(town), office.recorded(town)
        assert apply_orders(session, order_for(call.id), LATER) == 1
        assert apply_orders(session, order_for(call.id), LATER) == 0
    work(office)
    assert [office.sealed(one).exists() for one in (call, other)] == [False, True]
    assert [office.raw(one).exists() for one in (call, other)] == [False, True]
    with office.database.transaction() as session:
        assert session.get_one(Recording, call.id).state is RecordingState.DELETED
        assert list(done_unsent(session)) == [call.id]
        note_sent(session, [call.id], LATER)
        assert list(done_unsent(session)) == []
        assert acts(session) == ["recording_deleted"]


def test_a_node_that_was_made_anew_says_of_an_unknown_call_that_nothing_is_left(office: Archive) -> None:
    call_id = uuid.uuid4()
    with office.database.transaction() as session:
        apply_orders(session, order_for(call_id), LATER)
    work(office)
    with office.database.transaction() as session:
        assert list(done_unsent(session)) == [call_id]
        note_sent(session, [call_id], LATER)
        apply_orders(session, order_for(call_id), LATER)  # headquarters did not hear it
        assert list(done_unsent(session)) == [call_id]
        assert session.get_one(DeletionOrder, call_id).done_at == LATER


@pytest.mark.parametrize("mode", list(Mode))
def test_raw_parts_are_put_away_once_both_copies_stand_and_the_time_is_over(hq: Archive, mode: Mode) -> None:
    archive = replace(hq, mode=mode)
    with archive.database.transaction() as session:
        town = archive.people(session)
        call, waiting, young = archive.recorded(town), archive.recorded(town), archive.recorded(town, LATER)
        if mode is Mode.HQ:
            for one in (call, waiting, young):
                received(archive, one)
        session.get_one(Part, f"{waiting.id}.a1.raw").received_at = None
    while put_parts_away(archive.worker):
        pass
    assert [archive.raw(one).exists() for one in (call, waiting, young)] == [False, True, True]
    assert all(archive.sealed(one).exists() for one in (call, waiting, young))
    with archive.database.reading() as session:
        assert session.get_one(Part, f"{call.id}.a1.raw").put_away_at == LATER
        assert session.get_one(Part, f"{waiting.id}.a1.raw").put_away_at is None
        assert session.get_one(Recording, call.id).state is RecordingState.READY


def test_headquarters_keeps_raw_parts_while_the_office_sealed_something_else(hq: Archive) -> None:
    with hq.database.transaction() as session:
        call = hq.recorded(hq.people(session))
        received(hq, call)
        session.get_one(OfficeCopy, call.id).pcm_sha256 = "f" * 64
    assert not put_parts_away(hq.worker)
    assert hq.raw(call).exists()


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("gone", [False, True])
def test_raw_parts_stay_where_the_sealed_file_is_not_what_was_sealed(hq: Archive, mode: Mode, gone: bool) -> None:
    archive = replace(hq, mode=mode)
    with archive.database.transaction() as session:
        town = archive.people(session)
        call, good = archive.recorded(town), archive.recorded(town)
        if mode is Mode.HQ:
            received(archive, call)
            received(archive, good)
    archive.sealed(call).write_bytes(archive.sealed(call).read_bytes()[:-1] + b"?")
    if gone:
        archive.sealed(call).unlink()
    while put_parts_away(archive.worker):
        pass
    assert [archive.raw(one).exists() for one in (call, good)] == [True, False]
    with archive.database.reading() as session:
        assert session.get_one(Part, f"{call.id}.a1.raw").put_away_at is None
        assert session.get_one(Recording, call.id).scrub_due_at == LATER, "the scrub names it at once"


@pytest.mark.parametrize("cause", DOUBTS)
def test_raw_parts_stay_while_a_file_of_their_call_is_in_doubt(hq: Archive, cause: Cause) -> None:
    with hq.database.transaction() as session:
        call = hq.recorded(hq.people(session))
        received(hq, call)
        about: dict[str, Any] = {
            "office_code": call.office_code,
            "cause": cause,
            "subject": f"{call.id}.flac",
            "at": LATER,
        }
        open_incident(session, call_id=call.id, **about)
    assert not put_parts_away(hq.worker)
    assert hq.raw(call).exists()
    with hq.database.transaction() as session:
        assert heal_incident(session, **about)
    assert put_parts_away(hq.worker)
    assert not hq.raw(call).exists()


def test_raw_parts_stay_while_a_worker_is_at_the_recording(hq: Archive) -> None:
    with hq.database.transaction() as session:
        call = hq.recorded(hq.people(session))
        received(hq, call)
        session.get_one(Recording, call.id).claimed_until = LATER + timedelta(minutes=1)
    assert not put_parts_away(hq.worker)
    with hq.database.transaction() as session:
        session.get_one(Recording, call.id).claimed_until = LATER
    assert put_parts_away(hq.worker)
    assert not hq.raw(call).exists()


@pytest.mark.parametrize("cause", OF_CONTENT)
def test_what_was_wrong_with_the_content_is_over_once_it_is_deleted(hq: Archive, cause: Cause) -> None:
    (call,), _ = agreed(hq)
    names = (f"{call.id}.flac", f"{call.id}.a1.raw")
    with hq.database.transaction() as session:
        for name in names:
            about: dict[str, Any] = {"office_code": call.office_code, "cause": cause, "subject": name}
            open_incident(session, call_id=call.id, at=LATER, **about)
    work(hq)
    with hq.database.reading() as session:
        assert [is_open(session, call.office_code, cause, name) for name in names] == [False, False]


@pytest.mark.parametrize("cause", OF_CONTENT)
def test_a_node_too_sees_it_over_once_it_has_deleted(office: Archive, cause: Cause) -> None:
    with office.database.transaction() as session:
        call = office.recorded(office.people(session))
        about: dict[str, Any] = {"office_code": call.office_code, "cause": cause, "subject": f"{call.id}.flac"}
        open_incident(session, call_id=call.id, at=LATER, **about)
        apply_orders(session, order_for(call.id), LATER)
    work(office)
    with office.database.reading() as session:
        assert not is_open(session, call.office_code, cause, f"{call.id}.flac")
