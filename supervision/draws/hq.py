"""Headquarters' side of a draw: it applies the office's facts and messages, gives its own share, and answers."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.clock import day_bounds, local
from supervision.draws.hq_lists import apply_answer, freeze_list, lacking, make_draw
from supervision.draws.messages import (
    MOST_DRAWS,
    Agreed,
    AnsweredFact,
    ClosedFact,
    Frozen,
    HqDrawState,
    HqMessage,
    Moved,
    OfficeDrawState,
    OfficeMessage,
    RevealedFact,
    Seat,
    SentDice,
    SentEntry,
    SentTicket,
    Times,
)
from supervision.draws.models import Draw
from supervision.draws.party import (
    ask_of,
    commit_own,
    find_draw,
    give_own,
    known_of,
    norm_rate,
    note_over,
    note_share_wrong,
    note_wrong,
    open_at_norm,
    open_draw,
    protocol_of,
    save,
    store_commitment,
    store_dice,
    store_wishes,
    terms_of,
    thrown_by,
    unfinished,
)
from supervision.draws.protocol_rules import (
    DrawState,
    OutOfOrder,
    asks_to_close_again,
    close,
    current_name,
    give,
    may_open,
    reveal,
)
from supervision.draws.queries import entries_of, is_reviewed, list_unnamed, tickets_of_draw
from supervision.draws.rules import (
    DrawName,
    Party,
    Period,
    TicketState,
    Tier,
    parse_name,
    period_before,
)
from supervision.draws.share_files import SecretLost, ShareFiles
from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.incidents.rules import Cause
from supervision.incidents.service import list_settled


def apply_draw_fact(  # noqa: PLR0913, PLR0917 - a fact with its envelope, as the ingest has it for every room
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
    if found is None and may_open(name, local(at).date(), closes=closes):
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
    save(found, closed)
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
        store_dice(found, Party.OFFICE, SentDice(dice=fact.dice, witness=fact.witness, at=at))
    save(found, revealed)


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
    terms = terms_of(found, protocol)
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
    for said in message.draws:
        found = find_draw(session, parse_own(said.draw, office_code).id)
        if found is not None:
            _apply_draw_state(session, files, found, said, at)


def _apply_draw_state(
    session: Session, files: ShareFiles, found: Draw, said: OfficeDrawState, at: datetime
) -> None:
    commit_own(session, files, found, Party.HQ, at)
    store_commitment(session, found, Party.OFFICE, said.commitment, at)
    store_wishes(found, Party.OFFICE, said)
    give_share(session, files, found, at)


def open_periods(session: Session, office_code: str, at: datetime) -> None:
    """Open what goes on for an office: this week's and this month's draw, and one that was missed meanwhile."""
    current = [current_name(tier, office_code, local(at).date()) for tier in Tier]
    before = [DrawName(one.tier, office_code, period_before(one.tier, one.period)) for one in current]
    known = known_of(session, [*before, *current])
    for one in before:
        if one.id not in known and _is_older(session, one.tier, office_code, one.period):
            open_at_norm(session, one, at)
    for one in current:
        if one.id not in known:
            open_at_norm(session, one, at)


def _is_older(session: Session, tier: Tier, office_code: str, period: Period) -> bool:
    """Whether there were draws before that period already, so that it must have one, too."""
    of_office = Draw.tier == tier, Draw.office_code == office_code
    query = select(Draw.id).where(*of_office, Draw.ends_at <= day_bounds(period.first)[0], Draw.supplement == 0)
    return session.scalar(query.limit(1)) is not None


def answer_message(session: Session, office_code: str, message: OfficeMessage, at: datetime) -> HqMessage:
    """All that headquarters may say of what goes on, and of what was spoken of.

    And of draws of which work is left, and the node does not speak: it was put back, or made anew.
    """
    answers = {one.name: one for one in unfinished(session, office_code)[:MOST_DRAWS]}
    wanted = {one.draw for one in message.draws if one.list_wanted}
    spoken_of = [*(one.draw for one in message.draws), *message.follows]
    for one in list_unnamed(session, office_code, spoken_of, MOST_DRAWS):
        answers.setdefault(one.name, one)
    for text in spoken_of:
        found = session.get(Draw, parse_own(text, office_code).id)
        if found is not None:
            answers.setdefault(found.name, found)
    said = [_answer_of(session, one, at, with_list=one.name in wanted) for one in answers.values()]
    tickets = _tickets(session, office_code, message.follows)
    settled = list_settled(session, office_code, Cause.DRAW_UNCHECKED, tickets.keys())
    return HqMessage(draws=tuple(said), settled=tuple(settled), tickets=tickets)


def _answer_of(session: Session, found: Draw, at: datetime, *, with_list: bool) -> HqDrawState:
    return HqDrawState(
        draw=found.name,
        state=found.state,
        rate=found.rate,
        ends_at=found.ends_at,
        office_commitment=found.office_commitment,
        hq_commitment=found.hq_commitment,
        ask=ask_of(found, Party.HQ),
        dice=thrown_by(found, Party.HQ),
        close_again=asks_to_close_again(protocol_of(found), at, was_early=found.closed_early),
        lacking=tuple(lacking(session, found)),
        frozen=_frozen(session, found, with_list=with_list),
        agreed=_agreed(session, found, with_list=with_list),
        office_share=found.office_share,
        share=found.hq_share,
        reviewer=found.reviewer,
        times=Times(
            revealed=found.office_revealed_at,
            given=found.hq_revealed_at,
            whole=found.whole_at,
            drawn=found.drawn_at,
            due=found.due_at,
        ),
    )


def _frozen(session: Session, found: Draw, *, with_list: bool) -> Frozen | None:
    if found.frozen_at is None or found.frozen_root is None:
        return None
    return Frozen(
        epoch=found.closed_epoch,
        n=found.closed_n or 0,
        at=found.frozen_at,
        by_silence=found.by_silence,
        root=found.frozen_root,
        seats=tuple(Seat.model_validate(one) for one in found.seats),
        moved=Moved.model_validate(found.moved),
        lines=_lines(session, found.id, added=False) if with_list else None,
    )


def _agreed(session: Session, found: Draw, *, with_list: bool) -> Agreed | None:
    if found.root is None or found.agreed_at is None or found.state is DrawState.FROZEN:
        return None
    return Agreed(
        root=found.root,
        at=found.agreed_at,
        added=_lines(session, found.id, added=True) if with_list else (),
        differences=tuple(found.differences),
    )


def _lines(session: Session, draw_id: uuid.UUID, *, added: bool) -> tuple[SentEntry, ...]:
    return tuple(SentEntry.of(one) for one in entries_of(session, draw_id, added=added))


def _tickets(session: Session, office_code: str, follows: Sequence[str]) -> dict[str, tuple[SentTicket, ...]]:
    sent = {}
    for text in follows:
        name = parse_own(text, office_code)
        if session.get(Draw, name.id) is not None:
            rows = tickets_of_draw(session, Scope(office_code=office_code), name.id)
            calls = {row.id: row.call_id for row in rows}
            sent[text] = tuple(
                SentTicket(
                    call=row.call_id,
                    state=row.state,
                    instead_of=calls.get(row.successor_of) if row.successor_of else None,
                    agreed=row.agreed_n,
                )
                for row in rows
                if row.state is not TicketState.RELEASED
            )
    return sent
