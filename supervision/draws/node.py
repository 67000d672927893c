"""An office node's side of a draw: it commits, closes, answers with its own list, reveals, and checks."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.clock import day_bounds, local
from supervision.draws import lists
from supervision.draws.check_rules import is_share_lost
from supervision.draws.messages import (
    HqDrawState,
    HqMessage,
    NodeState,
    OfficeDrawState,
    OfficeMessage,
)
from supervision.draws.models import Draw
from supervision.draws.node_checks import check_tickets, follow_tickets, note_unchecked
from supervision.draws.node_lists import (
    apply_agreed,
    apply_frozen,
    check_listed,
    needs_list,
    note_acknowledged,
    outbox_head,
    remember,
)
from supervision.draws.party import (
    ask_of,
    check_commitments,
    commit_own,
    dice_of,
    find_draw,
    give_own,
    known_of,
    note_over,
    note_share_wrong,
    note_whole,
    note_wrong,
    open_at_norm,
    open_draw,
    protocol_of,
    save,
    save_drawn,
    save_whole,
    set_facts,
    store_commitment,
    store_wishes,
    thrown_by,
    unfinished,
)
from supervision.draws.protocol_rules import (
    DUE,
    DrawState,
    OutOfOrder,
    close,
    closes_at,
    confirmed_dice,
    current_name,
    due_move,
    give,
    is_nothing_to_come,
    may_close_again,
    may_reveal,
    reveal,
    reviewer_of,
    waits_for_dice,
)
from supervision.draws.rules import Party, Tier, at_least_the_floor, parse_name
from supervision.draws.share_files import SecretLost, ShareFiles
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.incidents.rules import Cause
from supervision.incidents.service import end_settled
from supervision.recordings.models import Recording, RecordingState

log = structlog.get_logger(__name__)

MOST = 40


def write_message(session: Session, files: ShareFiles, office_code: str, at: datetime) -> OfficeMessage:
    """Do what is this node's to do by now, and say how each draw stands."""
    current = [current_name(tier, office_code, local(at).date()) for tier in Tier]
    known = known_of(session, current)
    for name in current:
        if name.id not in known:
            open_at_norm(session, name, at)
    asked = check_listed(session, office_code, at)
    draws: list[OfficeDrawState] = []
    for found in unfinished(session, office_code):  # all, however many headquarters has had this node open
        act_by_now(session, files, found, at)
        if found.state is DrawState.FROZEN:
            note_acknowledged(session, found)
        if len(draws) < MOST:
            draws.append(_draw_state(found))
    follows = (*asked, *follow_tickets(session, office_code, at))
    return OfficeMessage(draws=tuple(draws), follows=follows)


def act_by_now(session: Session, files: ShareFiles, found: Draw, at: datetime) -> None:
    """What is due by this node's clock: its commitment, its close, its share, and a list that nobody confirms."""
    commit_own(session, files, found, Party.OFFICE, at)
    check_commitments(session, found, at, expected=at < found.ends_at)
    _close_if_over(session, found, at)
    _reveal_if_ready(session, files, found, at)
    if due_move(protocol_of(found), Party.OFFICE, at) is DrawState.WHOLE:
        _show_whole(session, found, at)


def _close_if_over(session: Session, found: Draw, at: datetime) -> None:
    """Say that the period is closed, once its calls are over and sealed, or an hour has passed for that."""
    protocol = protocol_of(found)
    if found.closed_at is not None or at < closes_at(protocol, work_left=False):
        return
    if at < closes_at(protocol, work_left=True) and _work_left(session, found):
        return
    save(found, close(protocol, at))
    send_closed(session, found)


def send_closed(session: Session, found: Draw) -> None:
    """Say in a numbered fact that a period is closed, with commitments and rate as this node holds them."""
    body = {
        "draw": found.name,
        "office_commitment": found.office_commitment,
        "hq_commitment": found.hq_commitment,
        "rate": found.rate,
    }
    _send(session, found, FactKind.DRAW_CLOSED, body)


