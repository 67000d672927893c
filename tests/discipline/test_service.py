"""A record is proposed on judgements, decided by another, told, confirmed; what is refused, and who sees it."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from supervision.audit.models import AuditEntry
from supervision.discipline import service
from supervision.discipline.models import Record
from supervision.discipline.notices import mark_read, tell_of_judgements
from supervision.discipline.points import record_counts
from supervision.discipline.queries import (
    NoticeFilter,
    RecordFilter,
    count_unread,
    get_record,
    list_notices,
    list_records,
    offered_grounds,
    records_of_call,
    to_confirm,
    to_decide,
)
from supervision.discipline.rules import RecordState
from supervision.discipline.service import Proposed
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.service import amend, content_of
from supervision.offices.models import DeskAssignment
from supervision.offices.seating import Seat, seat
from supervision.paging import PAGE_SIZE
from supervision.recordings.models import Recording
from supervision.regulation.rules import Side
from supervision.retention.models import Hold
from tests.discipline.factories import DECIDED, PROPOSED, WHY, decided, judged_at_hq, notified, proposal, proposed
from tests.evaluations.factories import ALWAYS, Work
from tests.findings.factories import breach, judged


def seen_by(work: Work, login: str) -> list[Record]:
    return list(list_records(work.session, work.town.actor(login), RecordFilter()).rows)


def counting(work: Work) -> list[Record]:
    return list(work.session.scalars(select(Record).where(record_counts())))


def holds(work: Work, subject: str) -> list[bool]:
    return [one.released_at is None for one in work.session.scalars(select(Hold).where(Hold.subject == subject))]


def test_the_same_is_not_proposed_twice_while_the_first_stands(work: Work) -> None:
    evaluation = judged(work, breach())
    first = proposed(work, evaluation)
    with pytest.raises(Refused, match="discipline_proposed_already"), work.session.begin_nested():
        proposed(work, evaluation)
    proposed(work, evaluation, judged_at_hq(work))
    service.withdraw(work.context("supervisor", PROPOSED), first.id, "重提", version=first.version)
    decided(work, proposed(work, evaluation))
    with pytest.raises(Refused, match="discipline_proposed_already"), work.session.begin_nested():
        proposed(work, evaluation)


def test_nothing_is_decided_on_a_judgement_that_was_amended_since(work: Work) -> None:
    evaluation = judged(work, breach())
    found = proposed(work, evaluation)
    content = content_of(evaluation.judgements[-1])
    amend(work.context("leader", PROPOSED), evaluation.id, content, reason="听错了", n=1)
    with pytest.raises(Refused, match="discipline_ground_amended"):
        decided(work, found)
    service.decline(work.context("head", DECIDED), found.id, "评价已修改", version=found.version)
    decided(work, proposed(work, evaluation))


def test_a_record_cites_judgement_clause_and_hash_and_holds_the_recording(work: Work) -> None:
    first, second = judged(work, breach()), judged_at_hq(work)
    found = proposed(work, first, second)
    assert (found.number, found.side, found.points, found.office_code) == ("2026-0001", Side.DISCIPLINE, 2, "01")
    assert (found.person.name, found.due_on, found.clause.n) == ("张敏", date(2026, 3, 30), 27)
    recording = work.session.get_one(Recording, first.call_id)
    cited = [(one.judgement.n, one.score, one.pcm_sha256) for one in found.grounds]
    assert cited[0] == (1, first.judgements[0].score, recording.pcm_sha256)
    assert holds(work, found.subject) == [True, True]
    detail = work.session.scalars(select(AuditEntry.detail).where(AuditEntry.act == "record_proposed")).one()
    assert detail["grounds"][0] == [str(first.id), 1, recording.pcm_sha256]
    assert proposed(work, judged(work, breach(2)), side=Side.COMMENDATION).number == "2026-0001"
    assert proposed(work, first).number == "2026-0002"


def test_it_is_decided_by_another_notified_and_confirmed_and_counts_from_the_decision(work: Work) -> None:
    found, session = proposed(work), work.session
    assert [one.id for one in to_decide(session, work.town.actor("head"))] == [found.id]
    assert (seen_by(work, "zhang"), seen_by(work, "leader"), counting(work)) == ([], [], [])
    decided(work, found)
    assert (found.state, found.appeal_until) == (RecordState.NOTIFIED, date(2026, 3, 24))
    assert to_decide(session, work.town.actor("head")) == []
    assert [one.id for one in to_confirm(session, work.town.actor("zhang"))] == [found.id]
    assert counting(work) == [found]
    service.confirm(work.context("zhang", DECIDED), found.id, version=found.version)
    assert (found.state, found.confirmed_at) == (RecordState.CONFIRMED, DECIDED)
    assert to_confirm(session, work.town.actor("zhang")) == []
    acts = session.scalars(
        select(AuditEntry.act).where(AuditEntry.subject == found.subject).order_by(AuditEntry.n)
    )
    assert list(acts) == ["record_proposed", "record_decided", "record_confirmed"]
    assert holds(work, found.subject) == [True]


@pytest.mark.parametrize(
    ("login", "sees"),
    [("zhang", 1), ("li", 0), ("leader", 1), ("leader2", 0), ("supervisor2", 1), ("head", 1), ("chief", 0)],
)
def test_each_sees_his_part_and_the_bureau_leader_only_what_comes_before_him(
    work: Work, login: str, sees: int
) -> None:
    found = decided(work, proposed(work))
    assert len(seen_by(work, login)) == sees
    assert len(records_of_call(work.session, work.town.actor(login), found.grounds[0].call_id)) == sees
    if not sees:
        with pytest.raises(NotFound):
            get_record(work.session, work.town.actor(login), found.id)


def test_a_declined_or_withdrawn_proposal_holds_nothing_and_is_sent_to_nobody(work: Work) -> None:
    declined, withdrawn = proposed(work), proposed(work, judged(work, breach(2)))
    with pytest.raises(InvalidInput):
        service.decline(work.context("head"), declined.id, " ", version=declined.version)
    service.decline(work.context("head", DECIDED), declined.id, "情节轻微", version=declined.version)
    with pytest.raises(Refused, match="discipline_not_yours"):
        service.withdraw(work.context("supervisor2"), withdrawn.id, "x", version=withdrawn.version)
    service.withdraw(work.context("supervisor", DECIDED), withdrawn.id, "事实有误", version=withdrawn.version)
    assert (declined.state, withdrawn.state) == (RecordState.DECLINED, RecordState.WITHDRAWN)
    assert holds(work, declined.subject) + holds(work, withdrawn.subject) == [False, False]
    assert seen_by(work, "zhang") == counting(work) == []
    with pytest.raises(Refused, match="discipline_not_at_this_step"):
        decided(work, declined)


def test_who_proposed_never_decides_also_not_as_head_afterwards(work: Work) -> None:
    found = proposed(work)
    with pytest.raises(Refused, match="discipline_not_yours"):
        decided(work, found, "supervisor2")
    work.town.people["supervisor"].role = work.town.people["head"].role
    with pytest.raises(Refused, match="discipline_proposed_yourself"):
        decided(work, found, "supervisor")


def test_the_second_of_two_is_refused(work: Work) -> None:
    found = proposed(work)
    before = found.version
    decided(work, found)
    with pytest.raises(Conflict):
        service.confirm(work.context("zhang"), found.id, version=before)


def test_a_proposal_is_refused_where_it_does_not_rest_on_what_stands(work: Work) -> None:
    evaluation, other = judged(work, breach()), judged(work, breach(2), answered_desk="802")
    supervisor = work.context("supervisor", PROPOSED)
    good = proposal(work, evaluation)
    with pytest.raises(InvalidInput, match="several_people"):
        service.propose(supervisor, proposal(work, evaluation, other))
    with pytest.raises(InvalidInput, match="missing"):
        service.propose(supervisor, proposal(work))
    for wrong in ("consequence_id", "clause_id"):
        with pytest.raises(InvalidInput, match="missing"):
            service.propose(supervisor, Proposed(**{**vars(good), wrong: uuid.uuid4()}))
    with pytest.raises(NotFound):
        service.propose(supervisor, Proposed(good.consequence_id, good.clause_id, (uuid.uuid4(),), WHY))
    for login in ("head", "leader", "zhang"):
        with pytest.raises(Refused, match="discipline_not_yours"):
            service.propose(work.context(login, PROPOSED), good)
    work.session.get_one(Recording, evaluation.call_id).flac_sha256 = None
    with pytest.raises(Refused, match="discipline_not_sealed"):
        service.propose(supervisor, good)
    nobody = judged(work, breach(3), answered_desk="809")
    with pytest.raises(InvalidInput, match="nobody_known"):
        service.propose(supervisor, proposal(work, nobody))


def test_what_is_to_be_judged_once_more_is_not_offered_and_cannot_be_cited(work: Work) -> None:
    shown = judged(work, breach())
    (ticket,) = work.draw([work.call(20)])
    hidden = work.judges("leader", ticket, ALWAYS, findings=[breach(2)])
    zhang = work.town.people["zhang"].id
    assert [one.id for one in offered_grounds(work.session, zhang, [hidden.id])] == [shown.id]
    with pytest.raises(NotFound):
        proposed(work, hidden)


def test_a_person_is_notified_of_each_version_once_and_says_that_he_has_read_it(work: Work) -> None:
    (evaluation,) = notified(work)
    zhang, session = work.town.actor("zhang"), work.session
    assert not tell_of_judgements(session, PROPOSED)
    (notice,) = list_notices(session, zhang, NoticeFilter()).rows
    assert (notice.appeal_until, count_unread(session, zhang.account_id)) == (date(2026, 3, 23), 1)
    for _ in range(2):
        mark_read(work.context("zhang", DECIDED), evaluation.id)
    read = session.scalars(select(AuditEntry).where(AuditEntry.act == "judgement_read")).all()
    assert (len(read), count_unread(session, zhang.account_id)) == (1, 0)
    content = content_of(evaluation.judgements[-1])
    amend(work.context("leader", DECIDED), evaluation.id, content, reason="补充", n=1)
    tell_of_judgements(session, DECIDED)
    assert [one.judgement.n for one in list_notices(session, zhang, NoticeFilter(unread=True)).rows] == [2]
    amend(work.context("leader", DECIDED), evaluation.id, content, reason="再补", n=2)
    tell_of_judgements(session, DECIDED + timedelta(days=1))
    assert count_unread(session, zhang.account_id) == 1
    with pytest.raises(NotFound):
        mark_read(work.context("li"), evaluation.id)


def test_who_is_known_to_have_answered_only_later_is_notified_then(work: Work) -> None:
    session, zhang = work.session, work.town.people["zhang"].id
    session.execute(delete(DeskAssignment).where(DeskAssignment.account_id == zhang))
    notified(work)
    assert count_unread(session, zhang) == 0
    desk = work.town.desks["01/801"]
    wanted = Seat(zhang, since_at=DECIDED - timedelta(days=30), reason="值班表补登")
    seat(work.context("leader", DECIDED), desk.id, wanted, version=desk.version)
    tell_of_judgements(session, DECIDED)
    (notice,) = list_notices(session, work.town.actor("zhang"), NoticeFilter()).rows
    assert notice.notified_at == DECIDED, "the days for an appeal begin now"


def test_a_long_register_is_read_page_by_page_and_its_filter_goes_with_it(work: Work) -> None:
    first, head = proposed(work), work.town.actor("head")
    columns = {one.name for one in Record.__table__.columns} - {"id", "n"}
    same = {name: getattr(first, name) for name in columns}
    later = [first.proposed_at + timedelta(minutes=n) for n in range(1, PAGE_SIZE + 10)]
    work.session.add_all(Record(**{**same, "n": n, "proposed_at": at}) for n, at in enumerate(later, 2))
    work.session.flush()
    wanted = RecordFilter(state=RecordState.PROPOSED, side=Side.DISCIPLINE)
    page = list_records(work.session, head, wanted)
    rest = list_records(work.session, head, wanted, page.older)
    numbers = [one.n for one in (*page.rows, *rest.rows)]
    assert (len(page.rows), rest.older, numbers) == (PAGE_SIZE, None, list(range(PAGE_SIZE + 10, 0, -1)))
    assert list_records(work.session, head, RecordFilter(state=RecordState.NOTIFIED)).rows == []
