"""Taking an office's facts in: in order, without a gap, each once; what is refused holds up nothing."""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.calls.accounts import take_witness
from supervision.calls.facts import take_call
from supervision.calls.models import Call
from supervision.calls.resting import desks_used, lines_used
from supervision.draws.answered import note_answered
from supervision.draws.hq import apply_draw_fact
from supervision.errors import DomainError, InvalidInput, Unavailable
from supervision.feeds.logs import take_log
from supervision.feeds.models import Feed, RefusedFact
from supervision.feeds.rules import CLOCK_BOUND, LONGEST_SILENCE, clock_off, is_behind, still_away, storable
from supervision.incidents.facts import take_incident
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.moments import Receipt, can_be
from supervision.offices.facts import take_office
from supervision.outbox.rules import AWAY_AFTER, FactKind, Gap, PutBack, fact_sha256, new_ones
from supervision.recordings.models import Part
from supervision.recordings.sealing import recount_wait
from supervision.recordings.taking import take_recording
from supervision.storage.facts import take_machine
from supervision.storage.service import HEADQUARTERS

MOST_FACTS = 1000
MOST_EPOCHS = 20  # of an office, within a day
MOST_NAMED = 100  # refused facts of an office within an hour that have an incident each
TAKE_S = 3.0
SILENCE = timedelta(minutes=10)
JUST_NOW = timedelta(minutes=3)  # an office speaks each minute
NAMED_AGAIN = timedelta(hours=1)
CLOCK = "clock"
Take = Callable[[Session, str, Any, Receipt], None]


