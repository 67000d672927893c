"""What the worker does by itself for findings and notices, by its own table of tasks, on a small town."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ari_app.uplink.__main__ import streams_of
from ari_app.uplink.streams import Uplink
from supervision.database import Database
from supervision.early_signs.models import SignLook
from supervision.findings.models import Treatment
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.paths import Paths
from supervision.rectification.models import Rectification
from supervision.rectification.rules import RectificationState
from supervision.settings import Mode, Settings
from supervision.task import Worker
from supervision.workdays.queries import published
from supervision.worker import TASKS
from tests.evaluations.factories import make_work
from tests.findings.factories import breach, judged, treated
from tests.rectification.factories import ISSUED, closed, issued

NAMES = (
    "open treatments of findings",
    "remind of findings",
    "mark early signs",
    "watch rectifications",
    "remind of rectifications",
    "look at the calendar",
)
WINTER = datetime(max(published().years), 12, 1, 2, tzinfo=UTC)  # the next year is not known yet


@pytest.fixture
def worker(sqlite_url: str, tmp_path: Path) -> Worker:
    mail = {"smtp_host": "mail.example", "mail_domain": "tax.example"}
    settings = Settings(home=tmp_path, mode=Mode.HQ, **mail)  # type: ignore[arg-type]
    return Worker(settings, Database(sqlite_url), lambda: WINTER)


def test_the_workers_own_tasks_reopen_remind_mark_and_look_at_the_calendar(worker: Worker, tmp_path: Path) -> None:
    with worker.database.transaction() as session:
        work = make_work(session, tmp_path)
        watched, late = closed(work, issued(work)), issued(work, treated(work, breach(2)))
        again = judged(work, breach(3), at=ISSUED + timedelta(days=9))
    table = {task.name: task for task in TASKS}
    for name in NAMES:
        assert table[name].runs_in(Mode.HQ)
        assert not table[name].runs_in(Mode.OFFICE)
        assert table[name].do_next(worker) is False
    with worker.database.reading() as session:
        found = session.get_one(Rectification, watched.id)
        assert (found.state, found.recurred) == (RectificationState.REOPENED, 1)
        assert session.scalars(select(Treatment).where(Treatment.evaluation_id == again.id)).one()
        assert session.scalars(select(SignLook)).first() is not None
        causes = {(one.cause, one.subject) for one in session.scalars(select(Incident))}
        assert (Cause.RECTIFICATION_OVERDUE, late.subject) in causes
        assert (Cause.CALENDAR_PROVISIONAL, f"year:{WINTER.year + 1}") in causes
        assert {one.cause for one in session.scalars(select(Incident))} >= {Cause.FINDING_UNTREATED}
        assert session.scalars(select(Mail.about).where(Mail.about.startswith(late.subject))).first()
    worker.database.close()


def test_an_offices_node_asks_for_its_notices(tmp_path: Path) -> None:
    context = Uplink(None, None, "01")  # type: ignore[arg-type]
    streams = streams_of(context, Paths(tmp_path), Settings(home=tmp_path), None)  # type: ignore[arg-type]
    assert [stream.name for stream in streams].count("rectifications") == 1
