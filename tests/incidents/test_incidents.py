"""Incidents: looked at within a scope, filtered, paged, and acknowledged once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, NotFound
from supervision.incidents.models import Incident
from supervision.incidents.queries import (
    IncidentFilter,
    count_open,
    get_incident,
    incidents_of_call,
    list_incidents,
    names_of_seers,
)
from supervision.incidents.rules import Cause, IncidentKind
from supervision.incidents.service import (
    acknowledge,
    heal_incident,
    is_settled,
    open_incident,
)
from tests.calls.samples import NOON, Town, make_town, seconds


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        yield make_town(session)


def happens(town: Town, cause: Cause = Cause.NO_BYTES, **facts: Any) -> Incident:
    whole = {"office_code": "01", "subject": "asterisk", "at": NOON, **facts}
    return open_incident(town.session, cause=cause, **whole)


def found(town: Town, login: str = "leader", **wanted: Any) -> list[Incident]:
    return list(list_incidents(town.session, town.scope(login), IncidentFilter(**wanted)).rows)


def test_an_office_sees_its_own_incidents_only(town: Town) -> None:
    here, there = happens(town), happens(town, office_code="02", at=NOON - seconds(1))
    assert found(town) == [here]
    assert found(town, "supervisor") == [here, there]
    assert (count_open(town.session, town.scope("leader")), count_open(town.session, town.scope("machines"))) == (
        1,
        2,
    )
    with pytest.raises(NotFound):
        get_incident(town.session, town.scope("leader"), there.id)


def test_filters_by_kind_cause_state_and_day(town: Town) -> None:
    gap, fault = happens(town), happens(town, Cause.CONTROL_LOST, at=NOON - timedelta(days=1))
    fault.healed_at = NOON
    town.session.flush()
    assert found(town, kind=IncidentKind.GAP) == [gap]
    assert found(town, cause=Cause.CONTROL_LOST) == [fault]
    assert found(town, healed=False) == [gap]
    assert found(town, healed=True) == [fault]
    assert found(town, from_day=date(2026, 3, 10)) == [gap]
    assert found(town, to_day=date(2026, 3, 9)) == [fault]


def test_pages_lead_through_all_incidents(town: Town) -> None:
    for n in range(5):
        happens(town, subject=str(n), at=NOON - seconds(n))
    scope = town.scope("leader")
    first = list_incidents(town.session, scope, IncidentFilter(), limit=3)
    second = list_incidents(town.session, scope, IncidentFilter(), first.older, limit=3)
    assert [row.subject for row in (*first.rows, *second.rows)] == list("01234")
    assert second.older is None


def test_a_call_shows_its_own_incidents(town: Town) -> None:
    call = town.call()
    about = happens(town, call_id=call.id, subject=str(call.id))
    happens(town)
    assert list(incidents_of_call(town.session, town.scope("leader"), call.id)) == [about]


def test_acknowledging_is_written_down_with_its_note(town: Town) -> None:
    incident = happens(town)
    actor, scope = town.actor("leader"), town.scope("leader")
    acknowledge(Context(town.session, actor, scope, NOON), incident.id, note=" 已查 ", version=incident.version)
    assert (incident.note, incident.seen_by) == ("已查", actor.account_id)
    assert names_of_seers(town.session, [incident]) == {actor.account_id: "陈所长"}
    entry = town.session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.detail["note"]) == ("incident_acknowledged", "已查")


def test_who_looked_at_an_older_version_is_notified_of_the_conflict(town: Town) -> None:
    incident = happens(town)
    seen = incident.version
    actor, scope = town.actor("leader"), town.scope("leader")
    acknowledge(Context(town.session, actor, scope), incident.id, note="first", version=seen)
    with pytest.raises(Conflict):
        acknowledge(Context(town.session, actor, scope), incident.id, note="", version=seen)


@pytest.mark.parametrize("healed", [False, True])
def test_what_machines_see_meanwhile_never_stands_against_a_note(town: Town, healed: bool) -> None:
    incident = happens(town, Cause.CONTROL_LOST)
    seen = incident.version
    assert happens(town, Cause.CONTROL_LOST, at=NOON + seconds(60)) is incident
    assert (incident.times, incident.last_seen_at) == (2, NOON + seconds(60))
    if healed:
        subject: dict[str, Any] = {"office_code": "01", "cause": Cause.CONTROL_LOST, "subject": "asterisk"}
        assert heal_incident(town.session, **subject, at=NOON + seconds(90))
    actor, scope = town.actor("leader"), town.scope("leader")
    acknowledge(Context(town.session, actor, scope), incident.id, note="已查", version=seen)
    assert (incident.times, incident.note) == (2, "已查")
    assert incident.healed_at == (NOON + seconds(90) if healed else None)


@pytest.mark.parametrize("cause", list(Cause))
def test_acknowledging_closes_what_can_never_heal_and_nothing_else(town: Town, cause: Cause) -> None:
    incident, actor, scope = happens(town, cause), town.actor("leader"), town.scope("leader")
    acknowledge(Context(town.session, actor, scope, NOON), incident.id, note="", version=incident.version)
    assert is_settled(incident) is (not cause.is_state)
    assert count_open(town.session, scope) == (1 if cause.is_state else 0)
    again = happens(town, cause, at=NOON + seconds(60))
    assert (again is incident) is (cause.is_state)


def test_correcting_a_note_keeps_the_moment_of_settling(town: Town) -> None:
    incident, actor, scope = happens(town), town.actor("leader"), town.scope("leader")
    for n in range(2):
        at = NOON + seconds(n)
        acknowledge(Context(town.session, actor, scope, at), incident.id, note=str(n), version=incident.version)
    assert (incident.healed_at, incident.note) == (NOON, "1")


def test_line_ends_count_once_as_in_the_browser(town: Town) -> None:
    incident, actor, scope = happens(town), town.actor("leader"), town.scope("leader")
    note = "长" * 499 + "\r\n" + "长" * 500
    acknowledge(Context(town.session, actor, scope), incident.id, note=note, version=incident.version)
    assert len(incident.note) == 1000


def test_an_endless_note_is_refused(town: Town) -> None:
    incident = happens(town)
    actor, scope = town.actor("leader"), town.scope("leader")
    with pytest.raises(InvalidInput):
        acknowledge(Context(town.session, actor, scope), incident.id, note="长" * 1001, version=incident.version)
