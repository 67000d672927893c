"""What headquarters answers to an office's message: of each of its draws all that the office may know."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.draws.book import unfinished
from supervision.draws.hq import parse_own
from supervision.draws.hq_lists import lacking
from supervision.draws.messages import (
    MOST_DRAWS,
    Agreed,
    Frozen,
    HqMessage,
    HqStatement,
    Moved,
    OfficeMessage,
    Seat,
    SentAsk,
    SentDice,
    SentEntry,
    SentTicket,
    Times,
)
from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of, tickets_of_draw
from supervision.draws.ticket_rules import TicketState


def answer_message(session: Session, office_code: str, message: OfficeMessage, at: datetime) -> HqMessage:
    """All that headquarters may say of what goes on, and of what was spoken of."""
    answers = {one.name: one for one in unfinished(session, office_code)[:MOST_DRAWS]}
    wanted = {one.draw for one in message.statements if one.list_wanted}
    for text in [*(one.draw for one in message.statements), *message.follows]:
        found = session.get(Draw, parse_own(text, office_code).id)
        if found is not None:
            answers.setdefault(found.name, found)
    said = [_statement(session, one, at, with_list=one.name in wanted) for one in answers.values()]
    return HqMessage(statements=tuple(said), tickets=_tickets(session, office_code, message.follows))


def _statement(session: Session, found: Draw, at: datetime, *, with_list: bool) -> HqStatement:
    return HqStatement(
        draw=found.name,
        state=found.state,
        rate=found.rate,
        ends_at=found.ends_at,
        office_commitment=found.office_commitment,
        hq_commitment=found.hq_commitment,
        ask=SentAsk.model_validate(found.hq_ask) if found.hq_ask else None,
        dice=SentDice.model_validate(found.hq_dice) if found.hq_dice else None,
        close_again=found.closed_early and found.frozen_at is None and at >= found.ends_at,
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
    told = {}
    for text in follows:
        name = parse_own(text, office_code)
        if session.get(Draw, name.id) is not None:
            rows = tickets_of_draw(session, Scope(office_code=office_code), name.id)
            calls = {row.id: row.call_id for row in rows}
            told[text] = tuple(
                SentTicket(
                    call=row.call_id,
                    state=row.state,
                    instead_of=calls.get(row.successor_of) if row.successor_of else None,
                    agreed=row.agreed_n,
                )
                for row in rows
                if row.state is not TicketState.RELEASED
            )
    return told
