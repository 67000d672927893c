"""Headquarters' site over an archive of long ago, and its people signed in."""

from dataclasses import dataclass
from datetime import date

from supervision.actor import Role
from tests.factories import QUICK
from tests.retention.archive import Archive
from tests.web.conftest import Browser, People


@dataclass
class Section:
    """The supervision section before its site."""

    people: People
    archive: Archive

    def browser(self, login: str) -> Browser:
        """A person of the town, signed in."""
        return self.people.admits(self.accounts[login])

    def __post_init__(self) -> None:
        with self.people.database.transaction() as session:
            town = self.archive.people(session)
            town.person("bureau", "吴局长", Role.BUREAU_LEADER)
            town.person("auditor", "郑审计", Role.AUDITOR)
            for person in town.people.values():
                person.password_hash = QUICK
            self.accounts, self.town = dict(town.people), town


DAYS = f"from={date(2026, 1, 1)}&to={date(2026, 1, 31)}"
