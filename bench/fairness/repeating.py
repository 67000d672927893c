"""The strategies of `bench.fairness` by which headquarters says or does again what was to be once and for ever.

It goes back once it knows both shares, makes its list anew, or takes back what it had acknowledged.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select

from bench.fairness.game import Game
from bench.fairness.sparing import NOWHERE
from supervision.actor import Role
from supervision.draws.lists import of_headquarters
from supervision.draws.models import AnsweredCall
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of
from supervision.draws.rules import Party, TicketState, root_of
from supervision.exchange.models import OutboxHead
from supervision.exchange.service import note_received
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account
from tests.draws.two_sides import CODE, MONDAY, furnished

APART = MONDAY + timedelta(hours=5)  # when one of the calls, and not the chosen one, was answered
MOST_TRIED = 200


def grind_while_the_node_is_back(game: Game, *, rebuilt: bool) -> None:
    """The office has given its share when its node is put back from a copy, or made anew without its files.

    Headquarters, which knows both shares, goes back, too. It has somebody else have sat at a desk for an hour, so
    that the list is another one, until the chosen call would not be drawn; and gives its share for that.
    """
    game.honest = Party.OFFICE
    game.sides.speak()
    game.keep_copy("node")
    game.keep_copy("hq")
    game.end_period()
    game.sides.speak(4)
    shares = game.share(Party.OFFICE), game.share(Party.HQ)
    if game.would_be_drawn(*shares):
        game.put_back("node")
        game.put_back("hq")
        with game.sides.hq.reading() as session:
            game.sides.hq_files.paths.given_for(game.played(session).id).unlink()
        if rebuilt:
            shutil.rmtree(game.sides.folder / "node")
        _sit_elsewhere_until_it_is_not_drawn(game, shares)
        game.sides.speak(3)
        _take_the_share_as_given(game, shares[0])
    game.finish()


def _sit_elsewhere_until_it_is_not_drawn(game: Game, shares: tuple[str, str]) -> None:
    """Who sat where is headquarters' to say: one call of another's is moved to persons of ever other names."""
    with game.sides.hq.transaction() as session:
        person = Account(login="x", name="x", role=Role.OFFICER, office_code=CODE)
        session.add(person)
        session.flush()
        desk = session.scalars(select(Desk).where(Desk.extension == "801")).one()
        until_at = APART + timedelta(minutes=1)
        session.add(DeskAssignment(desk_id=desk.id, account_id=person.id, since_at=APART, until_at=until_at))
        for n in range(MOST_TRIED):
            person.login = f"x{n}"
            session.flush()
            entries = of_headquarters(session, game.played(session))
            if str(game.chosen) not in game.draws(entries, root_of(entries), *shares):
                return


def _take_the_share_as_given(game: Game, share: str) -> None:
    """Headquarters writes down that the office gave its share for the list that it has now, and draws."""
    with game.sides.hq.transaction() as session:
        found = game.played(session)
        found.state, found.office_share, found.office_revealed_at = DrawState.REVEALED, share, game.sides.at
        found.revealed_for = {"root": found.root, "dice": "", "witness": ""}


def make_the_list_anew_for_ever(game: Game, *, tells_one: bool = False) -> None:
    """Headquarters commits to nothing, and says each time before two days are over that it froze its list anew.

    It tells nothing of what it works on, or with each list of one call that is not the chosen one. Between two
    lists it answers nothing, since what it sent would then be compared with the list that is due.
    """
    game.honest = Party.OFFICE
    for side in (game.sides.node, game.sides.hq):
        with side.transaction() as session:
            game.played(session).hq_commitment = None
    game.end_period()
    game.sides.write()
    game.sides.tell()
    for _ in range(8):
        game.sides.read(_frozen_now(game, tells_one=tells_one))
        game.sides.tell()
        game.sides.later(hours=40)
        game.sides.write()
    game.sides.cut = True


def _frozen_now(game: Game, *, tells_one: bool) -> str:
    """What headquarters answers, if it had frozen its list at this moment, and it stood."""
    answer = json.loads(game.sides.take(game.sides.write()))
    for said in answer["draws"]:
        if said["frozen"]:
            moment = game.sides.at.isoformat()
            said["frozen"]["at"] = moment
            said["agreed"] = {"root": said["frozen"]["root"], "at": moment, "added": [], "differences": []}
    with game.sides.node.reading() as session:
        entries = entries_of(session, game.played(session).id)
    other = next((one.call_id for one in entries if one.call_id != str(game.chosen)), None)
    tickets = {game.period.name: [{"call": other, "state": TicketState.WAITING}]} if tells_one and other else {}
    return json.dumps(answer | {"tickets": tickets})


def take_the_acknowledgement_back(game: Game) -> None:
    """Headquarters keeps the chosen call out of every list, and has not got its fact any more in each period."""
    game.honest = Party.OFFICE
    game.end_period()
    game.sides.speak(4)
    game.chosen = game.sides.call(MONDAY + timedelta(hours=40), audio=False)
    game.sides.tell()
    with game.sides.hq.transaction() as session:
        row = session.get_one(AnsweredCall, game.chosen)
        row.week, row.month, row.began_week, row.began_month = NOWHERE, NOWHERE, "", ""
    game.sides.write()
    for n in range(5):
        game.sides.at = game.period.over + (n + 1) * game.period.length - timedelta(hours=1)
        _say_received(game, up_to=0)
        _say_received(game, up_to=None)
        game.sides.speak(2)


def _say_received(game: Game, up_to: int | None) -> None:
    """Headquarters says that it has the facts up to that number (None: all), and the node looks at it."""
    with game.sides.node.transaction() as session:
        head = session.scalars(select(OutboxHead)).one()
        note_received(session, CODE, head.epoch, head.last_n if up_to is None else up_to, game.sides.node_at)
    game.sides.write()


def set_the_clock(game: Game, days: int, *, by_content: bool = False) -> None:
    """Headquarters' clock is so many days ahead; always, or once it knows both shares, if the call is drawn."""
    game.honest = Party.OFFICE
    if not by_content:
        game.sides.hq_off = timedelta(days=days)
    game.end_period()
    game.sides.speak(1)
    if by_content and game.would_be_drawn(game.share(Party.OFFICE), game.share(Party.HQ)):
        game.sides.hq_off = timedelta(days=days)
    game.finish()
    game.finish()


def go_back_to_before_the_period(game: Game) -> None:
    """Headquarters is put back from a copy that knows no call of the period, if the chosen one is drawn."""
    game.honest = Party.OFFICE
    game.end_period()
    game.sides.speak(4)
    if game.is_due:
        game.kept["hq"] = furnished() / "hq.db"
        game.put_back("hq")
    game.finish()


AGAIN: Mapping[str, Callable[[Game], None]] = {
    "the node is put back, headquarters grinds": lambda game: grind_while_the_node_is_back(game, rebuilt=False),
    "the node is rebuilt, headquarters grinds": lambda game: grind_while_the_node_is_back(game, rebuilt=True),
    "headquarters makes its list anew for ever": make_the_list_anew_for_ever,
    "it does, and tells of one call": lambda game: make_the_list_anew_for_ever(game, tells_one=True),
    "headquarters takes its word back each period": take_the_acknowledgement_back,
    "headquarters' clock is ahead": lambda game: set_the_clock(game, 3),
    "headquarters' clock is behind": lambda game: set_the_clock(game, -3),
    "headquarters sets its clock if it is drawn": lambda game: set_the_clock(game, 9, by_content=True),
    "headquarters goes back to before the period": go_back_to_before_the_period,
}
