"""What is gathered for the start page, on both databases."""

from datetime import timedelta
from pathlib import Path

from supervision.database import Database
from supervision.today.queries import list_figures, list_todos
from supervision.today.rules import Subject, Todo
from tests.calls.samples import NOON
from tests.evaluations.factories import MONDAY, make_work
from tests.findings.factories import breach, judged
from tests.rectification.factories import answered, issued

AT = MONDAY + timedelta(hours=2)


def test_each_person_finds_his_own_and_the_bureau_its_figures(store: Database, tmp_path: Path) -> None:
    with store.transaction() as session:
        work = make_work(session, tmp_path)
        work.town.missed(NOON)
        judged(work, breach(5, "words"))
        notice = issued(work)
        todos = {
            login: list_todos(session, work.town.actor(login), AT) for login in ("leader", "supervisor", "zhang")
        }
        assert [one.subject for one in todos["leader"]] == [Subject.ANSWER, Subject.TREAT, Subject.REGULATION]
        assert todos["leader"][0] == Todo(Subject.ANSWER, 1, notice.due_on, notice.number, str(notice.id))
        assert [one.subject for one in todos["zhang"]] == [Subject.REGULATION]
        answered(work, notice)
        found = [one.subject for one in list_todos(session, work.town.actor("supervisor"), AT)]
        assert Subject.VERIFY in found
        assert Subject.ANSWER not in found
        here, there = list_figures(session, NOON - timedelta(days=9), AT)
        assert (here.code, here.calls, here.answered, here.in_time, here.missed) == ("01", 3, 2, 2, 1)
        assert (here.mean, here.share_in_time, here.open_notices) == (100.0, 1.0, 1)
        assert (there.calls, there.mean, there.share_in_time) == (0, None, None)
