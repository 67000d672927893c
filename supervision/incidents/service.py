"""Opening, healing and acknowledging incidents."""

import unicodedata
import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.service import record
from supervision.clock import now
from supervision.errors import Conflict, InvalidInput
from supervision.incidents.facts import tell_incident
from supervision.incidents.models import Cause, Incident, IncidentKind
from supervision.incidents.queries import get_incident
from supervision.people.rules import Actor, Scope

LONGEST_NOTE = 1000

KIND_OF_CAUSE: dict[Cause, IncidentKind] = {
    Cause.ADMISSION_FAILED: IncidentKind.FAULT,
    Cause.ADMITTED_BY_DIALPLAN: IncidentKind.FAULT,
    Cause.NO_BYTES: IncidentKind.GAP,
    Cause.NOT_RECORDED: IncidentKind.GAP,
    Cause.PART_MISSING: IncidentKind.GAP,
    Cause.PART_TRUNCATED: IncidentKind.GAP,
    Cause.PART_CHANGED: IncidentKind.MISMATCH,
    Cause.RECORDING_GAP: IncidentKind.GAP,
    Cause.LENGTH_MISMATCH: IncidentKind.MISMATCH,
    Cause.ASTERISK_STOPPED: IncidentKind.FAULT,
    Cause.CONTROL_LOST: IncidentKind.FAULT,
    Cause.EVENT_REFUSED: IncidentKind.FAULT,
    Cause.SEALING_FAILED: IncidentKind.FAULT,
    Cause.NO_DESK_REACHABLE: IncidentKind.FAULT,
    Cause.RECORD_MISSING: IncidentKind.GAP,
    Cause.ACCOUNT_MISSING: IncidentKind.GAP,
    Cause.TIMES_DIFFER: IncidentKind.MISMATCH,
    Cause.RECORD_DIFFERS: IncidentKind.MISMATCH,
    Cause.NEVER_RECORDED: IncidentKind.GAP,
    Cause.RECORDING_MUTED: IncidentKind.GAP,
    Cause.DURATION_DIFFERS: IncidentKind.MISMATCH,
    Cause.NOT_RECEIVED: IncidentKind.GAP,
    Cause.FILE_MISSING: IncidentKind.GAP,
    Cause.FILE_SIZE_DIFFERS: IncidentKind.MISMATCH,
    Cause.CONTENT_CHANGED: IncidentKind.MISMATCH,
    Cause.OFFICE_COPY_MISSING: IncidentKind.GAP,
    Cause.COPIES_DIFFER: IncidentKind.MISMATCH,
    Cause.SEQUENCE_SKIPPED: IncidentKind.GAP,
    Cause.OFFICE_SILENT: IncidentKind.FAULT,
    Cause.CLOCK_OFF: IncidentKind.FAULT,
    Cause.DRAW_UNCOMMITTED: IncidentKind.OVERDUE,
    Cause.DRAW_NODE_SILENT: IncidentKind.OVERDUE,
    Cause.DRAW_LISTS_DIFFER: IncidentKind.MISMATCH,
    Cause.DRAW_SHARE_WRONG: IncidentKind.MISMATCH,
    Cause.DRAWN_WITHOUT_AUDIO: IncidentKind.GAP,
    Cause.REVIEW_OVERDUE: IncidentKind.OVERDUE,
    Cause.REQUEST_OVERDUE: IncidentKind.OVERDUE,
    Cause.AUDIT_BROKEN: IncidentKind.MISMATCH,
    Cause.HEAD_DIFFERS: IncidentKind.MISMATCH,
    Cause.HEAD_LATE: IncidentKind.OVERDUE,
    Cause.DRAW_OUT_OF_ORDER: IncidentKind.MISMATCH,
    Cause.DRAW_WHOLE: IncidentKind.OVERDUE,
    Cause.DRAW_UNCONFIRMED: IncidentKind.OVERDUE,
    Cause.DRAW_TICKETS_DIFFER: IncidentKind.MISMATCH,
    Cause.DRAW_TICKETS_UNTOLD: IncidentKind.OVERDUE,
    Cause.DRAW_UNCHECKED: IncidentKind.GAP,
    Cause.DRAW_CALL_UNLISTED: IncidentKind.MISMATCH,
    Cause.ANSWER_TAKEN_BACK: IncidentKind.MISMATCH,
    Cause.DISK_LOW: IncidentKind.FAULT,
    Cause.DISK_FAULT: IncidentKind.FAULT,
    Cause.BACKLOG_OLD: IncidentKind.OVERDUE,
    Cause.ONE_WAY_AUDIO: IncidentKind.FAULT,
    Cause.OFFER_REFUSED: IncidentKind.FAULT,
    Cause.CERTIFICATE_ENDS: IncidentKind.OVERDUE,
    Cause.TIME_IMPOSSIBLE: IncidentKind.FAULT,
    Cause.WORK_SET_ASIDE: IncidentKind.FAULT,
    Cause.CLOCK_BEHIND: IncidentKind.FAULT,
}

