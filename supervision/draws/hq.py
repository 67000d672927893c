"""Headquarters' side of a draw: it applies the office's numbered facts and messages, and gives its own share."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import day_bounds, local
from supervision.draws.book import (
    commit_own,
    common_terms,
    find_draw,
    give_own,
    norm_rate,
    open_draw,
    protocol_of,
    save,
    store_commitment,
)
from supervision.draws.drawing import make_draw
from supervision.draws.hq_lists import apply_answer, freeze_list
from supervision.draws.messages import AnsweredFact, ClosedFact, OfficeMessage, OfficeStatement, RevealedFact
from supervision.draws.models import Draw
from supervision.draws.noting import note_over, note_share_wrong, note_wrong
from supervision.draws.period_rules import DrawName, Period, parse_name, period_of
from supervision.draws.protocol_rules import DrawState, OutOfOrder, close, give, reveal
from supervision.draws.queries import is_reviewed
from supervision.draws.rules import Party, Tier
from supervision.draws.share_files import SecretLost, ShareFiles
from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.incidents.rules import Cause

Position = Callable[[Session, str], tuple[uuid.UUID, int] | None]
FactT = TypeVar("FactT", bound=BaseModel)
MISSED_FOR = timedelta(days=400)  # so far back a period that we missed is opened at the office's close


def apply_draw_fact(  # noqa: PLR0913, PLR0917 - whose fact, which, when it was received
    session: Session, office_code: str, epoch: uuid.UUID, n: int, kind: FactKind, body: Any, at: datetime
) -> None:
    """Apply what an office said of a draw in a numbered fact; `at` is when it was received, by our own clock.

    It is acknowledged whatever we think of it. Raises InvalidInput for what is no such fact, and for another
    office's draw.
    """
    if kind is FactKind.DRAW_CLOSED:
        closed = ClosedFact.model_validate(body)
        found = _own(session, office_code, closed.draw, at, closes=True)
        _apply_closed(session, found, closed, (epoch, n), at)
    elif kind is FactKind.DRAW_ANSWERED:
        answered = AnsweredFact.model_validate(body)
        apply_answer(session, _own(session, office_code, answered.draw, at), answered, at)
    else:
        revealed = RevealedFact.model_validate(body)
        _apply_revealed(session, _own(session, office_code, revealed.draw, at), revealed, at)


def _own(session: Session, office_code: str, text: str, at: datetime, *, closes: bool = False) -> Draw:
    """A draw of this office. One of a period that we missed wholly is opened when the office closes it.

    Its calls, which came before, are in the list of their receipt by then; so both sides have the same of it.
    """
    name = parse_own(text, office_code)
    found = find_draw(session, name.id)
    starts_at, ends_at = day_bounds(name.period.first)[0], day_bounds(name.period.after)[0]
    may_open = _is_current(name, at) or (closes and ends_at <= at < ends_at + MISSED_FOR)
    if found is None and not name.supplement and starts_at <= at and may_open:
        found = open_draw(session, name, norm_rate(session, name.tier, at), at)
    if found is None:
        raise InvalidInput("draw", "unknown")
    return found


def parse_own(text: str, office_code: str) -> DrawName:
    """The name of a draw of this office. Raises InvalidInput."""
    try:
        name = parse_name(text)
    except ValueError as error:
        raise InvalidInput("draw", "malformed") from error
    if name.office_code != office_code:
        raise InvalidInput("draw", "unknown")
    return name


def _is_current(name: DrawName, at: datetime) -> bool:
    """Whether a draw is one that we would open by ourselves: of the period that goes on, or of the one before."""
    current = period_of(name.tier, local(at).date())
    return name.period in {current, _before(name.tier, current)}


def _before(tier: Tier, period: Period) -> Period:
    return period_of(tier, period.first - (period.after - period.first) / 2)


def _apply_closed(
    session: Session, found: Draw, fact: ClosedFact, position: tuple[uuid.UUID, int], at: datetime
) -> None:
    """Freeze the list at this fact, in its order: exactly what came before it is acknowledged.

    Said twice it freezes once, and the terms that it named first stay. Said before the period is over by our own
    clock, it is to be said again.
    """
    protocol = protocol_of(found)
    try:
        closed = close(protocol, at)
    except OutOfOrder:
        found.closed_early = True
        detail = {"said": "closed_early", "ends_at": found.ends_at.isoformat()}
        note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, detail)
        return
    save(session, found, closed)
    found.said = found.said or fact.model_dump(mode="json", exclude={"draw"})
    if closed.state is DrawState.CLOSED:
        found.closed_early = False
        freeze_list(session, found, position, at)
        note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)


def _apply_revealed(session: Session, found: Draw, fact: RevealedFact, at: datetime) -> None:
    """The office's share is kept where it fits; whether ours is given for it is seen afterwards."""
    protocol = protocol_of(found)
    if found.office_share is not None:
        return
    try:
        revealed = reveal(protocol, fact.share)
    except OutOfOrder as error:
        if str(error) == "not_what_was_committed":
            note_share_wrong(session, found, at, Party.OFFICE, "")
        else:
            found.revealed_for = fact.model_dump(mode="json", exclude={"draw"})  # before we know of a list
        return
    found.revealed_for = fact.model_dump(mode="json", exclude={"draw", "share"})
    found.office_revealed_at = at
    if fact.witness and not found.office_dice:
        found.office_dice = {"dice": fact.dice, "witness": fact.witness, "at": at.isoformat()}
    save(session, found, revealed)


