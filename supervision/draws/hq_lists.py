"""Headquarters' list of a draw: frozen, joined with the office's answer, and then drawn, due whole, or shrunk."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.clock import day_bounds, local
from supervision.database import in_chunks
from supervision.draws import lists
from supervision.draws.lists import period_column
from supervision.draws.messages import AnsweredFact, SentEntry
from supervision.draws.models import AnsweredCall, Draw, Ticket
from supervision.draws.party import (
    name_of,
    note_over,
    note_whole,
    note_without_audio,
    note_wrong,
    protocol_of,
    save,
    save_drawn,
    save_whole,
)
from supervision.draws.protocol_rules import (
    REVIEWED_WITHIN,
    DrawState,
    Protocol,
    agree,
    freeze,
    may_stand,
    passes_to_headquarters,
    reviewer_of,
)
from supervision.draws.queries import entries_of
from supervision.draws.rules import (
    NO_AUDIO,
    Difference,
    Drawn,
    Entry,
    Party,
    TicketState,
    differences,
    last_day,
    order_of_whole,
    root_of,
    worked,
)
from supervision.incidents.rules import Cause

SHOWN_DIFFERENCES = 200
_ASIDE = 1_000_000  # where places wait while they are given anew
MOST_ADDED = 5_000  # more than an office answers in a month; a call beyond comes into a supplementary draw


def freeze_list(session: Session, found: Draw, position: tuple[uuid.UUID, int] | None, at: datetime) -> None:
    """Fix the list as it is acknowledged now, up to that fact of that epoch (None: the office never spoke)."""
    entries = lists.of_headquarters(session, found)
    lists.store(session, found, entries)
    found.closed_epoch, found.closed_n = position or (None, 0)
    found.seats = [
        one.model_dump(mode="json")
        for one in lists.seats_of(session, found.office_code)
        if one.until is None or one.until > found.starts_at
    ]
    found.moved = lists.moved_of(session, found).model_dump(mode="json")
    save(found, freeze(protocol_of(found), root_of(entries), len(entries), at))
    detail = {"draw": found.name, "calls": len(entries), "root": found.frozen_root, "by_silence": found.by_silence}
    record(session, None, "draw_frozen", subject_of("draw", found.id), detail, found.office_code, at)
    session.flush()


def apply_answer(session: Session, found: Draw, fact: AnsweredFact, at: datetime) -> None:
    """The office's list: it is joined with ours until ours stands; later, a difference is an incident only.

    Once the draw is made, nothing is to come that could end that: it is over as it is noted.
    """
    if found.state is not DrawState.FROZEN:
        if found.root is not None and fact.root != found.root:
            note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, {"root_of_office": fact.root, "late": True})
            if found.hq_share is not None:
                note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)
        return
    found.answered_at, found.office_root = found.answered_at or at, fact.root
    if fact.lines is not None:
        frozen = entries_of(session, found.id)
        _keep_added(found, fact.lines, frozen)
        _name_differences(session, found, [one.entry for one in fact.lines], frozen, at)
    stand_if_due(session, found, at)


def _keep_added(found: Draw, lines: Sequence[SentEntry], frozen: Sequence[Entry]) -> None:
    """Keep the lines that only the office has: of many answers the first ones, up to a bound."""
    ours = {one.call_id for one in frozen}
    known = {one["call"]: one for one in found.added}
    beyond = {str(one.call): one.model_dump(mode="json") for one in lines if str(one.call) not in ours}
    found.added = list((known | beyond).values())[:MOST_ADDED]


def _name_differences(
    session: Session, found: Draw, theirs: Sequence[Entry], ours: Sequence[Entry], at: datetime
) -> None:
    differing = differences(theirs, ours)
    found.differences = [
        {
            "call": one.call_id,
            "office": one.office.line if one.office else None,
            "hq": one.hq.line if one.hq else None,
        }
        for one in differing[:SHOWN_DIFFERENCES]
    ]
    if differing and not _only_strata(found):
        note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, {"differences": len(differing)})


def _only_strata(found: Draw) -> bool:
    """Whether both lists have the same calls and audio, and differ only in who answered first."""
    named = [_difference(one) for one in found.differences]
    return 0 < len(named) < SHOWN_DIFFERENCES and all(one.is_of_stratum for one in named)


def _difference(named: Mapping[str, str | None]) -> Difference:
    office, hq = named["office"], named["hq"]
    return Difference(str(named["call"]), Entry.parse(office) if office else None, Entry.parse(hq) if hq else None)


def lacking(session: Session, found: Draw) -> list[uuid.UUID]:
    """The calls that only the office has in its list, and whose facts are not here: it is to send them again."""
    if found.state is not DrawState.FROZEN or not found.added:
        return []
    ids = {uuid.UUID(one["call"]) for one in found.added}
    known: set[uuid.UUID] = set()
    for some in in_chunks(ids):
        known |= set(session.scalars(select(AnsweredCall.call_id).where(AnsweredCall.call_id.in_(some))))
    return sorted(ids - known)


def stand_if_due(session: Session, found: Draw, at: datetime) -> bool:
    """Let the list stand, if it is time, joined with what only the office has; whether it does now."""
    protocol = protocol_of(found)
    answered = found.office_root if found.answered_at is not None else None
    if not may_stand(protocol, answered, only_strata=_only_strata(found), at=at):
        return False
    frozen = entries_of(session, found.id)
    added = _only_of_office(session, found, frozen)
    if added:
        lists.store(session, found, [*frozen, *added], added)
    root = root_of([*frozen, *added])
    found.agreed_at = at
    agreed = agree(protocol, root, len(frozen) + len(added), at)
    save(found, agreed)
    detail = {"draw": found.name, "root": root, "calls": found.calls, "answered": found.answered_at is not None}
    record(session, None, "draw_agreed", subject_of("draw", found.id), detail, found.office_code, at)
    note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)
    if agreed.state is DrawState.WHOLE:
        draw_whole(session, found, agreed, at)
    elif agreed.state is DrawState.EMPTY:
        note_over(session, found, Cause.DRAW_UNCOMMITTED, at)
        if found.answered_at is None:
            note_wrong(session, found, Cause.DRAW_UNCONFIRMED, at, {"frozen_at": str(found.frozen_at)})
    return True


def _only_of_office(session: Session, found: Draw, frozen: Sequence[Entry]) -> list[Entry]:
    """Lines that only the office has count with their fact; of whom answered them, our assignments say."""
    known = {one.call_id for one in frozen} | {str(one) for one in lists.listed_before(session, found)}
    sent = {one.call: one for one in map(SentEntry.model_validate, found.added) if str(one.call) not in known}
    period = period_column(found.tier).key
    rows = [session.get(AnsweredCall, call) for call in sent]
    answered = [
        lists.Answered(row.call_id, row.desk, row.answered_at)
        for row in rows
        if row is not None and row.office_code == found.office_code and getattr(row, period) == found.period
    ]
    audio = {call: one.audio for call, one in sent.items()}
    return lists.entries_of_answered(answered, lists.seats_of(session, found.office_code), audio)


def draw_whole(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    """Every call of the list is due, from now on until both shares are there; the reviewers are notified."""
    reviewer = save_whole(found, protocol, at)
    found.due_at = due_of_whole(at)
    entries = entries_of(session, found.id)
    _add_tickets(session, found, order_of_whole(found.name, found.root or "", entries), entries, at)
    detail = {"draw": found.name, "calls": len(entries), "reviewer": reviewer.value}
    record(session, None, "draw_whole", subject_of("draw", found.id), detail, found.office_code, at)
    note_over(session, found, Cause.DRAW_UNCOMMITTED, at)
    if not protocol.is_small:
        note_whole(session, found, at)


def renew_reviewer(session: Session, found: Draw, at: datetime) -> None:
    """An office's list that is whole is headquarters' to review as soon as its own books say that it failed.

    Its due date stays, and those who have to review it now are notified.
    """
    if passes_to_headquarters(protocol_of(found), found.reviewer):
        found.reviewer = Party.HQ
        detail = {"draw": found.name, "reviewer": found.reviewer.value}
        record(session, None, "draw_reviewer", subject_of("draw", found.id), detail, found.office_code, at)
        note_whole(session, found, at)


def due_of_whole(at: datetime) -> datetime:
    """The end of the fourteenth day after."""
    return day_bounds(local(at + REVIEWED_WITHIN).date())[1]


def make_draw(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    """Both shares are known: work out the seed, and write the tickets down, or shrink the whole list to them."""
    entries = entries_of(session, found.id)
    save_drawn(session, found, protocol, at, at)
    seed = found.seed or ""
    if found.whole_at is None:
        found.due_at = day_bounds(last_day(name_of(found), local(at).date()))[1]
        found.reviewer = reviewer_of(protocol)
        tickets = worked(seed, protocol.rate, entries, ())
        _add_tickets(session, found, [one for one, _ in tickets], entries, at)
    else:
        _shrink(session, found, protocol.rate, entries, at)
    detail = {"draw": found.name, "seed": found.seed, "calls": len(entries)}
    record(session, None, "draw_made", subject_of("draw", found.id), detail, found.office_code, at)


def _add_tickets(
    session: Session, found: Draw, drawn: Sequence[Drawn], entries: Iterable[Entry], at: datetime
) -> None:
    silent = {one.call_id for one in entries if one.audio == NO_AUDIO}
    for place, one in enumerate(drawn, start=1):
        call_id = uuid.UUID(one.call_id)
        session.add(Ticket(draw_id=found.id, call_id=call_id, place=place, ticket=one.ticket, stratum=one.stratum))
        if one.call_id in silent:
            note_without_audio(session, found, place, call_id, at)
    session.flush()


def _shrink(session: Session, found: Draw, rate: Fraction, entries: Sequence[Entry], at: datetime) -> None:
    """What was judged meanwhile is done where it was drawn, and stays as a directed check where it was not.

    An unusable one gets its successor now; the due date does not move.
    """
    rows = {str(one.call_id): one for one in session.scalars(select(Ticket).where(Ticket.draw_id == found.id))}
    gone = [one for one in rows.values() if one.state is TicketState.UNUSABLE]
    unusable = [str(one.call_id) for one in sorted(gone, key=lambda one: one.agreed_n)]
    for row in rows.values():
        row.place += _ASIDE
    session.flush()
    kept = worked(found.seed or "", rate, entries, unusable)
    for place, (one, instead_of) in enumerate(kept, start=1):
        row = rows.pop(one.call_id)
        row.place, row.ticket = place, one.ticket
        if instead_of:
            before = select(Ticket).where(Ticket.draw_id == found.id, Ticket.call_id == uuid.UUID(instead_of))
            row.successor_of = session.scalars(before).one().id
    for place, row in enumerate(sorted(rows.values(), key=lambda one: one.place), start=len(kept) + 1):
        row.place, row.state = place, TicketState.RELEASED
    session.flush()
    detail = {"draw": found.name, "tickets": len(kept), "released": len(rows)}
    record(session, None, "draw_shrunk", subject_of("draw", found.id), detail, found.office_code, at)
