"""An office with rosters: people, a leader's desk, two lines, working hours; on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from supervision.actor import Role
from supervision.context import Context
from supervision.database import Database
from supervision.offices.models import Desk
from supervision.rosters.arrangements import set_hours
from supervision.rosters.queries import Looked, get_week, moment
from supervision.rosters.rules import Post, Shift
from supervision.rosters.service import put_in_force, set_shift
from tests.calls.samples import Town, make_town
from tests.rosters.test_rules import AFTERNOON, MONDAY, MORNING


@dataclass
class RosteredOffice:
    """Office 01, whose leader writes rosters; times are the bureau's wall clock."""

    town: Town
    session: Session

    def context(self, at: str, day: date = MONDAY, login: str = "leader") -> Context:
        """A person acting at a time of a day."""
        shown = datetime.fromisoformat(f"{day.isoformat()}T{at}")
        return Context(self.session, self.town.actor(login), self.town.scope(login), moment(shown))

    @property
    def looked(self) -> Looked:
        """The week as it stands."""
        return get_week(self.session, "01", MONDAY).looked

    def post(self, login: str, desk: str) -> Post:
        """A person at a desk."""
        return Post(self.town.people[login].id, desk)

    def shift(self, line: str, day: date, *, afternoon: bool = False, login: str = "zhang") -> Shift:
        """A shift that is as it should be."""
        desk = {"zhang": "801", "li": "802"}[login]
        span = AFTERNOON if afternoon else MORNING
        return Shift(line, day, span, (self.post(login, desk),), self.post("leader", "800"))

    def write(self, context: Context, *shifts: Shift) -> None:
        """Write shifts into the draft."""
        for one in shifts:
            set_shift(context, "01", self.looked, one)

    def whole(self, *days: date) -> list[Shift]:
        """Every working hour of these days on both lines."""
        return [
            self.shift(line, day, afternoon=afternoon, login=login)
            for day in days
            for line, login in (("main", "zhang"), ("invoice", "li"))
            for afternoon in (False, True)
        ]

    def put(self, context: Context, reason: str = "") -> None:
        """Put the draft in force."""
        put_in_force(context, "01", MONDAY, self.looked, reason)


def make_rostered(session: Session) -> RosteredOffice:
    """The office, flushed into a session; its hours are set."""
    town = make_town(session)
    session.add(Desk(office_code="01", extension="800", name="带班席", leader=True))
    for login, name, role in (("zhang2", "周明", Role.OFFICER), ("deputy", "钱副所长", Role.OFFICE_LEADER)):
        town.person(login, name, role, "01")
    office = RosteredOffice(town, session)
    set_hours(office.context("07:00"), "01", MORNING, AFTERNOON, version=0)
    return office


@pytest.fixture
def office(store: Database) -> Iterator[RosteredOffice]:
    with store.transaction() as session:
        yield make_rostered(session)
