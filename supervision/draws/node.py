"""An office node's side of a draw: it commits, closes, builds the list from its own facts, reveals, and checks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.clock import day_bounds, local
from supervision.draws import lists
from supervision.draws.book import (
    commitments_due,
    find_draw,
    name_of,
    norm_rate,
    open_draw,
    own_commitment,
    own_share,
    protocol_of,
    runs_from,
    save,
    unfinished,
)
from supervision.draws.models import Draw, DrawAttempt
from supervision.draws.node_lists import take_list
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.period_rules import DrawName, last_day, parse_name, period_of
from supervision.draws.protocol_rules import (
    CHOOSING,
    MADE_AFTER,
    Attempt,
    DrawState,
    OutOfOrder,
    close,
    commit,
    moved,
    recommit,
    reveal,
    throw,
    withheld,
)
from supervision.draws.queries import attempts_of, entries_of
from supervision.draws.rules import FLOOR_PERCENT, Party, Tier, seed_of
from supervision.draws.statements import HqLetter, HqSays, OfficeLetter, OfficeSays, SaidDice, SaidEntry
from supervision.draws.ticket_rules import TicketState
from supervision.incidents.models import Cause
from supervision.outbox.models import OutboxHead
from supervision.outbox.rules import FactKind
from supervision.outbox.service import tell
from supervision.recordings.models import Recording, RecordingState

SEALED_BY = timedelta(hours=1)  # then the list is closed as it is
FOLLOWED_FOR = timedelta(days=60)
MOST = 40


def write_letter(session: Session, office_code: str, at: datetime, wanted: Iterable[str] = ()) -> OfficeLetter:
    """Do what is this node's to do by now, and say how each draw stands.

    `wanted`: whose entries are asked for, and what is drawn here while headquarters, put back from a copy, has it
    under way: told all that we know, it comes to the same tickets, since its share is in its copy.
    """
    _open_periods(session, office_code, at)
    asked = set(wanted)
    statements = []
    for found in unfinished(session, office_code)[:MOST]:
        _mind_the_clock(session, found, at)
        _close_if_over(session, found, at)
        _reveal_if_ready(session, found, at)
        statements += _too_late(session, found)
        statements.append(_statement(session, found, with_entries=found.name in asked))
    told = {one.draw for one in statements}
    lost = [find_draw(session, parse_name(name).id) for name in sorted(asked - told)]
    statements += [_statement(session, found, with_entries=True) for found in lost if found is not None]
    return OfficeLetter(statements=tuple(statements), follows=tuple(_followed(session, office_code, at)))


def _open_periods(session: Session, office_code: str, at: datetime) -> None:
    for tier in Tier:
        name = DrawName(tier, office_code, period_of(tier, local(at).date()))
        if session.get(Draw, name.id) is None:
            open_draw(session, name, norm_rate(session, tier, at))
    for found in unfinished(session, office_code):
        own_commitment(session, found, Party.OFFICE, at)


def _mind_the_clock(session: Session, found: Draw, at: datetime) -> None:
    protocol = protocol_of(session, found)
    missing = [party.value for party in Party if party not in protocol.attempt.commitments]
    if missing and found.frozen_at is None and at >= commitments_due(session, found):
        note_wrong(session, found, Cause.DRAW_UNCOMMITTED, at, {"draw": found.name, "missing": missing})
    elif not missing:
        note_over(session, found, Cause.DRAW_UNCOMMITTED, at)
    if withheld(protocol, at) is Party.HQ:
        detail = {"draw": found.name, "attempt": protocol.attempt.n, "party": Party.HQ.value}
        note_wrong(session, found, Cause.DRAW_SHARE_WITHHELD, at, detail, part=str(protocol.attempt.n))


def _close_if_over(session: Session, found: Draw, at: datetime) -> None:
    """Say that the period is closed, once its calls are over and sealed, or an hour has passed for that."""
    if found.state is not DrawState.COMMITTED or at < found.ends_at + MADE_AFTER:
        return
    if at < runs_from(session, found) + SEALED_BY and _work_left(session, found):
        return
    head = session.scalars(select(OutboxHead).where(OutboxHead.office_code == found.office_code)).one()
    epoch, n = head.epoch, head.last_n + 1
    tell(
        session,
        found.office_code,
        FactKind.DRAW_CLOSED,
        {"draw": found.name, "epoch": str(epoch), "n": n},
    )
    found.closed_at, found.closed_epoch, found.closed_n = at, epoch, n
    save(session, found, close(protocol_of(session, found)), at)


def _work_left(session: Session, found: Draw) -> bool:
    unsealed = Recording.state.in_((RecordingState.GROWING, RecordingState.FINAL))
    query = (
        select(func.count())
        .select_from(Call)
        .outerjoin(Recording, Recording.call_id == Call.id)
        .where(*lists.in_period(found), Call.ended_at.is_(None) | unsealed)
    )
    return bool(session.scalar(query))


def _reveal_if_ready(session: Session, found: Draw, at: datetime) -> None:
    protocol = protocol_of(session, found)
    if protocol.state is not DrawState.AGREED or protocol.attempt.ready_at is None:
        return
    share = own_share(session, found, Party.OFFICE, protocol)
    if share is not None:
        save(session, found, reveal(protocol, Party.OFFICE, share), at)


def _statement(session: Session, found: Draw, *, with_entries: bool) -> OfficeSays:
    row = attempts_of(session, found.id)[-1]
    listed = found.frozen_at is not None and found.office_root is not None
    entries = entries_of(session, found.id) if listed and with_entries else None
    return OfficeSays(
        draw=found.name,
        attempt=row.n,
        commitment=row.office_commitment,
        dice_wanted=found.dice_wanted,
        root=(found.root if found.settled_by else found.office_root) if listed else None,
        entries=tuple(SaidEntry.of(one) for one in entries) if entries is not None else None,
        dice=_typed_here(row),
        share=row.office_share,
    )


def _too_late(session: Session, found: Draw) -> list[OfficeSays]:
    """Shares that we revealed in attempts which headquarters ended without: they may not have arrived in time."""
    ended = attempts_of(session, found.id)[:-1]
    return [
        OfficeSays(draw=found.name, attempt=row.n, commitment=row.office_commitment, share=row.office_share)
        for row in ended
        if row.office_share is not None and row.hq_share is None
    ]


def _typed_here(row: DrawAttempt) -> SaidDice | None:
    """Dice that were typed in here wait in `typed_by` and `witnesses`, until headquarters has taken them."""
    if row.thrown_at is None or not row.witnesses:
        return None
    dice = row.dice or row.typed_by.partition("|")[0]
    typed_by = row.typed_by.partition("|")[2] or row.typed_by
    return SaidDice(dice=dice, witnesses=tuple(row.witnesses), typed_by=typed_by, at=row.thrown_at)


def keep_dice(session: Session, found: Draw, said: SaidDice) -> None:
    """Keep dice that were typed in here until headquarters has taken them: only then are they the draw's."""
    row = session.get_one(DrawAttempt, (found.id, protocol_of(session, found).attempt.n))
    row.witnesses, row.thrown_at = list(said.witnesses), said.at
    row.typed_by = f"{said.dice}|{said.typed_by}"[:128]
    session.flush()


