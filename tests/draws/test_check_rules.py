"""What a node holds against what headquarters tells it, and what headquarters opens at an office's word."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from supervision.draws.check_rules import (
    ReceivedTicket,
    is_all_judged,
    owed_calls,
    wrong_tickets,
)
from supervision.draws.protocol_rules import (
    DrawState,
    Protocol,
    asks_to_close_again,
    may_close_again,
    may_open,
)
from supervision.draws.rules import TicketState, Tier, at_least_the_floor, may_be_norm, parse_name, worked
from tests.draws.vector import ENTRIES, SEED

NAME = parse_name("office:07:2026-W47")
END = datetime(2026, 11, 22, 16, tzinfo=UTC)
DRAWN = Protocol(NAME, Fraction(1, 5), END, DrawState.DRAWN)


@pytest.mark.parametrize(
    ("name", "today", "closes", "opens"),
    [
        ("office:07:2026-W47", date(2026, 11, 16), False, True),
        ("office:07:2026-W47", date(2026, 11, 15), True, False),  # it has not begun
        ("office:07:2026-W47", date(2026, 11, 29), False, True),  # the week before
        ("office:07:2026-W47", date(2026, 11, 30), False, False),
        ("office:07:2026-W47", date(2026, 11, 30), True, True),  # missed wholly
        ("office:07:2026-W47", date(2027, 12, 27), True, True),
        ("office:07:2026-W47", date(2027, 12, 28), True, False),  # 400 days after its end
        ("office:07:2026-W47+1", date(2026, 11, 24), True, False),
    ],
)
def test_headquarters_opens_what_goes_on_and_what_it_missed_at_the_offices_close(
    name: str, today: date, closes: bool, opens: bool
) -> None:
    assert may_open(parse_name(name), today, closes=closes) is opens


def test_a_close_said_too_early_is_asked_for_again_until_a_list_is_frozen() -> None:
    draw = Protocol(NAME, Fraction(1, 5), END)
    asked = [asks_to_close_again(draw, END + timedelta(hours=n), was_early=True) for n in (-1, 0)]
    assert asked == [False, True]
    assert not asks_to_close_again(draw, END, was_early=False)
    assert not asks_to_close_again(replace(draw, frozen_at=END), END, was_early=True)
    closed = replace(draw, closed_at=END)
    assert [may_close_again(one) for one in (draw, closed, replace(closed, frozen_at=END))] == [False, True, False]


def test_tickets_are_compared_with_what_was_drawn_and_its_successors() -> None:
    drawn = [one.call_id for one, _ in worked(SEED, Fraction(1, 5), ENTRIES, ())]
    received = [ReceivedTicket(one, TicketState.WAITING, "", 0) for one in drawn]
    assert wrong_tickets(DRAWN, SEED, ENTRIES, received) == []
    assert wrong_tickets(DRAWN, SEED, ENTRIES, received[1:]) == [drawn[0]]
    gone = replace(received[0], state=TicketState.UNUSABLE, agreed=1)
    successor = next(one for one, of in worked(SEED, Fraction(1, 5), ENTRIES, [drawn[0]]) if of)
    added = ReceivedTicket(successor.call_id, TicketState.WAITING, drawn[0], 0)
    assert wrong_tickets(DRAWN, SEED, ENTRIES, [gone, *received[1:], added]) == []
    assert wrong_tickets(DRAWN, SEED, ENTRIES, [gone, *received[1:]]) == [successor.call_id]
    whole = replace(DRAWN, state=DrawState.WHOLE)
    assert len(wrong_tickets(whole, SEED, ENTRIES, received)) == len(ENTRIES) - len(received)


def test_all_is_judged_where_each_ticket_is_done_or_unusable() -> None:
    assert is_all_judged([TicketState.DONE, TicketState.UNUSABLE])
    assert not is_all_judged([TicketState.DONE, TicketState.WAITING])
    assert not is_all_judged([])


def test_the_list_that_stands_owes_what_headquarters_had() -> None:
    calls = {one.call_id for one in ENTRIES}
    assert owed_calls(ENTRIES, (), had=False, had_again=False) == set()
    assert owed_calls(ENTRIES, (), had=True, had_again=False) == calls


def test_no_rate_counts_below_the_floor() -> None:
    assert at_least_the_floor(Tier.OFFICE, Fraction(1, 10)) == Fraction(1, 5)
    assert at_least_the_floor(Tier.HQ, Fraction(1, 4)) == Fraction(1, 4)
    assert [may_be_norm(Tier.HQ, one) for one in (9, 10, 100, 101)] == [False, True, True, False]
