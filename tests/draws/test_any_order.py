"""Both sides while letters and answers are lost, doubled and delayed, facts and audio come late, and both restart.

Seeds can be added by hand: DRAW_SEEDS=200 pytest tests/draws/test_any_order.py
"""

import os
import random
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.database import Database
from supervision.draws.models import Draw, DrawAttempt, DrawShare
from supervision.draws.protocol_rules import CHOOSING, LIST_STANDS, DrawState
from supervision.draws.queries import attempts_of
from supervision.draws.rules import Party, commitment_of
from supervision.draws.service import type_dice
from supervision.errors import Refused
from supervision.incidents.models import Incident
from supervision.people.rules import Actor, Scope
from tests.draws.test_exchange import HOUR, an_actor
from tests.draws.two_sides import MONDAY, WEEK, TwoSides, two_sides
from verify_draw import compare, verify

SEEDS = range(int(os.environ.get("DRAW_SEEDS", "5")))
STEPS = 120
PERIOD = "2026-W47"


@dataclass
class Weather:
    """What lies between the two sides: letters and answers on their way, and what happens to them."""

    sides: TwoSides
    chance: random.Random
    head: Actor
    letters: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    unsealed: list[uuid.UUID] = field(default_factory=list)
    fixed: dict[tuple[str, int, Party], tuple[str | None, str]] = field(default_factory=dict)

    def write(self) -> None:
        self.letters.append(self.sides.write())

    def take(self) -> None:
        if self.letters:
            self.answers.append(self.sides.take(self._next(self.letters)))

    def read(self) -> None:
        if self.answers:
            self.sides.read(self._next(self.answers))

    def _next(self, on_the_way: list[str]) -> str:
        """Mostly the first; now and then another, and now and then it comes once more later."""
        at = 0 if self.chance.random() < 0.8 else self.chance.randrange(len(on_the_way))
        return on_the_way[at] if self.chance.random() < 0.15 else on_the_way.pop(at)

    def lose(self) -> None:
        for on_the_way in (self.letters, self.answers):
            if on_the_way and self.chance.random() < 0.5:
                on_the_way.pop(self.chance.randrange(len(on_the_way)))

    def call(self) -> None:
        at, desk = MONDAY + self.chance.randrange(160) * HOUR, self.chance.choice(["801", "802"])
        kind = self.chance.random()
        if kind < 0.5:
            self.unsealed.append(self.sides.call_in_work(at, desk))
        else:
            self.sides.call(at, desk, audio=kind < 0.9)

    def seal(self) -> None:
        if self.unsealed:
            self.sides.seal(self.unsealed.pop(self.chance.randrange(len(self.unsealed))))

    def wait(self) -> None:
        self.sides.later(seconds=self.chance.choice([1, 15, 60, 600, 600, 3600, 10 * 3600]))

    def start_anew(self) -> None:
        """A process ends and starts again; what it had in its memory only is gone."""
        self.sides.asked = set()
        self.letters, self.answers = [], []
        for name in ("node", "hq"):
            old: Database = getattr(self.sides, name)
            old.close()
            setattr(self.sides, name, Database(str(old.engine.url)))

    def throw(self) -> None:
        """Somebody throws dice for whatever waits for them."""
        for one in self.drawn_or_not(self.sides.hq):
            with suppress(Refused), self.sides.hq.transaction() as session:
                people = ["王芳", "李强"]
                type_dice(
                    session,
                    self.head,
                    Scope(),
                    one.id,
                    dice="3 6 1",
                    witnesses=people,
                    at=self.sides.at,
                    at_hq=True,
                )

    def drawn_or_not(self, side: Database) -> list[Draw]:
        with side.reading() as session:
            return list(session.scalars(select(Draw).where(Draw.period == PERIOD).order_by(Draw.name)))

    def calm(self) -> None:
        """At last all letters pass, everything is sealed, and whoever must throw dice does."""
        for call_id in self.unsealed:
            self.sides.seal(call_id)
        for _ in range(3):
            self.sides.speak(5)
            self.throw()
            self.sides.later(hours=25)
        self.sides.speak(6)

    def check(self) -> None:
        """What must hold at every moment: nothing revealed before its time, nothing changed after it."""
        for side, party in ((self.sides.node, Party.OFFICE), (self.sides.hq, Party.HQ)):
            with side.reading() as session:
                for found in session.scalars(select(Draw).where(Draw.period == PERIOD)).all():
                    for row in attempts_of(session, found.id):
                        own = session.get(DrawShare, (found.id, row.n))
                        self._check_attempt(found, row, party, own.share if own else None)

    def _check_attempt(self, found: Draw, row: DrawAttempt, party: Party, own: str | None) -> None:
        office, hq = row.office_share, row.hq_share
        if office is not None or hq is not None:
            assert found.state in LIST_STANDS, "no share is revealed before the lists are agreed on"
            assert row.ready_at is not None
        if hq is not None:
            assert office is not None, "the office reveals first"
        committed = getattr(row, f"{party}_commitment")
        if found.state in CHOOSING and row.ended_at is None:
            return
        known = self.fixed.setdefault((found.name, row.n, party), (own, committed))
        assert known == (own, committed), "no share changes once the choosing is over"
        revealed = getattr(row, f"{party}_share")
        assert revealed in {None, own}
        if revealed is not None:
            assert commitment_of(found.name, party, revealed) == committed


