"""What is to be done comes in order of urgency; what there is none of does not come."""

from datetime import date, timedelta

import pytest

from supervision.today.rules import Subject, Todo, Urgency, in_order, urgency

DAY = date(2026, 12, 4)


@pytest.mark.parametrize(
    ("due_in", "expected"),
    [(-1, Urgency.OVERDUE), (0, Urgency.SOON), (2, Urgency.SOON), (3, Urgency.IN_TIME), (None, Urgency.NO_DAY)],
)
def test_on_its_last_day_a_thing_is_not_overdue(due_in: int | None, expected: Urgency) -> None:
    assert urgency(None if due_in is None else DAY + timedelta(days=due_in), DAY) is expected


def test_what_is_due_first_comes_first_and_what_has_no_day_last() -> None:
    late, later = Todo(Subject.ANSWER, 1, DAY - timedelta(days=3)), Todo(Subject.REVIEW, 5, DAY)
    none, same = Todo(Subject.INCIDENTS, 2), Todo(Subject.TREAT, 1, DAY)
    assert in_order([none, same, later, Todo(Subject.DELETIONS, 0), late]) == [late, later, same, none]
