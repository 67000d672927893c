"""Headquarters' list of a draw: frozen, compared with the office's answer, joined with it, and then it stands."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.database import in_chunks
from supervision.draws import lists
from supervision.draws.answered import period_column
from supervision.draws.book import protocol_of, save
from supervision.draws.drawing import draw_whole
from supervision.draws.messages import AnsweredFact, SentEntry
from supervision.draws.models import AnsweredCall, Draw
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import DrawState, agree, freeze, may_stand
from supervision.draws.queries import entries_of
from supervision.draws.rules import Entry, differences, root_of
from supervision.incidents.rules import Cause

SHOWN_DIFFERENCES = 200
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
    save(session, found, freeze(protocol_of(found), root_of(entries), len(entries), at))
    detail = {"draw": found.name, "calls": len(entries), "root": found.frozen_root, "by_silence": found.by_silence}
    record(session, None, "draw_frozen", f"draw:{found.id}", detail, found.office_code, at)
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
    if len(found.differences) >= SHOWN_DIFFERENCES:
        return False
    pairs = [(one["office"], one["hq"]) for one in found.differences]
    return bool(pairs) and all(ours and theirs and ours.split()[2] == theirs.split()[2] for ours, theirs in pairs)


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
    save(session, found, agreed)
    detail = {"draw": found.name, "root": root, "calls": found.calls, "answered": found.answered_at is not None}
    record(session, None, "draw_agreed", f"draw:{found.id}", detail, found.office_code, at)
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
