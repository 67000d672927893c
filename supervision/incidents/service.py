"""Opening, healing and acknowledging incidents."""

import unicodedata
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput
from supervision.incidents.messages import send_incident
from supervision.incidents.models import Incident
from supervision.incidents.queries import get_incident
from supervision.incidents.rules import Cause
from supervision.texts import optional_text

LONGEST_NOTE = 1000

# Machines write past the mapper, so that a repeated sighting never takes the version from under a person's note.
_TABLE = cast(Table, Incident.__table__)

# Whatever may be wrong is looked for at each step of each call and draw: put together once.
_OPEN = select(Incident).where(
    Incident.office_code == bindparam("office_code"),
    Incident.cause == bindparam("cause"),
    Incident.subject == bindparam("subject"),
    Incident.received.is_(False),
    Incident.healed_at.is_(None),
)


def open_incident(  # noqa: PLR0913 - the columns of one row, each given by its name; machines open it, so no context
    session: Session,
    *,
    office_code: str,
    cause: Cause,
    subject: str,
    at: datetime,
    call_id: uuid.UUID | None = None,
    detail: dict[str, Any] | None = None,
    times: int = 1,
) -> Incident:
    """Note that something is wrong, seen so many times. Seen again while open, it is the same incident."""
    incident = _find_open(session, office_code, cause, subject)
    if incident is None:
        incident = Incident(
            office_code=office_code,
            kind=cause.kind,
            cause=cause,
            subject=subject,
            call_id=call_id,
            detail=detail or {},
            first_seen_at=at,
            last_seen_at=at,
            times=times,
        )
        session.add(incident)
        session.flush()
    else:
        last = max(at, incident.last_seen_at)
        _write(session, incident, {"last_seen_at": last, "times": _TABLE.c.times + times})
    send_incident(session, incident)
    return incident


def renew_detail(session: Session, incident: Incident, detail: dict[str, Any]) -> None:
    """Note that an open incident is now about something more, or less, than when it was opened."""
    _write(session, incident, {"detail": detail})
    send_incident(session, incident)


def renew_open(session: Session, office_code: str, cause: Cause, subject: str, detail: dict[str, Any]) -> bool:
    """Keep an open incident up to date, if there is one; whether there is."""
    incident = _find_open(session, office_code, cause, subject)
    if incident is not None and incident.detail != detail:
        renew_detail(session, incident, detail)
    return incident is not None


def heal_incident(session: Session, *, office_code: str, cause: Cause, subject: str, at: datetime) -> bool:
    """Note that an open incident is over by itself; False if there was none."""
    incident = _find_open(session, office_code, cause, subject)
    if incident is None:
        return False
    _write(session, incident, {"healed_at": at})
    send_incident(session, incident)
    return True


def is_open(session: Session, office_code: str, cause: Cause, subject: str) -> bool:
    """Whether this was seen here and is not over."""
    return _find_open(session, office_code, cause, subject) is not None


def last_seen_at(session: Session, office_code: str, cause: Cause, subject: str) -> datetime | None:
    """When this was seen here last, if it is not over."""
    incident = _find_open(session, office_code, cause, subject)
    return incident.last_seen_at if incident is not None else None


def is_open_or_recent(
    session: Session, office_code: str, cause: Cause, subject: str, lately: tuple[datetime, datetime]
) -> bool:
    """Whether this was seen here and is not over, or was over between these two moments."""
    query = select(Incident.id).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.subject == subject,
        Incident.received.is_(False),
        Incident.healed_at.is_(None) | Incident.healed_at.between(*lately),
    )
    return session.scalar(query.limit(1)) is not None


def was_seen(session: Session, office_code: str, cause: Cause, subject: str) -> bool:
    """Whether this was ever seen here, be it over or not."""
    query = select(Incident.id).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.subject == subject,
        Incident.received.is_(False),
    )
    return session.scalar(query.limit(1)) is not None


def was_settled(session: Session, office_code: str, cause: Cause, subject: str) -> bool:
    """Whether a person has ever closed this here; what the machine saw over is not settled."""
    query = select(Incident).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.subject == subject,
        Incident.received.is_(False),
        Incident.healed_at.is_not(None),
        Incident.seen_at.is_not(None),
    )
    return any(is_settled(one) for one in session.scalars(query))


def list_settled(session: Session, office_code: str, cause: Cause, subjects: Collection[str]) -> list[uuid.UUID]:
    """At headquarters: an office's incidents about these subjects that somebody here has closed, by their ids."""
    query = select(Incident).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.subject.in_(subjects),
        Incident.received.is_(True),
        Incident.healed_at.is_not(None),
        Incident.seen_at.is_not(None),
    )
    return sorted(one.id for one in session.scalars(query) if is_settled(one))


def end_settled(session: Session, incident_id: uuid.UUID, *, office_code: str, cause: Cause, at: datetime) -> bool:
    """On a node: end an incident of this cause that somebody settled at headquarters; whether it was open here."""
    incident = session.get(Incident, incident_id)
    if incident is None or (incident.office_code, incident.cause) != (office_code, cause):
        return False
    if incident.received or incident.healed_at is not None:
        return False
    _write(session, incident, {"healed_at": at})
    send_incident(session, incident)
    return True


def is_settled(incident: Incident) -> bool:
    """Whether a person closed it, rather than the machine seeing it over."""
    return incident.healed_at is not None and incident.seen_at is not None and not incident.cause.is_state


def acknowledge(context: Context, incident_id: uuid.UUID, *, note: str, version: int) -> Incident:
    """Mark an incident as seen, with a note, or correct the note. One of a moment is closed by it.

    Raises NotFound outside the scope and Conflict where the incident has changed since it was looked at.
    """
    session, actor, at = context.session, context.actor, context.at
    note = optional_text(note, "note", LONGEST_NOTE)
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\t\n" for letter in note):
        raise InvalidInput("note", "control_characters", "text")
    incident = get_incident(session, context.scope, incident_id)
    if incident.version != version:
        raise Conflict(f"incident {incident_id}")
    before, incident.note = incident.note, note
    incident.seen_by, incident.seen_at = actor.account_id, at
    settles = not incident.cause.is_state and incident.healed_at is None
    if settles:
        incident.healed_at = at
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"incident {incident_id}") from error
    if settles:
        send_incident(session, incident)
    detail = {"cause": incident.cause.value, "note": incident.note, "note_before": before, "settled": settles}
    record(
        session,
        actor,
        "incident_acknowledged",
        subject_of("incident", incident.id),
        detail,
        incident.office_code,
        at,
    )
    return incident


def _find_open(session: Session, office_code: str, cause: Cause, subject: str) -> Incident | None:
    asked = {"office_code": office_code, "cause": cause, "subject": subject}
    return session.scalars(_OPEN, asked).one_or_none()


def _write(session: Session, incident: Incident, values: dict[str, Any]) -> None:
    session.execute(update(_TABLE).where(_TABLE.c.id == incident.id).values(values))
    session.refresh(incident)
