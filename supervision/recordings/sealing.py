"""Sealing: a call's closed parts become one FLAC that can be verified for ever (decision 3).

`claim_due`, then `encode_recording`, then `finish` (or `fail`). The first and the last are short and run in a
transaction of the caller's, normally the task in `supervision/recordings/tasks.py`; encoding is the heavy work in
between, outside any transaction. A worker that is killed anywhere leaves a claim that runs out, and the next
one does the same work again with the same result.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.calls.progress_rules import waited_ms
from supervision.calls.rules import EventKind, Witness
from supervision.clock import to_milliseconds
from supervision.database import is_busy
from supervision.errors import Conflict, NotFound, Refused
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.incidents.set_aside import Item, resting_items, take_up
from supervision.recordings.encoding import (
    CALL_CAUSES,
    PART_CAUSES,
    Claim,
    Defect,
    Encoded,
    KnownPart,
    SealingError,
)
from supervision.recordings.messages import LONGEST_MS, send_recording
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.recordings.rules import ATTEMPTS, SCRUB_EVERY, back_off_s, dead_air_ms, one_sided_ms
from supervision.recordings.service import events_of, recount_wait

TASK = "seal"


def item_of(claim: Claim) -> Item:
    """A claimed recording as an item of the worker's work."""
    return Item(claim.office_code, TASK, str(claim.call_id))


def claim_due(session: Session, at: datetime, lease_s: float) -> Claim | None:
    """Take the recording of an office that has been due longest, or None. No two workers get the same one.

    Each moment another office is asked first: one that has recordings without end holds up no other's. One from
    which a worker did not come back rests.
    """
    rest = [uuid.UUID(name) for name in resting_items(session, TASK, at)]
    due = (
        Recording.state.in_((RecordingState.FINAL, RecordingState.FAILED)),
        Recording.due_at <= at,
        or_(Recording.claimed_until.is_(None), Recording.claimed_until <= at),
        Recording.call_id.not_in(rest),
    )
    of_offices = select(Call.office_code).join(Recording, Recording.call_id == Call.id).where(*due).distinct()
    codes = sorted(session.scalars(of_offices))
    first = int(at.timestamp() * 1000) % len(codes) if codes else 0
    for code in (*codes[first:], *codes[:first]):
        recording = session.scalars(
            select(Recording)
            .join(Call, Call.id == Recording.call_id)
            .where(*due, Call.office_code == code)
            .order_by(Recording.due_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=Recording)
        ).one_or_none()
        if recording is not None:
            return _claim(session, recording, at, lease_s)
    return None


def claim_call(session: Session, call_id: uuid.UUID, at: datetime, lease_s: float) -> Claim:
    """Take one call's recording, due or not, sealed or not.

    Raises NotFound; Refused while the call goes on; Conflict while another worker has it.
    """
    recording = session.get(Recording, call_id, with_for_update=True)
    if recording is None:
        raise NotFound(f"recording {call_id}")
    if recording.state is RecordingState.GROWING:
        raise Refused("recording_growing")
    if recording.state is RecordingState.DELETED:
        raise Refused("recording_deleted")
    if recording.claimed_until is not None and recording.claimed_until > at:
        raise Conflict(f"recording {call_id} is being sealed")
    return _claim(session, recording, at, lease_s)


def _claim(session: Session, recording: Recording, at: datetime, lease_s: float) -> Claim:
    call = session.get_one(Call, recording.call_id)
    recording.attempts += 1
    recording.claimed_until = to_milliseconds(at + timedelta(seconds=lease_s))
    ended_at = call.ended_at or at
    events = events_of(session, call)
    line_answered_at = min((one.at for one in events if one.kind is EventKind.LINE_ANSWERED), default=None)
    ready = recording.state is RecordingState.READY
    return Claim(
        call_id=call.id,
        office_code=call.office_code,
        offered_at=call.offered_at,
        line_answered_at=line_answered_at,
        answered_at=call.answered_at,
        ended_at=ended_at,
        interrupted=call.interrupted or recording.interrupted,
        parts=_parts(session, call.id),
        put_away=_any_put_away(session, call.id),
        attempt=recording.attempts,
        until=recording.claimed_until,
        flac_sha256=recording.flac_sha256 if ready else None,
        pcm_sha256=recording.pcm_sha256 if ready else None,
        waited_ms=waited_ms(events, call.answered_at or ended_at),
        coarse=call.witness is Witness.CDR,
    )


def _parts(session: Session, call_id: uuid.UUID) -> tuple[KnownPart, ...]:
    rows = session.scalars(select(Part).where(Part.call_id == call_id).order_by(Part.name))
    return tuple(KnownPart(row.name, row.started_at, row.length_bytes, row.sha256) for row in rows)


def _any_put_away(session: Session, call_id: uuid.UUID) -> bool:
    query = select(Part.name).where(Part.call_id == call_id, Part.put_away_at.is_not(None)).limit(1)
    return session.scalar(query) is not None


