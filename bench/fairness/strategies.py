"""The strategies of `bench.fairness`: what a side, or both, may do against a chosen call."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.fairness.game import Game
from bench.fairness.repeating import AGAIN
from bench.fairness.sparing import SPARING
from supervision.draws.models import AnsweredCall
from supervision.draws.queries import entries_of
from supervision.draws.rules import NO_AUDIO, Entry, Party, commitment_of, root_of
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from tests.draws.two_sides import MONDAY


def play_fairly(game: Game) -> None:
    """Nobody does anything."""
    game.end_period()
    game.finish()


def never_commit(game: Game, party: Party) -> None:
    """A side has no commitment in the other's books when the period ends."""
    column = f"{party}_commitment"
    for side in (game.sides.node, game.sides.hq):
        with side.transaction() as session:
            setattr(game.played(session), column, None)
    game.end_period()
    game.honest = party.other
    game.finish()


def office_is_silent(game: Game, after: int) -> None:
    """The office says nothing more after so many exchanges."""
    game.end_period()
    game.sides.speak(after)
    game.sides.cut = True
    game.finish()


def headquarters_is_silent(game: Game, after: int) -> None:
    """Headquarters answers nothing more after so many exchanges."""
    game.honest = Party.OFFICE
    office_is_silent(game, after)


def headquarters_withholds_by_content(game: Game) -> None:
    """The last revealer knows the outcome, and keeps his share back if the chosen call is drawn."""
    game.honest = Party.OFFICE
    game.end_period()
    game.sides.speak(1)
    if game.would_be_drawn(game.share(Party.OFFICE), game.share(Party.HQ)):
        game.lose_secret(Party.HQ)
    game.finish()


def office_withholds_by_content(game: Game) -> None:
    """An office that has learned headquarters' share keeps its own back if the chosen call is drawn."""
    game.end_period()
    game.sides.speak(1)
    if game.would_be_drawn(game.share(Party.OFFICE), game.share(Party.HQ)):
        game.lose_secret(Party.OFFICE)
    game.finish()


def withhold_until_it_suits(game: Game) -> None:
    """Headquarters holds its share back, and gives it late only if the chosen call is not drawn."""
    game.honest = Party.OFFICE
    game.end_period()
    game.sides.speak(1)
    secret = game.secret(Party.HQ)
    kept, is_drawn = secret.read_bytes(), game.would_be_drawn(game.share(Party.OFFICE), game.share(Party.HQ))
    secret.unlink()
    game.finish()
    if not is_drawn:
        secret.write_bytes(kept)
    game.sides.speak(3)


def grind_a_share(game: Game) -> None:
    """Headquarters, put back to before its commitment, looks for a share by which the chosen call is not drawn."""
    game.honest = Party.OFFICE
    game.end_period()
    game.sides.speak(1)
    office, secret = game.share(Party.OFFICE), game.secret(Party.HQ)
    for _ in range(64):
        secret.write_bytes(game.chance.randbytes(32))
        if not game.would_be_drawn(office, game.share(Party.HQ)):
            break
    _claim_own_commitment(game, Party.HQ)
    game.finish()


def office_grinds_a_share(game: Game) -> None:
    """The office, put back to before its commitment, looks for a share that suits it; it knows headquarters'."""
    game.end_period()
    game.sides.speak(1)
    hq, secret = game.share(Party.HQ), game.secret(Party.OFFICE)
    for _ in range(64):
        secret.write_bytes(game.chance.randbytes(32))
        if not game.would_be_drawn(game.share(Party.OFFICE), hq):
            break
    _claim_own_commitment(game, Party.OFFICE)
    game.finish()


def _claim_own_commitment(game: Game, party: Party) -> None:
    side = game.sides.hq if party is Party.HQ else game.sides.node
    with side.transaction() as session:
        commitment = commitment_of(game.period.name, party, game.share(party))
        setattr(game.played(session), f"{party}_commitment", commitment)


def grind_the_root(game: Game) -> None:
    """The office, which knows both shares, invents calls until the chosen one is not drawn, then goes back."""
    game.keep_copy("node")
    game.end_period()
    game.sides.speak(3)
    if game.is_due:
        game.put_back("node")
        for n in range(1 + game.chance.randrange(3)):
            game.sides.call(MONDAY + timedelta(hours=30 + n), audio=False)
    game.finish()