def give_share(session: Session, files: ShareFiles, found: Draw, at: datetime) -> bool:
    """Give our share where the office gave its own for all that we hold to be so, and draw; whether it was given.

    Else the list stays whole; nothing is left to say of that once all of it is reviewed.
    """
    early = found.revealed_for.get("share")
    if early and found.office_share is None and found.root:
        _apply_revealed(session, found, RevealedFact(draw=found.name, **found.revealed_for), at)
    if found.office_share is None or found.hq_share is not None:
        return False
    protocol = protocol_of(found)
    if protocol.terms is None:
        return False
    terms = common_terms(found, protocol)
    if terms is None:
        if not is_reviewed(session, found):
            note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, {"said": "given_for_something_else"})
        return False
    try:
        share = give_own(files, found, Party.HQ, terms, at)
        drawn = give(replace(protocol, dice=terms.dice), share)
    except (SecretLost, OutOfOrder) as error:
        note_share_wrong(session, found, at, Party.HQ, str(error))
        return False
    found.dice, found.hq_revealed_at = terms.dice, at
    make_draw(session, found, drawn, at)
    return True


def apply_message(
    session: Session, files: ShareFiles, office_code: str, message: OfficeMessage, at: datetime
) -> None:
    """Apply what an office says in a message; what is out of order changes nothing.

    Raises InvalidInput for another office's draw.
    """
    open_periods(session, office_code, at)
    for said in message.statements:
        found = find_draw(session, parse_own(said.draw, office_code).id)
        if found is not None:
            _apply_statement(session, files, found, said, at)


def _apply_statement(
    session: Session, files: ShareFiles, found: Draw, said: OfficeStatement, at: datetime
) -> None:
    commit_own(session, files, found, Party.HQ, at)
    store_commitment(session, found, Party.OFFICE, said.commitment, at)
    if found.office_share is None:
        found.office_ask = said.ask.model_dump(mode="json") if said.ask else {}
        found.office_dice = said.dice.model_dump(mode="json") if said.dice else {}
    give_share(session, files, found, at)


def open_periods(session: Session, office_code: str, at: datetime) -> None:
    """Open what goes on for an office: this week's and this month's draw, and one that was missed meanwhile."""
    for tier in Tier:
        period = period_of(tier, local(at).date())
        before = _before(tier, period)
        wanted = [DrawName(tier, office_code, period)]
        if _is_older(session, tier, office_code, before):
            wanted.insert(0, DrawName(tier, office_code, before))
        for name in wanted:
            if session.get(Draw, name.id) is None:
                open_draw(session, name, norm_rate(session, tier, at), at)


def _is_older(session: Session, tier: Tier, office_code: str, period: Period) -> bool:
    """Whether there were draws before that period already, so that it must have one, too."""
    of_office = Draw.tier == tier, Draw.office_code == office_code
    query = select(Draw.id).where(*of_office, Draw.ends_at <= day_bounds(period.first)[0], Draw.supplement == 0)
    return session.scalar(query.limit(1)) is not None
