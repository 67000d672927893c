"""Who reviews a list that is whole: headquarters only where its own books say that it failed (draw.md)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from supervision.actor import Actor, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import acknowledge
from tests.draws.test_exchange import a_week, an_actor, incidents, lose_secrets, states
from tests.draws.two_sides import CODE, WEEKLY, TwoSides, two_sides


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[TwoSides]:
    with two_sides(tmp_path) as both:
        yield both


def change(sides: TwoSides, kind: FactKind, **changed: Any) -> None:
    """What the node is about to tell of the week is another thing."""
    with sides.node.transaction() as session:
        rows = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == kind)).all()
        row = next(one for one in rows if one.body["draw"] == WEEKLY)
        row.body = {**row.body, **changed}


def recipients(side: Database) -> list[str]:
    """Who is notified, by what a side itself found and nobody has settled yet, to review all of the list."""
    with side.reading() as session:
        query = select(Incident).where(Incident.cause == Cause.DRAW_WHOLE, ~Incident.received)
        return [one.detail["reviewer"] for one in session.scalars(query.where(Incident.healed_at.is_(None)))]


def settle(side: Database, who: Actor, sides: TwoSides) -> None:
    """Somebody has seen that the list is whole."""
    with side.transaction() as session:
        query = select(Incident).where(Incident.cause == Cause.DRAW_WHOLE, ~Incident.received)
        one = session.scalars(query).one()
        acknowledge(Context(session, who, Scope(), sides.at), one.id, note="已阅", version=one.version)


def reviewers(sides: TwoSides) -> tuple[Party | None, Party | None]:
    return sides.draw(sides.node).reviewer, sides.draw(sides.hq).reviewer


def test_an_office_that_reveals_for_other_dice_reviews_its_whole_list_itself(sides: TwoSides) -> None:
    a_week(sides)
    for _ in range(2):
        sides.write()
        sides.tell()
        sides.read(sides.take(sides.write()))
    change(sides, FactKind.DRAW_REVEALED, dice="1 1 1 1 1 1 1 1")
    sides.speak()
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    found = sides.draw(sides.hq)
    assert (found.state, found.office_share is not None, found.hq_share) == (DrawState.WHOLE, True, None)
    assert reviewers(sides) == (Party.OFFICE, Party.OFFICE)


def test_an_office_that_closes_with_another_rate_reviews_its_whole_list_itself(sides: TwoSides) -> None:
    a_week(sides)
    sides.write()
    change(sides, FactKind.DRAW_CLOSED, rate="1/3")
    sides.speak(4)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    assert reviewers(sides) == (Party.OFFICE, Party.OFFICE)


def test_the_terms_of_the_close_that_froze_the_list_are_not_overwritten_by_a_second(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak()
    with sides.node.transaction() as session:
        query = select(OutboxEntry.body).where(OutboxEntry.kind == FactKind.DRAW_CLOSED)
        body = next(one for one in session.scalars(query) if one["draw"] == WEEKLY)
        send_fact(session, CODE, FactKind.DRAW_CLOSED, {**body, "rate": "1/3"})
    sides.speak(4)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert sides.draw(sides.hq).said["rate"] == "1/5"


def test_headquarters_that_does_not_answer_an_offices_late_share_reviews_the_list_from_then(
    sides: TwoSides,
) -> None:
    a_week(sides)
    sides.speak()
    hidden = sides.node_files.paths.draw_secret("2026-11")
    secret = hidden.read_bytes()
    hidden.unlink()
    sides.speak(2)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    due_at = sides.draw(sides.hq).due_at
    assert reviewers(sides) == (Party.OFFICE, Party.OFFICE)
    assert recipients(sides.node) == recipients(sides.hq) == [Party.OFFICE]
    settle(sides.hq, an_actor(sides.hq), sides)
    lose_secrets(sides, "hq")
    hidden.write_bytes(secret)
    sides.speak(3)
    assert states(sides) == (DrawState.WHOLE, DrawState.WHOLE)
    assert reviewers(sides) == (Party.HQ, Party.HQ)
    assert sides.draw(sides.hq).due_at == due_at
    assert incidents(sides, Cause.DRAW_SHARE_WRONG) == 1
    assert recipients(sides.node) == recipients(sides.hq) == [Party.HQ], (
        "the reviewers are notified, on both sites"
    )


def test_a_list_that_shrinks_keeps_its_reviewer_as_it_keeps_its_due_date(sides: TwoSides) -> None:
    a_week(sides)
    sides.speak()
    hidden = sides.hq_files.paths.draw_secret("2026-11")
    secret = hidden.read_bytes()
    hidden.unlink()
    sides.speak(3)
    sides.later(hours=48, minutes=1)
    sides.speak(2)
    assert reviewers(sides) == (Party.HQ, Party.HQ)
    hidden.write_bytes(secret)
    sides.speak(3)
    assert states(sides) == (DrawState.DRAWN, DrawState.DRAWN)
    assert reviewers(sides) == (Party.HQ, Party.HQ)
    with sides.hq.reading() as session:
        assert session.get_one(Draw, sides.draw(sides.hq).id).whole_at is not None
