"""What goes wrong with a draw, noted as an incident once while it lasts."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.draws.models import Draw
from supervision.draws.rules import Party
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident, renew_open, was_seen


def note_wrong(  # noqa: PLR0913 - with what, what is wrong, since when, and of which part of it
    session: Session, found: Draw, cause: Cause, at: datetime, detail: Mapping[str, Any], *, part: str = ""
) -> None:
    """Something is wrong with a draw, or a part of it. It is looked at every few seconds and noted once."""
    subject = f"{found.name}:{part}"[:80] if part else found.name
    if not is_open(session, found.office_code, cause, subject):
        open_incident(
            session,
            office_code=found.office_code,
            cause=cause,
            subject=subject,
            at=at,
            detail={"draw": found.name, **detail},
        )


def note_share_wrong(session: Session, found: Draw, at: datetime, party: Party, said: str) -> None:
    """A share cannot be given, or is not what was committed. It is tried again and again and noted once.

    What a person has settled is not noted anew: a secret that is lost stays lost.
    """
    if not was_seen(session, found.office_code, Cause.DRAW_SHARE_WRONG, found.name):
        detail = {"party": party.value, **({"said": said[:200]} if said else {})}
        note_wrong(session, found, Cause.DRAW_SHARE_WRONG, at, detail)


def note_over(session: Session, found: Draw, cause: Cause, at: datetime) -> None:
    """It is over by itself."""
    heal_incident(session, office_code=found.office_code, cause=cause, subject=found.name, at=at)


def note_whole(session: Session, found: Draw, at: datetime) -> None:
    """All of a list is due, and who has to review it is told; told anew where that is another than was said."""
    reviewer = found.reviewer.value if found.reviewer else None
    detail = {"draw": found.name, "calls": found.calls, "reviewer": reviewer}
    if not renew_open(session, found.office_code, Cause.DRAW_WHOLE, found.name, detail):
        note_wrong(session, found, Cause.DRAW_WHOLE, at, detail)


def note_without_audio(session: Session, found: Draw, place: int, call_id: uuid.UUID, at: datetime) -> None:
    """A call was drawn of which there is no recording: its cause must be written down (draw.md)."""
    subject, detail = f"{found.name}:{place}"[:80], {"draw": found.name}
    about: dict[str, Any] = {"office_code": found.office_code, "cause": Cause.DRAWN_WITHOUT_AUDIO}
    open_incident(session, **about, subject=subject, at=at, call_id=call_id, detail=detail)
