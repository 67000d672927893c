"""One period between two sides, and what a side may do in it: what the strategies of `bench.fairness` play on."""

import functools
import json
import random
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.database import Database
from supervision.draws.models import Draw, DrawEntry
from supervision.draws.protocol_rules import DUE, DrawState
from supervision.draws.queries import entries_of
from supervision.draws.rules import Entry, Party, Tier, draw, seed_of
from supervision.draws.transcript import transcript_of, worked_of
from supervision.exchange.models import OutboxEntry, OutboxHead
from supervision.exchange.rules import FactKind
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause

# The harness of the tests, so that both play the same.
from tests.draws.two_sides import MONDAY, MONTH_END, MONTHLY, WEEK, WEEKLY, TwoSides, two_sides
from verify_draw import verify

BEFORE_END = timedelta(days=2)

MADE_AFTER = timedelta(minutes=5)
COMMITTED_IN = "2026-11"  # the month, by which a secret is named
LONGER_THAN_A_TERM = 3  # looks at a draw, 25 hours apart
PATIENCE = 11  # so long that the node must have said of a call that it is in no list


@dataclass(frozen=True)
class PlayedPeriod:
    """The period whose draw is played: an office's week, or headquarters' month; the calls are in both.

    `length` is that of the period after it; the one before is no longer than that.
    """

    tier: Tier
    name: str
    ends_at: datetime
    length: timedelta
    rate: Fraction

    @property
    def over(self) -> datetime:
        """When the draw of it is made."""
        return self.ends_at + MADE_AFTER


PERIODS: Mapping[Tier, PlayedPeriod] = {
    Tier.OFFICE: PlayedPeriod(Tier.OFFICE, WEEKLY, MONDAY + WEEK, WEEK, Fraction(1, 5)),
    Tier.HQ: PlayedPeriod(Tier.HQ, MONTHLY, MONTH_END, timedelta(days=31), Fraction(1, 10)),
}


