"""Two at one notice at the same moment, and the worker beside them: one is first, the other is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import day_bounds
from supervision.context import Context
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge
from supervision.rectification import service
from supervision.rectification.models import Rectification
from supervision.rectification.rules import RectificationState
from supervision.rectification.service import Asked
from supervision.rectification.watching import remind_of, watch_one
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach, treated
from tests.locks import Act, at_once
from tests.rectification.factories import ANSWER, ISSUED, answered, closed, issued, verified

pytestmark = pytest.mark.postgres

LATE = ISSUED + timedelta(days=30)


@dataclass
class Scene:
    """A notice, and its people as they act in transactions of their own."""

    database: Database
    work: Work
    found: Rectification

    def acts(self, login: str, act: Callable[..., object], *given: Any, **more: Any) -> Act:
        """A step on the version that everybody sees now."""
        who = self.work.town.actor(login), self.work.town.scope(login)
        notice, version = self.found.id, self.found.version
        return lambda session: act(Context(session, *who, LATE), notice, *given, version=version, **more)

    def now(self) -> Rectification:
        """The notice as it is in the store."""
        with self.database.reading() as session:
            found = session.get_one(Rectification, self.found.id)
            assert found.replies is not None
            return found


@pytest.fixture
def scene(postgres_url: str, tmp_path: Path) -> Iterator[Scene]:
    database = Database(postgres_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        found = issued(work)
    yield Scene(database, work, found)
    database.close()


def prepares(scene: Scene, act: Callable[[Work, Rectification], object]) -> None:
    """Bring the notice so far."""
    with scene.database.transaction() as session:
        scene.work.town.session = session
        scene.found = session.get_one(Rectification, scene.found.id)
        act(scene.work, scene.found)


def test_of_two_replies_one_is_written(scene: Scene) -> None:
    acts = [scene.acts(login, service.answer, ANSWER) for login in ("leader", "deputy")]
    assert at_once(scene.database, *acts) == ["done", "conflict"]
    assert [one.n for one in scene.now().replies] == [1]


@pytest.mark.parametrize("swapped", [False, True])
def test_what_one_verifies_another_does_not_return(scene: Scene, swapped: bool) -> None:
    prepares(scene, answered)
    acts = [
        scene.acts("supervisor", service.verify, "抽听三通"),
        scene.acts("head", service.return_reply, "不够", days=3),
    ]
    assert at_once(scene.database, *(acts[::-1] if swapped else acts)) == ["done", "conflict"]
    state = RectificationState.RETURNED if swapped else RectificationState.VERIFIED
    assert scene.now().state is state


def test_it_is_closed_once_and_does_not_recur_while_it_is_closed(scene: Scene) -> None:
    prepares(scene, lambda work, one: verified(work, answered(work, one)))
    prepares(scene, lambda work, _: treated(work, breach(2), at=LATE + timedelta(days=5)))

    def recurs(session: Session) -> bool:
        return watch_one(session, scene.found.id, LATE + timedelta(days=9))

    acts = [scene.acts(login, service.close) for login in ("supervisor", "head")]
    assert at_once(scene.database, *acts) == ["done", "conflict"]
    assert at_once(scene.database, recurs, recurs) == ["done", "done"]
    assert (scene.now().state, scene.now().recurred) == (RectificationState.REOPENED, 1)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_reply_and_the_reminder_do_not_undo_each_other(scene: Scene, swapped: bool) -> None:
    def reminds(session: Session) -> bool:
        return remind_of(session, scene.found.id, LATE, "tax.example")

    with scene.database.transaction() as session:
        remind_of(session, scene.found.id, day_bounds(scene.found.due_on)[1])
    prepares(scene, lambda *_: None)
    acts = [reminds, scene.acts("leader", service.answer, ANSWER)]
    came = at_once(scene.database, *(acts[::-1] if swapped else acts))
    assert came == (["done", "done"] if swapped else ["done", "conflict"])
    if not swapped:
        prepares(scene, answered)
    with scene.database.reading() as session:
        (incident,) = session.scalars(select(Incident).where(Incident.cause == Cause.RECTIFICATION_OVERDUE))
        assert incident.healed_at is not None
    assert scene.now().state is RectificationState.ANSWERED


@pytest.mark.parametrize("swapped", [False, True])
def test_a_reply_and_a_note_on_its_incident_do_not_wait_for_each_other(scene: Scene, swapped: bool) -> None:
    with scene.database.transaction() as session:
        remind_of(session, scene.found.id, LATE)
        incident = session.scalars(select(Incident).where(Incident.cause == Cause.RECTIFICATION_OVERDUE)).one()
    prepares(scene, lambda *_: None)
    head = Context(scene.work.session, scene.work.town.actor("head"), scene.work.town.scope("head"), LATE)

    def notes(session: Session) -> object:
        return acknowledge(replace(head, session=session), incident.id, note="已催", version=incident.version)

    acts = [scene.acts("leader", service.answer, ANSWER), notes]
    came = at_once(scene.database, *(acts[::-1] if swapped else acts))
    assert "done" in came


def test_a_form_sent_twice_issues_one_notice(scene: Scene) -> None:
    prepares(scene, closed)
    with scene.database.transaction() as session:
        scene.work.town.session = session
        one = treated(scene.work, breach(3))
        asked = Asked((one.id,), "整改", 10)
        context = scene.work.context("supervisor", ISSUED)

    def issues(session: Session) -> object:
        return service.issue(replace(context, session=session), asked)

    assert at_once(scene.database, issues, issues) == ["done", "conflict"]
    assert at_once(scene.database, issues) == ["refused"]
