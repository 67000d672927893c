"""What was tried with an office's certificate against headquarters and other offices, by what it tells."""

import itertools
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from supervision.actor import Role
from supervision.audit import messages as audit
from supervision.audit import queries, rules
from supervision.audit.models import AuditEntry, OfficeAuditEntry
from supervision.calls import messages as calls
from supervision.calls.models import Call, CallEvent, SwitchRecordRow
from supervision.clock import now
from supervision.database import Database
from supervision.errors import Unavailable
from supervision.exchange.models import Inbox, RefusedFact
from supervision.incidents import messages as incidents
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.ingest import applying, service
from supervision.ingest.messages import parse_batch
from supervision.ingest.service import receive_batch
from supervision.offices import messages as offices
from supervision.offices.messages import MOST_DESKS, MOST_LINES
from supervision.offices.models import Desk, DeskAssignment, Line
from tests.factories import make_account
from tests.ingest.test_any_fact import OFFICE as ONE
from tests.ingest.test_any_fact import a_call

EPOCH = uuid.UUID(int=1)
OFFICE: dict[str, Any] = dict(ONE)
Fact = tuple[str, dict[str, Any]]


def send(store: Database, office: str, *facts: Fact, epoch: uuid.UUID = EPOCH, since: int = 1, **more: Any) -> int:
    """Some facts of an office, as the intake takes them; in one piece, however slow the machine is."""
    numbered = [
        {"n": n, "kind": kind, "at": now().isoformat(), "body": body}
        for n, (kind, body) in enumerate(facts, since)
    ]
    batch = parse_batch(json.dumps({"epoch": str(epoch), "facts": numbered}).encode())
    with store.transaction() as session:
        return receive_batch(session, office, batch, now(), **({"clock_s": lambda: 0.0} | more))


def count(store: Database, *what: Any) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(*what)) or 0


def a_town(store: Database) -> dict[str, Any]:
    """Office 01 with a call, which office 02 comes to know of."""
    call = a_call()
    send(store, "01", ("office", OFFICE), ("call", call))
    return call


def an_incident(call_id: str) -> dict[str, Any]:
    at = now().isoformat()
    fact = {"id": str(uuid.uuid4()), "kind": "gap", "cause": "recording_muted", "subject": call_id}
    return fact | {
        "call_id": call_id,
        "detail": {},
        "first_seen_at": at,
        "last_seen_at": at,
        "times": 1,
        "healed_at": None,
    }


def an_account(call_id: str) -> dict[str, Any]:
    at = now().isoformat()
    fact = {"call_id": call_id, "linkedid": "1", "offered_at": at, "line_answered_at": None, "ended_at": at}
    return fact | {"mixmonitor_started": False, "source": "cel"}


@pytest.mark.parametrize(("kind", "forged"), [("incident", an_incident), ("switch_record", an_account)])
def test_an_office_that_forges_evidence_about_another_offices_call_is_refused(
    store: Database, kind: str, forged: Callable[[str], dict[str, Any]]
) -> None:
    call = a_town(store)
    send(store, "02", (kind, forged(call["id"])), epoch=uuid.UUID(int=2))
    assert count(store, Incident.call_id == uuid.UUID(call["id"])) == 0
    assert count(store, SwitchRecordRow.call_id == uuid.UUID(call["id"])) == 0
    assert count(store, RefusedFact.office_code == "02") == 1
    send(store, "01", (kind, forged(call["id"])), since=3)
    assert count(store, RefusedFact.office_code == "01") == 0, "of one's own call it is taken"


def test_a_batch_that_takes_long_is_taken_in_pieces_and_keeps_no_writer_waiting(store: Database) -> None:
    facts = [("machine", {"n": n}) for n in range(10)]
    ticks = itertools.count()
    slow = lambda: float(next(ticks))  # noqa: E731 - a second each time that it is asked
    held, pieces = 0, 0
    while held < len(facts):
        held, pieces = send(store, "01", *facts, clock_s=slow), pieces + 1
        with store.reading() as session:
            inbox = session.scalars(select(Inbox)).one()
            assert (inbox.n, inbox.taken, inbox.gap_n) == (held, held, None)
    assert 1 < pieces <= 5
    assert count(store, RefusedFact.office_code == "01") == len(facts), "each once"


