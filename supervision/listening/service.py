"""Listening to a recording and taking it away: written down before the first byte leaves (S2; domain.md).

A listening is one person's player on one recording. It is opened in a transaction of its own, gathers the
stretches that its player reports, and ends with an audit line that says how many seconds were heard. Listening
to a call in progress is reported and ends in the same way: what leaves is the copy that grows on this machine, and
its seconds are those of the recording's timeline, so the same second counts once, whoever is cut off between.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.calls.queries import get_call
from supervision.clock import now
from supervision.context import Context
from supervision.errors import NotFound, Refused
from supervision.listening.live_rules import BYTES_A_SECOND, LONGEST_LIVE_S
from supervision.listening.models import Listening
from supervision.listening.rules import (
    LONGEST_REPORTED_S,
    Stretch,
    add_heard,
    allowed_seconds,
    heard_seconds,
    served_seconds,
)
from supervision.people.models import Account
from supervision.recordings.models import Recording
from supervision.recordings.queries import SealedRecording, get_sealed
from supervision.recordings.service import begin_recording

UNHEARD_AFTER = timedelta(minutes=15)
SET_BACK = timedelta(seconds=30)  # reports of one moment are not in order; a clock that is set back is further off


def open_listening(context: Context, call_id: uuid.UUID) -> Listening:
    """Begin to listen. Raises NotFound outside the scope, Refused while there is nothing to hear."""
    sealed = get_sealed(context.session, context.scope, call_id)
    return _begin(context, sealed.call_id, sealed.office_code, act="listening_started")


def continue_listening(
    context: Context, call_id: uuid.UUID, listening_id: uuid.UUID | None, *, from_start: bool
) -> tuple[SealedRecording, uuid.UUID]:
    """What to send and the listening that an audio request belongs to; a new one where it names none.

    Players without scripts name none: their first request opens one, and later ranges go on with it, as they
    do when a named one has ended meanwhile. Somebody else's listening is NotFound.
    """
    session, actor, at = context.session, context.actor, context.at
    sealed = get_sealed(session, context.scope, call_id)
    listening = None
    if listening_id is not None:
        listening = get_own(session, actor, listening_id)
        if listening.call_id != call_id or listening.live:
            raise NotFound(f"listening {listening_id}")
    if listening is None or listening.ended_at is not None:
        listening = None if listening_id is None and from_start else _latest_open(session, actor, call_id, at)
    if listening is None:
        listening = _begin(context, call_id, sealed.office_code, act="listening_started")
    listening.last_heard_at = max(at, listening.last_heard_at)
    return sealed, listening.id


def note_served(session: Session, actor: Actor, listening_id: uuid.UUID, sent_bytes: int) -> None:
    """Add up the audio that leaves for a listening: no more than that can have been heard."""
    get_own(session, actor, listening_id).served_bytes += sent_bytes


def report_heard(
    context: Context, listening_id: uuid.UUID, stretches: Sequence[Stretch], *, ended: bool = False
) -> float:
    """Add what the player says was heard; the distinct seconds so far.

    Only the listening's own account may, and only while the call lies in its scope: anybody else gets NotFound.
    Raises Refused once it has ended. No more counts than the time since the account's last report allows, of
    whichever listening, and never more than was served. The account is held, so that two reports of one person
    at the same moment share the time.
    """
    session, actor, at = context.session, context.actor, context.at
    session.execute(select(Account.id).where(Account.id == actor.account_id).with_for_update(key_share=True))
    listening = get_own(session, actor, listening_id)
    if listening.ended_at is not None:
        raise Refused("listening_over")
    get_call(session, context.scope, listening.call_id)
    duration_s, served_s = _measures(session, listening)
    known = [(float(start), float(end)) for start, end in listening.stretches]
    passed_s = (at - _last_report(session, listening, at)).total_seconds()
    allowed_s = min(allowed_seconds(passed_s), max(0.0, served_s - heard_seconds(known)))
    heard = add_heard(known, stretches, duration_s, allowed_s)
    listening.reported_at = at
    listening.stretches = [list(stretch) for stretch in heard]
    listening.seconds = heard_seconds(heard)
    listening.last_heard_at = max(at, listening.last_heard_at)
    if ended:
        _finish(session, actor, listening, at)
    return listening.seconds


def finish_silent(session: Session, at: datetime | None = None, silent: timedelta = UNHEARD_AFTER) -> int:
    """End the listenings that nothing was heard of for a while (a closed laptop); how many there were."""
    at = at or now()
    query = (
        select(Listening, Account)
        .join(Account, Account.id == Listening.account_id)
        .where(Listening.ended_at.is_(None), Listening.last_heard_at < at - silent)
        .limit(200)
        .with_for_update(of=Listening, skip_locked=True)
    )
    silent_ones = session.execute(query).all()
    for listening, account in silent_ones:
        actor = Actor(account.id, account.login, account.name, account.role, account.office_code)
        _finish(session, actor, listening, at)
    return len(silent_ones)


def download(context: Context, call_id: uuid.UUID) -> SealedRecording:
    """Take the whole recording away; raises as `open_listening` does."""
    sealed = get_sealed(context.session, context.scope, call_id)
    listening = _begin(context, call_id, sealed.office_code, act="recording_downloaded")
    listening.downloaded = True
    listening.ended_at = context.at
    return sealed


def get_own(session: Session, actor: Actor, listening_id: uuid.UUID) -> Listening:
    """A listening of the actor's own, held for writing. Raises NotFound, for somebody else's as well."""
    query = select(Listening).where(Listening.id == listening_id, Listening.account_id == actor.account_id)
    listening = session.scalars(query.with_for_update()).one_or_none()
    if listening is None:
        raise NotFound(f"listening {listening_id}")
    return listening


def _begin(context: Context, call_id: uuid.UUID, office_code: str, *, act: str, live: bool = False) -> Listening:
    """Write down that somebody begins to listen, or takes a recording away, by the name of the act."""
    session, actor, at = context.session, context.actor, context.at
    listening = Listening(call_id=call_id, account_id=actor.account_id, started_at=at, last_heard_at=at, live=live)
    session.add(listening)
    session.flush()
    record(session, actor, act, subject_of("call", call_id), {"listening": str(listening.id)}, office_code, at)
    return listening


def open_live_listening(context: Context, call_id: uuid.UUID) -> Listening:
    """Begin to listen to a call in progress. Raises NotFound outside the scope, Refused once it is over."""
    call = get_call(context.session, context.scope, call_id)
    if call.ended_at is not None:
        raise Refused("call_over")
    begin_recording(context.session, call.id)  # its sound may be here before the office has reported it
    return _begin(context, call.id, call.office_code, act="live_listening_started", live=True)


def continue_live_listening(context: Context, call_id: uuid.UUID, listening_id: uuid.UUID) -> None:
    """Let a connection go on with a listening.

    Raises NotFound outside the scope and for a listening that is not his, of this call and live; Refused once
    it has ended.
    """
    get_call(context.session, context.scope, call_id)
    listening = get_own(context.session, context.actor, listening_id)
    if listening.call_id != call_id or not listening.live:
        raise NotFound(f"listening {listening_id}")
    if listening.ended_at is not None:
        raise Refused("listening_over")
    listening.last_heard_at = max(context.at, listening.last_heard_at)


def note_live_served(
    session: Session, actor: Actor, listening_id: uuid.UUID, sent_bytes: int, at: datetime | None = None
) -> None:
    """Add up the audio that is about to leave. Raises Refused once the listening has ended."""
    listening = get_own(session, actor, listening_id)
    if listening.ended_at is not None:
        raise Refused("listening_over")
    listening.served_bytes += sent_bytes
    listening.last_heard_at = max(at or now(), listening.last_heard_at)


def _measures(session: Session, listening: Listening) -> tuple[float, float]:
    """How long the recording is on which somebody reports, and how much of it has left for him, in seconds."""
    if listening.live:
        return LONGEST_LIVE_S, listening.served_bytes / BYTES_A_SECOND
    recording = session.get_one(Recording, listening.call_id)
    duration_s = (recording.duration_ms or 0) / 1000
    return duration_s, served_seconds(listening.served_bytes, recording.flac_bytes or 0, duration_s)


def _last_report(session: Session, listening: Listening, at: datetime) -> datetime:
    """When time began to pass for a report: at the listening's beginning or the account's last report.

    What lies ahead of the clock was written before it was set back: from now on time passes anew.
    """
    query = select(func.max(Listening.reported_at)).where(
        Listening.account_id == listening.account_id,
        Listening.reported_at > at - timedelta(seconds=LONGEST_REPORTED_S),
        Listening.reported_at <= at + SET_BACK,
    )
    known = [listening.started_at, listening.reported_at, session.scalar(query)]
    return max((moment for moment in known if moment is not None and moment <= at + SET_BACK), default=at)


def _latest_open(session: Session, actor: Actor, call_id: uuid.UUID, at: datetime) -> Listening | None:
    query = (
        select(Listening)
        .where(
            Listening.call_id == call_id,
            Listening.account_id == actor.account_id,
            Listening.ended_at.is_(None),
            Listening.live.is_(False),
            Listening.last_heard_at >= at - UNHEARD_AFTER,
        )
        .order_by(Listening.started_at.desc())
        .limit(1)
        .with_for_update()
    )
    return session.scalars(query).one_or_none()


def _finish(session: Session, actor: Actor, listening: Listening, at: datetime) -> None:
    listening.ended_at = at
    call = session.get_one(Call, listening.call_id)
    detail = {
        "listening": str(listening.id),
        "seconds": listening.seconds,
        "stretches": listening.stretches,
        "reported": bool(listening.stretches),
    }
    if listening.live:
        record(session, actor, "live_listening_ended", subject_of("call", call.id), detail, call.office_code, at)
    else:
        record(session, actor, "listening_ended", subject_of("call", call.id), detail, call.office_code, at)
