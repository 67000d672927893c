"""The store follows the office description, whatever was changed in it, and writes down that it did."""

from typing import Any

import pytest
import yaml

from supervision.audit.queries import EntryFilter, list_entries
from supervision.database import Database
from supervision.offices.description import parse_description
from supervision.offices.models import Desk, DeskAssignment, Line
from supervision.offices.service import load_office
from supervision.people.models import Account
from tests.pbx.stories import description


def load(store: Database, office: dict[str, Any]) -> None:
    with store.transaction() as session:
        load_office(session, parse_description(yaml.safe_dump(office, allow_unicode=True)))


def lines(store: Database) -> dict[str, tuple[str, bool]]:
    with store.reading() as session:
        return {line.key: (line.number, line.active) for line in session.query(Line)}


def written(store: Database) -> list[str]:
    with store.reading() as session:
        return [entry.act for entry in reversed(list_entries(session, EntryFilter()).rows)]


def test_two_lines_may_swap_their_numbers(store: Database) -> None:
    office = description()
    load(store, office)
    first, second = office["lines"]
    first["number"], second["number"] = second["number"], first["number"]
    load(store, office)
    assert lines(store) == {"07-1": ("88880002", True), "07-2": ("88880001", True)}


def test_a_line_may_get_another_key_with_the_same_number_and_its_old_one_back(store: Database) -> None:
    office = description()
    load(store, office)
    office["lines"][0]["key"] = "07-9"
    load(store, office)
    assert lines(store)["07-1"] == ("88880001", False)
    assert lines(store)["07-9"] == ("88880001", True)
    office["lines"][0]["key"] = "07-1"
    load(store, office)
    assert lines(store)["07-1"] == ("88880001", True)
    assert lines(store)["07-9"] == ("88880001", False)


def test_loading_is_written_down_only_when_it_changes_something(store: Database) -> None:
    office = description()
    load(store, office)
    first = written(store)
    assert sorted(first) == ["account_created"] * 3 + ["desk_assigned"] * 3 + ["office_loaded"]
    load(store, office)
    assert written(store) == first
    office["lines"][1]["name"] = "咨询热线"
    load(store, office)
    with store.reading() as session:
        entry = list_entries(session, EntryFilter()).rows[0]
    assert (entry.act, entry.subject, entry.office_code) == ("office_loaded", "office:07", "07")
    assert entry.detail == {"changed": ["line:07-2"]}


def test_a_desk_that_is_gone_stays_inactive_with_its_assignment(store: Database) -> None:
    office = description()
    load(store, office)
    office["desks"] = [desk for desk in office["desks"] if desk["extension"] != "802"]
    for line in office["lines"]:
        line["desks"] = ["801"]
    load(store, office)
    with store.reading() as session:
        assert {desk.extension for desk in session.query(Desk) if not desk.active} == {"802"}
        assert session.query(DeskAssignment).count() == session.query(Account).count() == 3


@pytest.mark.parametrize("role", ["officer", "office_leader"])
def test_a_desks_officer_is_an_account_that_nobody_can_sign_in_with_yet(store: Database, role: str) -> None:
    office = description()
    office["desks"][0]["officer"]["role"] = role
    load(store, office)
    with store.reading() as session:
        account = session.query(Account).filter_by(login="wang.fang").one()
    assert (account.role, account.office_code, account.password_hash) == (role, "07", None)
