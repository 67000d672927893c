"""The order of a draw as one machine of states: what moves it, who may do what when, and that time ends it."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.draws.protocol_rules import (
    DICE_AWAITED,
    MOVES,
    OVER,
    SILENT_AFTER,
    STANDS_AFTER,
    WHOLE_AFTER,
    DrawState,
    OutOfOrder,
    Protocol,
    Terms,
    _move,
    agree,
    close,
    commit,
    confirmed_dice,
    counts_in_assessment,
    due_move,
    freeze,
    give,
    has_failed,
    make_whole,
    may_ask_for_dice,
    may_reveal,
    may_stand,
    may_type_dice,
    reveal,
    reviewer_of,
    share_of,
    waits_for_dice,
)
from supervision.draws.rules import Party, commitment_of, parse_name

NAME = "office:07:2026-W47"
END = datetime(2026, 11, 22, 16, tzinfo=UTC)
BEFORE, AFTER = END - timedelta(days=2), END + timedelta(minutes=5)
SHARES = {Party.OFFICE: "11" * 32, Party.HQ: "22" * 32}
ROOT, OTHER_ROOT = "a" * 64, "b" * 64
HOUR = timedelta(hours=1)


def opened(name: str = NAME) -> Protocol:
    return Protocol(parse_name(name), Fraction(1, 5), END)


def committed(name: str = NAME, *parties: Party) -> Protocol:
    draw = opened(name)
    for party in parties or tuple(Party):
        draw = commit(draw, party, commitment_of(name, party, SHARES[party]), BEFORE)
    return draw


def frozen(name: str = NAME, *parties: Party) -> Protocol:
    return freeze(close(committed(name, *parties), AFTER), ROOT, 9, AFTER)


def agreed(name: str = NAME, *parties: Party) -> Protocol:
    return agree(frozen(name, *parties), ROOT, 9, AFTER)


def test_it_moves_only_as_the_table_says() -> None:
    for before in DrawState:
        for after in DrawState:
            draw = replace(opened(), state=before)
            if after in MOVES[before]:
                assert _move(draw, after).state is after
            else:
                with pytest.raises(OutOfOrder):
                    _move(draw, after)


def test_a_share_follows_from_the_secret_as_the_document_says() -> None:
    expected = "53cb04511c13226e9a5703fe0ae006258627c6f2f01d9a2b5cacca4b65f41c88"
    assert share_of(bytes.fromhex("33" * 32), NAME) == expected


def test_a_commitment_may_be_replaced_until_the_end_and_the_last_one_counts() -> None:
    draw = commit(committed(), Party.OFFICE, "c" * 64, END - timedelta(seconds=1))
    assert draw.commitments[Party.OFFICE] == "c" * 64
    with pytest.raises(OutOfOrder, match="too_late"):
        commit(draw, Party.OFFICE, "d" * 64, END)
    assert commit(draw, Party.OFFICE, "c" * 64, END + HOUR) is draw, "the same again changes nothing"


@pytest.mark.parametrize("draw", [frozen(), agreed(), close(committed(), AFTER)])
def test_no_commitment_is_taken_once_a_list_was_frozen_or_closed(draw: Protocol) -> None:
    with pytest.raises(OutOfOrder):
        commit(draw, Party.HQ, "d" * 64, BEFORE)


def test_nothing_is_closed_or_frozen_before_the_end() -> None:
    for act in (close, lambda draw, at: freeze(draw, ROOT, 1, at)):
        with pytest.raises(OutOfOrder, match="too_early"):
            act(committed(), END - timedelta(seconds=1))


def test_the_list_stands_at_once_where_the_answer_is_the_same_and_else_after_a_day() -> None:
    draw = frozen()
    assert may_stand(draw, ROOT, only_strata=False, at=AFTER)
    assert may_stand(draw, OTHER_ROOT, only_strata=True, at=AFTER)
    for answer in (OTHER_ROOT, None):
        assert not may_stand(draw, answer, only_strata=False, at=AFTER + STANDS_AFTER - HOUR)
        assert may_stand(draw, answer, only_strata=False, at=AFTER + STANDS_AFTER)


def test_without_a_call_all_is_over_and_five_late_calls_are_whole_at_once() -> None:
    assert agree(frozen(), ROOT, 0, AFTER).state is DrawState.EMPTY
    late = agree(frozen(f"{NAME}+1"), ROOT, 5, AFTER)
    assert (late.state, may_reveal(late)) == (DrawState.WHOLE, False)
    assert agree(frozen(f"{NAME}+1"), ROOT, 6, AFTER).state is DrawState.AGREED
    assert agree(frozen(), ROOT, 5, AFTER).state is DrawState.AGREED


def test_the_office_reveals_first_and_each_share_must_fit() -> None:
    draw = agreed()
    assert may_reveal(draw)
    with pytest.raises(OutOfOrder, match="not_your_turn"):
        give(draw, SHARES[Party.HQ])
    with pytest.raises(OutOfOrder, match="not_what_was_committed"):
        reveal(draw, SHARES[Party.HQ])
    half = reveal(draw, SHARES[Party.OFFICE])
    assert half.state is DrawState.REVEALED
    with pytest.raises(OutOfOrder, match="not_what_was_committed"):
        give(half, SHARES[Party.OFFICE])
    assert give(half, SHARES[Party.HQ]).state is DrawState.DRAWN


@pytest.mark.parametrize("lacking", list(Party))
def test_the_office_reveals_nothing_while_a_commitment_is_missing_or_before_its_close(lacking: Party) -> None:
    assert not may_reveal(agreed(NAME, lacking.other))
    assert not may_reveal(replace(agreed(), closed_at=None))
    assert not may_reveal(frozen())


def test_a_share_counts_whenever_it_comes_and_a_whole_list_shrinks_then() -> None:
    whole = make_whole(agreed())
    half = reveal(whole, SHARES[Party.OFFICE])
    assert half.state is DrawState.WHOLE
    assert give(half, SHARES[Party.HQ]).state is DrawState.DRAWN


def test_no_list_is_frozen_anew_once_a_share_was_given() -> None:
    with pytest.raises(OutOfOrder, match="share_given"):
        freeze(reveal(agreed(), SHARES[Party.OFFICE]), OTHER_ROOT, 3, AFTER)


def test_what_a_share_is_given_for_is_all_of_its_terms() -> None:
    terms = replace(agreed(), dice="1 2 3 4 5 6 1 2").terms
    assert terms == Terms(
        NAME,
        commitment_of(NAME, Party.OFFICE, SHARES[Party.OFFICE]),
        commitment_of(NAME, Party.HQ, SHARES[Party.HQ]),
        ROOT,
        "1/5",
        "1 2 3 4 5 6 1 2",
    )
    assert {one.name for one in fields(Terms)} == {
        "draw", "office_commitment", "hq_commitment", "root", "rate", "dice"
    }  # fmt: skip
    assert frozen().terms is None


def test_dice_count_only_where_a_witness_of_each_side_typed_in_the_same() -> None:
    assert confirmed_dice("1 2", "1 2") == "1 2"
    assert {confirmed_dice("1 2", "1 3"), confirmed_dice("1 2", ""), confirmed_dice("", "")} == {""}


def test_dice_are_awaited_for_a_day_after_the_agreement_was_learned_and_typed_after_the_freeze() -> None:
    draw = agreed()
    assert waits_for_dice(draw, asked=True, at=AFTER + DICE_AWAITED - HOUR)
    assert not waits_for_dice(draw, asked=True, at=AFTER + DICE_AWAITED)
    assert not waits_for_dice(draw, asked=False, at=AFTER)
    assert not waits_for_dice(replace(draw, dice="1 2"), asked=True, at=AFTER)
    assert [may_type_dice(one) for one in (committed(), frozen(), draw)] == [False, True, True]
    half = reveal(draw, SHARES[Party.OFFICE])
    assert (may_type_dice(half), may_ask_for_dice(half), may_ask_for_dice(opened())) == (False, False, True)


@given(
    st.sampled_from(DrawState),
    st.sets(st.sampled_from(Party)),
    st.sets(st.sampled_from(Party)),
    st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_from_every_state_time_alone_leads_to_its_end_within_eight_days(
    state: DrawState, commitments: set[Party], shares: set[Party], later: timedelta
) -> None:
    """With the other side gone for ever: drawn, empty or whole, at headquarters and on the node."""
    for party in Party:
        at = END
        draw = Protocol(parse_name(NAME), Fraction(1, 5), END, state, dict.fromkeys(commitments, ROOT), calls=9)
        if state in {DrawState.FROZEN, DrawState.AGREED, DrawState.REVEALED, DrawState.WHOLE}:
            draw = replace(draw, closed_at=at, frozen_at=at, frozen_root=ROOT)
        if state in {DrawState.AGREED, DrawState.REVEALED}:
            draw = replace(draw, agreed_at=at, root=ROOT, shares=dict.fromkeys(shares, ROOT))
        if state is DrawState.CLOSED:
            draw = replace(draw, closed_at=at)
        ends_by = at + timedelta(days=8)
        while at < ends_by and draw.state not in OVER | {DrawState.WHOLE}:
            at += HOUR
            move = due_move(draw, party, at)
            if move is DrawState.CLOSED:
                draw = close(draw, at)
            elif move is DrawState.FROZEN:
                draw = freeze(draw, ROOT, 9, at)
            elif move is DrawState.AGREED:
                draw = agree(draw, ROOT, 9, at)
            elif move is DrawState.WHOLE:
                draw = make_whole(draw)
        assert draw.state in OVER | {DrawState.WHOLE}, (party, state)


def test_terms_run_from_headquarters_recorded_acts() -> None:
    assert due_move(committed(), Party.HQ, END + SILENT_AFTER - HOUR) is None
    assert due_move(committed(), Party.HQ, END + SILENT_AFTER) is DrawState.FROZEN
    assert due_move(frozen(), Party.HQ, AFTER + STANDS_AFTER) is DrawState.AGREED
    for draw in (agreed(), reveal(agreed(), SHARES[Party.OFFICE])):
        for party in Party:
            assert due_move(draw, party, AFTER + WHOLE_AFTER - HOUR) is None
            assert due_move(draw, party, AFTER + WHOLE_AFTER) is DrawState.WHOLE
    assert due_move(frozen(), Party.OFFICE, AFTER + WHOLE_AFTER) is DrawState.WHOLE, "no list is known to stand"


@pytest.mark.parametrize(
    ("commitments", "shares", "hq_failed"),
    [
        ({Party.OFFICE, Party.HQ}, set(), False),
        ({Party.OFFICE, Party.HQ}, {Party.OFFICE}, True),
        ({Party.OFFICE}, set(), True),
        ({Party.HQ}, set(), False),
        (set(), set(), True),
    ],
)
def test_who_failed_reviews_the_offices_whole_list_and_headquarters_always_its_own(
    commitments: set[Party], shares: set[Party], hq_failed: bool
) -> None:
    for name in (NAME, "hq:07:2026-11"):
        draw = replace(
            make_whole(agreed(name)),
            commitments=dict.fromkeys(commitments, ROOT),
            shares=dict.fromkeys(shares, ROOT),
        )
        assert has_failed(draw, Party.HQ) is hq_failed
        assert reviewer_of(draw) is (Party.HQ if hq_failed or name.startswith("hq") else Party.OFFICE)
        assert not counts_in_assessment(draw)
    assert counts_in_assessment(give(reveal(agreed(), SHARES[Party.OFFICE]), SHARES[Party.HQ]))
