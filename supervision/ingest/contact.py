"""When an office was heard, how long it was offline, and whose clock is wrong (decision 29)."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.errors import Unavailable
from supervision.exchange.models import Inbox
from supervision.exchange.rules import (
    CLOCK_BOUND,
    LONGEST_OFFLINE,
    OFFLINE_AFTER,
    OFFLINE_LONG_AFTER,
    clock_off,
    is_behind,
    still_away,
)
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open_or_recent, open_incident
from supervision.ingest.messages import SentBatch
from supervision.machines.service import HEADQUARTERS
from supervision.received_times import can_be
from supervision.recordings.models import Part

JUST_NOW = timedelta(minutes=3)  # an office speaks each minute
NAMED_AGAIN = timedelta(hours=1)
CLOCK = "clock"


class ClockBehind(Unavailable):
    """Headquarters' own clock is behind: what an office sends cannot be judged by it until it is right again."""


def check_own_clock(session: Session, batch: SentBatch, at: datetime) -> None:
    """Raise ClockBehind where a batch shows headquarters' own clock to be wrong; else its incident is over."""
    heard_at = session.scalar(select(func.max(Inbox.heard_at)))
    off = clock_off(batch.sent_at, None, [fact.at for fact in batch.facts], at)
    if is_behind(off, at, heard_at) and not _agrees_with_any(session, at):
        raise ClockBehind(f"headquarters' clock says {at:%Y-%m-%d %H:%M}, and was further on before")
    heal_incident(session, office_code=HEADQUARTERS, cause=Cause.CLOCK_BEHIND, subject=CLOCK, at=at)


def _agrees_with_any(session: Session, at: datetime) -> bool:
    """Whether an office was just heard whose clock says the same: then headquarters was ahead once."""
    lately = Inbox.heard_at.between(at - JUST_NOW, at + JUST_NOW)
    most_ms = CLOCK_BOUND // timedelta(milliseconds=1)
    agrees = Inbox.stamps, Inbox.clock_off_ms.between(-most_ms, most_ms)
    return session.scalar(select(Inbox.n).where(lately, *agrees).limit(1)) is not None


def note_clock_behind(session: Session, office_code: str, at: datetime) -> None:
    """Note that nothing could be taken since headquarters' clock is behind; the next batch that can be ends it.

    One that was over within the last hour is not named anew: where offices' clocks differ it comes and goes.
    """
    heard_at = session.scalar(select(func.max(Inbox.heard_at)))
    lately = at - NAMED_AGAIN, at + NAMED_AGAIN
    if heard_at is None or is_open_or_recent(session, HEADQUARTERS, Cause.CLOCK_BEHIND, CLOCK, lately):
        return
    detail = {"behind_s": int((heard_at - at).total_seconds()), "office": office_code}
    open_incident(session, office_code=HEADQUARTERS, cause=Cause.CLOCK_BEHIND, subject=CLOCK, at=at, detail=detail)


def note_contact(session: Session, inbox: Inbox, batch: SentBatch, written: list[datetime], at: datetime) -> None:
    """Note that an office was heard now, what silence that ended, and how its clock stands."""
    # Our own clock may have been ahead: no silence began or ended later than now.
    inbox.away_at = inbox.away_at and min(inbox.away_at, at)
    inbox.back_at = inbox.back_at and min(inbox.back_at, at)
    silent_for = at - inbox.heard_at
    if silent_for >= OFFLINE_LONG_AFTER:
        owes_audio = _owes_audio(session, inbox.office_code, at)
        if not still_away(inbox.away_at, inbox.heard_at, inbox.fact_at, at, owes_audio=owes_audio):
            inbox.away_at = inbox.heard_at
        inbox.back_at = at
    inbox.heard_at = at
    if batch.sent_at is not None or written:
        off = clock_off(batch.sent_at, inbox.fact_at, written, at)
        inbox.clock_off_ms = off // timedelta(milliseconds=1)
    if written:
        inbox.fact_at = min(at, written[-1].astimezone(UTC)) if can_be(written[-1], at) else inbox.fact_at
    elif not batch.facts and silent_for <= OFFLINE_AFTER:
        # It has nothing more to send; a node put back from a copy says so once, after a silence.
        inbox.fact_at = at
    inbox.stamps = batch.sent_at is not None


def _owes_audio(session: Session, office_code: str, at: datetime) -> bool:
    """Whether audio of lately is still on its way; what never comes is owed for a while only."""
    lately = Call.office_code == office_code, Call.offered_at >= at - LONGEST_OFFLINE
    owed = (
        Part.closed_at.is_not(None),
        Part.length_bytes > 0,
        Part.received_at.is_(None),
        Part.put_away_at.is_(None),
    )
    query = select(Part.name).join(Call, Call.id == Part.call_id).where(*lately, *owed)
    return session.scalar(query.limit(1)) is not None