def _send(session: Session, found: Draw, kind: FactKind, body: dict[str, Any]) -> None:
    send_fact(session, found.office_code, kind, body)
    head = outbox_head(session, found.office_code)
    if kind is FactKind.DRAW_CLOSED and found.frozen_at is None:
        found.closed_epoch, found.closed_n = head.epoch, head.last_n


def _work_left(session: Session, found: Draw) -> bool:
    unsealed = Recording.state.in_((RecordingState.GROWING, RecordingState.FINAL))
    query = (
        select(func.count())
        .select_from(Call)
        .outerjoin(Recording, Recording.call_id == Call.id)
        .where(*lists.in_period(found), Call.ended_at.is_(None) | unsealed)
    )
    return bool(session.scalar(query))


def _reveal_if_ready(session: Session, files: ShareFiles, found: Draw, at: datetime) -> None:
    """Give this node's share, in the transaction that sends it; what it is given for is written down before."""
    dice = confirmed_dice(dice_of(found, Party.OFFICE), dice_of(found, Party.HQ))
    protocol = replace(protocol_of(found), dice=dice)
    asked = bool(found.office_ask or found.hq_ask)
    if not may_reveal(protocol) or waits_for_dice(protocol, asked=asked, at=at):
        return
    terms = protocol.terms
    try:
        share = give_own(files, found, Party.OFFICE, terms, at) if terms else ""
        revealed = reveal(protocol, share)
    except (SecretLost, OutOfOrder) as error:
        note_share_wrong(session, found, at, Party.OFFICE, str(error))
        return
    save(found, revealed)
    witness = found.office_dice.get("witness", "") if protocol.dice else ""
    body = {"draw": found.name, "share": share, "root": found.root, "dice": protocol.dice, "witness": witness}
    _send(session, found, FactKind.DRAW_REVEALED, body)


def _show_whole(session: Session, found: Draw, at: datetime) -> None:
    """All of the list is due; if no list is known to stand, it is this node's own."""
    if found.frozen_at is None:
        lists.store(session, found, lists.of_node(session, found))
    save_whole(found, protocol_of(found), at)
    note_whole(session, found, at)


def _draw_state(found: Draw) -> OfficeDrawState:
    return OfficeDrawState(
        draw=found.name,
        commitment=found.office_commitment,
        ask=ask_of(found, Party.OFFICE),
        dice=thrown_by(found, Party.OFFICE),
        list_wanted=needs_list(found),
    )


def apply_answers(session: Session, files: ShareFiles, office_code: str, message: HqMessage, at: datetime) -> bool:
    """Apply what headquarters answers; whether there is something to say to it at once."""
    moved = False
    for said in message.draws:
        found = _draw_of(session, files, office_code, said, at)
        if found is None:
            continue
        before = found.state, found.root
        try:
            with session.begin_nested():
                in_order = _apply_draw_state(session, files, found, said, at)
        except OutOfOrder as error:  # one draw of which something impossible is said holds up no other
            note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, {"said": str(error)})
        else:
            if in_order and is_nothing_to_come(protocol_of(found), judged=found.judged_at is not None):
                note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)
        moved = moved or before != (found.state, found.root) or needs_list(found)
    for incident_id in message.settled:
        end_settled(session, incident_id, office_code=office_code, cause=Cause.DRAW_UNCHECKED, at=at)
    for text, tickets in message.tickets.items():
        name = parse_name(text)
        if name.office_code == office_code and (found := find_draw(session, name.id)) is not None:
            check_tickets(session, found, tickets, at)
    session.flush()
    return moved


def _draw_of(
    session: Session, files: ShareFiles, office_code: str, said: HqDrawState, at: datetime
) -> Draw | None:
    """The draw that is spoken of. One that headquarters opened alone is opened here, too."""
    name = parse_name(said.draw)
    if name.office_code != office_code:
        return None
    found = find_draw(session, name.id)
    if found is None:
        found = open_draw(session, name, Fraction(said.rate), at, said.ends_at if name.supplement else None)
        commit_own(session, files, found, Party.OFFICE, at)
    return found


