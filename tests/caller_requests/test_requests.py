from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.caller_requests import service
from supervision.caller_requests.models import CallerRequest
from supervision.caller_requests.rules import (
    MOVES,
    Channel,
    IdentityCheck,
    LetterWay,
    RequestKind,
    RequestState,
    is_overdue,
    may_move,
)
from supervision.caller_requests.service import note_overdue
from supervision.clock import day_bounds
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.retention.models import Deletion, Hold
from supervision.retention.rules import DeletionCause, DeletionState
from supervision.retention.service import propose_due
from supervision.workdays import service as workdays
from supervision.workdays.queries import get_calendar, published
from supervision.workdays.rules import SATURDAY, count_after
from tests.calls.samples import Town
from tests.retention.archive import EVERYTHING, LATER, Archive, acts, both_agree

MONDAY = date(2028, 2, 14)
ASKED = service.Asked(
    kind=RequestKind.SEE,
    office_code="01",
    channel=Channel.VISIT,
    caller_name="王五",
    caller_number="13812345678",
    wish="想听一月份的通话录音",
    received_on=MONDAY,
)


@pytest.mark.parametrize(("state", "to"), list(product(RequestState, RequestState)))
def test_a_request_moves_only_as_the_table_says(state: RequestState, to: RequestState) -> None:
    allowed = {
        ("registered", "identified"),
        ("registered", "refused"),
        ("registered", "withdrawn"),
        ("identified", "granted"),
        ("identified", "refused"),
        ("identified", "withdrawn"),
        ("granted", "done"),
    }
    assert may_move(state, to) is ((state.value, to.value) in allowed)
    assert MOVES.keys() == set(RequestState)


def test_on_its_last_day_a_request_is_not_overdue_and_an_answered_one_never_is() -> None:
    assert not is_overdue(RequestState.REGISTERED, MONDAY, MONDAY)
    assert is_overdue(RequestState.GRANTED, MONDAY, MONDAY + timedelta(days=1))
    assert not is_overdue(RequestState.REFUSED, MONDAY, MONDAY + timedelta(days=99))


def entered(town: Town, asked: service.Asked = ASKED) -> CallerRequest:
    return service.register(Context(town.session, town.actor("watcher"), Scope(), LATER), asked)


def identified(town: Town, request: CallerRequest) -> None:
    service.identify(
        Context(town.session, town.actor("watcher"), Scope(), LATER),
        request.id,
        IdentityCheck.ID_CARD,
        "身份证核验",
        version=request.version,
    )


def tied(hq: Archive, town: Town, request: CallerRequest, age_days: int = 30) -> Hold:
    call = hq.recorded(town, LATER - timedelta(days=age_days))
    service.tie_call(
        Context(town.session, town.actor("watcher"), EVERYTHING), request.id, call.id, version=request.version
    )
    return town.session.scalars(select(Hold).where(Hold.call_id == call.id)).one()


