"""How a call went, by record and by Asterisk's log: what differs is named, what must differ is not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.calls.rules import Disposition, Party
from supervision.incidents.rules import Cause
from supervision.reconcile.rules import SaidByAsterisk, SaidByRecord, Witnesses, compare
from supervision.reconcile.witness_rules import Course, compare_courses
from tests.reconcile.calls import AT, settled_call

ANSWERED = Course(Disposition.ANSWERED, "801", Party.CALLER, (2, 2))
LOGGED = Course(Disposition.ANSWERED, "801", Party.CALLER, (1, 2))


def unanswered(disposition: Disposition, by: Party = Party.CALLER, rings: int = 0) -> Course:
    return Course(disposition, None, by, (rings, rings))


@pytest.mark.parametrize(
    ("record", "asterisk", "named"),
    [
        pytest.param(ANSWERED, LOGGED, set(), id="the same"),
        pytest.param(replace(ANSWERED, answered_desk="802"), LOGGED, {"desk"}, id="another desk"),
        pytest.param(replace(ANSWERED, hung_up_by=Party.SYSTEM), LOGGED, {"hung_up_by"}, id="another who hung up"),
        pytest.param(unanswered(Disposition.ABANDONED), LOGGED, {"disposition", "desk"}, id="answered, they say"),
        pytest.param(
            ANSWERED, unanswered(Disposition.ABANDONED), {"disposition", "desk"}, id="by the record only"
        ),
        pytest.param(replace(ANSWERED, rings=(4, 4)), LOGGED, {"rings"}, id="more rings than there were"),
        pytest.param(
            replace(ANSWERED, rings=(1, 1)), replace(LOGGED, rings=(3, 5)), {"rings"}, id="fewer than there were"
        ),
        pytest.param(replace(ANSWERED, rings=(3, 3)), LOGGED, set(), id="on this side of a ring's end"),
        pytest.param(
            replace(ANSWERED, rings=(1, 1)),
            replace(LOGGED, rings=(1, 4)),
            set(),
            id="the first desk's phone was dead: it was called, and did not ring",
        ),
        pytest.param(
            unanswered(Disposition.BUSY),
            unanswered(Disposition.ABANDONED, rings=1),
            set(),
            id="left as a desk was called, before its phone rang",
        ),
        pytest.param(
            unanswered(Disposition.ABANDONED, rings=1),
            unanswered(Disposition.BUSY),
            {"disposition"},
            id="a desk rang, they say, that Asterisk never called",
        ),
        pytest.param(
            unanswered(Disposition.DECLINED),
            unanswered(Disposition.MISSED),
            set(),
            id="one desk declined, and another was called whose phone never rang",
        ),
        pytest.param(
            unanswered(Disposition.MISSED),
            unanswered(Disposition.DECLINED),
            {"disposition"},
            id="a desk let it ring, or all declined",
        ),
        pytest.param(
            unanswered(Disposition.MISSED),
            unanswered(Disposition.ABANDONED),
            {"disposition"},
            id="rang out, or not",
        ),
    ],
)
def test_what_the_record_says_otherwise_is_named(record: Course, asterisk: Course, named: set[str]) -> None:
    said = compare_courses(record, asterisk, coarse=False)
    assert {key.removeprefix("record_") for key in said if key.startswith("record_")} == named
    assert {key.removeprefix("asterisk_") for key in said if key.startswith("asterisk_")} == named


COARSE = replace(LOGGED, rings=None)


@pytest.mark.parametrize(
    ("record", "asterisk", "named"),
    [
        pytest.param(replace(ANSWERED, rings=(9, 9)), COARSE, set(), id="it knows rings to the second only"),
        pytest.param(ANSWERED, replace(COARSE, hung_up_by=Party.SYSTEM), set(), id="the queue's log was silent"),
        pytest.param(replace(ANSWERED, hung_up_by=Party.OFFICER), COARSE, {"hung_up_by"}, id="or it was not"),
        pytest.param(
            unanswered(Disposition.MISSED, Party.SYSTEM),
            unanswered(Disposition.BUSY),
            set(),
            id="of an unanswered call it knows no more than that",
        ),
        pytest.param(
            unanswered(Disposition.ABANDONED), COARSE, {"disposition", "desk"}, id="but an answered one it knows"
        ),
    ],
)
def test_a_call_detail_record_is_asked_for_what_it_can_know(
    record: Course, asterisk: Course, named: set[str]
) -> None:
    said = compare_courses(record, asterisk, coarse=True)
    assert {key.removeprefix("record_") for key in said if key.startswith("record_")} == named


COURSES = st.builds(
    Course,
    st.sampled_from(Disposition),
    st.sampled_from(["801", "802", None]),
    st.sampled_from(Party),
    st.integers(0, 10).map(lambda rings: (rings, rings)),
)


@given(course=COURSES, coarse=st.booleans())
def test_two_that_say_the_same_never_differ(course: Course, *, coarse: bool) -> None:
    assert not compare_courses(course, course, coarse=coarse)


def said_of(record: Course, **more: object) -> Witnesses:
    """A call with both courses, over for a while, in which nothing else is wrong."""
    said = settled_call(5)
    assert said.record is not None
    assert said.asterisk is not None
    ours = replace(said.record, course=record)
    return replace(said, record=ours, asterisk=replace(said.asterisk, course=LOGGED, coarse=False), **more)  # type: ignore[arg-type]


WRONG = replace(ANSWERED, answered_desk="802")


def test_a_record_that_differs_is_one_disagreement_that_says_in_what() -> None:
    (found,) = compare([said_of(WRONG)], AT)
    assert found.cause is Cause.RECORD_DIFFERS
    assert found.numbers == {"record_desk": "802", "asterisk_desk": "801"}
    assert compare([said_of(ANSWERED)], AT) == []


def record_of(said: Witnesses) -> SaidByRecord:
    assert said.record is not None
    return said.record


def asterisk_of(said: Witnesses) -> SaidByAsterisk:
    assert said.asterisk is not None
    return said.asterisk


def goes_on(said: Witnesses) -> Witnesses:
    return replace(said, record=replace(record_of(said), ended_at=None))


def no_end_for_asterisk(said: Witnesses) -> Witnesses:
    return replace(said, asterisk=replace(asterisk_of(said), ended_at=None))


def cut_off(said: Witnesses) -> Witnesses:
    return replace(said, record=replace(record_of(said), interrupted=True))


def just_over(said: Witnesses) -> Witnesses:
    return replace(said, back_at=AT - timedelta(seconds=29))


def catching_up(said: Witnesses) -> Witnesses:
    return replace(said, catching_up=True, back_at=AT - timedelta(days=1))


def of_an_older_node(said: Witnesses) -> Witnesses:
    return replace(said, asterisk=replace(asterisk_of(said), course=None))


@pytest.mark.parametrize(
    "still", [goes_on, no_end_for_asterisk, cut_off, just_over, catching_up, of_an_older_node]
)
def test_while_a_witness_is_still_to_speak_nothing_is_said_of_it(still: object) -> None:
    assert callable(still)
    found = compare([still(said_of(WRONG))], AT)
    assert Cause.RECORD_DIFFERS not in {one.cause for one in found}