def test_a_call_reported_with_events_without_end_grows_no_further_and_is_taken_all_the_same(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST_EVENTS_OF_CALL", 5)
    call, at = a_call(), now()
    blank = {"kind": "desk_rang", "channel": "", "desk": None, "party": None, "detail": "", "sequence": 0}
    rings = [blank | {"at": (at - timedelta(seconds=second)).isoformat()} for second in range(12)]
    ringing = call | {"answered_at": None, "answered_desk": None, "disposition": "missed"}
    send(store, "01", ("office", OFFICE), ("call", ringing | {"events": rings[:4]}))
    send(store, "01", ("call", ringing | {"events": rings[:6]}), ("call", call | {"events": rings[5:]}), since=3)
    of_call = CallEvent.call_id == uuid.UUID(call["id"])
    assert count(store, of_call) == 5
    with store.reading() as session:
        assert {row.at for row in session.scalars(select(CallEvent).where(of_call))} == {
            datetime.fromisoformat(str(one["at"])) for one in rings[:5]
        }, "those that came first, however often they come"
        assert session.get_one(Call, uuid.UUID(call["id"])).answered_at is not None
        named = session.scalars(select(Incident).where(Incident.cause == Cause.EVENT_REFUSED)).one()
        assert (named.subject, named.times, named.detail) == (call["id"], 2, {"most_events": 5})
    assert count(store, RefusedFact.office_code == "01") == 0


@pytest.mark.parametrize("key", ["l1\n", "../../etc/l1", "\u202el1", 'l1"; filename="x.exe'])
def test_a_lines_key_that_would_be_in_a_downloads_file_name_is_as_the_description_has_it(
    store: Database, key: str
) -> None:
    send(store, "01", ("office", OFFICE | {"lines": [OFFICE["lines"][0] | {"key": key}]}))
    assert count(store, Line.key == key) == 0
    assert count(store, RefusedFact.office_code == "01") == 1


def test_an_office_that_begins_anew_all_day_is_asked_to_come_again_and_goes_on_under_the_number_it_has(
    store: Database,
) -> None:
    epochs = [uuid.UUID(int=n) for n in range(1, service.MOST_EPOCHS + 2)]
    for epoch in epochs[:-1]:
        send(store, "01", epoch=epoch)
    with pytest.raises(Unavailable):
        send(store, "01", epoch=epochs[-1])
    send(store, "01", epoch=epochs[0])
    send(store, "02", epoch=epochs[-1])
    with store.transaction() as session:
        for inbox in session.scalars(select(Inbox)):
            inbox.heard_at -= timedelta(days=2)
    send(store, "01", epoch=epochs[-1])


def test_nonsense_without_end_buries_no_other_incident(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "MOST_NAMED", 3)
    send(store, "01", *[("nonsense", {}) for _ in range(20)])
    send(store, "02", ("nonsense", {}), epoch=uuid.UUID(int=2))
    with store.reading() as session:
        rows = session.execute(
            select(Incident.office_code, Incident.times)
            .where(Incident.cause == Cause.EVENT_REFUSED)
            .order_by(Incident.office_code, Incident.times)
        ).all()
    assert [tuple(row) for row in rows] == [("01", 1), ("01", 1), ("01", 1), ("01", 17), ("02", 1)]
    assert count(store, RefusedFact.office_code == "01") == 20, "each is kept"


def test_an_office_that_names_anothers_person_again_and_again_fills_no_audit_log(store: Database) -> None:
    with store.transaction() as session:
        make_account(session, Role.SUPERVISION_HEAD, login="head")
    officer = {"login": "head", "name": "孙科长", "role": "officer", "account_id": None, "since_at": None}
    office = OFFICE | {"desks": [OFFICE["desks"][0] | {"officer": officer}]}
    send(store, "01", *[("office", office) for _ in range(5)])
    assert count(store, AuditEntry.act == "seat_refused") == 1


def test_an_office_cannot_fill_headquarters_with_desks_or_lines(store: Database) -> None:
    facts: list[Fact] = [("office", OFFICE), ("office", many_of("a", MOST_DESKS, MOST_LINES))]
    send(store, "01", *facts, ("office", many_of("b", MOST_DESKS, MOST_LINES)))
    assert count(store, Desk.office_code == "01") == MOST_DESKS
    assert count(store, Line.office_code == "01") == MOST_LINES
    assert count(store, RefusedFact.office_code == "01") == 0
    refused: list[Fact] = [
        ("office", many_of("c", MOST_DESKS, MOST_LINES + 1)),
        ("office", many_of("c", MOST_DESKS + 1, 1)),
    ]
    send(store, "01", *refused, since=4)
    assert count(store, RefusedFact.office_code == "01") == 2


def test_an_office_of_which_many_lines_and_desks_are_gone_may_have_new_ones_and_calls_on_them(
    store: Database,
) -> None:
    before, after = a_call(), a_call()
    officer = {"login": "wang", "name": "王", "role": "officer"}
    send(store, "01", ("office", OFFICE), ("call", before), ("office", many_of("a", MOST_DESKS, MOST_LINES)))
    new = many_of("new", 1, 1)
    new["desks"][0]["officer"] = officer
    send(store, "01", ("office", new), ("call", after | {"line_key": "new0"}), since=4)
    assert count(store, RefusedFact.office_code == "01") == 0
    assert count(store, Call.office_code == "01") == 2
    assert count(store, Line.key.in_(["l1", "new0"])) == 2, "on the one that is gone a call rests"
    assert count(store, Desk.extension.in_(["801", "new0"])) == 2, "the one that is gone has answered it"
    assert count(store, DeskAssignment.id.is_not(None)) == 1


def test_an_office_cannot_fill_headquarters_with_people_at_desks(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody sat, the desk stays: past the bound nobody more is put there by the node's word."""
    monkeypatch.setattr(offices, "MOST_DESKS", 5)
    facts: list[Fact] = []
    for name in ("a", "b", "c"):
        office = many_of(name, 3, 1)
        for n, desk in enumerate(office["desks"]):
            desk["officer"] = {"login": f"{name}{n}", "name": "王", "role": "officer"}
        facts.append(("office", office))
    send(store, "01", *facts)
    assert count(store, RefusedFact.office_code == "01") == 0
    assert count(store, Desk.office_code == "01") == 6
    assert count(store, DeskAssignment.id.is_not(None)) == 3


def many_of(name: str, desks: int, lines: int) -> dict[str, Any]:
    """Office 01 with so many desks and lines."""
    desk, line = OFFICE["desks"][0], OFFICE["lines"][0]
    return OFFICE | {
        "desks": [desk | {"extension": f"{name}{n}"} for n in range(desks)],
        "lines": [line | {"key": f"{name}{n}", "number": str(n)} for n in range(lines)],
    }


def an_entry(n: int, previous: str, detail: dict[str, Any]) -> dict[str, Any]:
    content = rules.Content(n, now(), None, "", "signed_in", "account:1", None, detail)
    fact = vars(content) | {"at": content.at.isoformat()}
    return fact | {"previous": previous, "hash": rules.hash_of(content, previous)}


def test_what_an_office_tells_of_an_incident_is_cut_so_that_a_page_can_show_it(
    store: Database,
) -> None:
    call = a_town(store)
    whole, long = ({"reason": "x" * length} for length in (100, incidents.MOST_DETAIL))
    fact = an_incident(call["id"]) | {"subject": "a", "detail": whole}
    more = an_incident(call["id"]) | {"subject": "b", "detail": long}
    send(store, "01", ("incident", fact), ("incident", more), since=3)
    with store.reading() as session:
        details = session.scalars(select(Incident.detail).order_by(Incident.subject)).all()
    assert details == [whole, {"too_long": incidents.MOST_DETAIL + len('{"reason": ""}')}], "both are incidents"
    assert count(store, RefusedFact.office_code == "01") == 0


def test_an_entry_of_an_offices_log_that_no_page_could_show_is_refused_and_named(store: Database) -> None:
    entry = an_entry(1, rules.GENESIS, {"reason": "x" * audit.MOST_DETAIL})
    short = an_entry(1, rules.GENESIS, {"reason": "x" * 1000})
    send(store, "01", ("audit", entry))
    assert count(store, OfficeAuditEntry.node_code == "01") == 0
    assert count(store, RefusedFact.office_code == "01") == 1
    assert count(store, Incident.cause == Cause.EVENT_REFUSED) == 1
    send(store, "01", ("audit", short), since=2)
    assert count(store, OfficeAuditEntry.node_code == "01") == 1


def test_acts_that_an_office_invents_fill_no_list_to_choose_from(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_ACTS", 3, raising=False)
    facts: list[Fact] = []
    for n in range(1, 6):
        previous = facts[-1][1]["hash"] if facts else rules.GENESIS
        facts.append(("audit", an_entry(n, previous, {}) | {"act": f"act{n}"}))
    send(store, "01", *facts)
    with store.reading() as session:
        assert queries.list_acts(session, queries.Chain("01", EPOCH)) == ["act1", "act2", "act3"]