def read_letter(session: Session, office_code: str, letter: HqLetter, at: datetime) -> set[str]:
    """Take in what headquarters answers; the draws of which the next letter must say all."""
    asked = set()
    for said in letter.answers:
        found = _draw_of(session, office_code, said, at)
        if found is not None:
            _take(session, found, said, at)
            is_lost = found.state is DrawState.DRAWN and said.state is not DrawState.DRAWN
            if said.entries_wanted or is_lost or found.state is DrawState.DISPUTED:
                asked.add(found.name)
    for text, told in letter.tickets.items():
        name = parse_name(text)
        if name.office_code == office_code and (found := find_draw(session, name.id)) and found.told != told:
            found.told = dict(told)
    session.flush()
    return asked


def _draw_of(session: Session, office_code: str, said: HqSays, at: datetime) -> Draw | None:
    """The draw that is spoken of. One that headquarters opened alone is opened here, too."""
    name = parse_name(said.draw)
    if name.office_code != office_code:
        return None
    found = find_draw(session, name.id)
    if found is None:
        found = open_draw(session, name, max(Fraction(said.rate), _floor(name.tier)))
        own_commitment(session, found, Party.OFFICE, at)
    return found


def _floor(tier: Tier) -> Fraction:
    return Fraction(FLOOR_PERCENT[tier], 100)


def _take(session: Session, found: Draw, said: HqSays, at: datetime) -> None:
    if found.state is DrawState.DRAWN:
        return
    if Fraction(said.rate) < _floor(found.tier):  # nothing is agreed on or revealed at it
        note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, {"said": "rate_under_floor", "rate": said.rate})
        return
    if found.closed_at is None:
        found.rate = said.rate
    found.dice_wanted = found.dice_wanted or said.dice_wanted
    if said.attempt > attempts_of(session, found.id)[-1].n:
        _next_attempt(session, found, said, at)
    if said.attempt == attempts_of(session, found.id)[-1].n:
        _take_commitments(session, found, said, at)
        take_list(session, found, said, at)
        _take_dice(session, found, said, at)
        _take_share(session, found, said, at)


