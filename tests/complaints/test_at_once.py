"""Two of the section at the same moment, on PostgreSQL: neither undoes what the other said."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from supervision.complaints import service
from supervision.complaints.queries import find_zero
from supervision.complaints.zero import attest_zero
from supervision.context import Context
from supervision.database import Database
from supervision.discipline.service import propose
from tests.complaints.factories import ENTERED, GIVEN, decided, received
from tests.discipline.factories import proposal
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach, judged
from tests.locks import at_once

pytestmark = pytest.mark.postgres

FEBRUARY = date(2026, 2, 1)


@dataclass
class Section:
    """The people at work, each in a transaction of his own."""

    database: Database
    work: Work

    def context(self, session: Session, login: str) -> Context:
        return replace(self.work.context(login, ENTERED), session=session)


@pytest.fixture
def section(postgres_url: str, tmp_path: Path) -> Iterator[Section]:
    database = Database(postgres_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
    yield Section(database, work)
    database.close()


@pytest.mark.parametrize("attested_first", [True, False])
def test_no_month_is_attested_while_a_complaint_of_it_is_entered(section: Section, attested_first: bool) -> None:
    def attests(session: Session) -> None:
        attest_zero(section.context(session, "head"), FEBRUARY, "各渠道均无")

    def enters(session: Session) -> None:
        given = replace(GIVEN, received_on=FEBRUARY, called_on=None)
        service.register(section.context(session, "supervisor"), given)

    came = at_once(section.database, *((attests, enters) if attested_first else (enters, attests)))
    assert came == (["done", "done"] if attested_first else ["done", "refused"])
    with section.database.reading() as session:
        assert find_zero(session, FEBRUARY) is None


def test_who_disciplines_after_a_complaint_and_who_reopens_it_are_both_answered(section: Section) -> None:
    with section.database.transaction() as session:
        section.work.town.session = session
        one, evaluation = decided(section.work, received(section.work)), judged(section.work, breach())
        found, version = replace(proposal(section.work, evaluation), complaint_id=one.id), one.version

    def proposes(session: Session) -> None:
        propose(section.context(session, "supervisor"), found)

    def reopens(session: Session) -> None:
        service.reopen(section.context(session, "head"), one.id, "有新证据", version=version)

    assert at_once(section.database, proposes, reopens) == ["done", "conflict"]
