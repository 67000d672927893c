"""A period's answered calls: at headquarters as it acknowledged them, on a node as its own facts tell them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.database import in_chunks
from supervision.draws.models import Draw, DrawEntry
from supervision.draws.rules import NO_AUDIO, UNKNOWN, Entry
from supervision.offices.models import Desk, DeskAssignment
from supervision.outbox.models import OutboxEntry
from supervision.outbox.rules import FactKind
from supervision.people.models import Account
from supervision.recordings.models import OfficeCopy, Recording, RecordingState

BEFORE_ITS_PERIOD = timedelta(
    days=1
)  # a fact of a call is not written before the call, but by a clock that is off


@dataclass(frozen=True)
class Answered:
    """One answered call: which desk answered first, and when."""

    call_id: uuid.UUID
    desk: str
    at: datetime


@dataclass(frozen=True)
class Seat:
    """Somebody at a desk, by what names him on both sides."""

    login: str
    since: datetime
    until: datetime | None


def of_headquarters(session: Session, draw: Draw) -> list[Entry]:
    """The list as headquarters has the facts now, without the calls of earlier draws of the period."""
    return _entries(session, draw.office_code, _without_earlier(session, draw, _answered(session, draw)))


def of_node(session: Session, draw: Draw, epoch: uuid.UUID, n: int) -> list[Entry]:
    """The list as the node's own facts tell it: those of earlier epochs, and up to number `n` of that one."""
    found: dict[uuid.UUID, Answered | None] = {}
    query = select(OutboxEntry.body).where(
        or_(OutboxEntry.epoch < epoch, (OutboxEntry.epoch == epoch) & (OutboxEntry.n <= n)),
        OutboxEntry.kind == FactKind.CALL,
        OutboxEntry.at >= draw.starts_at - BEFORE_ITS_PERIOD,
    )
    for body in session.scalars(query.order_by(OutboxEntry.epoch, OutboxEntry.n)).yield_per(500):
        if draw.starts_at <= datetime.fromisoformat(body["offered_at"]) < draw.ends_at:
            call_id, answered_at = uuid.UUID(body["id"]), body["answered_at"]
            desk = body["answered_desk"] or ""
            at = datetime.fromisoformat(answered_at) if answered_at else None
            found[call_id] = Answered(call_id, desk, at) if at else None
    answered = [one for one in found.values() if one is not None]
    return _entries(session, draw.office_code, _without_earlier(session, draw, answered))


def with_audio_told(session: Session, draw: Draw, epoch: uuid.UUID, n: int) -> set[str]:
    """The calls of whose sealed audio this node had told by that fact, so that headquarters' list must have it."""
    query = select(OutboxEntry.body).where(
        or_(OutboxEntry.epoch < epoch, (OutboxEntry.epoch == epoch) & (OutboxEntry.n <= n)),
        OutboxEntry.kind == FactKind.RECORDING,
        OutboxEntry.at >= draw.starts_at - BEFORE_ITS_PERIOD,
    )
    bodies = session.scalars(query).yield_per(500)
    return {body["call_id"] for body in bodies if (body["copy_of_office"] or {}).get("pcm_sha256")}


def late_calls(session: Session, draw: Draw) -> bool:
    """Whether headquarters has calls of the period that no draw of it has."""
    answered = [one.call_id for one in _answered(session, draw)]
    return bool(set(answered) - _listed(session, draw, all_of_them=True))


def audio_of(session: Session, call_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The hash of each recording: of the copy sealed here, else of the office's, as it told of it."""
    found: dict[uuid.UUID, str] = {}
    for some in in_chunks(call_ids):
        for copy in (OfficeCopy, Recording):
            query = select(copy.call_id, copy.pcm_sha256).where(
                copy.call_id.in_(some), copy.state == RecordingState.READY, copy.pcm_sha256.is_not(None)
            )
            found |= {row.call_id: row.pcm_sha256 or NO_AUDIO for row in session.execute(query)}
    return found


def store(session: Session, draw: Draw, entries: Sequence[Entry]) -> None:
    """Write a list down in place of the one that was there."""
    for row in session.scalars(select(DrawEntry).where(DrawEntry.draw_id == draw.id)):
        session.delete(row)
    session.flush()
    session.add_all(
        DrawEntry(draw_id=draw.id, call_id=uuid.UUID(one.call_id), stratum=one.stratum, audio=one.audio)
        for one in entries
    )
    draw.calls = len(entries)
    session.flush()


def _answered(session: Session, draw: Draw) -> list[Answered]:
    query = select(Call.id, Call.answered_desk, Call.answered_at).where(*in_period(draw))
    return [Answered(row.id, row.answered_desk or "", row.answered_at) for row in session.execute(query)]


def in_period(draw: Draw) -> list[ColumnElement[bool]]:
    """The answered calls of a draw's office that started in its period."""
    return [
        Call.office_code == draw.office_code,
        Call.offered_at >= draw.starts_at,
        Call.offered_at < draw.ends_at,
        Call.answered_at.is_not(None),
    ]


def _without_earlier(session: Session, draw: Draw, answered: Iterable[Answered]) -> list[Answered]:
    earlier = _listed(session, draw, all_of_them=False)
    return [one for one in answered if one.call_id not in earlier]


def _listed(session: Session, draw: Draw, *, all_of_them: bool) -> set[uuid.UUID]:
    query = (
        select(DrawEntry.call_id)
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(Draw.tier == draw.tier, Draw.office_code == draw.office_code, Draw.period == draw.period)
    )
    if not all_of_them:
        query = query.where(Draw.supplement < draw.supplement)
    return set(session.scalars(query))


def _entries(session: Session, office_code: str, answered: Sequence[Answered]) -> list[Entry]:
    seats, audio = _seats(session, office_code), audio_of(session, (one.call_id for one in answered))
    return [
        Entry(str(one.call_id), _person(seats.get(one.desk, ()), one.at), audio.get(one.call_id, NO_AUDIO))
        for one in answered
    ]


def _seats(session: Session, office_code: str) -> dict[str, list[Seat]]:
    """Who sat where; what began later counts where two overlap."""
    query = (
        select(Desk.extension, Account.login, DeskAssignment.since_at, DeskAssignment.until_at)
        .join(DeskAssignment, DeskAssignment.desk_id == Desk.id)
        .join(Account, Account.id == DeskAssignment.account_id)
        .where(Desk.office_code == office_code)
        .order_by(DeskAssignment.since_at.desc())
    )
    seats: dict[str, list[Seat]] = {}
    for row in session.execute(query):
        seats.setdefault(row.extension, []).append(Seat(row.login, row.since_at, row.until_at))
    return seats


def _person(seats: Iterable[Seat], at: datetime) -> str:
    return next((one.login for one in seats if one.since <= at and (one.until is None or one.until > at)), UNKNOWN)
