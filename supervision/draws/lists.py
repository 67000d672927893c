"""A period's answered calls: at headquarters as it acknowledged them, on a node by its own facts."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.calls.models import Call
from supervision.clock import day_bounds, local
from supervision.database import in_chunks
from supervision.draws.messages import Moved, Seat
from supervision.draws.models import AnsweredCall, Draw, DrawEntry
from supervision.draws.protocol_rules import CLOCK_OFF_BY
from supervision.draws.rules import NO_AUDIO, UNKNOWN, DrawName, Entry, Tier, parse_period, period_of
from supervision.exchange.models import OutboxEntry
from supervision.exchange.rules import FactKind
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open, open_incident
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account
from supervision.received_times import EARLIEST
from supervision.recordings.models import OfficeCopy, Recording, RecordingState

BEFORE_ITS_PERIOD = timedelta(days=1)  # a fact of a call is not written before the call


@dataclass(frozen=True)
class Answered:
    """One answered call, as it was first received: which desk answered first, and when."""

    call_id: uuid.UUID
    desk: str
    at: datetime


def of_headquarters(session: Session, draw: Draw) -> list[Entry]:
    """The list as headquarters has the facts now, without the calls of earlier draws of the period."""
    rows = session.scalars(select(AnsweredCall).where(*of_period(draw)))
    answered = [Answered(one.call_id, one.desk, one.answered_at) for one in rows]
    answered = _without_earlier(session, draw, answered)
    audio = audio_of(session, (one.call_id for one in answered))
    return entries_of_answered(answered, seats_of(session, draw.office_code), audio)


def entries_of_answered(
    answered: Iterable[Answered], seats: Sequence[Seat], audio: Mapping[uuid.UUID, str]
) -> list[Entry]:
    """The lines of these calls, by these assignments."""
    by_desk: dict[str, list[Seat]] = {}
    for seat in seats:
        by_desk.setdefault(seat.desk, []).append(seat)
    return [
        Entry(str(one.call_id), _person(by_desk.get(one.desk, ()), one.at), audio.get(one.call_id, NO_AUDIO))
        for one in answered
    ]


def moved_of(session: Session, draw: Draw) -> Moved:
    """The calls of the period's list that did not begin in it by the node's clock, and those that did and are in
    another's: named with the freeze, once and for ever.
    """
    began_in = column_of_beginning(draw.tier)
    here = select(AnsweredCall.call_id).where(*of_period(draw), began_in != draw.period)
    began = AnsweredCall.office_code == draw.office_code, began_in == draw.period
    elsewhere = select(AnsweredCall.call_id).where(*began, ~of_period(draw)[1])
    ids = [tuple(session.scalars(query.order_by(AnsweredCall.call_id))) for query in (here, elsewhere)]
    return Moved(here=ids[0], elsewhere=ids[1])


def of_node(session: Session, draw: Draw) -> list[Entry]:
    """The list by the node's own facts: those of earlier epochs, and up to `closed_n` of that one."""
    moved = Moved.model_validate(draw.moved or {})
    here, elsewhere = set(moved.here), set(moved.elsewhere)
    found: dict[uuid.UUID, Answered] = {}
    seen: set[uuid.UUID] = set()
    for body in _bodies(session, draw, FactKind.CALL, since_start=not here):
        call_id = uuid.UUID(body["id"])
        if call_id in seen or not body["answered_at"] or call_id in elsewhere:
            continue
        seen.add(call_id)  # what was sent first says when it began, as at headquarters
        if call_id in here or began_in(draw, body["offered_at"]):
            at = datetime.fromisoformat(body["answered_at"])
            found[call_id] = Answered(call_id, body["answered_desk"] or "", at)
    audio = {}
    for body in _bodies(session, draw, FactKind.RECORDING, since_start=not here):
        copy = body["copy_of_office"] or {}
        audio[uuid.UUID(body["call_id"])] = copy.get("pcm_sha256") or NO_AUDIO
    seats = [Seat.model_validate(one) for one in draw.seats]
    return entries_of_answered(_without_earlier(session, draw, found.values()), seats, audio)


def began_in(draw: Draw, offered_at: str) -> bool:
    """Whether a call began in a draw's period, by the clock of its node."""
    try:
        day = local(datetime.fromisoformat(offered_at).astimezone(UTC)).date()
        return period_of(draw.tier, day).name == draw.period
    except (ValueError, OverflowError):
        return False


