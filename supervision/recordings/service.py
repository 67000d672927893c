"""Parts on disk become rows, and a recording becomes final once its call is over and all its parts are closed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supervision.calls.messages import note_impossible
from supervision.calls.models import Call, CallEvent
from supervision.calls.progress_rules import waited_ms
from supervision.calls.rules import Event, EventKind
from supervision.errors import InvalidInput
from supervision.paths import PartName
from supervision.received_times import Receipt
from supervision.recordings.messages import LONGEST_MS, RecordingFact, SentPart, send_recording
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState

BYTES_A_FRAME = 4
FRAMES_A_SECOND = 8000
CLOSES_WITHIN = timedelta(seconds=1)
HAS_WAIT = frozenset({RecordingState.READY, RecordingState.EMPTY})


@dataclass(frozen=True)
class ClosedPart:
    """A part that nobody writes to any more, as it is on disk; `written_at` is when it was written to last."""

    name: str
    length_bytes: int
    sha256: str
    written_at: datetime


def begin_recording(session: Session, call_id: uuid.UUID) -> None:
    """Every call has a recording from its first moment, empty or not. Called twice, it is written once."""
    if session.get(Recording, call_id) is None:
        session.add(Recording(call_id=call_id))
        session.flush()


def note_part(session: Session, call_id: uuid.UUID, name: str, started_at: datetime) -> None:
    """A part was begun. Called twice, it is written once."""
    if session.get(Part, name) is None:
        session.add(Part(name=name, call_id=call_id, started_at=started_at))
        send_recording(session, session.get_one(Call, call_id).office_code, call_id)


def finish_recording(
    session: Session, call_id: uuid.UUID, closed: Sequence[ClosedPart], ended_at: datetime, *, interrupted: bool
) -> None:
    """Fix the length and hash of each part and hand the recording over to be sealed. Once final, it stays so.

    A part's first frame lies its length before its end. MixMonitor ends with its channel, so that is the call's
    end, but for a part that stopped earlier: it ended when it was written to last.
    """
    recording = session.get(Recording, call_id)
    if recording is None or recording.state is not RecordingState.GROWING:
        return
    for part in closed:
        row = session.get(Part, part.name)
        if row is None:
            row = Part(name=part.name, call_id=call_id)
            session.add(row)
        row.started_at = _end_of(part, ended_at) - timedelta(
            seconds=part.length_bytes / BYTES_A_FRAME / FRAMES_A_SECOND
        )
        row.closed_at, row.length_bytes, row.sha256 = ended_at, part.length_bytes, part.sha256
    recording.interrupted = interrupted
    recording.state = RecordingState.FINAL
    recording.due_at = recording.closed_at = ended_at
    send_recording(session, session.get_one(Call, call_id).office_code, call_id)


def forget_receipts(session: Session) -> None:
    """At an office: headquarters may lack parts that it had, so it is asked again for all whose bytes are here."""
    here = Part.received_at.is_not(None), Part.put_away_at.is_(None)
    session.execute(
        update(Part).where(*here).values(received_at=None).execution_options(synchronize_session=False)
    )


def unfinished(session: Session, office_code: str) -> list[uuid.UUID]:
    """Calls that are over while their recording still counts as growing."""
    return list(
        session.scalars(
            select(Recording.call_id)
            .join(Call, Call.id == Recording.call_id)
            .where(
                Call.office_code == office_code,
                Call.ended_at.is_not(None),
                Recording.state == RecordingState.GROWING,
            )
        )
    )


def apply_recording(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Write down what an office sent of a recording. Received twice, it is written once.

    Audio is evidence of its call, so none is refused for its clock: the time of receipt stands for one that
    cannot be, and it is an incident. Raises InvalidInput for a call or part of another, and where a part that was
    closed comes with other values.
    """
    times = Receipt(receipt.at, receipt.said_at, replaces=True)
    fact = RecordingFact.model_validate(body, context=times)
    call = session.get(Call, fact.call_id)
    if call is None or call.office_code != office_code:
        raise InvalidInput("call_id", f"{fact.call_id} is no call of office {office_code}")
    begin_recording(session, call.id)
    recording = session.get_one(Recording, call.id)
    for sent in fact.parts:
        _apply_part(session, call.id, sent)
    recording.closed_at = recording.closed_at or fact.closed_at
    if recording.state is RecordingState.GROWING:
        recording.interrupted = fact.interrupted
    if fact.copy_of_office is not None:
        copy = session.get(OfficeCopy, call.id) or OfficeCopy(call_id=call.id)
        for name, value in fact.copy_of_office:
            setattr(copy, name, value)
        session.add(copy)
    session.flush()
    if times.replaced:
        note_impossible(session, office_code, call.id, times)


def _end_of(part: ClosedPart, ended_at: datetime) -> datetime:
    return ended_at if part.written_at > ended_at - CLOSES_WITHIN else part.written_at


def _apply_part(session: Session, call_id: uuid.UUID, sent: SentPart) -> None:
    name = PartName.parse(sent.name)
    if name is None or name.call_id != call_id:
        raise InvalidInput("parts: name", f"{sent.name} is no part of call {call_id}")
    part = session.get(Part, sent.name) or Part(name=sent.name, call_id=call_id)
    if part.closed_at is not None:
        if (part.length_bytes, part.sha256) != (sent.length_bytes, sent.sha256):
            raise InvalidInput("parts", f"{sent.name} was closed before with another length or hash")
        return
    part.started_at, part.closed_at = sent.started_at, sent.closed_at
    part.length_bytes, part.sha256 = sent.length_bytes, sent.sha256
    session.add(part)


def recount_wait(session: Session, call_id: uuid.UUID) -> None:
    """Compute again how long a call's caller waited: more may be known now than when it was sealed.

    The audio stays. A recording that is not sealed yet is left alone.
    """
    recording, call = session.get(Recording, call_id), session.get(Call, call_id)
    if recording is None or call is None or call.ended_at is None or recording.state not in HAS_WAIT:
        return
    until = call.answered_at or call.ended_at
    recording.waited_ms = min(waited_ms(events_of(session, call), until), LONGEST_MS)


def events_of(session: Session, call: Call) -> list[Event]:
    """What happened, by the witness whom the record rests on; by all, where he did not see the line answered.

    A detail record's times are whole seconds: beside exact ones they would make the call too long.
    """
    rows = session.scalars(select(CallEvent).where(CallEvent.call_id == call.id)).all()
    own = [row for row in rows if row.witness is call.witness]
    seen = any(row.kind is EventKind.LINE_ANSWERED for row in own)
    return [Event(row.kind, row.at, row.channel) for row in (own if seen else rows)]
