"""The worker's look at all draws: one that breaks holds up no other, and old periods cost little."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from supervision.database import Database
from supervision.draws import tasks
from supervision.draws.models import Draw
from supervision.draws.tasks import LATE_BY, advance_due_draws, open_supplements
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.settings import Mode, Settings
from supervision.task import Worker
from tests.calls.samples import NOON, make_town, seconds
from tests.draws.made import make_drawn, note_all_answered

DRAWN_AT = NOON + timedelta(days=6)


def test_an_office_whose_draws_break_holds_up_no_other(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as session:
        make_town(session)

    def breaks(session: Session, code: str, at: object) -> int:
        if code == "01":
            raise ArithmeticError(code)
        return 0

    monkeypatch.setattr(tasks, "open_supplements", breaks)
    worker = Worker(Settings(home=tmp_path, mode=Mode.HQ), store, lambda: NOON)
    advance_due_draws(worker)
    with store.reading() as session:
        (named,) = session.scalars(select(Incident).where(Incident.cause == Cause.WORK_SET_ASIDE))
        assert (named.office_code, named.detail["error"]) == ("01", "ArithmeticError: 01")
        assert set(session.scalars(select(Draw.office_code))) == {"02"}


def test_a_call_reported_long_after_its_week_is_found_within_the_hour(store: Database) -> None:
    late = DRAWN_AT + LATE_BY + timedelta(days=1)
    with store.transaction() as session:
        town = make_town(session)
        make_drawn(session, "office:01:2026-W11", DRAWN_AT)
        town.call(NOON)
        note_all_answered(session, "01", late)
        opened = [open_supplements(session, "01", late + timedelta(minutes=n)) for n in range(60)]
        assert sorted(opened) == [0] * 59 + [1]
        make_drawn(session, "office:02:2026-W11", DRAWN_AT)
        town.call(NOON + seconds(60), office_code="02", line_key="east")
        note_all_answered(session, "02", DRAWN_AT)
        assert open_supplements(session, "02", DRAWN_AT + timedelta(days=1)) == 1


def test_weeks_that_are_over_for_long_are_not_gone_through_each_minute(store: Database) -> None:
    looked: list[str] = []
    with store.transaction() as session:
        make_town(session)
        for n in range(1, 9):
            make_drawn(session, f"office:01:2026-W{n:02}", DRAWN_AT)
        session.flush()
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *facts: looked.append(facts[2]))
        counts = []
        for minute in range(60):
            looked.clear()
            open_supplements(session, "01", DRAWN_AT + timedelta(days=90, minutes=minute))
            counts.append(len(looked))
    assert sorted(counts)[:59] == [1] * 59
    assert max(counts) > 8
