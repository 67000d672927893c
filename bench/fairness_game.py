"""One week between two sides, and what a side may do in it: what the strategies of `bench.fairness` play on."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.database import Database
from supervision.draws.models import Draw, DrawEntry
from supervision.draws.protocol_rules import DUE
from supervision.draws.queries import entries_of
from supervision.draws.rules import Party, draw, seed_of
from supervision.draws.transcript import worked_of
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.outbox.models import OutboxEntry, OutboxHead
from supervision.outbox.rules import FactKind
from tests.draws.two_sides import MONDAY, WEEK, WEEKLY, TwoSides

OVER = MONDAY + WEEK + timedelta(minutes=5)
PATIENCE = 11  # so long that the node must have said of a call that it is in no list


@dataclass
class Game:
    """One week between two sides. `honest` is in whose books it counts whether the chosen call is due."""

    sides: TwoSides
    chance: random.Random
    chosen: uuid.UUID
    honest: Party = Party.HQ
    kept: dict[str, Path] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def books(self) -> Database:
        """The honest side's."""
        return self.sides.hq if self.honest is Party.HQ else self.sides.node

    def end_week(self) -> None:
        """The period is over."""
        self.sides.at = OVER

    def weekly(self, session: Session) -> Draw:
        """The week's draw as a side has it."""
        return session.scalars(select(Draw).where(Draw.name == WEEKLY)).one()

    def finish(self) -> None:
        """All goes on as it does by itself, until there is something due in the honest side's books."""
        for _ in range(PATIENCE):
            self.sides.speak(3)
            if self.is_decided:
                return
            self.sides.later(hours=25)

    @property
    def is_decided(self) -> bool:
        """Whether the list of the chosen call is due, or drawn; or the node says that there is none."""
        with self.books.reading() as session:
            return any(one.state in DUE for one in self._lists(session)) or self.is_named

    @property
    def is_named(self) -> bool:
        """Whether an incident of the honest node's own, which nobody else ends, says that it is in no list."""
        query = select(Incident.detail).where(
            Incident.cause == Cause.DRAW_CALL_UNLISTED, Incident.healed_at.is_(None), Incident.told.is_(False)
        )
        with self.books.reading() as session:
            named = any(str(self.chosen) in detail["calls"] for detail in session.scalars(query))
            return named and not self._lists(session)

    def _lists(self, session: Session) -> Sequence[Draw]:
        listed = select(DrawEntry.draw_id).where(DrawEntry.call_id == self.chosen)
        return session.scalars(select(Draw).where(Draw.id.in_(listed), Draw.name.startswith("office"))).all()

    @property
    def is_due(self) -> bool:
        """Whether the chosen call is due for review, or the node says that it escapes it."""
        if self.is_named:
            return True
        with self.books.reading() as session:
            rows = [one for found in self._lists(session) for one in worked_of(session, found)]
        return str(self.chosen) in {one.drawn.call_id for one in rows}

    @property
    def share_due(self) -> Fraction:
        """The share of the chosen call's list that is due; one that is named is a list of its own."""
        if self.is_named:
            return Fraction(1)
        with self.books.reading() as session:
            due, calls = 0, 0
            for found in self._lists(session):
                due, calls = due + len(worked_of(session, found)), calls + len(entries_of(session, found.id))
        return Fraction(due, calls) if calls else Fraction(0)

    def would_be_drawn(self, office_share: str, hq_share: str) -> bool:
        """What a side that knows both shares works out."""
        with self.sides.hq.reading() as session:
            found = self.weekly(session)
            entries = entries_of(session, found.id)
            seed = seed_of(WEEKLY, found.root or found.frozen_root or "", office_share, hq_share)
        return str(self.chosen) in {one.call_id for one in draw(seed, Fraction(1, 5), entries)}

    def share(self, party: Party) -> str:
        """A side's share of the week's draw."""
        side, files = (
            (self.sides.node, self.sides.node_files)
            if party is Party.OFFICE
            else (self.sides.hq, self.sides.hq_files)
        )
        with side.reading() as session:
            return files.share(self.weekly(session).secret, WEEKLY) or ""

    def lose_secret(self, party: Party) -> None:
        """A side keeps its share back for ever."""
        files = self.sides.node_files if party is Party.OFFICE else self.sides.hq_files
        files.paths.draw_secret("2026-11").unlink(missing_ok=True)

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
