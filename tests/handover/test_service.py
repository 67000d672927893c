"""Things go from one person to another, and what waits for nobody is an incident until somebody has it."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from supervision.actor import Role, Scope
from supervision.audit.models import AuditEntry
from supervision.complaints.models import Complaint
from supervision.complaints.queries import case_of
from supervision.complaints.service import pass_complaint, take, tie_call
from supervision.early_signs.models import EarlySign
from supervision.early_signs.rules import SignState
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.evaluations.rules import Category
from supervision.handover.models import Handover
from supervision.handover.queries import get_holder, list_handovers, list_held, list_holders, list_in_reach
from supervision.handover.rules import Held, HeldKind, Reason
from supervision.handover.service import Wanted, hand_over, watch_handovers
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.people.sign_ins import actor_of
from supervision.rectification.models import Rectification
from supervision.rectification.queries import to_answer
from supervision.today.queries import list_todos
from tests.complaints.factories import received
from tests.evaluations.factories import Work
from tests.findings.factories import treated
from tests.rectification.factories import ISSUED, answered, issued

AT = ISSUED + timedelta(days=1)


def notice(work: Work, to: str = "zhang") -> Rectification:
    return issued(work, treated(work), login="leader", to=to)


def measure(work: Work, owner: str, office: str = "01") -> EarlySign:
    sign = EarlySign(
        office_code=office,
        category=Category.MANNER,
        week=ISSUED.date(),
        window_calls=20,
        window_found=12,
        before_calls=60,
        before_found=0,
        chance=1e-9,
        state=SignState.MEASURE,
        text="专题培训",
        owner_id=work.town.people[owner].id,
        decided_by=work.town.people["head"].id,
        decided_at=ISSUED,
        due_on=(ISSUED + timedelta(days=9)).date(),
    )
    work.session.add(sign)
    work.session.flush()
    return sign


def passes(work: Work, login: str, whose: str, to: str, *keys: str) -> list[Held]:
    people = work.town.people
    found = keys or tuple(
        one.key for one in list_in_reach(work.session, actor_of(people[login]), people[whose].id)
    )
    wanted = Wanted(frozenset(found), people[to].id, Reason.ILL, "病假两周")
    return hand_over(work.context(login, AT), people[whose].id, wanted)


def open_incidents(work: Work) -> set[tuple[Cause, str, str]]:
    query = select(Incident.cause, Incident.office_code, Incident.subject).where(Incident.healed_at.is_(None))
    query = query.where(Incident.cause.in_((Cause.WAITS_FOR_NOBODY, Cause.POST_EMPTY)))
    return {(row[0], row[1], row[2]) for row in work.session.execute(query)}


def test_a_notice_goes_to_a_colleague_who_answers_it(work: Work) -> None:
    one = notice(work)
    (handed,) = passes(work, "leader", "zhang", "li")
    assert (handed.kind, handed.name) == (HeldKind.NOTICE, one.number)
    assert [found.id for found in to_answer(work.session, actor_of(work.town.people["li"]))] == [one.id]
    assert not to_answer(work.session, actor_of(work.town.people["zhang"]))
    answered(work, one, "li")
    (row,) = work.session.scalars(select(Handover))
    assert (row.giver.name, row.taker.name, row.note) == ("张敏", "李强", "病假两周")
    acts = work.session.scalars(select(AuditEntry.act)).all()
    assert "rectification_passed" in acts


def test_he_hands_over_his_own_and_nobody_else_elses(work: Work) -> None:
    notice(work)
    with pytest.raises(NotFound):
        passes(work, "li", "zhang", "li", "notice:x")
    with pytest.raises(NotFound):
        passes(work, "wu", "zhang", "li", "notice:x")
    assert len(passes(work, "zhang", "zhang", "li")) == 1


def test_it_does_not_go_back_to_who_issued_it_nor_to_another_office(work: Work) -> None:
    one = notice(work)
    for to in ("leader", "wu", "zhang", "supervisor"):
        with pytest.raises(Refused, match="handover_not_for_him"):
            passes(work, "head", "zhang", to)
    assert one.addressee_id == work.town.people["zhang"].id
    assert not work.session.scalars(select(Handover)).all()


def test_what_is_done_meanwhile_is_not_handed_over(work: Work) -> None:
    one = notice(work)
    (item,) = list_held(work.session, Scope(), work.town.people["zhang"].id)
    answered(work, one, "zhang")
    with pytest.raises(Refused, match="handover_gone"):
        passes(work, "leader", "zhang", "li", item.key)


def test_something_must_be_chosen(work: Work) -> None:
    people = work.town.people
    with pytest.raises(InvalidInput):
        hand_over(
            work.context("leader", AT), people["zhang"].id, Wanted(frozenset(), people["li"].id, Reason.LEFT)
        )


def test_a_section_measure_is_no_leaders_to_hand_over(work: Work) -> None:
    measure(work, "supervisor")
    leader, supervisor = work.town.people["leader"], work.town.people["supervisor"]
    assert not list_in_reach(work.session, actor_of(leader))
    with pytest.raises(NotFound):
        get_holder(work.session, actor_of(leader), supervisor.id)
    passes(work, "supervisor", "supervisor", "leader")
    assert [one.holder for one in list_in_reach(work.session, actor_of(leader))] == [leader.id]


def test_a_complaint_goes_into_the_hand_of_another_of_the_section(work: Work) -> None:
    complaint = received(work)
    take(work.context("supervisor", AT), complaint.id, version=complaint.version)
    people = work.town.people
    assert not list_in_reach(work.session, actor_of(people["leader"])), "who complained is the section's to know"
    with pytest.raises(Refused, match="handover_not_for_him"):
        passes(work, "supervisor", "supervisor", "leader")
    passes(work, "head", "supervisor", "supervisor2")
    assert complaint.handler_id == people["supervisor2"].id
    assert people["supervisor2"].id in case_of(work.session, complaint).handled_by, "and does not decide it"


def test_a_leader_does_not_see_what_one_of_his_handed_over_elsewhere(work: Work) -> None:
    complaint = received(work)
    take(work.context("supervisor", AT), complaint.id, version=complaint.version)
    passes(work, "supervisor", "supervisor", "supervisor2")
    people = work.town.people
    moved, notices = people["supervisor"], notice(work)
    passes(work, "leader", "zhang", "li")
    moved.role, moved.office_code = Role.OFFICER, "01"
    work.session.flush()

    def seen(login: str, whose: str) -> list[str]:
        return [one.name for one in list_handovers(work.session, actor_of(people[login]), people[whose].id)]

    assert seen("leader", "supervisor") == []
    assert (seen("leader", "zhang"), seen("wu", "zhang")) == ([notices.number], [])
    assert seen("head", "supervisor") == seen("supervisor2", "supervisor2") == [complaint.number]


def test_what_waits_for_somebody_who_left_is_an_incident_until_another_has_it(work: Work) -> None:
    sign, one = measure(work, "leader"), notice(work)
    people = work.town.people
    watch_handovers(work.session, AT)
    assert not {found for found in open_incidents(work) if found[0] is Cause.WAITS_FOR_NOBODY}
    people["zhang"].active = False
    people["leader"].office_code = "02"
    work.session.flush()
    watch_handovers(work.session, AT)
    watch_handovers(work.session, AT)
    assert open_incidents(work) >= {
        (Cause.WAITS_FOR_NOBODY, "01", f"measure:{sign.id}"),
        (Cause.WAITS_FOR_NOBODY, "01", f"notice:{one.id}"),
    }
    holders = list_holders(work.session, actor_of(people["deputy"]))
    assert {(found.account.login, found.stranded) for found in holders} == {("zhang", 1), ("leader", 1)}
    passes(work, "deputy", "zhang", "li")
    passes(work, "deputy", "leader", "deputy")
    assert not {found for found in open_incidents(work) if found[0] is Cause.WAITS_FOR_NOBODY}


def test_what_comes_back_to_its_person_is_over_by_itself(work: Work) -> None:
    notice(work)
    person = work.town.people["zhang"]
    for active in (False, True):
        person.active = active
        work.session.flush()
        watch_handovers(work.session, AT)
    assert not {found for found in open_incidents(work) if found[0] is Cause.WAITS_FOR_NOBODY}


def test_a_post_that_nobody_holds_is_an_incident(work: Work) -> None:
    people = work.town.people
    watch_handovers(work.session, AT)
    before = open_incidents(work)
    assert (Cause.POST_EMPTY, "01", "post:office_leader") not in before
    assert (Cause.POST_EMPTY, "hq", "post:bureau_leader") in before, "the town has none"
    for login in ("leader", "deputy", "head"):
        people[login].active = False
    work.session.flush()
    watch_handovers(work.session, AT)
    assert {(code, subject) for _, code, subject in open_incidents(work) - before} == {
        ("01", "post:office_leader"),
        ("hq", f"post:{Role.SUPERVISION_HEAD.value}"),
    }


def test_two_who_hand_over_at_once_meet(work: Work) -> None:
    """The second looks at what is there no more."""
    one = notice(work)
    passes(work, "leader", "zhang", "li")
    with pytest.raises((Refused, Conflict)):
        passes(work, "head", "zhang", "deputy", f"notice:{one.id}")


def test_a_complaint_that_somebody_took_over_meanwhile_is_not_handed_over(work: Work) -> None:
    complaint, people = received(work), work.town.people
    take(work.context("supervisor", AT), complaint.id, version=complaint.version)
    (item,) = list_in_reach(work.session, actor_of(people["head"]))
    overtaken = update(Complaint).values(handler_id=people["head"].id, version=Complaint.version + 1)
    work.session.execute(overtaken, execution_options={"synchronize_session": False})
    with pytest.raises(Conflict):
        pass_complaint(work.context("head", AT), item.id, item.holder, people["supervisor2"].id)


def test_the_start_page_asks_no_more_queries_where_much_waits(work: Work) -> None:
    asked: list[str] = []
    session, numbers = work.session, []
    event.listen(session.connection(), "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    for more in (1, 5):
        for _ in range(more):
            one = received(work)
            tie_call(work.context("supervisor", AT), one.id, work.town.call().id, version=one.version)
            take(work.context("supervisor", AT), received(work).id, version=1)
            notice(work)
        found = []
        for login in ("head", "leader"):
            actor = work.town.actor(login)
            session.flush()
            session.expunge_all()
            asked.clear()
            list_todos(session, actor, AT)
            found.append(len(asked))
        numbers.append(found)
    assert numbers[0] == numbers[1]