def _apply_draw_state(session: Session, files: ShareFiles, found: Draw, said: HqDrawState, at: datetime) -> bool:
    """Apply what headquarters says of one draw; whether all of it was in order. Raises OutOfOrder."""
    if found.state is DrawState.DRAWN:
        return True
    if store_commitment(session, found, Party.HQ, said.hq_commitment, at):
        found.rate = str(at_least_the_floor(found.tier, Fraction(said.rate)))  # fixed from then
    if said.close_again and may_close_again(protocol_of(found)) and not _is_on_its_way(session, found):
        send_closed(session, found)
    store_wishes(found, Party.HQ, said)
    _send_again(session, found, said)
    in_order = apply_frozen(session, found, said, at)
    apply_agreed(session, found, said, at)
    _reveal_if_ready(session, files, found, at)
    _apply_own_share(session, files, found, said, at)
    _apply_share(session, found, said, at)
    _apply_times(session, found, said, at)
    return in_order


def _is_on_its_way(session: Session, found: Draw) -> bool:
    """Whether a close was sent that headquarters has not acknowledged yet."""
    head = outbox_head(session, found.office_code)
    return found.closed_epoch == head.epoch and (found.closed_n or 0) > head.received_n


def _send_again(session: Session, found: Draw, said: HqDrawState) -> None:
    """Send the facts of answered calls again that headquarters has not got, though they are in our list."""
    if not said.lacking or NodeState.of(found).again == said.lacking:
        return
    for body in lists.facts_of_calls(session, said.lacking).values():
        send_fact(session, found.office_code, FactKind.CALL, body)
    remember(found, again=said.lacking, again_n=outbox_head(session, found.office_code).last_n)


def _apply_own_share(session: Session, files: ShareFiles, found: Draw, said: HqDrawState, at: datetime) -> None:
    """Our own share, which headquarters has and these books have not: they were put back, or made anew.

    It is never taken from there. Without the file that says for what it was given, headquarters could have ground
    another list for a share that it knows; so this node has no draw of its own, and says that it cannot check.
    """
    if said.office_share is None or found.office_share is not None or found.root is None or found.judged_at:
        return
    # Of the period, not of the draw: when a supplementary one ends, headquarters says.
    period_over = day_bounds(parse_name(found.name).period.after)[0]
    try:
        is_given, was_there = files.is_given(found.id), files.written_since(at) < period_over
    except (OSError, ValueError) as error:  # a damaged file holds up no other draw
        log.warning("no word of what a share was given for", draw=found.name, error=str(error)[:300])
        return
    if is_share_lost(protocol_of(found), said.office_share, is_given=is_given, was_there=was_there):
        note_unchecked(session, found, at)


def _apply_share(session: Session, found: Draw, said: HqDrawState, at: datetime) -> None:
    """Headquarters' share: where it is what it had committed to, the draw is made."""
    if said.share is None or found.office_share is None or found.hq_share is not None:
        return
    try:
        drawn = give(protocol_of(found), said.share)
    except OutOfOrder as error:
        note_share_wrong(session, found, at, Party.HQ, str(error))
        return
    found.judged_at = None
    found.reviewer = said.reviewer or reviewer_of(drawn)
    save_drawn(session, found, drawn, said.times.drawn or at, at)


def _apply_times(session: Session, found: Draw, said: HqDrawState, at: datetime) -> None:
    """When headquarters recorded what it recorded; its terms run by its own clock."""
    times = said.times
    set_facts(
        found,
        office_revealed_at=times.revealed or found.office_revealed_at,
        hq_revealed_at=times.given or found.hq_revealed_at,
        whole_at=times.whole or (found.whole_at if found.state is DrawState.WHOLE else None),
        due_at=times.due or found.due_at,
    )
    if found.state in DUE and said.reviewer not in {None, found.reviewer}:
        found.reviewer = said.reviewer
        if found.state is DrawState.WHOLE and not protocol_of(found).is_small:
            note_whole(session, found, at)
