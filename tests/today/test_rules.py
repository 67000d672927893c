"""What is to be done comes in order of urgency; what there is none of does not come."""

from datetime import date, timedelta

from supervision.incidents.rules import Cause
from supervision.today.rules import Subject, Todo, in_order, named_already

DAY = date(2026, 12, 4)


def test_what_is_due_first_comes_first_and_what_has_no_day_last() -> None:
    late, later = Todo(Subject.ANSWER, 1, DAY - timedelta(days=3)), Todo(Subject.REVIEW, 5, DAY)
    none, same = Todo(Subject.INCIDENTS, 2), Todo(Subject.TREAT, 1, DAY)
    assert in_order([none, same, later, Todo(Subject.DELETIONS, 0), late]) == [late, later, same, none]


def test_what_is_named_on_the_list_is_not_named_once_more_by_its_incident() -> None:
    todos = [
        Todo(Subject.REVIEW, name="office:01:2026-W49", record="x"),
        Todo(Subject.ANSWER, name="2026-0001", record="y"),
        Todo(Subject.TREAT, 3),
        Todo(Subject.VERIFY, name="2026-0002", record="z"),
    ]
    assert named_already(todos) == {
        (Cause.REVIEW_OVERDUE, "office:01:2026-W49"),
        (Cause.RECTIFICATION_OVERDUE, "rectification:y"),
        (Cause.FINDING_UNTREATED, ""),
    }
