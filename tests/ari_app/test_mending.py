"""A call that cannot be mended: when it is named, when that is taken back, and that it holds up no other."""

import asyncio
import sqlite3
import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from ari_app import recovery
from ari_app.cel import LoggedCall
from ari_app.store_writer import CallFacts
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Witness
from supervision.calls.service import Offered
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from tests.ari_app.test_recovery import CALL, FRAGMENT, OFFERED, START, WHOLE, Cel, Node, given_up

OTHER = Offered(uuid.UUID("7c1d6a52-3d1c-4d7e-9d0b-b7b2f6a1c0de"), "07-1", "c.9", START, "139")


@pytest.fixture
def office(store: Database, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Nobody waits for the first second, and what fails a second time is named."""
    monkeypatch.setattr(recovery, "SETTLED_S", 0.0)
    monkeypatch.setattr(recovery, "NAMED_AFTER_S", 0.0)
    return Node(store)


class Garbled(Cel):
    """CEL of two calls, of which one has a row that nobody understands."""

    def calls(self) -> dict[uuid.UUID, Any]:
        return {one.call_id: one.uniqueid for one in (OFFERED, OTHER)}

    def last_row(self, linkedid: str) -> int:
        return 4

    def find_call(self, key: object) -> LoggedCall | None:
        if key == OFFERED.uniqueid:
            raise ValueError("no such time")
        return replace(WHOLE, offered=OTHER)


@pytest.mark.parametrize("ended_for_us", [False, True], ids=["open", "given up"])
def test_a_call_that_cannot_be_mended_is_named_and_holds_up_no_other(
    office: Node, monkeypatch: pytest.MonkeyPatch, *, ended_for_us: bool
) -> None:
    handed_over: list[uuid.UUID] = []
    for offered in (OFFERED, OTHER):
        asyncio.run(office.writer.note([CallFacts(offered, (FRAGMENT,))]))
        if ended_for_us:
            asyncio.run(office.writer.interrupt(offered.call_id, None))
    monkeypatch.setattr(office.recovery, "cel", Garbled())
    monkeypatch.setattr(office.recovery, "finish", handed_over.append)
    office.sweep(3)
    with office.store.reading() as session:
        other = session.get_one(Call, OTHER.call_id)
        assert (other.disposition, other.witness, other.interrupted) == (
            Disposition.ANSWERED,
            Witness.CEL,
            False,
        )
        (named,) = session.scalars(select(Incident)).all()
        assert (named.cause, named.call_id, named.times) == (Cause.EVENT_REFUSED, CALL, 1)
        assert named.detail == {"error": "ValueError: no such time"}
    assert OTHER.call_id in handed_over
    assert (CALL in handed_over) is ended_for_us


class Locked(Cel):
    """CEL that is locked for so many reads."""

    locked = 0

    def find_call(self, key: object) -> LoggedCall | None:
        self.locked -= 1
        if self.locked >= 0:
            raise sqlite3.OperationalError("database is locked")
        return super().find_call(key)


@pytest.fixture
def locked(office: Node, monkeypatch: pytest.MonkeyPatch) -> Locked:
    """The office's log, which tells the whole call."""
    cel = Locked(WHOLE)
    monkeypatch.setattr(office.recovery, "cel", cel)
    return cel


@pytest.mark.parametrize("ended_for_us", [False, True], ids=["open", "given up"])
def test_an_error_that_passes_is_no_incident(
    office: Node, locked: Locked, monkeypatch: pytest.MonkeyPatch, *, ended_for_us: bool
) -> None:
    monkeypatch.setattr(recovery, "NAMED_AFTER_S", 30.0)
    locked.logged = None
    given_up(office) if ended_for_us else office.note(FRAGMENT)
    locked.logged, locked.locked = WHOLE, 2
    office.sweep(2)
    assert office.sweep().disposition is Disposition.ANSWERED
    assert office.incidents() == []


@pytest.mark.parametrize("ended_for_us", [False, True], ids=["open", "given up"])
def test_a_call_that_was_named_and_is_mended_after_all_needs_nobody(
    office: Node, locked: Locked, monkeypatch: pytest.MonkeyPatch, *, ended_for_us: bool
) -> None:
    locked.logged = None
    given_up(office) if ended_for_us else office.note(FRAGMENT)
    locked.logged, locked.locked = WHOLE, 3
    office.sweep(3)
    assert office.incidents() == [(Cause.EVENT_REFUSED, False)]
    if not ended_for_us:
        with monkeypatch.context() as patched:
            patched.setattr(recovery, "SETTLED_S", 3600.0)
            office.sweep(2)
        assert office.incidents() == [(Cause.EVENT_REFUSED, False)], "a turn that was not its own mends nothing"
    office.sweep(2)
    assert office.incidents() == [(Cause.EVENT_REFUSED, True)]
    assert office.recovery._failed == {}


def test_what_the_book_refused_of_a_call_stays_when_it_is_mended(office: Node, locked: Locked) -> None:
    office.note(FRAGMENT)
    asyncio.run(office.writer.incident(Cause.EVENT_REFUSED, str(CALL)))
    locked.locked = 2
    office.sweep(4)
    assert sorted(office.incidents()) == [(Cause.EVENT_REFUSED, False), (Cause.EVENT_REFUSED, True)]
