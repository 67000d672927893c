"""Two at one record or appeal at the same moment: one is first, the other is refused."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.context import Context
from supervision.database import Database
from supervision.discipline import appeals, service
from supervision.discipline.models import Appeal, Record
from supervision.discipline.rules import AppealState, RecordState, Remedy
from supervision.errors import NotFound
from tests.discipline.factories import (
    DECIDED,
    OBJECTED,
    WHY,
    appealed_judgement,
    decided,
    notified,
    proposal,
    proposed,
    with_chief,
)
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach, judged
from tests.locks import at_once

pytestmark = pytest.mark.postgres


@pytest.fixture
def scene(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Database, Work]]:
    database = Database(postgres_url)
    with database.transaction() as session:
        work = with_chief(make_work(session, tmp_path))
    yield database, work
    database.close()


def test_each_step_that_two_take_at_once_is_taken_once(scene: tuple[Database, Work]) -> None:
    database, work = scene
    with database.transaction() as session:
        work.town.session = session
        (evaluation,) = notified(work, judged(work, breach()))
        supervisor, head, head2 = (work.context(one, DECIDED) for one in ("supervisor", "head", "head2"))
        zhang, chief, wanted = (
            work.context("zhang", DECIDED),
            work.context("chief", DECIDED),
            proposal(work, evaluation),
        )

    def proposes(session: Session) -> None:
        service.propose(replace(supervisor, session=session), wanted)

    assert sorted(at_once(database, proposes, proposes)) == ["done", "refused"]
    with database.reading() as looking:
        record = looking.scalars(select(Record)).one()

    def decides(session: Session) -> None:
        service.decide(replace(head, session=session), record.id, "", version=record.version)

    def declines(session: Session) -> None:
        service.decline(replace(head2, session=session), record.id, "不处理", version=record.version)

    assert at_once(database, decides, declines) == ["done", "conflict"]
    with database.reading() as looking:
        record = looking.scalars(select(Record)).one()
        assert record.state is RecordState.NOTIFIED

    def objects(session: Session) -> None:
        appeals.appeal_record(replace(zhang, session=session), record.id, OBJECTED, version=record.version)

    assert at_once(database, objects, objects) == ["done", "conflict"]
    with database.reading() as looking:
        appeal = looking.scalars(select(Appeal)).one()

    def upholds(session: Session) -> None:
        appeals.uphold(replace(chief, session=session), appeal.id, WHY, version=appeal.version)

    def retracts(session: Session) -> None:
        appeals.retract(replace(zhang, session=session), appeal.id, version=appeal.version)

    assert sorted(at_once(database, upholds, retracts)) == ["conflict", "done"]
    with database.reading() as looking:
        ended = looking.scalars(select(Appeal)).one().state, looking.scalars(select(Record)).one().state
    assert ended in {
        (AppealState.UPHELD, RecordState.REVOKED),
        (AppealState.RETRACTED, RecordState.CONFIRMED),
    }

    def against(session: Session) -> None:
        appeals.appeal_judgement(replace(zhang, session=session), evaluation.id, OBJECTED)

    assert sorted(at_once(database, against, against)) == ["done", "refused"]


def confirms(context: Context, record: Record) -> None:
    service.confirm(context, record.id, version=record.version)


def appeals_too(context: Context, record: Record) -> None:
    appeals.appeal_record(context, record.id, OBJECTED, version=record.version)


@pytest.mark.parametrize("act", [confirms, appeals_too])
def test_whose_record_falls_at_this_moment_is_refused_and_the_appeal_decided(
    scene: tuple[Database, Work], act: Callable[[Context, Record], None]
) -> None:
    database, work = scene
    with database.transaction() as session:
        work.town.session = session
        (evaluation,) = notified(work, judged(work, breach()))
        record = decided(work, proposed(work, evaluation))
        appeal = appealed_judgement(work, evaluation)
        head, zhang = work.context("head", DECIDED), work.context("zhang", DECIDED)

    def upholds(session: Session) -> None:
        context = replace(head, session=session)
        appeals.uphold(context, appeal.id, "系误判", Remedy.SET_ASIDE, version=appeal.version)

    def answers(session: Session) -> None:
        act(replace(zhang, session=session), record)

    assert at_once(database, upholds, answers) in (["done", "conflict"], ["done", "refused"])


def test_who_proposes_on_a_judgement_that_is_appealed_at_this_moment_finds_it_contested(
    scene: tuple[Database, Work],
) -> None:
    database, work = scene
    with database.transaction() as session:
        work.town.session = session
        (evaluation,) = notified(work, judged(work, breach()))
        wanted = proposal(work, evaluation)
        supervisor, zhang = work.context("supervisor", DECIDED), work.context("zhang", DECIDED)

    def contests(session: Session) -> None:
        appeals.appeal_judgement(replace(zhang, session=session), evaluation.id, OBJECTED)

    def proposes(session: Session) -> None:
        with pytest.raises(NotFound):
            service.propose(replace(supervisor, session=session), wanted)

    assert at_once(database, contests, proposes) == ["done", "done"]
