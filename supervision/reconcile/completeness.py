"""The completeness certificate of an office and some days, from what headquarters holds (S3).

Plain queries and a `stat` of each file: whatever a certificate says was looked at when it was made.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.calls.models import Call, SwitchRecordRow
from supervision.clock import day_bounds
from supervision.errors import InvalidInput
from supervision.exchange.models import Inbox, RefusedFact
from supervision.exchange.rules import FactKind
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import Paths
from supervision.received_times import can_be
from supervision.reconcile.certificate_rules import (
    CallRow,
    Certificate,
    ReceivedFacts,
    Unsure,
    certificate,
    digest,
    unsure,
)
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.retention.models import DeletionItem
from supervision.retention.rules import ItemState

LONGEST = timedelta(days=366)
LONGEST_CALL = timedelta(hours=12)  # a call without an end after that is no call in progress
DOUBTS = (Cause.CONTENT_CHANGED, Cause.COPIES_DIFFER)


@dataclass(frozen=True)
class Days:
    """The days of a certificate, both included, in the bureau's zone."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInput("to", self.last.isoformat(), "a day not before the first")
        if self.last - self.first >= LONGEST:
            raise InvalidInput("to", self.last.isoformat(), "a year at most")

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first moment, and the first that is over."""
        return day_bounds(self.first)[0], day_bounds(self.last)[1]


@dataclass(frozen=True)
class Completeness:
    """A certificate, and why what is lacking is: the open incidents of each such call.

    `received`: how far the office had sent its facts; `unsure`: why there may be calls that nobody reported; `at`:
    when it was looked at; `in_progress`: answered calls that go on at that moment, which count once they are over.
    """

    office_code: str
    days: Days
    at: datetime
    found: Certificate
    received: ReceivedFacts
    unsure: Sequence[Unsure]
    reasons: Mapping[uuid.UUID, Sequence[Cause]]
    in_progress: int = 0

    @property
    def complete(self) -> bool:
        """Whether answered = recorded = received = verified, and every call of these days is known."""
        return self.found.complete and not self.unsure

    @property
    def goes_on(self) -> bool:
        """Whether the days are not over."""
        return self.at < self.days.bounds[1]

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical list."""
        return digest(self.found)


def completeness(session: Session, paths: Paths, office_code: str, days: Days, at: datetime) -> Completeness:
    """How complete an office's recordings of these days are, at this moment."""
    answered, (first, over) = _within(office_code, days), days.bounds
    going_on = and_(Call.ended_at.is_(None), Call.offered_at > at - LONGEST_CALL)
    rows = [_row(paths, one, *facts) for one, *facts in _facts(session, and_(answered, not_(going_on)))]
    found = certificate([*rows, *_unrecorded(session, office_code, days)])
    received = received_facts(session, office_code, first, over)
    return Completeness(
        office_code=office_code,
        days=days,
        at=at,
        found=found,
        received=received,
        unsure=unsure(received, over, at),
        reasons=_reasons(session, office_code, found),
        in_progress=session.scalars(select(func.count()).select_from(Call).where(answered, going_on)).one(),
    )


def note_made(session: Session, actor: Actor, made: Completeness, form: str, number: str = "") -> None:
    """Write down that somebody made a certificate of it, as PDF under a number or as the list."""
    found = made.found
    detail = {
        "form": form,
        "from": made.days.first.isoformat(),
        "to": made.days.last.isoformat(),
        "answered": found.answered,
        "verified": found.verified,
        "lacking": len(found.lacking),
        "unsure": [one.value for one in made.unsure],
        "sha256": made.digest,
    }
    if number:
        detail["number"] = number
    record(session, actor, "certificate_made", subject_of("office", made.office_code), detail, made.office_code)


def _within(office_code: str, days: Days) -> ColumnElement[bool]:
    first, over = days.bounds
    return and_(
        Call.office_code == office_code,
        Call.offered_at >= first,
        Call.offered_at < over,
        Call.answered_at.is_not(None),
    )


def _facts(session: Session, within: ColumnElement[bool]) -> list[list[Any]]:
    parts = (
        select(
            Part.call_id,
            func.count().label("number"),
            func.count(Part.received_at).label("received"),
            func.coalesce(func.sum(Part.length_bytes), 0).label("bytes"),
        )
        .join(Call, Call.id == Part.call_id)
        .where(within)
        .group_by(Part.call_id)
    )
    of_parts = {row.call_id: row for row in session.execute(parts)}
    proofs = (
        select(DeletionItem.call_id, DeletionItem.pcm_sha256)
        .join(Call, Call.id == DeletionItem.call_id)
        .where(within, DeletionItem.state == ItemState.DELETED)
    )
    proved = {row.call_id: row.pcm_sha256 for row in session.execute(proofs)}
    doubted = set(
        session.scalars(
            select(Incident.call_id)
            .join(Call, Call.id == Incident.call_id)
            .where(within, Incident.healed_at.is_(None), Incident.cause.in_(DOUBTS))
        )
    )
    query = (
        select(
            Call.id,
            Call.offered_at,
            Recording.state,
            Recording.closed_at,
            Recording.pcm_sha256,
            Recording.flac_bytes,
            OfficeCopy.pcm_sha256.label("office_sha256"),
        )
        .outerjoin(Recording, Recording.call_id == Call.id)
        .outerjoin(OfficeCopy, OfficeCopy.call_id == Call.id)
        .where(within)
    )
    return [[row, of_parts.get(row.id), proved.get(row.id), row.id in doubted] for row in session.execute(query)]


