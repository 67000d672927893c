"""Headquarters' view over its offices: who speaks, who is silent, and what is still on its way."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from supervision.actor import Scope
from supervision.database import Database
from supervision.exchange.models import Inbox, RefusedFact
from supervision.exchange.rules import is_offline
from supervision.offices.models import Office
from supervision.overview.queries import (
    CodeCursor,
    OfficeFilter,
    count_offices,
    has_any_spoken,
    last_heard,
    list_offices,
)
from supervision.paging import PAGE_SIZE
from supervision.recordings.models import Part, Recording, RecordingState
from tests.calls.samples import NOON, Town, make_town, seconds

ALL = Scope()


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        yield make_town(session)


def speaks(town: Town, office: str, ago_s: float = 0, n: int = 5) -> Inbox:
    inbox = Inbox(office_code=office, epoch=uuid.uuid4(), n=n, taken=n, heard_at=NOON - seconds(ago_s))
    town.session.add(inbox)
    town.session.flush()
    return inbox


def codes(town: Town, wanted: OfficeFilter, scope: Scope = ALL) -> list[str]:
    return [row.code for row in list_offices(town.session, scope, wanted, NOON).rows]


@pytest.mark.parametrize(("ago_s", "silent"), [(0, False), (60, False), (60.1, True), (-5, False)])
def test_an_office_is_silent_after_a_minute_without_a_word(ago_s: float, silent: bool) -> None:
    assert is_offline(NOON - timedelta(seconds=ago_s), NOON) is silent


def test_an_office_that_never_spoke_is_silent() -> None:
    assert is_offline(None, NOON)


def test_nobody_has_spoken_until_the_first_office_does(town: Town) -> None:
    assert not has_any_spoken(town.session)
    speaks(town, "02")
    assert has_any_spoken(town.session)
    assert last_heard(town.session, ALL) == {"02": NOON}
    assert last_heard(town.session, Scope("01")) == {}


def test_the_latest_word_of_a_rebuilt_node_counts_and_the_facts_of_all_its_epochs(town: Town) -> None:
    speaks(town, "01", ago_s=900, n=7)
    speaks(town, "01", ago_s=3, n=2)
    first = list_offices(town.session, ALL, OfficeFilter(), NOON).rows[0]
    assert (first.heard_at, first.offline, first.facts) == (NOON - seconds(3), False, 9)


def test_the_offices_are_found_by_name_code_and_silence(town: Town) -> None:
    speaks(town, "01")
    assert codes(town, OfficeFilter()) == ["01", "02"]
    assert codes(town, OfficeFilter(text="城关")) == ["01"]
    assert codes(town, OfficeFilter(text="2")) == ["02"]
    assert codes(town, OfficeFilter(text="%")) == []
    assert codes(town, OfficeFilter(offline=True)) == ["02"]
    assert codes(town, OfficeFilter(offline=False)) == ["01"]
    assert count_offices(town.session, ALL, NOON) == (2, 1)


def test_a_scope_of_one_office_shows_no_other(town: Town) -> None:
    speaks(town, "01")
    assert codes(town, OfficeFilter(), Scope("02")) == ["02"]
    assert count_offices(town.session, Scope("02"), NOON) == (1, 1)


def test_an_office_whose_description_was_refused_is_seen_by_its_code(town: Town) -> None:
    inbox = speaks(town, "77")
    refused = RefusedFact(office_code="77", epoch=inbox.epoch, n=1, at=NOON, kind="office", body={}, error="no")
    town.session.add(refused)
    town.session.flush()
    row = list_offices(town.session, ALL, OfficeFilter(text="77"), NOON).rows[0]
    assert (row.name, row.refused, list(row.lines)) == ("77", 1, [])


def test_what_is_on_its_way_is_closed_at_the_office_and_not_all_here(town: Town) -> None:
    for closed, received, state in (
        (True, False, RecordingState.GROWING),
        (True, True, RecordingState.READY),
        (False, False, RecordingState.GROWING),
    ):
        call = town.call(ended_at=NOON if closed else None)
        town.session.add(Recording(call_id=call.id, state=state))
        town.session.flush()
        for n in (1, 2):
            town.session.add(
                Part(
                    name=f"{call.id}.a{n}.raw",
                    call_id=call.id,
                    started_at=NOON,
                    closed_at=NOON if closed else None,
                    received_at=NOON if received else None,
                )
            )
    town.session.flush()
    row = list_offices(town.session, Scope("01"), OfficeFilter(), NOON).rows[0]
    assert (row.on_their_way, row.in_progress) == (1, 1)
    assert sorted(line.key for line in row.lines) == ["invoice", "main"]


def test_many_offices_are_turned_page_by_page_forth_and_back(town: Town) -> None:
    more = [f"{n:04}" for n in range(3000, 3000 + PAGE_SIZE)]
    town.session.add_all(Office(code=code, name=code) for code in more)
    town.session.flush()
    first = list_offices(town.session, ALL, OfficeFilter(), NOON)
    assert (len(first.rows), first.before, first.after) == (PAGE_SIZE, None, CodeCursor(first.rows[-1].code))
    second = list_offices(town.session, ALL, OfficeFilter(), NOON, first.after)
    assert ([row.code for row in second.rows], second.after) == (more[-2:], None)
    back = list_offices(town.session, ALL, OfficeFilter(), NOON, second.before)
    assert ([row.code for row in back.rows], back.before) == ([row.code for row in first.rows], None)