def test_a_request_has_its_number_and_fifteen_working_days(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        first, second = entered(town), entered(town)
        assert [first.number, second.number] == ["2028-0001", "2028-0002"]
        assert first.due_on == date(2028, 3, 6)
        with pytest.raises(InvalidInput, match="received_on"):
            entered(town, replace(ASKED, received_on=LATER.date() + timedelta(days=2)))
        with pytest.raises(InvalidInput, match="wish"):
            entered(town, replace(ASKED, wish=" "))


def test_a_day_that_reaches_into_an_unknown_year_is_provisional_and_is_counted_again_once_it_is_known(
    hq: Archive,
) -> None:
    year = max(published().years) + 1
    at = datetime(year, 1, 10, tzinfo=UTC)
    with hq.database.transaction() as session:
        town = hq.people(session)
        context = Context(session, town.actor("watcher"), Scope(), at)
        request = service.register(context, replace(ASKED, received_on=date(year - 1, 12, 28)))
        before, newest = request.due_on, sorted({date(year, 1, n) for n in range(4, 9)})
        assert request.provisional
        workdays.enter_days(context, newest[0], newest[-1], worked=False, reason="放假")
        workdays.confirm_year(context, year, "国办发明电 3 号")
        service.recount_due(session, at)
        free = sum(day.weekday() < SATURDAY for day in newest)
        assert (request.due_on, request.provisional) == (
            count_after(get_calendar(session), before, free).day,
            False,
        )
        assert "request_recounted" in acts(session)


def test_the_head_who_decides_on_a_request_makes_it_no_less_overdue_by_entering_days(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request = entered(town)
        head, last = Context(session, town.actor("head"), Scope(), LATER), request.due_on
        workdays.enter_days(head, last - timedelta(days=20), last, worked=False, reason="事后录入")
        service.recount_due(session, day_bounds(last)[1])
        assert request.due_on == last


def test_what_a_request_is_about_is_held_until_it_is_closed(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request = entered(town)
        hold = tied(hq, town, request, age_days=760)
        assert propose_due(session, LATER) == []
        with pytest.raises(Refused, match="request_has_call"):
            service.tie_call(
                Context(session, town.actor("watcher"), EVERYTHING),
                request.id,
                hold.call_id,
                version=request.version,
            )
        identified(town, request)
        head = town.actor("head")
        service.grant(Context(session, head, Scope(), LATER), request.id, "可到科室收听", version=request.version)
        assert hold.released_at is None
        service.close(Context(session, head, Scope(), LATER), request.id, version=request.version)
        assert hold.released_at == LATER
        assert request.closed_at == LATER
        assert len(propose_due(session, LATER)) == 1


def test_nothing_is_granted_before_it_is_known_who_asks_and_about_which_call(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request, head = entered(town), town.actor("head")
        with pytest.raises(Refused, match="request_without_call"):
            service.grant(Context(session, head, Scope()), request.id, "x", version=request.version)
        tied(hq, town, request)
        with pytest.raises(Refused, match="request_not_open"):
            service.grant(Context(session, head, Scope()), request.id, "x", version=request.version)


def test_a_granted_deletion_goes_to_two_people_and_the_request_waits_for_it(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request, head = entered(town, replace(ASKED, kind=RequestKind.DELETE)), town.actor("head")
        hold = tied(hq, town, request)
        identified(town, request)
        service.grant(Context(session, head, Scope(), LATER), request.id, "同意删除", version=request.version)
        assert hold.released_at == LATER
        deletion = session.scalars(select(Deletion)).one()
        assert (deletion.cause, deletion.state) == (DeletionCause.REQUEST, DeletionState.PROPOSED)
        assert deletion.subject == request.subject
        with pytest.raises(Refused, match="request_not_carried_out"):
            service.close(Context(session, head, Scope()), request.id, version=request.version)
        both_agree(session, town.actor("watcher"), head, deletion)
        deletion.state = DeletionState.DONE
        session.flush()
        service.close(Context(session, head, Scope()), request.id, version=request.version)
        assert request.state is RequestState.DONE


def test_a_refusal_has_a_reason_and_ends_the_hold(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request, head = entered(town), town.actor("head")
        hold = tied(hq, town, request)
        with pytest.raises(InvalidInput, match="outcome"):
            service.refuse(Context(session, head, Scope()), request.id, "", version=request.version)
        service.refuse(Context(session, head, Scope(), LATER), request.id, "无法核实身份", version=request.version)
        assert (request.state, hold.released_at) == (RequestState.REFUSED, LATER)
        with pytest.raises(Refused, match="request_not_open"):
            service.withdraw(Context(session, head, Scope()), request.id, "x", version=request.version)


def test_who_changes_a_request_that_has_changed_is_notified(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request = entered(town)
        looked_at = request.version
        service.withdraw(
            Context(session, town.actor("watcher"), Scope(), LATER), request.id, "来电人撤回", version=looked_at
        )
        with pytest.raises(Conflict):
            service.refuse(Context(session, town.actor("head"), Scope()), request.id, "x", version=looked_at)


def sightings(session: Session) -> list[tuple[int, bool]]:
    query = select(Incident).where(Incident.cause == Cause.REQUEST_OVERDUE)
    return [(one.times, one.healed_at is None) for one in session.scalars(query)]


def test_an_overdue_request_is_noted_once_a_day_until_it_is_answered(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request = entered(town)
        last = LATER.replace(year=2028, month=3, day=6)
        assert note_overdue(session, last) == 0
        assert note_overdue(session, last + timedelta(days=1)) == 1
        assert note_overdue(session, last + timedelta(days=1, hours=2)) == 0
        assert note_overdue(session, last + timedelta(days=2)) == 1
        assert sightings(session) == [(2, True)]
        service.withdraw(
            Context(session, town.actor("watcher"), Scope()), request.id, "撤回", version=request.version
        )
        assert sightings(session) == [(2, False)]


def test_letters_and_every_step_are_kept_and_audited(hq: Archive) -> None:
    with hq.database.transaction() as session:
        town = hq.people(session)
        request, watcher = entered(town), town.actor("watcher")
        identified(town, request)
        context = Context(session, watcher, Scope())
        letter = service.Written(LetterWay.SENT, "您的申请已受理。", "监函〔2028〕3号", MONDAY)
        service.add_letter(context, request.id, letter)
        assert service.reveal_number(context, request.id) == "13812345678"
        session.expire(request, ["letters"])
        assert [one.reference for one in request.letters] == ["监函〔2028〕3号"]
        assert acts(session) == [
            "request_registered",
            "request_identified",
            "request_letter_added",
            "number_unmasked",
        ]
