"""A caller's request: entered, tied to calls, identity, letters, and its outcome (rule 11; PIPL art. 50)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.audit.service import record
from supervision.caller_requests.models import CallerRequest, RequestCall, RequestLetter
from supervision.caller_requests.queries import calls_of_caller
from supervision.caller_requests.rules import (
    DUE_IN_WORKING_DAYS,
    OPEN,
    Channel,
    IdentityCheck,
    LetterWay,
    RequestKind,
    RequestState,
    may_move,
)
from supervision.calls.caller_rules import mask_number
from supervision.calls.models import Call
from supervision.calls.queries import get_call
from supervision.clock import local, now
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.retention.queries import is_deletion_open
from supervision.retention.rules import HoldReason
from supervision.retention.service import place_hold, propose_for_request, release_holds_of
from supervision.texts import required_text
from supervision.workdays.queries import working_days_after

LONGEST_WISH = 1000
LONGEST_LETTER = 4000
UNDECIDED = (RequestState.REGISTERED, RequestState.IDENTIFIED)


@dataclass(frozen=True)
class Asked:
    """What somebody asks, as it is entered."""

    kind: RequestKind
    office_code: str
    channel: Channel
    caller_name: str
    caller_number: str
    wish: str
    received_on: date


def register(session: Session, actor: Actor, asked: Asked, at: datetime | None = None) -> CallerRequest:
    """Enter a request; it is to be answered within fifteen working days of its receipt.

    Raises InvalidInput for a day to come, and Conflict where somebody took the same number at this moment.
    """
    at = at or now()
    if asked.received_on > local(at).date():
        raise InvalidInput("received_on", asked.received_on.isoformat(), "a day that has come")
    year = local(at).year
    last = session.scalar(select(func.max(CallerRequest.n)).where(CallerRequest.year == year)) or 0
    request = CallerRequest(
        year=year,
        n=last + 1,
        kind=asked.kind,
        office_code=asked.office_code,
        channel=asked.channel,
        caller_name=required_text(asked.caller_name, "caller_name", 64),
        caller_number=required_text(asked.caller_number, "caller_number", 64),
        wish=required_text(asked.wish, "wish", LONGEST_WISH),
        received_on=asked.received_on,
        due_on=working_days_after(session, asked.received_on, DUE_IN_WORKING_DAYS).day,
        registered_by=actor.account_id,
        registered_at=at,
    )
    session.add(request)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"request {request.number}") from error
    detail = {"number": request.number, "kind": request.kind.value, "due_on": request.due_on.isoformat()}
    note_act(session, actor, request, "request_registered", detail, at)
    return request


def tie_call(  # noqa: PLR0913 - who, which to which, and the version he looked at
    session: Session,
    actor: Actor,
    scope: Scope,
    request_id: uuid.UUID,
    call_id: uuid.UUID,
    *,
    version: int,
    at: datetime | None = None,
) -> CallerRequest:
    """Say that a request is about a call. Its recording is held until the request is closed.

    Raises NotFound, Conflict; Refused once it is decided, where it is tied already, or where it is deleted.
    """
    at = at or now()
    request = get_request(session, request_id, version)
    if request.state not in UNDECIDED:
        raise Refused("request_decided")
    call = get_call(session, scope, call_id)
    if session.get(RequestCall, (request.id, call.id)) is not None:
        raise Refused("request_has_call")
    place_hold(
        session,
        actor,
        scope,
        call.id,
        reason=HoldReason.REQUEST,
        note=request.number,
        subject=request.subject,
        at=at,
    )
    request.calls.append(RequestCall(call_id=call.id, tied_by=actor.account_id, tied_at=at))
    session.flush()
    note_act(session, actor, request, "request_call_tied", {"call": str(call.id)}, at)
    return request


def identify(  # noqa: PLR0913 - who, how it was checked, and the version he looked at
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    check: IdentityCheck,
    note: str,
    *,
    version: int,
    at: datetime | None = None,
) -> CallerRequest:
    """Write down how it was made sure who asks. Raises NotFound, Conflict, and Refused once that is done."""
    at = at or now()
    request = get_request(session, request_id, version)
    advance(request, RequestState.IDENTIFIED)
    request.identity, request.identity_note = check, required_text(note, "note")
    request.identified_by, request.identified_at = actor.account_id, at
    session.flush()
    note_act(
        session, actor, request, "request_identified", {"check": check.value, "note": request.identity_note}, at
    )
    return request


def add_letter(  # noqa: PLR0913 - a letter is these facts
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    way: LetterWay,
    text: str,
    *,
    reference: str,
    written_on: date,
    at: datetime | None = None,
) -> RequestLetter:
    """Keep what was written to the caller or by him; also after the request is closed. Raises NotFound."""
    at = at or now()
    request = get_request(session, request_id)
    letter = RequestLetter(
        request_id=request.id,
        way=way,
        written_on=written_on,
        reference=reference.strip()[:64],
        text=required_text(text, "text", LONGEST_LETTER),
        entered_by=actor.account_id,
        entered_at=at,
    )
    session.add(letter)
    session.flush()
    note_act(session, actor, request, "request_letter_added", {"letter": str(letter.id), "way": way.value}, at)
    return letter


def get_request(session: Session, request_id: uuid.UUID, version: int | None = None) -> CallerRequest:
    """The request, locked if it is to be changed. Raises NotFound, and Conflict where it has changed."""
    request = session.get(CallerRequest, request_id, with_for_update=version is not None or None)
    if request is None:
        raise NotFound(f"request {request_id}")
    if version is not None and request.version != version:
        raise Conflict(f"request {request_id}")
    return request


def reveal_number(session: Session, actor: Actor, request_id: uuid.UUID) -> str:
    """The whole number of who asks; that it was shown is written down."""
    request = get_request(session, request_id)
    note_act(session, actor, request, "number_unmasked", {}, now())
    return request.caller_number


def find_calls(session: Session, actor: Actor, request_id: uuid.UUID) -> Sequence[Call]:
    """The calls that came from the number of who asks; that they were looked for is written down."""
    request = get_request(session, request_id)
    note_act(session, actor, request, "number_searched", {"number": mask_number(request.caller_number)}, now())
    return calls_of_caller(session, request)


def advance(request: CallerRequest, to: RequestState) -> None:
    """Move a request on. Raises Refused where the table of moves has no such move."""
    if not may_move(request.state, to):
        raise Refused("request_not_open", f"{request.state} to {to}")
    request.state = to


def note_act(  # noqa: PLR0917, PLR0913 - who did what to which, and when
    session: Session, actor: Actor, request: CallerRequest, act: str, detail: Mapping[str, object], at: datetime
) -> None:
    """Write the audit line of something that was done with a request."""
    record(session, actor, act, request.subject, detail, request.office_code, at)


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
    request.outcome = required_text(note, "outcome", LONGEST_WISH)
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


def note_overdue(session: Session, at: datetime) -> int:
    """Note each overdue request, at most once on one day of the bureau; how many were noted now."""
    today = local(at).date()
    query = select(CallerRequest).where(CallerRequest.state.in_(OPEN), CallerRequest.due_on < today)
    noted = 0
    for request in session.scalars(query.order_by(CallerRequest.due_on, CallerRequest.id)):
        if not _seen_on(session, request, at):
            open_incident(
                session,
                office_code=request.office_code,
                cause=Cause.REQUEST_OVERDUE,
                subject=request.subject,
                at=at,
                detail={"number": request.number, "due_on": request.due_on.isoformat()},
            )
            noted += 1
    return noted


def heal_overdue(session: Session, request: CallerRequest, at: datetime) -> None:
    """The request is answered: its incident, if there is one, is over."""
    heal_incident(
        session,
        office_code=request.office_code,
        cause=Cause.REQUEST_OVERDUE,
        subject=request.subject,
        at=at,
    )


def _decide(  # noqa: PLR0917, PLR0913 - who decides what of which, why and when
    session: Session, actor: Actor, request: CallerRequest, to: RequestState, outcome: str, at: datetime
) -> None:
    request.outcome = required_text(outcome, "outcome", LONGEST_WISH)
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


def _seen_on(session: Session, request: CallerRequest, at: datetime) -> bool:
    query = select(Incident.last_seen_at).where(
        Incident.office_code == request.office_code,
        Incident.cause == Cause.REQUEST_OVERDUE,
        Incident.subject == request.subject,
        Incident.healed_at.is_(None),
    )
    seen = session.scalar(query)
    return seen is not None and local(seen).date() >= local(at).date()
