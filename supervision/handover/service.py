"""Handing things over, and noting what waits for somebody who is gone or for a post that nobody holds."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.complaints.service import pass_complaint
from supervision.context import Context
from supervision.early_signs.service import pass_measure
from supervision.errors import InvalidInput, Refused
from supervision.handover.models import Handover
from supervision.handover.queries import get_holder, list_held, list_in_reach, list_posts
from supervision.handover.rules import Held, HeldKind, Reason, empty_posts, objection
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.machines.service import HEADQUARTERS
from supervision.rectification.service import pass_notice
from supervision.texts import optional_text

LONGEST_NOTE = 500
# How each room lets one take over from another: it looks again whether it still waits for the one, changes its row
# and says so in the audit log.
_PASS: Mapping[HeldKind, Callable[[Context, uuid.UUID, uuid.UUID, uuid.UUID], None]] = MappingProxyType(
    {
        HeldKind.MEASURE: pass_measure,
        HeldKind.NOTICE: pass_notice,
        HeldKind.COMPLAINT: pass_complaint,
    }
)


@dataclass(frozen=True)
class Wanted:
    """What goes to whom and why. `keys` are those of the things (`Held.key`)."""

    keys: frozenset[str]
    taker_id: uuid.UUID
    reason: Reason
    note: str = ""


def hand_over(context: Context, account_id: uuid.UUID, wanted: Wanted) -> list[Held]:
    """Give to another what waits for a person: all that was chosen, or nothing of it.

    Raises InvalidInput where nothing was chosen, and Refused where something does not wait for him any more, or
    where the other may not have it.
    """
    session, actor = context.session, context.actor
    get_holder(session, actor, account_id)
    note = optional_text(wanted.note, "note", LONGEST_NOTE)
    if not wanted.keys:
        raise InvalidInput("handed", "missing")
    chosen = [one for one in list_in_reach(session, actor, account_id) if one.key in wanted.keys]
    if len(chosen) != len(wanted.keys):
        raise Refused("handover_gone")
    for one in chosen:
        against = objection(actor, wanted.taker_id, one)
        if against is not None:
            raise Refused(f"handover_{against.value}")
    for one in chosen:  # before the log, as whoever notes an incident does
        _heal(session, one.office_code or HEADQUARTERS, Cause.WAITS_FOR_NOBODY, one.key, context.at)
    for one in chosen:
        _PASS[one.kind](context, one.id, account_id, wanted.taker_id)
        session.add(
            Handover(
                kind=one.kind,
                record_id=one.id,
                name=one.name,
                office_code=one.office_code,
                from_id=account_id,
                to_id=wanted.taker_id,
                reason=wanted.reason,
                note=note,
                by=actor.account_id,
                at=context.at,
            )
        )
    session.flush()
    return chosen


def watch_handovers(session: Session, at: datetime) -> None:
    """Note what waits for somebody who cannot do it any more, and posts that nobody holds; end what is over."""
    stranded = {
        (one.office_code or HEADQUARTERS, one.key): {"name": one.name, "kind": one.kind.value}
        for one in list_held(session, Scope())
        if one.is_stranded
    }
    empty = {
        (one.office_code or HEADQUARTERS, f"post:{one.role.value}"): {"role": one.role.value}
        for one in empty_posts(list_posts(session))
    }
    _keep(session, Cause.WAITS_FOR_NOBODY, stranded, at)
    _keep(session, Cause.POST_EMPTY, empty, at)


def _keep(session: Session, cause: Cause, there: Mapping[tuple[str, str], dict[str, str]], at: datetime) -> None:
    known = _open(session, cause)
    for (code, subject), detail in there.items():
        if (code, subject) not in known:
            open_incident(session, office_code=code, cause=cause, subject=subject, at=at, detail=dict(detail))
    for code, subject in known:
        if (code, subject) not in there:
            _heal(session, code, cause, subject, at)


def _open(session: Session, cause: Cause) -> Collection[tuple[str, str]]:
    query = select(Incident.office_code, Incident.subject).where(
        Incident.cause == cause, Incident.healed_at.is_(None), Incident.received.is_(False)
    )
    return {(row[0], row[1]) for row in session.execute(query)}


def _heal(session: Session, code: str, cause: Cause, subject: str, at: datetime) -> None:
    heal_incident(session, office_code=code, cause=cause, subject=subject, at=at)
