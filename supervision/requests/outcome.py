"""How a caller's request ends: granted and carried out, refused, or withdrawn (rule 11; PIPL art. 50)."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.calls.models import Call
from supervision.clock import now
from supervision.errors import Refused
from supervision.requests.models import CallerRequest
from supervision.requests.overdue import heal_overdue
from supervision.requests.rules import RequestKind, RequestState
from supervision.requests.service import LONGEST_WISH, advance, get_request, note_act
from supervision.retention.deletions import is_deletion_open, propose_for_request
from supervision.retention.holds import release_holds_of
from supervision.retention.words import reason_of


def grant(  # noqa: PLR0913 - who, which, why, and the version he looked at
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    outcome: str,
    *,
    version: int,
    at: datetime | None = None,
) -> CallerRequest:
    """Say yes. What is to be deleted goes to two people; what is to be seen stays held until it has been shown.

    Raises NotFound, Conflict; Refused where nobody was identified, no call is tied, or something else holds one.
    """
    at = at or now()
    request = get_request(session, request_id, version)
    if not request.calls:
        raise Refused("request_without_call")
    _decide(session, actor, request, RequestState.GRANTED, outcome, at)
    if request.kind is RequestKind.DELETE:
        release_holds_of(session, actor, request.subject, request.number, at)
        calls: list[Call] = [tied.call for tied in request.calls]
        propose_for_request(session, actor, request.subject, calls, at)
    return request


def refuse(  # noqa: PLR0913 - who, which, why, and the version he looked at
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    outcome: str,
    *,
    version: int,
    at: datetime | None = None,
) -> CallerRequest:
    """Say no, with the reason that the caller is told (PIPL art. 50)."""
    at = at or now()
    request = get_request(session, request_id, version)
    _decide(session, actor, request, RequestState.REFUSED, outcome, at)
    _close(session, actor, request, at)
    return request


def withdraw(  # noqa: PLR0913 - who, which, why, and the version he looked at
    session: Session, actor: Actor, request_id: uuid.UUID, note: str, *, version: int, at: datetime | None = None
) -> CallerRequest:
    """The caller took the request back."""
    at = at or now()
    request = get_request(session, request_id, version)
    request.outcome = reason_of(note, "outcome", LONGEST_WISH)
    advance(request, RequestState.WITHDRAWN)
    note_act(session, actor, request, "request_withdrawn", {"note": request.outcome}, at)
    _close(session, actor, request, at)
    return request


def close(
    session: Session, actor: Actor, request_id: uuid.UUID, *, version: int, at: datetime | None = None
) -> CallerRequest:
    """What was granted has been done, and the caller was told. Raises Refused while its deletion is under way."""
    at = at or now()
    request = get_request(session, request_id, version)
    if is_deletion_open(session, request.subject):
        raise Refused("request_not_carried_out")
    advance(request, RequestState.DONE)
    note_act(session, actor, request, "request_closed", {}, at)
    _close(session, actor, request, at)
    return request


def _decide(  # noqa: PLR0917, PLR0913 - who decides what of which, why and when
    session: Session, actor: Actor, request: CallerRequest, to: RequestState, outcome: str, at: datetime
) -> None:
    request.outcome = reason_of(outcome, "outcome", LONGEST_WISH)
    advance(request, to)
    request.decided_by, request.decided_at = actor.account_id, at
    session.flush()
    note_act(session, actor, request, f"request_{to.value}", {"outcome": request.outcome}, at)


def _close(session: Session, actor: Actor, request: CallerRequest, at: datetime) -> None:
    """Nothing is open any more: the holds go, and so does the incident."""
    request.closed_at = at
    session.flush()
    release_holds_of(session, actor, request.subject, request.number, at)
    heal_overdue(session, request, at)