def grind_the_root_while_headquarters_is_back(game: Game) -> None:
    """Headquarters is put back to before the freeze; the office, which knows both shares, forgets what it gave its
    own for, and invents just that call by which the chosen one is not drawn.
    """
    entries, shares = _both_go_back_knowing_all(game)
    if shares:
        game.sides.new_ids = lambda: _ground(game, entries, shares, game.chosen)
        game.sides.call(MONDAY + timedelta(hours=41), audio=False)
    game.finish()


def grind_its_id_while_headquarters_is_back(game: Game) -> None:
    """The same, and the office gives a call that it has not sent yet just that id by which it is not drawn."""
    entries, shares = _both_go_back_knowing_all(game)
    if shares:
        game.sides.new_ids = lambda: _ground(game, entries, shares, None)
        game.chosen = game.sides.call(MONDAY + timedelta(hours=41), audio=False)
    game.finish()


def _both_go_back_knowing_all(game: Game) -> tuple[list[Entry], tuple[str, ...]]:
    """Where the chosen call is drawn: the list, and both shares; both are put back to before the freeze."""
    game.sides.speak()
    game.keep_copy("node")
    game.keep_copy("hq")
    game.end_period()
    game.sides.speak(4)
    if not game.is_due:
        return [], ()
    with game.sides.hq.reading() as session:
        found = game.played(session)
        entries, shares = entries_of(session, found.id), (found.office_share or "", found.hq_share or "")
    game.put_back("node")
    game.put_back("hq")
    game.sides.node_files.paths.given_for(found.id).unlink()
    return entries, shares


def _ground(game: Game, entries: list[Entry], shares: tuple[str, ...], spared: uuid.UUID | None) -> uuid.UUID:
    """The id of a call by which another is not drawn, or, if none is named, it is not itself."""
    while True:
        call_id = uuid.UUID(int=game.chance.getrandbits(128), version=4)
        whole = [*entries, Entry(str(call_id), "zhang", NO_AUDIO)]
        if str(spared or call_id) not in game.draws(whole, root_of(whole), *shares):
            return call_id


def grind_the_frozen_list(game: Game) -> None:
    """Headquarters is put back to before the freeze once it knows both shares, and has another list by then."""
    game.honest = Party.OFFICE
    game.sides.speak()
    game.keep_copy("hq")
    game.end_period()
    game.sides.speak(2)
    if game.would_be_drawn(game.share(Party.OFFICE), game.share(Party.HQ)):
        game.put_back("hq")
        with game.sides.hq.transaction() as session:
            other = session.scalars(select(AnsweredCall).where(AnsweredCall.call_id != game.chosen)).first()
            session.delete(other)
    game.finish()


def take_the_answer_back(game: Game) -> None:
    """The office says that nobody answered the chosen call after all, and has no fact that says otherwise."""
    lie = {"answered_at": None, "answered_desk": None, "disposition": "missed"}
    game.tell_of(game.chosen, **lie)
    with game.sides.node.transaction() as session:
        for row in session.scalars(select(OutboxEntry).where(OutboxEntry.kind == FactKind.CALL)):
            if row.body["id"] == str(game.chosen):
                row.body = {**row.body, **lie}
    game.end_period()
    game.finish()


def tell_another_time(game: Game, off: int) -> None:
    """The office first tells of the chosen call as if it had come so many periods later."""
    game.chosen = game.sides.call(MONDAY + timedelta(hours=40) + off * game.period.length, audio=False)
    game.end_period()
    game.finish()
    if not game.is_decided:
        game.sides.at = game.period.over + game.period.length
        game.finish()


def tell_late(game: Game, others: int) -> None:
    """The office tells of the chosen call only when the list is fixed, with as many others as it likes."""
    game.end_period()
    game.sides.speak(3)
    game.chosen = game.sides.call(MONDAY + timedelta(hours=40), audio=False)
    for n in range(others):
        game.sides.call(MONDAY + timedelta(hours=41 + n), audio=False)
    game.finish()
    game.finish()


def move_it_by_the_clock(game: Game) -> None:
    """The office sets its clock so that the chosen call is in the period that suits it."""
    game.sides.node_off = timedelta(days=5)
    game.chosen = game.sides.call(game.sides.node_at, audio=False)
    game.sides.speak()
    game.sides.node_off = timedelta()
    game.end_period()
    game.finish()
    game.sides.at = game.period.over + game.period.length
    game.finish()


def invent_calls(game: Game, number: int) -> None:
    """The office fills the list with calls that never were."""
    for n in range(number):
        game.sides.call(MONDAY + timedelta(hours=50 + n), audio=False)
    game.end_period()
    game.finish()


