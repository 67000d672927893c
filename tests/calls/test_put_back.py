"""A caller whose desk died: put back, rung for again, and let go where desks die again and again."""

from datetime import timedelta

import pytest

from supervision.calls.rules import Disposition, Party, build_record
from tests.calls.test_rules import LINE, START, story

DESK_DIED = """
0.0   offered
0.5   desk_rang      801
3.0   desk_answered  801
63.0  hung_up        801
63.0  desk_left      801
63.0  put_back
63.1  desk_rang      802
66.0  desk_answered  802
80.0  hung_up        caller
80.0  desk_left      802
80.1  ended
"""
DESKS_DIED_UNTIL_NO_MORE = """
0.0   offered
0.5   desk_rang      801
3.0   desk_answered  801
63.0  desk_left      801
63.0  put_back
63.1  desk_rang      802
66.0  desk_answered  802
126.0 desk_left      802
126.0 put_back
126.1 desk_rang      803
129.0 desk_answered  803
189.0 desk_left      803
189.0 rang_out       CONTINUE-tried
194.0 hung_up        system
194.0 ended
"""


@pytest.mark.parametrize(("happened", "by"), [(DESK_DIED, Party.CALLER), (DESKS_DIED_UNTIL_NO_MORE, Party.SYSTEM)])
def test_a_call_is_answered_by_the_desk_that_answered_it_first(happened: str, by: Party) -> None:
    record = build_record(story(happened), LINE)
    assert (record.disposition, record.rings) == (Disposition.ANSWERED, 1)
    assert (record.answered_desk, record.hung_up_by) == ("801", by)


def test_a_caller_who_was_put_back_has_a_stretch_with_each_desk() -> None:
    stretches = build_record(story(DESK_DIED), LINE).segments
    assert [(one.desk, one.started_at, one.ended_at) for one in stretches] == [
        ("801", START + timedelta(seconds=3), START + timedelta(seconds=63)),
        ("802", START + timedelta(seconds=66), START + timedelta(seconds=80)),
    ]


def test_a_caller_whose_desks_die_again_and_again_has_a_stretch_with_each_and_found_somebody_there() -> None:
    record = build_record(story(DESKS_DIED_UNTIL_NO_MORE), LINE)
    assert [(one.desk, one.ended_at) for one in record.segments] == [
        (desk, START + timedelta(seconds=left_s)) for desk, left_s in (("801", 63), ("802", 126), ("803", 189))
    ]
    assert not record.unreachable


def test_what_is_reported_late_of_a_dead_desk_ends_no_call() -> None:
    late = story("0.0 offered\n3.0 desk_answered 801\n63.0 put_back\n63.1 hung_up 801")
    assert build_record([*late, *story("90.0 ended")], LINE).hung_up_by is Party.SYSTEM


def test_who_gives_up_after_a_desk_died_was_answered_and_ended_it_himself() -> None:
    happened = story(DESK_DIED)[:7] + story("70.0 hung_up caller\n70.0 ended")
    record = build_record(happened, LINE)
    assert (record.disposition, record.hung_up_by) == (Disposition.ANSWERED, Party.CALLER)
