"""Two at the same complaint, or at the same month, at one moment: what one did is what the other meets."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from supervision.complaints import service
from supervision.complaints.models import Complaint
from supervision.complaints.queries import count_received, find_zero, get_complaint
from supervision.complaints.rules import ComplaintState, Proposal, Verdict
from supervision.complaints.zero import attest_zero
from supervision.database import Database
from supervision.discipline import service as discipline
from supervision.discipline.service import rest_on_complaint
from supervision.errors import Conflict
from supervision.handover.rules import HeldKind, Reason
from supervision.handover.service import Wanted, hand_over
from supervision.workdays.rules import next_month
from tests.complaints.factories import ENTERED, GIVEN, decided, received
from tests.discipline.factories import PROPOSED, proposal
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach, judged
from tests.locks import Act, at_once

pytestmark = pytest.mark.postgres

FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def scene(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Database, Work, Complaint]]:
    """A complaint that the supervisor has in hand."""
    database = Database(postgres_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        complaint = received(work)
        service.take(work.context("supervisor", ENTERED), complaint.id, version=complaint.version)
    yield database, work, complaint
    database.close()


def passes(work: Work, complaint: Complaint, login: str, to: str) -> Act:
    people, context = work.town.people, work.context(login, ENTERED)
    wanted = Wanted(frozenset({f"{HeldKind.COMPLAINT}:{complaint.id}"}), people[to].id, Reason.ILL)
    return lambda session: hand_over(replace(context, session=session), people["supervisor"].id, wanted)


@pytest.mark.parametrize("attested_first", [False, True])
def test_a_month_is_not_attested_while_a_complaint_of_it_is_entered(
    scene: tuple[Database, Work, Complaint], attested_first: bool
) -> None:
    database, work, _ = scene
    head, clerk = work.context("head", ENTERED), work.context("supervisor2", ENTERED)

    def attests(session: Session) -> None:
        attest_zero(replace(head, session=session), FEBRUARY, "查过登记簿")

    def enters(session: Session) -> None:
        service.register(replace(clerk, session=session), replace(GIVEN, received_on=date(2026, 2, 10)))

    acts = [attests, enters] if attested_first else [enters, attests]
    assert at_once(database, *acts) == ["done", "done" if attested_first else "refused"]
    with database.reading() as session:
        assert count_received(session, FEBRUARY, next_month(FEBRUARY)) == 1
        assert find_zero(session, FEBRUARY) is None


def test_of_two_who_hand_the_same_complaint_over_one_does(scene: tuple[Database, Work, Complaint]) -> None:
    database, work, complaint = scene
    acts = [passes(work, complaint, "supervisor", "supervisor2"), passes(work, complaint, "head", "head")]
    assert at_once(database, *acts) == ["done", "refused"]
    with database.reading() as session:
        assert session.get_one(Complaint, complaint.id).handler_id == work.town.people["supervisor2"].id


def test_what_was_proposed_meanwhile_is_handed_over_no_more(scene: tuple[Database, Work, Complaint]) -> None:
    database, work, complaint = scene
    own, version = work.context("supervisor", ENTERED), complaint.version

    def proposes(session: Session) -> None:
        given = Proposal(Verdict.UPHELD, "听录音属实", work.town.people["zhang"].id)
        service.propose(replace(own, session=session), complaint.id, given, version=version)

    assert at_once(database, proposes, passes(work, complaint, "head", "supervisor2")) == ["done", "refused"]
    with database.reading() as session:
        found = session.get_one(Complaint, complaint.id)
        assert (found.state, found.handler_id) == (ComplaintState.PROPOSED, work.town.people["supervisor"].id)


def test_of_two_records_that_are_linked_to_a_complaint_at_once_one_is(
    scene: tuple[Database, Work, Complaint],
) -> None:
    database, work, _ = scene
    with database.transaction() as session:
        work.town.session = session
        evaluation, upheld = judged(work, breach()), decided(work, received(work))
        context = work.context("supervisor", PROPOSED)
        records = [discipline.propose(context, proposal(work, evaluation, kind=kind)).id for kind in (1, 2)]

    def links(record_id: uuid.UUID) -> Act:
        return lambda session: rest_on_complaint(replace(context, session=session), record_id, upheld.id)

    assert at_once(database, *map(links, records)) == ["done", "refused"]
    with database.reading() as session:
        assert session.get_one(Complaint, upheld.id).discipline_id == records[0]


def test_who_looked_before_another_changed_it_meets_a_conflict(scene: tuple[Database, Work, Complaint]) -> None:
    database, work, complaint = scene
    own, version = work.context("supervisor", ENTERED), complaint.version
    with database.transaction() as session:
        seen = get_complaint(session, complaint.id)
        with database.transaction() as other:
            service.withdraw(replace(own, session=other), complaint.id, "撤回", version=version)
        with pytest.raises(Conflict):
            get_complaint(session, complaint.id, lock=True)
        assert seen.version == version


def test_who_disciplines_after_a_complaint_and_who_reopens_it_are_both_answered(
    scene: tuple[Database, Work, Complaint],
) -> None:
    database, work, _ = scene
    with database.transaction() as session:
        work.town.session = session
        one, evaluation = decided(work, received(work)), judged(work, breach())
        found, version = replace(proposal(work, evaluation), complaint_id=one.id), one.version
        supervisor, head = work.context("supervisor", ENTERED), work.context("head", ENTERED)

    def proposes(session: Session) -> None:
        discipline.propose(replace(supervisor, session=session), found)

    def reopens(session: Session) -> None:
        service.reopen(replace(head, session=session), one.id, "有新证据", version=version)

    assert at_once(database, proposes, reopens) == ["done", "conflict"]
