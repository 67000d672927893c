"""A caller's request: entered, tied to calls, identity, letters, and its outcome (rule 11; PIPL art. 50)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

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
from supervision.clock import local
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.retention.queries import is_deletion_open
from supervision.retention.rules import HoldReason
from supervision.retention.service import Holding, place_hold, propose_for_request, release_holds_of
from supervision.texts import required_text
from supervision.workdays.queries import get_calendar, working_days_after
from supervision.workdays.rules import Counted, count_after, recounted

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


@dataclass(frozen=True)
class Written:
    """A letter, as it is entered."""

    way: LetterWay
    text: str
    reference: str
    on: date


def register(context: Context, asked: Asked) -> CallerRequest:
    """Enter a request; it is to be answered within fifteen working days of its receipt.

    Raises InvalidInput for a day to come, and Conflict where somebody took the same number at this moment.
    """
    session, at = context.session, context.at
    if asked.received_on > local(at).date():
        raise InvalidInput("received_on", "to_come", "a day that has come")
    due = working_days_after(session, asked.received_on, DUE_IN_WORKING_DAYS)
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
        due_on=due.day,
        provisional=due.provisional,
        registered_by=context.actor.account_id,
        registered_at=at,
    )
    session.add(request)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"request {request.number}") from error
    detail = {"number": request.number, "kind": request.kind.value, "due_on": request.due_on.isoformat()}
    _note_act(context, request, "request_registered", detail)
    return request


def tie_call(context: Context, request_id: uuid.UUID, call_id: uuid.UUID, *, version: int) -> CallerRequest:
    """Say that a request is about a call. Its recording is held until the request is closed.

    Raises NotFound, Conflict; Refused once it is decided, where it is tied already, or where it is deleted.
    """
    session = context.session
    request = get_request(session, request_id, version)
    if request.state not in UNDECIDED:
        raise Refused("request_decided")
    call = get_call(session, context.scope, call_id)
    if session.get(RequestCall, (request.id, call.id)) is not None:
        raise Refused("request_has_call")
    held = Holding(HoldReason.REQUEST, request.number, subject=request.subject)
    place_hold(context, call.id, held)
    request.calls.append(RequestCall(call_id=call.id, tied_by=context.actor.account_id, tied_at=context.at))
    session.flush()
    _note_act(context, request, "request_call_tied", {"call": str(call.id)})
    return request


def identify(
    context: Context, request_id: uuid.UUID, check: IdentityCheck, note: str, *, version: int
) -> CallerRequest:
    """Write down how it was made sure who asks. Raises NotFound, Conflict, and Refused once that is done."""
    request = get_request(context.session, request_id, version)
    advance(request, RequestState.IDENTIFIED)
    request.identity, request.identity_note = check, required_text(note, "note")
    request.identified_by, request.identified_at = context.actor.account_id, context.at
    context.session.flush()
    _note_act(context, request, "request_identified", {"check": check.value, "note": request.identity_note})
    return request


def add_letter(context: Context, request_id: uuid.UUID, written: Written) -> RequestLetter:
    """Keep what was written to the caller or by him; also after the request is closed. Raises NotFound."""
    request = get_request(context.session, request_id)
    letter = RequestLetter(
        request_id=request.id,
        way=written.way,
        written_on=written.on,
        reference=written.reference.strip()[:64],
        text=required_text(written.text, "text", LONGEST_LETTER),
        entered_by=context.actor.account_id,
        entered_at=context.at,
    )
    context.session.add(letter)
    context.session.flush()
    _note_act(context, request, "request_letter_added", {"letter": str(letter.id), "way": letter.way.value})
    return letter


def get_request(session: Session, request_id: uuid.UUID, version: int | None = None) -> CallerRequest:
    """The request, locked if it is to be changed. Raises NotFound, and Conflict where it has changed."""
    request = session.get(CallerRequest, request_id, with_for_update=version is not None or None)
    if request is None:
        raise NotFound(f"request {request_id}")
    if version is not None and request.version != version:
        raise Conflict(f"request {request_id}")
    return request


def reveal_number(context: Context, request_id: uuid.UUID) -> str:
    """The whole number of who asks; that it was shown is written down."""
    request = get_request(context.session, request_id)
    _note_act(context, request, "number_unmasked", {})
    return request.caller_number


def find_calls(context: Context, request_id: uuid.UUID) -> Sequence[Call]:
    """The calls that came from the number of who asks; that they were looked for is written down."""
    request = get_request(context.session, request_id)
    _note_act(context, request, "number_searched", {"number": mask_number(request.caller_number)})
    return calls_of_caller(context.session, request)


def advance(request: CallerRequest, to: RequestState) -> None:
    """Move a request on. Raises Refused where the table of moves has no such move."""
    if not may_move(request.state, to):
        raise Refused("request_not_open", f"{request.state} to {to}")
    request.state = to


def _note_act(context: Context, request: CallerRequest, act: str, detail: Mapping[str, object]) -> None:
    subject, office_code = request.subject, request.office_code
    record(context.session, context.actor, act, subject, detail, office_code, context.at)


def grant(context: Context, request_id: uuid.UUID, outcome: str, *, version: int) -> CallerRequest:
    """Say yes. What is to be deleted goes to two people; what is to be seen stays held until it has been shown.

    Raises NotFound, Conflict; Refused where nobody was identified, no call is tied, or something else holds one.
    """
    request = get_request(context.session, request_id, version)
    if not request.calls:
        raise Refused("request_without_call")
    _decide(context, request, RequestState.GRANTED, outcome)
    if request.kind is RequestKind.DELETE:
        release_holds_of(context, request.subject, request.number)
        propose_for_request(context, request.subject, [tied.call for tied in request.calls])
    return request


def refuse(context: Context, request_id: uuid.UUID, outcome: str, *, version: int) -> CallerRequest:
    """Say no, with the reason for the caller (PIPL art. 50)."""
    request = get_request(context.session, request_id, version)
    _decide(context, request, RequestState.REFUSED, outcome)
    _close(context, request)
    return request


def withdraw(context: Context, request_id: uuid.UUID, note: str, *, version: int) -> CallerRequest:
    """The caller took the request back."""
    request = get_request(context.session, request_id, version)
    request.outcome = required_text(note, "outcome", LONGEST_WISH)
    advance(request, RequestState.WITHDRAWN)
    _note_act(context, request, "request_withdrawn", {"note": request.outcome})
    _close(context, request)
    return request


def close(context: Context, request_id: uuid.UUID, *, version: int) -> CallerRequest:
    """What was granted has been done, and the caller was informed. Raises Refused while a deletion goes on."""
    request = get_request(context.session, request_id, version)
    if is_deletion_open(context.session, request.subject):
        raise Refused("request_not_carried_out")
    advance(request, RequestState.DONE)
    _note_act(context, request, "request_closed", {})
    _close(context, request)
    return request


def recount_due(session: Session, at: datetime) -> None:
    """Count the due days of open requests again on the calendar as it is now: days may have been entered since.

    All of them are held before anything is written to the log, as by whoever acts on one.
    """
    calendar, moved = get_calendar(session), []
    query = select(CallerRequest).where(CallerRequest.state.in_(OPEN)).order_by(CallerRequest.id)
    for one in session.scalars(query.with_for_update(of=CallerRequest)):
        known = Counted(one.due_on, one.provisional)
        due = recounted(known, count_after(calendar, one.received_on, DUE_IN_WORKING_DAYS), local(at).date())
        if due != known:
            one.due_on, one.provisional = due.day, due.provisional
            moved.append(one)
    for one in moved:
        detail = {"number": one.number, "due_on": one.due_on.isoformat()}
        record(session, None, "request_recounted", one.subject, detail, one.office_code, at)
    session.flush()


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


def _decide(context: Context, request: CallerRequest, to: RequestState, outcome: str) -> None:
    request.outcome = required_text(outcome, "outcome", LONGEST_WISH)
    advance(request, to)
    request.decided_by, request.decided_at = context.actor.account_id, context.at
    context.session.flush()
    _note_act(context, request, f"request_{to.value}", {"outcome": request.outcome})


def _close(context: Context, request: CallerRequest) -> None:
    """Nothing is open any more: the holds go, and so does the incident."""
    request.closed_at = context.at
    context.session.flush()
    release_holds_of(context, request.subject, request.number)
    heal_overdue(context.session, request, context.at)


def _seen_on(session: Session, request: CallerRequest, at: datetime) -> bool:
    query = select(Incident.last_seen_at).where(
        Incident.office_code == request.office_code,
        Incident.cause == Cause.REQUEST_OVERDUE,
        Incident.subject == request.subject,
        Incident.healed_at.is_(None),
    )
    seen = session.scalar(query)
    return seen is not None and local(seen).date() >= local(at).date()