def agreed_before_revealed(weather: Weather) -> None:
    """Whatever the office has given away, headquarters had agreed on the same list and dice before."""
    theirs = {one.name: one for one in weather.drawn_or_not(weather.sides.hq)}
    for ours in weather.drawn_or_not(weather.sides.node):
        for row in weather.sides.attempts(weather.sides.node, ours.name):
            if row.office_share is not None:
                there = theirs[ours.name]
                assert there.state in LIST_STANDS
                assert there.root == ours.root
                (same,) = [one for one in weather.sides.attempts(weather.sides.hq, ours.name) if one.n == row.n]
                assert (same.dice, same.office_commitment, same.hq_commitment) == (
                    row.dice,
                    row.office_commitment,
                    row.hq_commitment,
                )


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    with two_sides(folder):
        return folder


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_to_letters_both_draw_the_same_or_an_incident_says_why(
    empty: Path, tmp_path: Path, seed: int
) -> None:
    for name in ("node.db", "hq.db"):
        shutil.copy(empty / name, tmp_path / name)
    with two_sides(tmp_path, made=True) as sides:
        weather = Weather(sides, random.Random(seed), an_actor(sides))  # noqa: S311 - it must come again
        sides.speak(2)
        for _ in range(weather.chance.randrange(8)):
            weather.call()
        sides.at = MONDAY + WEEK + timedelta(minutes=weather.chance.choice([0, 5, 61]))
        storm(weather)
        weather.calm()
        weather.check()
        drawn_alike(weather)


def storm(weather: Weather) -> None:
    often: list[Callable[[], None]] = [weather.write, weather.take, weather.read, weather.sides.tell, weather.wait]
    seldom: list[Callable[[], None]] = [
        weather.lose,
        weather.seal,
        weather.sides.mind,
        weather.call,
        weather.throw,
    ]
    for _ in range(STEPS):
        kind = weather.chance.random()
        act = weather.start_anew if kind < 0.02 else weather.chance.choice(seldom if kind < 0.3 else often)
        act()
        if act in {weather.write, weather.take, weather.read, weather.sides.mind}:
            weather.check()
            agreed_before_revealed(weather)


def drawn_alike(weather: Weather) -> None:
    sides = weather.sides
    theirs = {one.name: one for one in weather.drawn_or_not(sides.node)}
    with sides.hq.reading() as session:
        said = {one.subject for one in session.scalars(select(Incident).where(Incident.healed_at.is_(None)))}
    for ours in weather.drawn_or_not(sides.hq):
        if ours.state is DrawState.DRAWN is theirs[ours.name].state:
            transcript = sides.transcript(sides.node, ours.name)
            check = verify(transcript)
            compare(check, transcript, sides.transcript(sides.hq, ours.name))
            assert check.faults == []
        else:
            assert ours.name in said, (ours.name, ours.state, theirs[ours.name].state)
