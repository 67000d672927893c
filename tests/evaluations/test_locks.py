"""Two people at one ticket at the same moment, on PostgreSQL: one waits for the other, none is thrown out."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.audit.service import lock_log
from supervision.context import Context
from supervision.database import Database
from supervision.draws import service as draws
from supervision.draws.rules import Unusable
from supervision.errors import DomainError
from supervision.evaluations import drafts, service
from supervision.evaluations.drafts import renew_lease
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import LEASE
from tests.evaluations.factories import MONDAY, NEVER, Work, make_work, ticket_of

pytestmark = pytest.mark.postgres

LATER = MONDAY + LEASE
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@dataclass
class Scene:
    """A leader has a ticket in hand, has heard all of it and has written his judgement."""

    database: Database
    work: Work
    evaluation: Evaluation


@pytest.fixture
def scene(postgres_url: str, tmp_path: Path) -> Iterator[Scene]:
    database = Database(postgres_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        evaluation = work.takes("leader", ticket_of(work))
        work.writes("leader", evaluation, work.content())
        work.hears("leader", evaluation.call, 0, 100)
    yield Scene(database, work, evaluation)
    database.close()


def submits(scene: Scene, session: Session) -> object:
    who = scene.work.town.actor("leader"), scene.work.town.scope("leader")
    return service.submit(Context(session, *who, MONDAY), scene.evaluation.id, version=1, rescoring=NEVER)


def puts_back(scene: Scene, session: Session) -> None:
    who = scene.work.town.actor("leader"), scene.work.town.scope("leader")
    drafts.return_evaluation(Context(session, *who, MONDAY), scene.evaluation.id)


def proposes(scene: Scene, session: Session) -> object:
    who = scene.work.town.actor("leader"), scene.work.town.scope("leader")
    assert scene.evaluation.ticket_id
    context = Context(session, *who, MONDAY)
    return draws.propose_unusable(context, scene.evaluation.ticket_id, reason=Unusable.NO_SPEECH, note="x")


def amends(scene: Scene, session: Session) -> object:
    who = scene.work.town.actor("leader"), scene.work.town.scope("leader")
    scene.work.town.session = session
    content = scene.work.content(deduct=1)
    return service.amend(Context(session, *who, LATER), scene.evaluation.id, content, reason="更正", n=1)


def is_counted(_scene: Scene, session: Session) -> object:
    return service.count_one_more(session, NEVER, None, LATER)


def hears_on(scene: Scene, session: Session) -> object:
    actor, scope = scene.work.town.actor("leader"), scene.work.town.scope("leader")
    renew_lease(Context(session, actor, scope, LATER), scene.evaluation.id)
    return service.count_late(
        Context(session, actor, Scope(), LATER), session.get_one(Evaluation, scene.evaluation.id), NEVER
    )


def submitted_too_early(scene: Scene) -> None:
    with scene.database.transaction() as session:
        heard = session.execute(text("UPDATE listenings SET stretches = '[]'::jsonb RETURNING id")).all()
        submits(scene, session)
    assert heard
    with scene.database.transaction() as session:
        session.execute(text("UPDATE listenings SET stretches = '[[0, 100]]'::jsonb"))


@pytest.mark.parametrize(
    ("act", "early"),
    [
        (submits, False),
        (puts_back, False),
        (proposes, False),
        (amends, True),
        (is_counted, True),
        (hears_on, True),
    ],
)
def test_whoever_takes_the_same_ticket_waits_and_both_are_answered(
    scene: Scene, act: Callable[[Scene, Session], object], early: bool
) -> None:
    if early:
        submitted_too_early(scene)
    faults: list[Exception] = []

    def run(one: Callable[[Scene, Session], object]) -> None:
        try:
            with scene.database.transaction() as session:
                one(scene, session)
        except DomainError:
            return  # the other was first, and this one is refused
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
            faults.append(error)

    def takes(_scene: Scene, session: Session) -> object:
        who = scene.work.town.actor("deputy"), scene.work.town.scope("deputy")
        assert scene.evaluation.ticket_id
        return drafts.take_ticket(Context(session, *who, LATER), scene.evaluation.ticket_id)

    threads = [threading.Thread(target=run, args=(one,)) for one in (takes, act)]
    with scene.database.transaction() as first:
        lock_log(first)
        for n, thread in enumerate(threads, 1):
            thread.start()
            until_waiting(scene.database, n)
    for thread in threads:
        thread.join()
    assert faults == []


def until_waiting(database: Database, number: int) -> None:
    end = time.monotonic() + 20
    while True:
        with database.reading() as session:
            if session.scalar(text(WAITING)) == number:
                return
        assert time.monotonic() < end, "nobody waits for his turn"
        time.sleep(0.02)