def finish(
    session: Session,
    claim: Claim,
    encoded: Encoded | None,
    at: datetime,
    scrub_every: timedelta = SCRUB_EVERY,
) -> RecordingState | None:
    """Write down what `encode_recording` came to; the new state, or None if the claim was lost meanwhile.

    Parts that were added during the sealing leave the recording due at once. Raises SealingError where a
    sealed recording would become another one: what was sealed is evidence, and stays as it was written.
    """
    recording = _still_claimed(session, claim)
    if recording is None:
        return None
    recording.claimed_until = None
    if _parts(session, claim.call_id) != claim.parts:
        recording.due_at = at
        return recording.state
    if encoded is not None:
        sealed_now = encoded.sealed.file.pcm_sha256 if encoded.sealed else None
        if claim.pcm_sha256 is not None and sealed_now != claim.pcm_sha256:
            raise SealingError("the sealed file is damaged, and the parts no longer give the same recording")
        _fill(recording, claim, encoded, at)
        recount_wait(session, claim.call_id)  # more may have become known while it was encoded
        recording.scrub_due_at = to_milliseconds(at + scrub_every) if encoded.sealed else None
        _note_defects(session, claim, encoded.defects, at)
    recording.attempts = 0
    recording.due_at = None
    take_up(session, item_of(claim), at)
    heal_incident(
        session,
        office_code=claim.office_code,
        cause=Cause.SEALING_FAILED,
        subject=str(claim.call_id),
        at=at,
    )
    send_recording(session, claim.office_code, claim.call_id)
    return recording.state


def fail(session: Session, claim: Claim, error: Exception, at: datetime) -> RecordingState | None:
    """Write down that sealing failed: an incident, and the next attempt after a pause that grows.

    After five attempts the state is `failed`; it is still tried each hour. A recording that was ready stays so,
    with its incident. A database that was only busy is none, unless it was so each time.
    """
    recording = _still_claimed(session, claim)
    if recording is None:
        return None
    recording.claimed_until = None
    if recording.state is not RecordingState.READY:
        recording.due_at = to_milliseconds(at + timedelta(seconds=back_off_s(claim.attempt)))
        if claim.attempt >= ATTEMPTS:
            recording.state = RecordingState.FAILED
    if is_busy(error) and claim.attempt < ATTEMPTS:
        return recording.state
    open_incident(
        session,
        office_code=claim.office_code,
        cause=Cause.SEALING_FAILED,
        subject=str(claim.call_id),
        at=at,
        call_id=claim.call_id,
        detail={"error": f"{type(error).__name__}: {error}"[:500]},
    )
    return recording.state


def _still_claimed(session: Session, claim: Claim) -> Recording | None:
    recording = session.get(Recording, claim.call_id, with_for_update=True)
    if recording is None or (recording.claimed_until, recording.attempts) != (claim.until, claim.attempt):
        return None
    return recording


def _fill(recording: Recording, claim: Claim, encoded: Encoded, at: datetime) -> None:
    sealed = encoded.sealed
    file = sealed.file if sealed else None
    measures = file.measures if file else None
    recording.state = RecordingState.READY if sealed else RecordingState.EMPTY
    recording.interrupted = claim.interrupted
    recording.sealed_at = at
    recording.frames = sealed.timeline.frames if sealed else 0
    recording.duration_ms = sealed.timeline.duration_ms if sealed else 0
    gaps = sealed.timeline.gaps if sealed else ()
    recording.gaps = [{"at_ms": gap.at_ms, "length_ms": gap.length_ms} for gap in gaps]
    recording.officer_on_ms = sealed.officer_on_ms if sealed else None
    recording.pcm_sha256 = file.pcm_sha256 if file else None
    recording.flac_sha256 = file.flac_sha256 if file else None
    recording.flac_bytes = file.flac_bytes if file else None
    recording.caller_loudness_db = measures.caller.loudness_db if measures else None
    recording.officer_loudness_db = measures.officer.loudness_db if measures else None
    recording.caller_silence_ms = measures.caller.silence_ms if measures else None
    recording.officer_silence_ms = measures.officer.silence_ms if measures else None
    recording.caller_talks_ms = measures.caller_talks_ms if measures else None
    recording.busy_tone_ms = measures.busy_tone_ms if measures else None
    recording.verified_at = at if sealed else None  # it was read back from the disk
    # Where no person came on, nobody spoke: there is nothing that could be missing.
    on_ms = sealed.officer_on_ms if sealed else None
    recording.waited_ms = min(claim.waited_ms, LONGEST_MS)
    spoken = measures if on_ms is not None else None
    from_ms = on_ms or 0
    recording.dead_air_ms = dead_air_ms(spoken.dead, from_ms, gaps) if spoken else 0
    caller, officer = spoken.still if spoken else ((), ())
    recording.caller_still_ms = one_sided_ms(caller, officer, from_ms)
    recording.officer_still_ms = one_sided_ms(officer, caller, from_ms)


def _note_defects(session: Session, claim: Claim, defects: Iterable[Defect], at: datetime) -> None:
    found = {(defect.cause, defect.subject): defect for defect in defects}
    for defect in found.values():
        open_incident(
            session,
            office_code=claim.office_code,
            cause=defect.cause,
            subject=defect.subject,
            at=at,
            call_id=claim.call_id,
            detail=defect.detail,
        )
    possible = [(cause, str(claim.call_id)) for cause in CALL_CAUSES]
    possible += [(cause, part.name) for cause in PART_CAUSES for part in claim.parts]
    for cause, subject in possible:
        if (cause, subject) not in found:
            heal_incident(session, office_code=claim.office_code, cause=cause, subject=subject, at=at)