def _row(paths: Paths, call: Row[Any], parts: Row[Any] | None, proof: str | None, doubted: bool) -> CallRow:
    has_audio = parts is not None and parts.bytes > 0
    stands = proof is not None or (call.state is RecordingState.READY and _has_length(paths, call))
    sha256 = proof or call.pcm_sha256
    verified = stands and sha256 is not None and sha256 == call.office_sha256 and not doubted
    return CallRow(
        call.id,
        call.offered_at,
        recorded=call.closed_at is not None and has_audio,
        received=has_audio and parts is not None and parts.received == parts.number,
        verified=verified,
        deleted=proof is not None,
        pcm_sha256=sha256,
    )


def _has_length(paths: Paths, call: Row[Any]) -> bool:
    try:
        found = paths.sealed(call.id, call.offered_at).stat()
    except OSError:  # not there, or the disk does not say
        return False
    return bool(found.st_size == call.flac_bytes)


def _unrecorded(session: Session, office_code: str, days: Days) -> list[CallRow]:
    """Calls that Asterisk answered and nobody wrote down; whether a person spoke is not known, so they count."""
    first, over = days.bounds
    query = select(SwitchRecordRow.call_id, SwitchRecordRow.offered_at).where(
        SwitchRecordRow.office_code == office_code,
        SwitchRecordRow.offered_at >= first,
        SwitchRecordRow.offered_at < over,
        SwitchRecordRow.line_answered_at.is_not(None),
        ~exists().where(Call.id == SwitchRecordRow.call_id),
    )
    return [CallRow(row.call_id, row.offered_at, written_down=False) for row in session.execute(query)]


def _reasons(session: Session, office_code: str, made: Certificate) -> dict[uuid.UUID, list[Cause]]:
    """The open incidents of calls; one about a call without record names it as its subject."""
    wanted, found = {one.call_id for one in made.lacking}, defaultdict[uuid.UUID, list[Cause]](list)
    query = select(Incident.call_id, Incident.subject, Incident.cause).where(
        Incident.office_code == office_code, Incident.healed_at.is_(None)
    )
    for row in session.execute(query.order_by(Incident.first_seen_at)):
        call_id = row.call_id or _call_in(row.subject)
        if call_id in wanted and row.cause not in found[call_id]:
            found[call_id].append(row.cause)
    return dict(found)


def _call_in(subject: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(subject[:36])
    except ValueError:
        return None


UUID_OF_TIME = 7
LARGEST_S = 2**37  # no calendar goes much farther
# A fact that was written longer after the days than this is of later days, whenever it came.
LATEST = timedelta(days=2)
ABOUT_CALLS = (FactKind.CALL, FactKind.RECORDING, FactKind.SWITCH_RECORD)


def received_facts(session: Session, office_code: str, first: datetime, over: datetime) -> ReceivedFacts:
    """What was received of the days from `first` until `over`."""
    inboxes = session.scalars(select(Inbox).where(Inbox.office_code == office_code).order_by(Inbox.heard_at)).all()
    known = [inbox.fact_at for inbox in inboxes if inbox.fact_at is not None]
    refused = select(func.count()).where(
        RefusedFact.office_code == office_code,
        RefusedFact.kind.in_(ABOUT_CALLS),
        RefusedFact.at >= first,
        or_(RefusedFact.fact_at.is_(None), RefusedFact.fact_at.between(first, over + LATEST)),
    )
    return ReceivedFacts(
        until=max(known, default=None),
        last=inboxes[-1].n if inboxes else 0,
        whole=all(inbox.gap_n is None and inbox.taken == inbox.n for inbox in inboxes if inbox.heard_at >= first),
        refused=session.scalar(refused) or 0,
        broken_off=_is_broken_off(inboxes, first, over),
    )


def _is_broken_off(inboxes: Sequence[Inbox], first: datetime, over: datetime) -> bool:
    """Whether these days reach into a time between two epochs: the node was rebuilt, or put back from a copy."""
    in_order = sorted(inboxes, key=_began_at)
    return any(
        (ended.fact_at is None or ended.fact_at < over) and _began_at(following) >= first
        for ended, following in pairwise(in_order)
    )


def _began_at(inbox: Inbox) -> datetime:
    """When an epoch began, by the node's clock: its id is a UUIDv7 (RFC 9562), which says so if it can be."""
    began_s = (inbox.epoch.int >> 80) // 1000 if inbox.epoch.version == UUID_OF_TIME else 0
    began = datetime.fromtimestamp(began_s, UTC) if began_s < LARGEST_S else inbox.heard_at
    return began if can_be(began, inbox.heard_at) else inbox.back_at or inbox.heard_at