def facts_of_calls(session: Session, call_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """The first fact of each of these calls that called it answered, to be sent again."""
    wanted, found = set(call_ids), dict[uuid.UUID, dict[str, Any]]()
    query = select(OutboxEntry.body).where(OutboxEntry.kind == FactKind.CALL)
    for body in session.scalars(query.order_by(OutboxEntry.epoch, OutboxEntry.n)).yield_per(500):
        call_id = uuid.UUID(body["id"])
        if call_id in wanted and body["answered_at"]:
            found.setdefault(call_id, body)
    return found


def _bodies(session: Session, draw: Draw, kind: FactKind, *, since_start: bool) -> Iterable[dict[str, Any]]:
    epoch, n = draw.closed_epoch, draw.closed_n or 0
    if epoch is None:
        return ()  # headquarters froze before it had ever heard of us
    query = select(OutboxEntry.body).where(
        or_(OutboxEntry.epoch < epoch, (OutboxEntry.epoch == epoch) & (OutboxEntry.n <= n)),
        OutboxEntry.kind == kind,
    )
    if since_start:
        query = query.where(OutboxEntry.at >= draw.starts_at - BEFORE_ITS_PERIOD)
    return session.scalars(query.order_by(OutboxEntry.epoch, OutboxEntry.n)).yield_per(500)


def has_late_calls(session: Session, draw: Draw) -> bool:
    """Whether headquarters has calls of the period that no draw of it has."""
    answered = set(session.scalars(select(AnsweredCall.call_id).where(*of_period(draw))))
    return bool(answered - _listed(session, draw, all_of_them=True))


def audio_of(session: Session, call_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The hash of each recording at headquarters: as the office sent it, else of the copy that was sealed here."""
    found: dict[uuid.UUID, str] = {}
    for some in in_chunks(call_ids):
        own = select(Recording.call_id, Recording.pcm_sha256).where(
            Recording.call_id.in_(some), Recording.state == RecordingState.READY
        )
        by_office = select(OfficeCopy.call_id, OfficeCopy.pcm_sha256).where(OfficeCopy.call_id.in_(some))
        for query in (own, by_office):
            found |= {row.call_id: row.pcm_sha256 for row in session.execute(query) if row.pcm_sha256}
    return found


def store(session: Session, draw: Draw, entries: Sequence[Entry], added: Iterable[Entry] = ()) -> None:
    """Write a list down in place of the one that was there; `added`: those lines that only the office had."""
    for row in session.scalars(select(DrawEntry).where(DrawEntry.draw_id == draw.id)):
        session.delete(row)
    session.flush()
    beyond = {one.call_id for one in added}
    session.add_all(
        DrawEntry(
            draw_id=draw.id,
            call_id=uuid.UUID(one.call_id),
            stratum=one.stratum,
            audio=one.audio,
            added=one.call_id in beyond,
        )
        for one in entries
    )
    draw.calls = len(entries)
    session.flush()


def in_period(draw: Draw) -> list[ColumnElement[bool]]:
    """On a node: the answered calls of a draw's office that started in its period."""
    return [
        Call.office_code == draw.office_code,
        Call.offered_at >= draw.starts_at,
        Call.offered_at < day_bounds(parse_period(draw.tier, draw.period).after)[0],
        Call.answered_at.is_not(None),
    ]


def _without_earlier(session: Session, draw: Draw, answered: Iterable[Answered]) -> list[Answered]:
    earlier = _listed(session, draw, all_of_them=False)
    return [one for one in answered if one.call_id not in earlier]


def listed_before(session: Session, draw: Draw) -> set[uuid.UUID]:
    """The calls of earlier draws of the same period."""
    return _listed(session, draw, all_of_them=False)


def _listed(session: Session, draw: Draw, *, all_of_them: bool) -> set[uuid.UUID]:
    query = (
        select(DrawEntry.call_id)
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(Draw.tier == draw.tier, Draw.office_code == draw.office_code, Draw.period == draw.period)
    )
    if not all_of_them:
        query = query.where(Draw.supplement < draw.supplement)
    return set(session.scalars(query))


def seats_of(session: Session, office_code: str) -> list[Seat]:
    """Who sat where at an office, as headquarters assigned it; what began later counts where two overlap."""
    query = (
        select(Desk.extension, Account.login, DeskAssignment.since_at, DeskAssignment.until_at)
        .join(DeskAssignment, DeskAssignment.desk_id == Desk.id)
        .join(Account, Account.id == DeskAssignment.account_id)
        .where(Desk.office_code == office_code)
        .order_by(DeskAssignment.since_at.desc(), Account.login)
    )
    return [
        Seat(desk=row.extension, login=row.login, since=row.since_at, until=row.until_at)
        for row in session.execute(query)
    ]


def _person(seats: Iterable[Seat], at: datetime) -> str:
    return next((one.login for one in seats if one.since <= at and (one.until is None or one.until > at)), UNKNOWN)


def period_column(tier: Tier) -> InstrumentedAttribute[str]:
    """The column of the period in whose list a tier has a call."""
    return AnsweredCall.week if tier is Tier.OFFICE else AnsweredCall.month


def column_of_beginning(tier: Tier) -> InstrumentedAttribute[str]:
    """The column of the period in which it began by the node's clock."""
    return AnsweredCall.began_week if tier is Tier.OFFICE else AnsweredCall.began_month


def of_period(draw: Draw) -> list[ColumnElement[bool]]:
    """The answered calls that belong to a draw's period."""
    return [AnsweredCall.office_code == draw.office_code, period_column(draw.tier) == draw.period]


def note_answered(
    session: Session, office_code: str, body: Any, at: datetime, clock_off: timedelta = timedelta()
) -> None:
    """See what a fact of a call that was just applied says of its being answered. `at`: when it was received.

    `clock_off`: how far the node's clock was from ours on the message that brought it. Taking an answer back is
    an incident.
    """
    call_id = uuid.UUID(body["id"])
    known = session.get(AnsweredCall, call_id)
    if known is not None and body["answered_at"] is None:
        _note_taken_back(session, office_code, call_id, at)
    if known is not None or body["answered_at"] is None:
        return
    session.add(answered_call(session, office_code, body, at, clock_off))
    session.flush()


def answered_call(
    session: Session, office_code: str, body: Any, at: datetime, clock_off: timedelta = timedelta()
) -> AnsweredCall:
    """What such a fact says, with the periods in whose lists the call is."""
    call_id = uuid.UUID(body["id"])
    began, answered = (possible(body[name], at) for name in ("offered_at", "answered_at"))
    own = {tier: _period_name(tier, began) if began else "" for tier in Tier}
    by_receipt = began is None or abs(clock_off) > CLOCK_OFF_BY
    held = {tier: _held_period(session, tier, office_code, None if by_receipt else began, at) for tier in Tier}
    return AnsweredCall(
        call_id=call_id,
        office_code=office_code,
        desk=body["answered_desk"] or "",
        began_at=began or at,
        answered_at=answered or at,
        received_at=at,
        week=held[Tier.OFFICE],
        month=held[Tier.HQ],
        began_week=own[Tier.OFFICE],
        began_month=own[Tier.HQ],
    )


def possible(text: Any, received_at: datetime) -> datetime | None:
    """A time that a node sent; None where it cannot be one: no text, before there was a system, or to come."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if EARLIEST <= moment <= received_at + CLOCK_OFF_BY else None


def _period_name(tier: Tier, moment: datetime) -> str:
    return period_of(tier, local(moment).date()).name


def _held_period(
    session: Session, tier: Tier, office_code: str, began: datetime | None, received_at: datetime
) -> str:
    """The period in whose list a call is: in which it began, or that of receipt where that one has no draw."""
    current = period_of(tier, local(received_at).date())
    if began is None:
        return current.name
    own = period_of(tier, local(began).date())
    if own.name == current.name:
        return own.name
    has_draw = session.get(Draw, DrawName(tier, office_code, own).id) is not None
    return own.name if has_draw else current.name


def _note_taken_back(session: Session, office_code: str, call_id: uuid.UUID, at: datetime) -> None:
    if not is_open(session, office_code, Cause.ANSWER_TAKEN_BACK, str(call_id)):
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.ANSWER_TAKEN_BACK,
            subject=str(call_id),
            at=at,
            call_id=call_id,
        )
