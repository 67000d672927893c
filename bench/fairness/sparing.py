"""The strategies of `bench.fairness` by which headquarters keeps a call that it acknowledged out of every list."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from unittest.mock import patch

from sqlalchemy import select

from bench.fairness.game import Game
from supervision.draws import tasks
from supervision.draws.models import AnsweredCall
from supervision.draws.rules import Party
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from tests.draws.two_sides import MONDAY

NOWHERE = "1999-W01"  # a period that no draw is of


def name_it_elsewhere(game: Game) -> None:
    """Headquarters names the chosen call with the freeze as being in another list, and has no such list."""
    game.honest = Party.OFFICE
    _put_nowhere(game, {game.chosen}, is_named=True)
    game.end_period()
    game.finish()


def freeze_at_an_earlier_fact(game: Game) -> None:
    """Headquarters freezes its list up to before the chosen call, the last one, though it had acknowledged it."""
    game.honest = Party.OFFICE
    game.chosen = game.sides.call(MONDAY + timedelta(hours=40), audio=False)
    game.sides.speak(2)
    _put_nowhere(game, {game.chosen})
    with game.sides.node.reading() as session:
        query = select(OutboxEntry).where(OutboxEntry.kind == FactKind.CALL).order_by(OutboxEntry.n)
        first = next(one.n for one in session.scalars(query) if one.body["id"] == str(game.chosen))
    game.end_period()
    game.sides.write()
    game.sides.tell()
    with game.sides.hq.transaction() as session:
        game.played(session).closed_n = first - 1
    game.finish()


def claim_never_to_have_heard(game: Game) -> None:
    """Headquarters freezes an empty list after two days, as if the office had never spoken."""
    game.honest = Party.OFFICE
    with game.sides.hq.reading() as session:
        calls = set(session.scalars(select(AnsweredCall.call_id)))
    _put_nowhere(game, calls)
    game.end_period()
    game.sides.write()
    game.sides.later(hours=48)
    with patch.object(tasks, "latest_position", lambda _session, _code: None):
        tasks.advance_draws(game.sides.hq, game.sides.hq_files, lambda: game.sides.at)
    game.finish()


def be_mute_for_a_day(game: Game) -> None:
    """Headquarters acknowledges the office's answer, says nothing for a day, and has its list stand without it."""
    game.honest = Party.OFFICE
    _put_nowhere(game, {game.chosen})
    game.end_period()
    game.sides.write()
    game.sides.tell()
    game.sides.read(game.sides.take(game.sides.write()))
    game.sides.tell()
    game.sides.cut = True
    game.sides.later(hours=25)
    game.sides.mind()
    game.sides.cut = False
    game.finish()


def claim_another_list(game: Game) -> None:
    """Headquarters says for ever that another list stands than the one that it froze, joined with the answer."""
    game.honest = Party.OFFICE
    game.end_period()
    for _ in range(6):
        message = game.sides.write()
        game.sides.tell()
        answer = json.loads(game.sides.take(message))
        for said in answer["draws"]:
            if said["agreed"]:
                said["agreed"]["root"] = "ab" * 32
        game.sides.read(json.dumps(answer))
        game.sides.later(hours=12)
    game.sides.cut = True
    game.finish()


def _put_nowhere(game: Game, calls: set[uuid.UUID], *, is_named: bool = False) -> None:
    """Headquarters' books have the calls in a period of no list; unless named, as if they had begun in none."""
    with game.sides.hq.transaction() as session:
        for call_id in calls:
            row = session.get_one(AnsweredCall, call_id)
            row.week = row.month = NOWHERE
            if not is_named:
                row.began_week = row.began_month = ""


SPARING: Mapping[str, Callable[[Game], None]] = {
    "headquarters names it elsewhere": name_it_elsewhere,
    "headquarters freezes at an earlier fact": freeze_at_an_earlier_fact,
    "headquarters never heard of the office": claim_never_to_have_heard,
    "headquarters is mute for a day": be_mute_for_a_day,
    "headquarters claims another list": claim_another_list,
}