def _take_incident(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Raises InvalidInput, too, for an incident of another office's call: it would stand on that call's page."""
    take_incident(session, office_code, body, receipt)
    call = session.get(Call, uuid.UUID(body["call_id"])) if body.get("call_id") else None
    if call is not None and call.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")


def _take_office(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    take_office(session, office_code, body, receipt, lines_used, desks_used)


TAKES: Mapping[FactKind, Take] = {
    FactKind.OFFICE: _take_office,
    FactKind.CALL: take_call,
    FactKind.RECORDING: take_recording,
    FactKind.INCIDENT: _take_incident,
    FactKind.WITNESS: take_witness,
    FactKind.MACHINE: take_machine,
}
OF_DRAWS = frozenset({FactKind.DRAW_CLOSED, FactKind.DRAW_ANSWERED, FactKind.DRAW_REVEALED})


class ClockBehind(Unavailable):
    """Headquarters' own clock is behind: what an office tells cannot be judged by it until it is right again."""


class SentFact(BaseModel):
    """One fact as it comes over the wire. A kind that this version does not know is refused by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = Field(ge=1, lt=2**63)
    kind: str = Field(max_length=32)
    at: AwareDatetime
    body: dict[str, Any]


class SentBatch(BaseModel):
    """Some facts of one epoch, in order; none, if the office only says that it is there.

    `sent_at` is when it was sent, by the office's clock.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epoch: uuid.UUID
    sent_at: AwareDatetime | None = None
    facts: tuple[SentFact, ...] = Field(max_length=MOST_FACTS)


def parse_batch(text: bytes) -> SentBatch:
    """The batch in a request's body. Raises InvalidInput."""
    try:
        return SentBatch.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidInput(".".join(str(step) for step in first["loc"]) or "facts", first["msg"]) from error


def position(session: Session, office_code: str, epoch: uuid.UUID) -> int:
    """The last number of an epoch that is taken in; 0 if none is."""
    return session.scalar(select(Feed.n).where(Feed.office_code == office_code, Feed.epoch == epoch)) or 0


def latest_position(session: Session, office_code: str) -> tuple[uuid.UUID, int] | None:
    """Up to which fact of which epoch an office was last heard; None if it never was."""
    query = select(Feed.epoch, Feed.n).where(Feed.office_code == office_code)
    row = session.execute(query.order_by(Feed.heard_at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.epoch, row.n)


def take(
    session: Session,
    office_code: str,
    batch: SentBatch,
    at: datetime,
    clock_s: Callable[[], float] = time.monotonic,
) -> int:
    """Write down what is new in a batch; the last number taken in afterwards.

    What is not done within some seconds waits for the office to send it again: who writes holds up other writers.

    Raises Gap, PutBack where the last number that was taken comes again and tells something else, and ClockBehind
    where headquarters' own clock is: then nothing is taken.
    """
    _check_own_clock(session, batch, at)
    feed = _feed(session, office_code, batch.epoch, at)
    _refuse_another_past(feed, batch)
    known = new_ones(feed.n, [fact.n for fact in batch.facts])
    off = clock_off(batch.sent_at, feed.fact_at, [fact.at for fact in batch.facts[known:]], at)
    taken: list[SentFact] = []
    until_s = clock_s() + TAKE_S
    for fact in batch.facts[known:]:
        if taken and clock_s() >= until_s:
            break
        _take_one(session, office_code, batch.epoch, fact, at, off)
        taken.append(fact)
    if batch.facts:
        feed.gap_n = None
    if taken:
        feed.n, feed.taken = taken[-1].n, feed.taken + len(taken)
        feed.last_sha256 = _sha256(taken[-1])
    _note_contact(session, feed, batch, [fact.at for fact in taken], at)
    session.flush()
    return feed.n


def note_gap(session: Session, office_code: str, batch: SentBatch, at: datetime) -> None:
    """Note that a batch was refused with Gap, in a transaction of its own; the next that fits takes it back."""
    feed = _feed(session, office_code, batch.epoch, at)
    feed.gap_n = batch.facts[0].n
    _note_contact(session, feed, batch, [], at)
    session.flush()


def _check_own_clock(session: Session, batch: SentBatch, at: datetime) -> None:
    heard_at = session.scalar(select(func.max(Feed.heard_at)))
    off = clock_off(batch.sent_at, None, [fact.at for fact in batch.facts], at)
    if is_behind(off, at, heard_at) and not _agrees_with_any(session, at):
        raise ClockBehind(f"headquarters' clock says {at:%Y-%m-%d %H:%M}, and was further on before")
    heal_incident(session, office_code=HEADQUARTERS, cause=Cause.CLOCK_BEHIND, subject=CLOCK, at=at)


def _agrees_with_any(session: Session, at: datetime) -> bool:
    """Whether an office was just heard whose clock says the same: then headquarters was ahead once."""
    lately = Feed.heard_at.between(at - JUST_NOW, at + JUST_NOW)
    most_ms = CLOCK_BOUND // timedelta(milliseconds=1)
    agrees = Feed.stamps, Feed.clock_off_ms.between(-most_ms, most_ms)
    return session.scalar(select(Feed.n).where(lately, *agrees).limit(1)) is not None


def note_clock_behind(session: Session, office_code: str, at: datetime) -> None:
    """Note that nothing could be taken since headquarters' clock is behind; the next batch that can be ends it.

    One that was over within the last hour is not named anew: where offices' clocks differ it comes and goes.
    """
    heard_at = session.scalar(select(func.max(Feed.heard_at)))
    named = Incident.cause == Cause.CLOCK_BEHIND, Incident.subject == CLOCK, Incident.told.is_(False)
    lately = Incident.healed_at.is_(None) | Incident.healed_at.between(at - NAMED_AGAIN, at + NAMED_AGAIN)
    if heard_at is None or session.scalar(select(Incident.id).where(*named, lately).limit(1)) is not None:
        return
    detail = {"behind_s": int((heard_at - at).total_seconds()), "office": office_code}
    open_incident(session, office_code=HEADQUARTERS, cause=Cause.CLOCK_BEHIND, subject=CLOCK, at=at, detail=detail)


def _feed(session: Session, office_code: str, epoch: uuid.UUID, at: datetime) -> Feed:
    feed = session.get(Feed, (office_code, epoch), with_for_update=True)
    if feed is None:
        _refuse_too_many_epochs(session, office_code, at)
        before = session.scalar(select(func.max(Feed.heard_at)).where(Feed.office_code == office_code))
        feed = Feed(office_code=office_code, epoch=epoch, n=0, taken=0, heard_at=at, away_at=before, back_at=at)
        session.add(feed)
        session.flush()
    return feed


def _refuse_too_many_epochs(session: Session, office_code: str, at: datetime) -> None:
    """A node begins anew when it is rebuilt; whoever does it all day makes each look at the feeds dearer."""
    lately = Feed.office_code == office_code, Feed.heard_at >= at - timedelta(days=1)
    if (session.scalar(select(func.count()).select_from(Feed).where(*lately)) or 0) >= MOST_EPOCHS:
        raise Unavailable(f"office {office_code} began {MOST_EPOCHS} times anew within a day")


def _refuse_another_past(feed: Feed, batch: SentBatch) -> None:
    same = next((fact for fact in batch.facts if fact.n == feed.n), None)
    if same is not None and feed.last_sha256 is not None and _sha256(same) != feed.last_sha256:
        raise PutBack(feed.n)


def _sha256(fact: SentFact) -> str:
    return fact_sha256(fact.n, fact.kind, fact.body)


def _note_contact(session: Session, feed: Feed, batch: SentBatch, written: list[datetime], at: datetime) -> None:
    # Our own clock may have been ahead: no silence began or ended later than now.
    feed.away_at = feed.away_at and min(feed.away_at, at)
    feed.back_at = feed.back_at and min(feed.back_at, at)
    silent_for = at - feed.heard_at
    if silent_for >= SILENCE:
        owes_audio = _owes_audio(session, feed.office_code, at)
        if not still_away(feed.away_at, feed.heard_at, feed.fact_at, at, owes_audio=owes_audio):
            feed.away_at = feed.heard_at
        feed.back_at = at
    feed.heard_at = at
    if batch.sent_at is not None or written:
        off = clock_off(batch.sent_at, feed.fact_at, written, at)
        feed.clock_off_ms = off // timedelta(milliseconds=1)
    if written:
        feed.fact_at = min(at, written[-1].astimezone(UTC)) if can_be(written[-1], at) else feed.fact_at
    elif not batch.facts and silent_for <= AWAY_AFTER:
        feed.fact_at = at  # it has nothing more to tell; a node put back from a copy says so once, after a silence
    feed.stamps = batch.sent_at is not None


def _owes_audio(session: Session, office_code: str, at: datetime) -> bool:
    """Whether audio of lately is still on its way; what never comes is owed for a while only."""
    lately = Call.office_code == office_code, Call.offered_at >= at - LONGEST_SILENCE
    owed = (
        Part.closed_at.is_not(None),
        Part.length_bytes > 0,
        Part.received_at.is_(None),
        Part.put_away_at.is_(None),
    )
    query = select(Part.name).join(Call, Call.id == Part.call_id).where(*lately, *owed)
    return session.scalar(query.limit(1)) is not None


def _take_one(  # noqa: PLR0913, PLR0917 - whose fact, which, when it came, and how far that clock was off
    session: Session, office_code: str, epoch: uuid.UUID, fact: SentFact, at: datetime, off: timedelta
) -> None:
    try:
        with session.begin_nested():
            kind = FactKind(fact.kind)
            if kind is FactKind.AUDIT:  # the one that must know its epoch: a rebuilt node begins a new log
                take_log(session, office_code, epoch, fact.body, at)
            elif (
                kind in OF_DRAWS
            ):  # when something of a draw came is ours to say, whatever the office's clock says
                apply_draw_fact(session, office_code, epoch, fact.n, kind, fact.body, at)
            else:
                TAKES[kind](session, office_code, fact.body, Receipt(at, fact.at))
            if kind is FactKind.CALL:
                note_answered(session, office_code, fact.body, at, off)
                recount_wait(session, uuid.UUID(fact.body["id"]))
    except (
        ValueError,
        OverflowError,
        DomainError,
        IntegrityError,
    ) as error:  # pydantic's is a ValueError, so is an unknown kind
        told = storable(f"{type(error).__name__}: {getattr(error, 'orig', error)}")[:500]
        session.add(
            RefusedFact(
                office_code=office_code,
                epoch=epoch,
                n=fact.n,
                at=at,
                kind=storable(fact.kind)[:32],
                body=storable(fact.body),
                error=told,
                fact_at=Receipt(at, fact.at).written_at,
            )
        )
        detail = {"kind": storable(fact.kind), "error": told[:200]}
        many = _are_many_refused(session, office_code, at)
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.EVENT_REFUSED,
            subject=(f"facts:{epoch}" if many else f"fact:{epoch}:{fact.n}")[:80],
            at=at,
            detail=detail,
        )


def _are_many_refused(session: Session, office_code: str, at: datetime) -> bool:
    """Whether further ones are counted in one incident: who sends nonsense without end buries no other with it."""
    lately = Incident.first_seen_at >= at - timedelta(hours=1), Incident.told.is_(False)
    mine = Incident.office_code == office_code, Incident.cause == Cause.EVENT_REFUSED
    some = select(Incident.id).where(*mine, *lately).limit(MOST_NAMED).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) >= MOST_NAMED


__all__ = [
    "ClockBehind",
    "Gap",
    "PutBack",
    "SentBatch",
    "note_clock_behind",
    "note_gap",
    "parse_batch",
    "position",
    "take",
]