# These are states: they stay open until the machine sees them over. All other causes are facts of a moment, with
# nothing left that could heal; a person who has looked into such an incident settles it.
STATES: frozenset[Cause] = frozenset(
    {
        Cause.CONTROL_LOST,
        Cause.SEALING_FAILED,
        Cause.RECORD_MISSING,
        Cause.ACCOUNT_MISSING,
        Cause.RECORD_DIFFERS,
        Cause.NOT_RECEIVED,
        Cause.FILE_MISSING,
        Cause.FILE_SIZE_DIFFERS,
        Cause.CONTENT_CHANGED,
        Cause.OFFICE_COPY_MISSING,
        Cause.SEQUENCE_SKIPPED,
        Cause.OFFICE_SILENT,
        Cause.CLOCK_OFF,
        Cause.DRAW_UNCOMMITTED,
        Cause.DRAW_LISTS_DIFFER,
        Cause.REVIEW_OVERDUE,
        Cause.REQUEST_OVERDUE,
        Cause.HEAD_DIFFERS,
        Cause.HEAD_LATE,
        Cause.DRAW_OUT_OF_ORDER,
        Cause.DRAW_TICKETS_DIFFER,
        Cause.DRAW_TICKETS_UNTOLD,
        Cause.DRAW_UNCHECKED,
        Cause.DRAW_CALL_UNLISTED,
        Cause.DISK_LOW,
        Cause.DISK_FAULT,
        Cause.BACKLOG_OLD,
        Cause.CERTIFICATE_ENDS,
        Cause.WORK_SET_ASIDE,
        Cause.CLOCK_BEHIND,
    }
)

# Said where a witness did not speak in its time: over where it speaks late and agrees. Where it never does, a
# person settles it.
HEALED_LATE: frozenset[Cause] = frozenset({Cause.TIMES_DIFFER, Cause.NEVER_RECORDED, Cause.ASTERISK_STOPPED})

# Nothing is lost and nobody need act: noted so that it can be counted, and over as it is noted.
OVER_AT_ONCE: frozenset[Cause] = frozenset({Cause.ADMISSION_FAILED, Cause.ADMITTED_BY_DIALPLAN})

# Machines write past the mapper, so that a repeated sighting never takes the version from under a person's note.
_TABLE = cast(Table, Incident.__table__)


def open_incident(  # noqa: PLR0913 - one incident is these facts
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
            kind=KIND_OF_CAUSE[cause],
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
    tell_incident(session, incident)
    return incident


def renew_detail(session: Session, incident: Incident, detail: dict[str, Any]) -> None:
    """Note that an open incident is now about something more, or less, than when it was opened."""
    _write(session, incident, {"detail": detail})
    tell_incident(session, incident)


def heal_incident(session: Session, *, office_code: str, cause: Cause, subject: str, at: datetime) -> bool:
    """Note that an open incident is over by itself; False if there was none."""
    incident = _find_open(session, office_code, cause, subject)
    if incident is None:
        return False
    _write(session, incident, {"healed_at": at})
    tell_incident(session, incident)
    return True


def is_open(session: Session, office_code: str, cause: Cause, subject: str) -> bool:
    """Whether this was seen here and is not over."""
    return _find_open(session, office_code, cause, subject) is not None


def was_seen(session: Session, office_code: str, cause: Cause, subject: str) -> bool:
    """Whether this was ever seen here, be it over or not."""
    query = select(Incident.id).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.subject == subject,
        Incident.told.is_(False),
    )
    return session.scalar(query.limit(1)) is not None


def is_settled(incident: Incident) -> bool:
    """Whether a person closed it, rather than the machine seeing it over."""
    return incident.healed_at is not None and incident.seen_at is not None and incident.cause not in STATES


def acknowledge(  # noqa: PLR0913 - who, what, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    incident_id: uuid.UUID,
    *,
    note: str,
    version: int,
    at: datetime | None = None,
) -> Incident:
    """Mark an incident as seen, with a note, or correct the note. One of a moment is closed by it.

    Raises NotFound outside the scope and Conflict where the incident has changed since it was looked at.
    """
    at = at or now()
    note = note.replace("\r\n", "\n").strip()  # a browser counts a line's end as one character and sends two
    if len(note) > LONGEST_NOTE:
        raise InvalidInput("note", "too_long", f"at most {LONGEST_NOTE} characters")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\t\n" for letter in note):
        raise InvalidInput("note", "control_characters", "text")
    incident = get_incident(session, scope, incident_id)
    if incident.version != version:
        raise Conflict(f"incident {incident_id}")
    before, incident.note = incident.note, note
    incident.seen_by, incident.seen_at = actor.account_id, at
    settles = incident.cause not in STATES and incident.healed_at is None
    if settles:
        incident.healed_at = at
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(f"incident {incident_id}") from error
    if settles:
        tell_incident(session, incident)
    detail = {"cause": incident.cause.value, "note": incident.note, "note_before": before, "settled": settles}
    record(session, actor, "incident_acknowledged", f"incident:{incident.id}", detail, incident.office_code, at)
    return incident


def _find_open(session: Session, office_code: str, cause: Cause, subject: str) -> Incident | None:
    query = select(Incident).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.subject == subject,
        Incident.told.is_(False),
        Incident.healed_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def _write(session: Session, incident: Incident, values: dict[str, Any]) -> None:
    session.execute(update(_TABLE).where(_TABLE.c.id == incident.id).values(values))
    session.refresh(incident)