@dataclass
class Game:
    """One period between two sides. `honest` is in whose books it counts whether the chosen call is due.

    That is never the side that plays the strategy; None: both play, and it counts where it is due for both.
    """

    sides: TwoSides
    chance: random.Random
    chosen: uuid.UUID
    period: PlayedPeriod
    honest: Party | None = Party.HQ
    kept: dict[str, Path] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def books(self) -> list[Database]:
        """The honest side's, or both."""
        both = {Party.HQ: self.sides.hq, Party.OFFICE: self.sides.node}
        return list(both.values()) if self.honest is None else [both[self.honest]]

    def end_period(self) -> None:
        """The period is over."""
        self.sides.at = self.period.over

    def played(self, session: Session) -> Draw:
        """The draw of the period as a side has it."""
        return session.scalars(select(Draw).where(Draw.name == self.period.name)).one()

    def draws(self, entries: Sequence[Entry], root: str, office_share: str, hq_share: str) -> set[str]:
        """The calls that a draw of the period from such a list, with such shares, would draw."""
        seed = seed_of(self.period.name, root, office_share, hq_share)
        return {one.call_id for one in draw(seed, self.period.rate, entries)}

    def finish(self) -> None:
        """All goes on as it does by itself: to the end, since a list that is whole may still shrink.

        That is where both sides have drawn, or have had it whole for longer than any term of a draw.
        """
        self.sides.speak(2)
        seen: list[list[DrawState]] = []
        for _ in range(PATIENCE):
            self.sides.speak(2)
            seen.append(self._states())
            stays = seen[-LONGER_THAN_A_TERM:] == [seen[-1]] * LONGER_THAN_A_TERM
            if set(seen[-1]) == {DrawState.DRAWN} or (stays and set(seen[-1]) <= DUE):
                return
            self.sides.later(hours=25)

    def _states(self) -> list[DrawState]:
        """Where the lists of the chosen call stand on both sides; open, where one has none."""
        states = []
        for side in (self.sides.node, self.sides.hq):
            with side.reading() as session:
                states += [one.state for one in self._lists(session)] or [DrawState.OPEN]
        return states

    @property
    def is_decided(self) -> bool:
        """Whether the list of the chosen call is due, or drawn; or the node says that there is none."""
        return all(self._is_decided(side) for side in self.books)

    def _is_decided(self, side: Database) -> bool:
        with side.reading() as session:
            return any(one.state in DUE for one in self._lists(session)) or self._is_named(session)

    @property
    def is_named(self) -> bool:
        """Whether an incident of the honest node's own, which nobody else ends, says that it is in no list."""
        return any(self._is_named_in(side) for side in self.books)

    def _is_named_in(self, side: Database) -> bool:
        with side.reading() as session:
            return self._is_named(session)

    def _is_named(self, session: Session) -> bool:
        query = select(Incident.detail).where(
            Incident.cause == Cause.DRAW_CALL_UNLISTED,
            Incident.subject.startswith(f"{self.period.tier}:"),
            Incident.healed_at.is_(None),
            Incident.received.is_(False),
        )
        named = any(str(self.chosen) in detail["calls"] for detail in session.scalars(query))
        return named and not self._lists(session)

    def _lists(self, session: Session) -> Sequence[Draw]:
        listed = select(DrawEntry.draw_id).where(DrawEntry.call_id == self.chosen)
        return session.scalars(select(Draw).where(Draw.id.in_(listed), Draw.tier == self.period.tier)).all()

    @property
    def is_due(self) -> bool:
        """Whether the chosen call is due for review, or the node says that it escapes it."""
        return all(self._is_due(side) for side in self.books)

    def _is_due(self, side: Database) -> bool:
        with side.reading() as session:
            if self._is_named(session):
                return True
            rows = [one for found in self._lists(session) for one in worked_of(session, found)]
        return str(self.chosen) in {one.drawn.call_id for one in rows}

    @property
    def is_left_to_the_draw(self) -> bool:
        """Whether the list of the chosen call was drawn from in the honest books, once, as anybody can run again.

        Of a strategy that looks at no share this is all there is to see: whether it is drawn is then mere chance.
        """
        return all(self._is_left_to_the_draw(side) for side in self.books)

    def _is_left_to_the_draw(self, side: Database) -> bool:
        with side.reading() as session:
            found = self._lists(session)
            drawn = [transcript_of(session, one) for one in found if one.state is DrawState.DRAWN]
        if not len(drawn) == len(found) == 1 or verify(drawn[0]).faults:
            return False
        files = [one.paths.given_for(found[0].id) for one in (self.sides.node_files, self.sides.hq_files)]
        given = {json.loads(one.read_bytes())["root"] if one.exists() else None for one in files}
        return given == {found[0].root}

    @property
    def share_due(self) -> Fraction:
        """The share of the chosen call's list that is due; one that is named is a list of its own."""
        return min(self._share_due(side) for side in self.books)

    def _share_due(self, side: Database) -> Fraction:
        with side.reading() as session:
            if self._is_named(session):
                return Fraction(1)
            due, calls = 0, 0
            for found in self._lists(session):
                due, calls = due + len(worked_of(session, found)), calls + len(entries_of(session, found.id))
        return Fraction(due, calls) if calls else Fraction(0)

    def would_be_drawn(self, office_share: str, hq_share: str) -> bool:
        """What a side that knows both shares works out."""
        with self.sides.hq.reading() as session:
            found = self.played(session)
            entries, root = entries_of(session, found.id), found.root or found.frozen_root or ""
        return str(self.chosen) in self.draws(entries, root, office_share, hq_share)

    def share(self, party: Party) -> str:
        """A side's share of the draw."""
        side, files = (
            (self.sides.node, self.sides.node_files)
            if party is Party.OFFICE
            else (self.sides.hq, self.sides.hq_files)
        )
        with side.reading() as session:
            return files.share(self.played(session).secret, self.period.name) or ""

    def lose_secret(self, party: Party) -> None:
        """A side keeps its share back for ever."""
        self.secret(party).unlink(missing_ok=True)

    def secret(self, party: Party) -> Path:
        """The file of the secret from which a side's share follows."""
        files = self.sides.node_files if party is Party.OFFICE else self.sides.hq_files
        return files.paths.draw_secret(COMMITTED_IN)

    def keep_copy(self, side: str) -> None:
        """A backup of a side's database."""
        self.kept[side] = self.sides.copy(side, f"{side}-kept")

    def put_back(self, side: str) -> None:
        """The backup is put back; what follows is what the uplink does when the numbers do not fit."""
        if side in self.kept:
            self.sides.put_back(side, self.kept[side])
            self.sides.find_position()

    def tell_of(self, call_id: uuid.UUID, **changed: object) -> None:
        """The node tells the fact of a call once more, with lies in it."""
        with self.sides.node.transaction() as session:
            rows = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.CALL)).all()
            row = next(one for one in rows if one.body["id"] == str(call_id))
            head = session.scalars(select(OutboxHead)).one()
            head.last_n += 1
            body = {**row.body, **changed}
            session.add(
                OutboxEntry(epoch=head.epoch, n=head.last_n, kind=FactKind.CALL, body=body, at=self.sides.node_at)
            )


@functools.cache
def prepared(tier: Tier) -> tuple[Path, tuple[uuid.UUID, ...]]:
    """Both databases two days before the period's end, its ten calls sent; and the calls."""
    folder = Path(tempfile.mkdtemp(prefix="fairness-"))
    ids = iter([uuid.UUID(int=(7 << 76) | (8 << 60) | n + 1) for n in range(10)])
    with two_sides(folder) as sides:
        sides.new_ids = lambda: next(ids)
        sides.speak()
        calls = tuple(sides.call(MONDAY + timedelta(hours=n)) for n in range(10))
        if tier is Tier.HQ:  # their week is over by then, and drawn
            sides.at = PERIODS[Tier.OFFICE].over
            sides.speak(4)
        sides.at = PERIODS[tier].ends_at - BEFORE_END
        sides.speak()
    shutil.rmtree(folder / "node", ignore_errors=True)
    shutil.rmtree(folder / "hq", ignore_errors=True)
    return folder, calls


@contextmanager
def new_game(number: int, tier: Tier = Tier.OFFICE) -> Iterator[Game]:
    """A period before its end, with secrets that follow from a number, and both commitments exchanged."""
    template, calls = prepared(tier)
    chance = random.Random(number)  # noqa: S311 - it must come again
    with tempfile.TemporaryDirectory() as name, two_sides(Path(name), template=template) as sides:
        game = Game(sides, chance, calls[0], PERIODS[tier])
        sides.at = game.period.ends_at - BEFORE_END
        for party in Party:
            game.secret(party).parent.mkdir(parents=True)
            game.secret(party).write_bytes(chance.randbytes(32))
        sides.speak()
        yield game