def _next_attempt(session: Session, found: Draw, said: HqSays, at: datetime) -> None:
    """Headquarters began a new attempt. Who had revealed has withheld nothing: then it was headquarters."""
    protocol = protocol_of(session, found)
    if protocol.state not in {DrawState.AGREED, DrawState.REVEALED}:
        take_list(session, found, said, at)
        protocol = protocol_of(session, found)
    if protocol.state not in {DrawState.AGREED, DrawState.REVEALED}:
        return
    by = Party.HQ if protocol.state is DrawState.REVEALED else Party.OFFICE
    ended = replace(protocol.attempt, withheld_by=by)
    started = moved(replace(protocol, attempts=(*protocol.attempts[:-1], ended)), DrawState.RECOMMITTING)
    save(session, found, replace(started, attempts=(*started.attempts, Attempt(ended.n + 1))), at)
    own_commitment(session, found, Party.OFFICE, at)


def _take_commitments(session: Session, found: Draw, said: HqSays, at: datetime) -> None:
    protocol = protocol_of(session, found)
    ours = protocol.attempt.commitments.get(Party.OFFICE)
    if ours != said.office_commitment and said.frozen is None:
        return  # both commitments count once both are on both sides: headquarters has not got ours yet
    if said.hq_commitment is not None and protocol.state in CHOOSING:
        known = protocol.attempt.commitments.get(Party.HQ)
        if known != said.hq_commitment:
            taking = commit if known is None else recommit
            protocol = taking(protocol, Party.HQ, said.hq_commitment, at)
            save(session, found, protocol, at)
    elif said.hq_commitment is not None and protocol.attempt.commitments.get(Party.HQ) != said.hq_commitment:
        detail = {"draw": found.name, "party": Party.HQ.value}
        note_wrong(session, found, Cause.DRAW_SHARE_WRONG, at, detail)
    if said.office_commitment not in {None, ours} and said.frozen is not None and protocol.state in CHOOSING:
        # This node was rebuilt: the commitment that counts was made with a share that is lost.
        save(session, found, recommit(protocol, Party.OFFICE, said.office_commitment or "", at), at)


def _take_dice(session: Session, found: Draw, said: HqSays, at: datetime) -> None:
    """Revealing may begin: with these dice, or without any; from here on they are what they are."""
    protocol = protocol_of(session, found)
    if not said.ready or not protocol.may_throw:
        return
    if said.dice is not None:
        protocol = throw(protocol, said.dice.dice, len(set(said.dice.witnesses)), at)
        row = session.get_one(DrawAttempt, (found.id, protocol.attempt.n))
        row.witnesses, row.typed_by, row.thrown_at = (
            list(said.dice.witnesses),
            said.dice.typed_by,
            said.dice.at,
        )
    elif protocol.attempt.dice_needed:
        return  # a second attempt without dice: nothing of ours is revealed
    else:
        ready = replace(protocol.attempt, ready_at=at)
        protocol = replace(protocol, attempts=(*protocol.attempts[:-1], ready))
    save(session, found, protocol, at)


def _take_share(session: Session, found: Draw, said: HqSays, at: datetime) -> None:
    protocol = protocol_of(session, found)
    if said.share is None or protocol.state is not DrawState.REVEALED:
        return
    try:
        protocol = reveal(protocol, Party.HQ, said.share)
    except OutOfOrder:
        note_wrong(session, found, Cause.DRAW_SHARE_WRONG, at, {"draw": found.name, "party": Party.HQ.value})
        return
    shares = protocol.attempt.shares
    found.seed = seed_of(
        found.name, found.root or "", shares[Party.OFFICE], shares[Party.HQ], protocol.attempt.dice
    )
    save(session, found, protocol, at)
    found.drawn_at = said.drawn_at or at
    found.due_at = day_bounds(last_day(name_of(found), local(found.drawn_at).date()))[1]
    session.flush()


def _followed(session: Session, office_code: str, at: datetime) -> Sequence[str]:
    """Draws that are drawn, and whose tickets are not all done as far as is known here."""
    query = select(Draw).where(
        Draw.office_code == office_code, Draw.state == DrawState.DRAWN, Draw.drawn_at >= at - FOLLOWED_FOR
    )
    settled = {TicketState.DONE.value, TicketState.UNUSABLE.value}
    rows = session.scalars(query.order_by(Draw.drawn_at.desc()).limit(MOST))
    return [row.name for row in rows if row.calls and not (row.told and set(row.told.values()) <= settled)]
