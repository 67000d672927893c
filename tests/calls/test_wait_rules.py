"""How long a caller waits while no desk rings."""

from datetime import timedelta

import pytest

from supervision.calls import wait_rules
from tests.calls.test_rules import START, story


@pytest.mark.parametrize(
    ("happened", "waited_ms"),
    [
        ("0 offered\n1 line_answered\n1.2 desk_rang 801\n9 desk_answered 801\n60 ended", 200),
        ("0 offered\n5 line_answered\n5 desk_answered 801\n60 ended", 0),
        ("0 offered\n1 line_answered\n1 desk_declined 801\n2 desk_declined 801\n31 ended", 30_000),
        ("0 line_answered\n0 desk_rang 801\n3 desk_declined 801\n4 desk_rang 802\n9 desk_answered 802", 1000),
        ("0 line_answered\n1 desk_rang 801\n3 desk_rang 802\n4 desk_stopped 801\n31 ended", 1000),
        ("0 offered\n3 hung_up caller\n3 ended", 0),
        ("0 offered\n1 line_answered\n2 desks_busy", 59_000),
        ("0 offered\n1 line_answered\n31 ended", 0),
    ],
)
def test_a_caller_waits_while_no_desk_rings(happened: str, waited_ms: int) -> None:
    ended = START + timedelta(seconds=31 if "31 ended" in happened else 60)
    assert wait_rules.waited_ms(story(happened), ended) == waited_ms
