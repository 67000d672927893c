"""The order of a draw as a state machine: nobody chooses or changes a share once he could know the outcome.

What each party could know is kept beside the machine, by other means than the machine's own states: who was sent
the other's share, and has his own, could know the outcome.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from supervision.draws.protocol_rules import (
    MOVES,
    DrawState,
    OutOfOrder,
    Protocol,
    answer,
    await_no_longer,
    close,
    commit,
    freeze,
    moved,
    recommit,
    reveal,
    settle,
    throw,
    try_again,
    withheld,
)
from supervision.draws.rules import Party, commitment_of, rate_of_attempt

NAME = "office:07:2026-W47"
AT = datetime(2026, 11, 23, tzinfo=UTC)
FIFTH = Fraction(1, 5)
PARTIES = st.sampled_from(Party)
ROOTS = st.sampled_from(["a" * 64, "b" * 64])


def share_of(party: Party, n: int, choice: int = 0) -> str:
    return hashlib.sha256(f"{party} {n} {choice}".encode()).hexdigest()


class Draws(RuleBasedStateMachine):
    """Two parties who try everything at every moment, however foolish or dishonest."""

    def __init__(self) -> None:
        super().__init__()
        self.draw, self.at = Protocol(NAME, FIFTH), AT
        self.agreed_at = AT
        self.chosen: dict[tuple[Party, int], tuple[str, int]] = {}
        self.knowing: set[tuple[Party, int]] = set()
        self.published: list[tuple[int, str]] = []
        self.thrown_while_known: set[int] = set()
        self.steps = 0

    def _try(self, draw: Protocol | None) -> bool:
        if draw is None or draw == self.draw:
            return False
        before, self.draw = self.draw, draw
        self.steps += 1
        if before.state is not DrawState.AGREED and draw.state is DrawState.AGREED:
            self.agreed_at = self.at
        # A share that was sent is known to the other from then on, and with its own that is the outcome.
        for party, _share in draw.attempt.shares.items():
            self.knowing.add((party.other, draw.attempt.n))
        return True

    @rule(party=PARTIES, choice=st.integers(0, 2))
    def commits(self, party: Party, choice: int) -> None:
        n = self.draw.attempt.n
        knew = (party, n) in self.knowing
        share = share_of(party, n, choice)
        try:
            changed = self._try(commit(self.draw, party, commitment_of(NAME, party, share), self.at))
        except OutOfOrder:
            return
        if changed:
            assert not knew, "a share was chosen by one who could know the outcome"
            assert (party, n) not in self.chosen, "a share was chosen twice"
            self.chosen[party, n] = share, self.steps

    @rule(party=PARTIES, choice=st.integers(0, 2))
    def loses_his_share_and_commits_anew(self, party: Party, choice: int) -> None:
        n = self.draw.attempt.n
        share = share_of(party, n, choice)
        try:
            changed = self._try(recommit(self.draw, party, commitment_of(NAME, party, share), self.at))
        except OutOfOrder:
            return
        if changed:
            assert not self.knowing & {(party, n), (party.other, n)}
            assert self.draw.state in {
                DrawState.OPEN,
                DrawState.COMMITTED,
                DrawState.RECOMMITTING,
                DrawState.AGREED,
            }
            self.chosen[party, n] = share, self.steps

    @rule()
    def closes(self) -> None:
        try:
            self._try(close(self.draw))
        except OutOfOrder:
            return
        assert len(self.draw.attempt.commitments) == 2

    @rule(root=ROOTS)
    def freezes(self, root: str) -> None:
        try:
            self._try(freeze(self.draw, root))
        except OutOfOrder:
            return
        assert len(self.draw.attempt.commitments) == 2

    @rule(root=ROOTS)
    def answers(self, root: str) -> None:
        try:
            self._try(answer(self.draw, root, self.at))
        except OutOfOrder:
            return
        assert (self.draw.state is DrawState.AGREED) == (root == self.draw.root)

    @rule(root=ROOTS)
    def settles(self, root: str) -> None:
        before = self.draw.state
        try:
            self._try(settle(self.draw, root, self.at))
        except OutOfOrder:
            return
        assert before is DrawState.DISPUTED

    @precondition(lambda self: self.draw.state is DrawState.OPEN)
    @rule()
    def is_held_for_dice(self) -> None:
        self.draw = Protocol(NAME, FIFTH, self.draw.state, self.draw.root, True, self.draw.attempts)

    @rule(dice=st.sampled_from(["1 1 1", "6 6 6"]), witnesses=st.integers(0, 3))
    def throws(self, dice: str, witnesses: int) -> None:
        n = self.draw.attempt.n
        knew = {(party, n) for party in Party} & self.knowing
        try:
            changed = self._try(throw(self.draw, dice, witnesses, self.at))
        except OutOfOrder:
            return
        if changed:
            assert not knew, "dice were typed in by one who could know what they would do"
            assert witnesses >= 2

    @rule(party=PARTIES, choice=st.integers(0, 3))
    def reveals(self, party: Party, choice: int) -> None:
        n = self.draw.attempt.n
        try:
            changed = self._try(reveal(self.draw, party, share_of(party, n, choice)))
        except OutOfOrder:
            return
        if changed:
            share, _ = self.chosen[party, n]
            assert share == self.draw.attempt.shares[party], "another share than the one committed to"
            assert n == 1 or self.draw.attempt.dice, "a second attempt went on without dice"
            assert party is Party.OFFICE or Party.OFFICE in self.draw.attempt.shares

    @rule(choice=st.integers(0, 2))
    def goes_on_as_it_should(self, choice: int) -> None:
        """The next honest step, so that every state is reached often."""
        state, attempt = self.draw.state, self.draw.attempt
        missing = [party for party in Party if party not in attempt.commitments]
        if missing:
            self.commits(missing[0], choice)
        elif state is DrawState.COMMITTED:
            self.closes()
        elif state is DrawState.CLOSED:
            self.freezes("a" * 64)
        elif state in {DrawState.FROZEN, DrawState.DISPUTED}:
            self.answers(self.draw.root)
        elif self.draw.may_throw:
            self.throws("1 1 1", 2)
        elif state in {DrawState.AGREED, DrawState.REVEALED}:
            party = Party.OFFICE if state is DrawState.AGREED else Party.HQ
            self._try(reveal(self.draw, party, self.chosen[party, attempt.n][0]))

    @rule()
    def waits_for_dice_no_longer(self) -> None:
        self._try(await_no_longer(self.draw, self.agreed_at, self.at))

    @rule(hours=st.sampled_from([1, 12, 23, 24, 30]))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def tries_again(self) -> None:
        by, ended = withheld(self.draw, self.at), self.draw.attempt
        try:
            self._try(try_again(self.draw, self.at))
        except OutOfOrder:
            assert by is None
            return
        assert by is not None
        assert by not in ended.shares, "who revealed has withheld nothing"
        self.published.append((ended.n, str(ended.shares)))
        assert self.draw.current_rate == rate_of_attempt(FIFTH, ended.n + 1) > rate_of_attempt(FIFTH, ended.n)

    @invariant()
    def every_attempt_stays_published(self) -> None:
        kept = [(attempt.n, str(attempt.shares)) for attempt in self.draw.attempts[:-1]]
        assert kept == self.published
        assert all(attempt.withheld_by for attempt in self.draw.attempts[:-1])

    @invariant()
    def no_share_is_known_before_both_are_fixed_and_the_list_is_agreed_on(self) -> None:
        if self.draw.attempt.shares:
            assert self.draw.state in {DrawState.REVEALED, DrawState.DRAWN}
            assert len(self.draw.attempt.commitments) == 2
            assert self.draw.root

    @invariant()
    def a_draw_is_made_by_both_shares_only(self) -> None:
        assert (self.draw.state is DrawState.DRAWN) == (len(self.draw.attempt.shares) == 2)


Draws.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestDraws = Draws.TestCase


def test_each_state_leads_only_where_the_table_says() -> None:
    for before, after in product(DrawState, DrawState):
        draw = Protocol(NAME, FIFTH, before)
        if after in MOVES[before]:
            assert moved(draw, after).state is after
        else:
            with pytest.raises(OutOfOrder):
                moved(draw, after)


def agreed(*, dice: bool = False) -> Protocol:
    draw = Protocol(NAME, FIFTH, dice_wanted=dice)
    for party in Party:
        draw = commit(draw, party, commitment_of(NAME, party, share_of(party, 1)), AT)
    return answer(freeze(close(draw), "a" * 64), "a" * 64, AT)


def test_a_whole_draw_goes_from_commitment_to_tickets() -> None:
    draw = agreed()
    for party in Party:
        draw = reveal(draw, party, share_of(party, 1))
    assert draw.state is DrawState.DRAWN


def test_headquarters_cannot_reveal_first() -> None:
    with pytest.raises(OutOfOrder, match="not_your_turn"):
        reveal(agreed(), Party.HQ, share_of(Party.HQ, 1))


def test_a_share_that_was_not_committed_to_is_refused() -> None:
    with pytest.raises(OutOfOrder, match="not_what_was_committed"):
        reveal(agreed(), Party.OFFICE, share_of(Party.OFFICE, 2))


def test_a_draw_held_for_dice_reveals_nothing_until_they_are_thrown_or_a_day_has_passed() -> None:
    draw = agreed(dice=True)
    with pytest.raises(OutOfOrder, match="not_ready"):
        reveal(draw, Party.OFFICE, share_of(Party.OFFICE, 1))
    assert await_no_longer(draw, AT, AT + timedelta(hours=23)) == draw
    late = await_no_longer(draw, AT, AT + timedelta(hours=24))
    assert reveal(late, Party.OFFICE, share_of(Party.OFFICE, 1)).state is DrawState.REVEALED
    with pytest.raises(OutOfOrder, match="no_dice_now"):
        throw(late, "1 2 3", 2, AT)


def test_a_withheld_share_ends_as_the_document_says() -> None:
    draw, later = agreed(), AT + timedelta(hours=24)
    with pytest.raises(OutOfOrder, match="nothing_withheld"):
        try_again(draw, later - timedelta(seconds=1))
    draw = try_again(draw, later)
    assert draw.attempts[0].withheld_by is Party.OFFICE
    assert draw.current_rate == 2 * FIFTH
    for party in Party:
        draw = commit(draw, party, commitment_of(NAME, party, share_of(party, 2)), later)
    with pytest.raises(OutOfOrder, match="not_ready"):
        reveal(await_no_longer(draw, AT, later + timedelta(days=9)), Party.OFFICE, share_of(Party.OFFICE, 2))
    draw = throw(draw, "3 6 1", 2, later)
    for party in Party:
        draw = reveal(draw, party, share_of(party, 2))
    assert draw.state is DrawState.DRAWN
