"""What headquarters does with what an office tells of a recording."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from supervision.calls.facts import note_impossible
from supervision.calls.models import Call
from supervision.errors import InvalidInput
from supervision.moments import Receipt
from supervision.recordings.facts import RecordingFact, ToldPart
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from supervision.recordings.service import begin_recording


def take_recording(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Write down what an office told of a recording. Told twice, it is written once.

    Audio is evidence of its call, so none is refused for its clock: the time of receipt stands for one that
    cannot be, and it is an incident. Raises InvalidInput for a call or part of another, and where a part that was
    closed is told of otherwise.
    """
    times = Receipt(receipt.at, receipt.said_at, replaces=True)
    fact = RecordingFact.model_validate(body, context=times)
    call = session.get(Call, fact.call_id)
    if call is None or call.office_code != office_code:
        raise InvalidInput("call_id", f"{fact.call_id} is no call of office {office_code}")
    begin_recording(session, call.id)
    recording = session.get_one(Recording, call.id)
    for told in fact.parts:
        _take_part(session, call.id, told)
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


def _take_part(session: Session, call_id: uuid.UUID, told: ToldPart) -> None:
    if not told.name.startswith(f"{call_id}."):
        raise InvalidInput("parts: name", f"{told.name} is no part of call {call_id}")
    part = session.get(Part, told.name) or Part(name=told.name, call_id=call_id)
    if part.closed_at is not None:
        if (part.length_bytes, part.sha256) != (told.length_bytes, told.sha256):
            raise InvalidInput("parts", f"{told.name} was closed before with another length or hash")
        return
    part.started_at, part.closed_at = told.started_at, told.closed_at
    part.length_bytes, part.sha256 = told.length_bytes, told.sha256
    session.add(part)
