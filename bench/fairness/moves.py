"""The moves from which Hypothesis makes strategies up for `bench.fairness`."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from bench.fairness.game import Game
from supervision.draws.rules import Party
from supervision.exchange.models import OutboxHead
from supervision.exchange.service import next_batch
from tests.draws.two_sides import CODE, MONDAY

Move = str

MOVES: tuple[Move, ...] = (
    "speak", "write", "take_first", "take_last", "read_first", "read_last", "lose", "tell", "replay_facts",
    "hour", "day", "two_days", "period_over", "node_ahead", "node_behind", "node_right",
    "hq_ahead", "hq_behind", "hq_right", "cut", "join",
    "copy_node", "copy_hq", "back_node", "back_hq", "office_loses_secret", "hq_loses_secret", "invent",
    "take_back",
)  # fmt: skip


def make_moves(game: Game, moves: Sequence[Move]) -> None:
    """Any order of moves."""
    for move in moves:
        _make_move(game, move)


def play_moves(game: Game, moves: Sequence[Move]) -> None:
    """Any order of moves, then all goes on by itself. It counts in both books: neither side plays against any."""
    game.honest = None
    make_moves(game, moves)
    game.sides.cut, game.sides.node_off, game.sides.hq_off = False, timedelta(), timedelta()
    game.sides.at = max(game.sides.at, game.period.over)
    game.finish()


def _make_move(game: Game, move: Move) -> None:
    sides = game.sides
    acts: Mapping[Move, Callable[[], object]] = {
        "speak": sides.speak,
        "write": lambda: game.messages.append(sides.write()),
        "take_first": lambda: _take(game, 0),
        "take_last": lambda: _take(game, -1),
        "read_first": lambda: sides.read(game.answers[0]) if game.answers else None,
        "read_last": lambda: sides.read(game.answers[-1]) if game.answers else None,
        "lose": game.messages.clear,
        "tell": sides.tell,
        "replay_facts": lambda: _replay_facts(game),
        "hour": lambda: sides.later(hours=1),
        "day": lambda: sides.later(days=1),
        "two_days": lambda: sides.later(days=2),
        "period_over": lambda: setattr(sides, "at", max(sides.at, game.period.over)),
        "node_ahead": lambda: setattr(sides, "node_off", timedelta(days=3)),
        "node_behind": lambda: setattr(sides, "node_off", timedelta(days=-3)),
        "node_right": lambda: setattr(sides, "node_off", timedelta()),
        "hq_ahead": lambda: setattr(sides, "hq_off", timedelta(days=3)),
        "hq_behind": lambda: setattr(sides, "hq_off", timedelta(days=-3)),
        "hq_right": lambda: setattr(sides, "hq_off", timedelta()),
        "cut": lambda: setattr(sides, "cut", True),
        "join": lambda: setattr(sides, "cut", False),
        "copy_node": lambda: game.keep_copy("node"),
        "copy_hq": lambda: game.keep_copy("hq"),
        "back_node": lambda: game.put_back("node"),
        "back_hq": lambda: game.put_back("hq"),
        "office_loses_secret": lambda: game.lose_secret(Party.OFFICE),
        "hq_loses_secret": lambda: game.lose_secret(Party.HQ),
        "invent": lambda: sides.call(MONDAY + timedelta(hours=60), audio=False),
        "take_back": lambda: game.tell_of(game.chosen, answered_at=None, answered_desk=None),
    }
    acts[move]()


def _take(game: Game, which: int) -> None:
    if game.messages:
        game.answers.append(game.sides.take(game.messages[which]))


def _replay_facts(game: Game) -> None:
    """A batch that was acknowledged comes once more."""
    with game.sides.node.transaction() as session:
        head = session.scalars(select(OutboxHead)).one()
        before, head.received_n = head.received_n, max(0, head.received_n - 3)
        session.flush()
        batch = next_batch(session, CODE, 3)
        head.received_n = before
    if batch is not None and batch.facts:
        facts = [{"n": f.n, "kind": f.kind, "at": f.at.isoformat(), "body": f.body} for f in batch.facts]
        batch_body = {"epoch": str(batch.epoch), "sent_at": game.sides.node_at.isoformat(), "facts": facts}
        game.sides.take_facts(json.dumps(batch_body).encode())
