"""A person and who decides his appeal at the same moment, on PostgreSQL: both are answered."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from supervision.context import Context
from supervision.database import Database
from supervision.discipline import appeals, service
from supervision.discipline.models import Record
from supervision.discipline.rules import Remedy
from supervision.errors import NotFound
from tests.discipline.factories import (
    DECIDED,
    OBJECTED,
    appealed_judgement,
    decided,
    notified,
    proposal,
    proposed,
    with_chief,
)
from tests.evaluations.factories import make_work
from tests.findings.factories import breach, judged
from tests.locks import at_once


def confirms(context: Context, record: Record) -> None:
    service.confirm(context, record.id, version=record.version)


def appeals_too(context: Context, record: Record) -> None:
    appeals.appeal_record(context, record.id, OBJECTED, version=record.version)


@pytest.mark.postgres
@pytest.mark.parametrize("act", [confirms, appeals_too])
def test_whose_record_falls_at_this_moment_is_refused_and_the_appeal_decided(
    postgres_url: str, tmp_path: Path, act: Callable[[Context, Record], None]
) -> None:
    database = Database(postgres_url)
    with database.transaction() as session:
        work = with_chief(make_work(session, tmp_path))
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
    database.close()


@pytest.mark.postgres
def test_who_proposes_on_a_judgement_that_is_appealed_at_this_moment_finds_it_contested(
    postgres_url: str, tmp_path: Path
) -> None:
    database = Database(postgres_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        (evaluation,) = notified(work, judged(work, breach()))
        wanted = proposal(work, evaluation)
        supervisor, zhang = work.context("supervisor", DECIDED), work.context("zhang", DECIDED)

    def contests(session: Session) -> None:
        appeals.appeal_judgement(replace(zhang, session=session), evaluation.id, OBJECTED)

    def proposes(session: Session) -> None:
        with pytest.raises(NotFound):
            service.propose(replace(supervisor, session=session), wanted)

    assert at_once(database, contests, proposes) == ["done", "done"]
    database.close()
