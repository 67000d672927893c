"""What breaks is set aside, named and passed; it is tried again, and is over once it goes well."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from supervision.clock import now
from supervision.database import Database
from supervision.incidents import set_aside as set_aside_module
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.set_aside import LONGEST_REST, Item, each, rest_after, set_aside


class Hands:
    """Works on items of two offices, of which one is broken."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.at = now()
        self.broken, self.left = {"a"}, set[str]()
        self.done: list[str] = []

    def clock(self) -> datetime:
        return self.at

    def work(self) -> list[str]:
        """Once through all items; what was tried."""
        self.done.clear()
        items = [(Item("01", "try", "a"), "a"), (Item("02", "try", "b"), "b")]
        each(self.store, self.clock, "try", [one for one in items if one[1] not in self.left], self.act)
        return list(self.done)

    def act(self, name: str) -> None:
        self.done.append(name)
        if name in self.broken:
            raise ArithmeticError(f"\0{name}\ud800")

    def named(self) -> list[tuple[str, str, int, bool]]:
        with self.store.reading() as session:
            rows = session.scalars(select(Incident).where(Incident.cause == Cause.WORK_SET_ASIDE)).all()
            return sorted((one.office_code, one.subject, one.times, one.healed_at is not None) for one in rows)


def test_a_broken_item_is_named_and_passed_and_rests_longer_each_time(store: Database) -> None:
    hands = Hands(store)
    assert hands.work() == ["a", "b"]
    assert hands.named() == [("01", "try: a", 1, False)]
    assert hands.work() == ["b"], "it rests"
    hands.at += timedelta(minutes=1)
    assert hands.work() == ["a", "b"]
    hands.at += timedelta(minutes=1)
    assert hands.work() == ["b"], "for two minutes now"
    hands.at += timedelta(minutes=1)
    hands.broken.clear()
    assert hands.work() == ["a", "b"]
    assert hands.named() == [("01", "try: a", 2, True)]


class Meeting(Hands):
    """Of whose work one item meets another writer, who is long at it."""

    def act(self, name: str) -> None:
        self.done.append(name)
        if name in self.broken:
            with closing(sqlite3.connect(str(self.store.engine.url.database))) as other:
                other.execute("BEGIN IMMEDIATE")
                with self.store.transaction(wait_s=0):
                    raise AssertionError("somebody else writes")


def test_a_database_that_was_busy_is_no_fault_of_the_work(sqlite_url: str) -> None:
    store = Database(sqlite_url)
    hands = Meeting(store)
    assert hands.work() == ["a", "b"]
    assert hands.named() == []
    assert hands.work() == ["a", "b"], "and need not rest"
    store.close()


def test_what_finds_the_database_busy_at_every_look_is_named(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_aside_module, "_busy", Counter())
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    hands = Hands(store)

    def meets_another(times: int) -> list[tuple[str, str, int, bool]]:
        for _ in range(times):
            with store.transaction() as session:
                set_aside(session, Item("01", "try", "a"), OperationalError("", {}, busy), hands.clock())
        return hands.named()

    assert meets_another(4) == []
    hands.broken.clear()
    hands.work()
    assert meets_another(4) == [], "not in a row"
    assert meets_another(1) == [("01", "try: a", 1, False)]
    hands.at += timedelta(minutes=1)
    hands.work()
    assert hands.named() == [("01", "try: a", 1, True)]


def test_the_rest_grows_to_an_hour_and_no_further() -> None:
    assert [rest_after(n) // timedelta(minutes=1) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert rest_after(10**6) == LONGEST_REST


def test_what_was_set_aside_and_is_no_work_any_more_is_over(store: Database) -> None:
    hands = Hands(store)
    hands.work()
    with store.transaction() as session:
        set_aside(session, Item("01", "try harder", "a"), ArithmeticError(), hands.clock())
    hands.left.add("a")
    assert hands.work() == ["b"]
    assert hands.named() == [("01", "try harder: a", 1, False), ("01", "try: a", 1, True)], "another task's is not"


def test_with_nothing_left_to_do_what_was_set_aside_is_over_but_for_offices_of_which_there_is_more(
    store: Database,
) -> None:
    hands = Hands(store)
    hands.broken.add("b")
    hands.work()
    each(store, hands.clock, "try", [], hands.act, cut={"02"})
    assert hands.named() == [("01", "try: a", 1, True), ("02", "try: b", 1, False)]
