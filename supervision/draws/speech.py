"""Whether anybody speaks in a recording, as was measured in a party's own copy."""

import uuid

from sqlalchemy.orm import Session

from supervision.draws.ticket_rules import is_speech
from supervision.recordings.facts import measured_speech_ms
from supervision.recordings.models import OfficeCopy, Recording


def has_speech(session: Session, call_id: uuid.UUID) -> bool:
    """Whether speech was measured in the copy that is here, or at headquarters in the office's, as it told."""
    copy = session.get(OfficeCopy, call_id)
    if copy is not None and is_speech(copy.speech_ms):
        return True
    own = session.get(Recording, call_id)
    return own is not None and is_speech(measured_speech_ms(own))