def dispute_for_ever(game: Game) -> None:
    """The office answers with a list that lacks the chosen call and has lines without any fact."""
    game.end_period()
    game.sides.write()
    game.sides.tell()
    game.sides.read(game.sides.take(game.sides.write()))
    with game.sides.node.transaction() as session:
        for row in _sent_facts(game, session, FactKind.DRAW_ANSWERED):
            entries = [
                one for one in entries_of(session, game.played(session).id) if one.call_id != str(game.chosen)
            ]
            lines = [{"call": one.call_id, "stratum": one.stratum, "audio": one.audio} for one in entries]
            lines += [{"call": str(uuid.UUID(int=n)), "stratum": "zhang", "audio": "-"} for n in range(40)]
            row.body = {**row.body, "root": "ab" * 32, "lines": lines}
    game.finish()


def _sent_facts(game: Game, session: Session, kind: FactKind) -> list[OutboxEntry]:
    """The facts of that kind that the node tells of the draw that is played."""
    rows = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == kind))
    return [row for row in rows if row.body["draw"] == game.period.name]


def drop_the_call(game: Game) -> None:
    """Headquarters claims that nothing came of the chosen call, and freezes its list without it."""
    game.honest = Party.OFFICE
    with game.sides.hq.transaction() as session:
        session.delete(session.get_one(AnsweredCall, game.chosen))
    game.end_period()
    game.finish()


def reveal_for_something_else(game: Game) -> None:
    """The office names dice that nobody confirmed when it reveals."""
    game.end_period()
    game.sides.write()
    game.sides.tell()
    game.sides.read(game.sides.take(game.sides.write()))
    game.sides.tell()
    game.sides.read(game.sides.take(game.sides.write()))
    with game.sides.node.transaction() as session:
        for row in _sent_facts(game, session, FactKind.DRAW_REVEALED):
            row.body = {**row.body, "dice": "1 1 1 1 1 1 1 1"}
    game.finish()


def go_back_if_drawn(game: Game, honest: Party | None, *sides: str) -> None:
    """Once all is known, whoever does not like it is put back from a copy of before the freeze."""
    game.honest = honest
    for side in sides:
        game.keep_copy(side)
    game.end_period()
    game.sides.speak(4)
    if game.is_due:
        for side in sides:
            game.put_back(side)
    game.finish()


GAMES: Mapping[str, Callable[[Game], None]] = {
    "nobody does anything": play_fairly,
    "the office never commits": lambda game: never_commit(game, Party.OFFICE),
    "headquarters never commits": lambda game: never_commit(game, Party.HQ),
    "the office is silent from the end on": lambda game: office_is_silent(game, 0),
    "the office closes and is silent": lambda game: office_is_silent(game, 1),
    "headquarters is silent from the end on": lambda game: headquarters_is_silent(game, 0),
    "headquarters freezes and is silent": lambda game: headquarters_is_silent(game, 1),
    "headquarters withholds by content": headquarters_withholds_by_content,
    "the office withholds by content": office_withholds_by_content,
    "headquarters gives late if it suits": withhold_until_it_suits,
    "headquarters grinds a share": grind_a_share,
    "the office grinds a share": office_grinds_a_share,
    "the office grinds the root": grind_the_root,
    "the office grinds, headquarters is back": grind_the_root_while_headquarters_is_back,
    "the office grinds its id, headquarters is back": grind_its_id_while_headquarters_is_back,
    "headquarters grinds the list": grind_the_frozen_list,
    "the office takes the answer back": take_the_answer_back,
    "the office tells the period before": lambda game: tell_another_time(game, -1),
    "the office tells the period after": lambda game: tell_another_time(game, 1),
    "the office tells it late and alone": lambda game: tell_late(game, 0),
    "the office tells it late with others": lambda game: tell_late(game, 7),
    "the office moves it by its clock": move_it_by_the_clock,
    "the office invents one call": lambda game: invent_calls(game, 1),
    "the office invents ten calls": lambda game: invent_calls(game, 10),
    "the office disputes for ever": dispute_for_ever,
    "headquarters drops the call": drop_the_call,
    "the office reveals for something else": reveal_for_something_else,
    "the office goes back if it is drawn": lambda game: go_back_if_drawn(game, Party.HQ, "node"),
    "headquarters goes back if it is drawn": lambda game: go_back_if_drawn(game, Party.OFFICE, "hq"),
    "both go back if it is drawn": lambda game: go_back_if_drawn(game, None, "node", "hq"),
    **SPARING,
    **AGAIN,
}
