"""A complaint: entered, tied to calls, handled, decided by another, answered. A month without one: `zero.py`."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import narrowed
from supervision.audit.service import lock_log, record
from supervision.calls.caller_rules import mask_number
from supervision.calls.queries import CallFilter, CallRow, get_call, list_calls
from supervision.clock import local
from supervision.complaints.models import Complaint, ComplaintCall, ComplaintStep
from supervision.complaints.queries import case_of, get_complaint, handlers_of, list_persons
from supervision.complaints.rules import (
    OPEN,
    SECTION,
    UNDECIDED,
    ComplaintState,
    Move,
    Objection,
    Proposal,
    Received,
    Search,
    Verdict,
    after,
    objection,
)
from supervision.complaints.zero import revoke_zero
from supervision.context import Context
from supervision.deadlines.service import heal_overdue
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.incidents.rules import Cause
from supervision.retention.models import Hold
from supervision.retention.rules import HoldReason
from supervision.retention.service import Holding, place_hold, release_hold, release_holds_of
from supervision.texts import optional_text, required_text
from supervision.workdays.queries import working_days_after

LONGEST_TEXT = 4000
LONGEST_STEP = 2000
MOST_FOUND = 50
ACTS: Mapping[Move, str] = {
    Move.TAKE: "complaint_taken",
    Move.PROPOSE: "complaint_proposed",
    Move.RETURN: "complaint_returned",
    Move.DECIDE: "complaint_decided",
    Move.CLOSE: "complaint_closed",
    Move.WITHDRAW: "complaint_withdrawn",
    Move.REOPEN: "complaint_reopened",
}


def register(context: Context, given: Received) -> Complaint:
    """Enter a complaint. A month that was attested to have none has one now: its attestation is revoked.

    Raises InvalidInput for a day to come, and Conflict where somebody took the same number at this moment.
    """
    session, at = context.session, context.at
    _refuse_role(context)
    lock_log(session)  # nobody attests at this moment that its month had none
    today = local(at).date()
    entered = _checked(given, today)
    last = session.scalar(select(func.max(Complaint.n)).where(Complaint.year == today.year)) or 0
    complaint = Complaint(
        year=today.year,
        n=last + 1,
        state=ComplaintState.REGISTERED,
        **asdict(entered),
        registered_by=context.actor.account_id,
        registered_at=at,
    )
    _count_due(session, complaint, given.received_on)
    session.add(complaint)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"complaint {complaint.number}") from error
    revoke_zero(context, given.received_on.replace(day=1), complaint.number)
    detail = {"number": complaint.number, "kind": complaint.kind.value, "due_on": complaint.due_on.isoformat()}
    _note_act(context, complaint, "complaint_registered", detail)
    return complaint


def correct(context: Context, complaint_id: uuid.UUID, given: Received, reason: str, *, version: int) -> Complaint:
    """Put right what was entered wrongly, until something is proposed; what stood before is in the log.

    A number that is left out stays. The month of its receipt had a complaint then, whatever was attested; whom an
    earlier proposal named may have nothing to do with another office. Raises Refused where nothing is another.
    """
    reason = required_text(reason, "reason", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.CORRECT, version)
    number = given.caller_number or complaint.caller_number
    entered = asdict(_checked(replace(given, caller_number=number), local(context.at).date()))
    before = {name: getattr(complaint, name) for name in entered}
    detail = {"text": reason, "before": _entry_of(complaint)}
    changed = [name for name, value in entered.items() if value != before[name]]
    if not changed:
        raise Refused("complaint_as_before")
    for name in changed:
        setattr(complaint, name, entered[name])
    if {"kind", "received_on"} & set(changed):
        was_reopened = complaint.counted_from != before["received_on"]
        _count_due(context.session, complaint, complaint.counted_from if was_reopened else given.received_on)
    if "office_code" in changed:
        complaint.person_id = None
    step = ComplaintStep(n=len(complaint.steps) + 1, move=Move.CORRECT, text=reason)
    step.by, step.at = context.actor.account_id, context.at
    complaint.steps.append(step)
    _flush(context, complaint)
    revoke_zero(context, given.received_on.replace(day=1), complaint.number)
    _note_act(context, complaint, "complaint_corrected", detail)
    return complaint


def reveal_number(context: Context, complaint_id: uuid.UUID) -> str:
    """The whole number of who complains; that it was shown is written down. Refused to whom it is about."""
    complaint = _get_another(context, complaint_id)
    _note_act(context, complaint, "number_unmasked", {})
    return complaint.caller_number


def find_calls(context: Context, complaint_id: uuid.UUID, wanted: Search) -> list[CallRow]:
    """The calls that may be meant, the latest first, without those tied; the search is written down.

    Without a number of its own the search is for the complaint's. Raises InvalidInput where nothing narrows it,
    and where the last day lies before the first.
    """
    complaint = _get_another(context, complaint_id)
    number = wanted.number or complaint.caller_number
    if not number and wanted.from_day is None:
        raise InvalidInput("number", "missing")
    if wanted.from_day is not None and wanted.to_day is not None and wanted.to_day < wanted.from_day:
        raise InvalidInput("to", "before_first")
    found = list_calls(
        context.session,
        context.scope if number else narrowed(context.scope, complaint.office_code),
        CallFilter(number=number, from_day=wanted.from_day, to_day=wanted.to_day),
        limit=MOST_FOUND,
    ).rows
    first, last = (day.isoformat() if day else None for day in (wanted.from_day, wanted.to_day))
    detail = {"number": mask_number(number), "from": first, "to": last}
    _note_act(context, complaint, "number_searched", detail)
    tied = {one.call_id for one in complaint.calls}
    return [one for one in found if one.id not in tied]


def tie_call(context: Context, complaint_id: uuid.UUID, call_id: uuid.UUID, *, version: int) -> Complaint:
    """Say that a complaint is about a call. Its recording is held until the complaint is closed.

    Raises NotFound, Conflict; Refused once it is decided, and where it is tied already.
    """
    complaint = _get(context, complaint_id, version)
    call = get_call(context.session, context.scope, call_id)
    if context.session.get(ComplaintCall, (complaint.id, call.id)) is not None:
        raise Refused("complaint_has_call")
    _hold(context, complaint, call.id)
    tie = ComplaintCall(call_id=call.id, tied_by=context.actor.account_id, tied_at=context.at)
    complaint.calls.append(tie)
    _flush(context, complaint)
    _note_act(context, complaint, "complaint_call_tied", {"call": str(call.id)})
    return complaint


def untie_call(context: Context, complaint_id: uuid.UUID, call_id: uuid.UUID, *, version: int) -> Complaint:
    """Say that it is not about a call after all: its recording is no longer held for it."""
    complaint = _get(context, complaint_id, version)
    tie = next((one for one in complaint.calls if one.call_id == call_id), None)
    if tie is None:
        raise NotFound(f"call {call_id}")
    complaint.calls.remove(tie)
    context.session.delete(tie)
    _flush(context, complaint)
    held = Hold.subject == complaint.subject, Hold.call_id == call_id, Hold.released_at.is_(None)
    for hold_id in context.session.scalars(select(Hold.id).where(*held)).all():
        release_hold(context, hold_id, complaint.number)
    _note_act(context, complaint, "complaint_call_untied", {"call": str(call_id)})
    return complaint


def take(context: Context, complaint_id: uuid.UUID, *, version: int) -> Complaint:
    """Take it in hand, or over from who has it."""
    complaint = _move(context, complaint_id, Move.TAKE, version)
    complaint.handler_id = context.actor.account_id
    return _settle(context, complaint, Move.TAKE)


def pass_complaint(context: Context, complaint_id: uuid.UUID, giver_id: uuid.UUID, handler_id: uuid.UUID) -> None:
    """Put a complaint into another's hand, as if he had taken it himself. Who may: `handover.rules`.

    Raises Refused where it is not in the giver's hand any more, or the other has come to stand on its other side.
    """
    complaint = _lock(context, complaint_id)
    if complaint.handler_id != giver_id or complaint.state is not ComplaintState.HANDLING:
        raise Refused("handover_gone")
    if handler_id not in handlers_of(context.session, [complaint])[complaint.id]:
        raise Refused("handover_not_for_him")
    complaint.handler_id = handler_id
    step = ComplaintStep(n=len(complaint.steps) + 1, move=Move.TAKE, by=handler_id, at=context.at)
    complaint.steps.append(step)
    _flush(context, complaint)
    _note_act(context, complaint, "complaint_passed", {"from": str(giver_id), "to": str(handler_id)})


def propose(context: Context, complaint_id: uuid.UUID, given: Proposal, *, version: int) -> Complaint:
    """Its handler says what he found. Raises InvalidInput for a person who has nothing to do with the office."""
    text = required_text(given.text, "found", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.PROPOSE, version)
    persons = {one.id for one in list_persons(context.session, complaint)}
    if given.person_id is not None and given.person_id not in persons:
        raise InvalidInput("person", "unknown")
    if given.person_id == context.actor.account_id:
        raise Refused(f"complaint_{Objection.ABOUT_YOURSELF.value}")
    if complaint.discipline_id is not None and given.person_id != complaint.person_id:
        complaint.discipline_id = None  # it was looked into again: what came of it is about somebody else
        _note_act(context, complaint, "complaint_discipline_linked", {"discipline": None})
    complaint.proposal, complaint.person_id = given.verdict, given.person_id
    return _settle(context, complaint, Move.PROPOSE, text, given.verdict)


def return_to_handler(context: Context, complaint_id: uuid.UUID, note: str, *, version: int) -> Complaint:
    """Give it back to be looked into once more."""
    note = required_text(note, "note", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.RETURN, version)
    return _settle(context, complaint, Move.RETURN, note)


def decide(context: Context, complaint_id: uuid.UUID, verdict: Verdict, note: str, *, version: int) -> Complaint:
    """Say whether it is upheld: another than whoever handled it, and not bound by what was proposed."""
    note = required_text(note, "note", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.DECIDE, version)
    complaint.verdict = verdict
    if verdict is not Verdict.UPHELD:
        complaint.discipline_id = None  # of one that is not right nothing comes
    complaint.decided_by, complaint.decided_at = context.actor.account_id, context.at
    return _settle(context, complaint, Move.DECIDE, note, verdict)


def close(context: Context, complaint_id: uuid.UUID, reply: str, *, version: int) -> Complaint:
    """Who complained was told, in these words: it is answered."""
    reply = required_text(reply, "reply", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.CLOSE, version)
    return _settle(context, complaint, Move.CLOSE, reply)


def withdraw(context: Context, complaint_id: uuid.UUID, note: str, *, version: int) -> Complaint:
    """Who complained took it back; it stays in the register, and counts as received."""
    note = required_text(note, "note", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.WITHDRAW, version)
    return _settle(context, complaint, Move.WITHDRAW, note)


def reopen(context: Context, complaint_id: uuid.UUID, reason: str, *, version: int) -> Complaint:
    """The head has it looked into again: there is no decision until it is decided anew.

    One that was taken back waits for anybody of the section who takes it in hand.
    """
    reason = required_text(reason, "reason", LONGEST_STEP)
    complaint = _move(context, complaint_id, Move.REOPEN, version)
    _count_due(context.session, complaint, local(context.at).date())
    for one in complaint.calls:
        _hold(context, complaint, one.call_id)
    complaint.verdict = complaint.decided_by = complaint.decided_at = None
    if complaint.state is ComplaintState.WITHDRAWN:
        complaint.handler_id = complaint.proposal = None
    return _settle(context, complaint, Move.REOPEN, reason)


def link_discipline(context: Context, complaint_id: uuid.UUID, discipline_id: uuid.UUID) -> Complaint:
    """Name the discipline record that rests on an upheld complaint. Raises Refused where it rests on nothing."""
    complaint = _lock(context, complaint_id)
    if complaint.verdict is not Verdict.UPHELD or complaint.person_id is None:
        raise Refused("complaint_not_upheld")
    if context.actor.account_id in case_of(context.session, complaint).about:
        raise Refused(f"complaint_{Objection.ABOUT_YOURSELF.value}")
    complaint.discipline_id = discipline_id
    _flush(context, complaint)
    _note_act(context, complaint, "complaint_discipline_linked", {"discipline": str(discipline_id)})
    return complaint


def _entry_of(complaint: Complaint) -> dict[str, object]:
    """What was entered, as the log keeps it."""
    return {
        "kind": complaint.kind.value,
        "channel": complaint.channel.value,
        "office": complaint.office_code,
        "received_on": complaint.received_on.isoformat(),
        "called_on": complaint.called_on.isoformat() if complaint.called_on else None,
        "caller_name": complaint.caller_name,
        "caller_number": mask_number(complaint.caller_number),
        "complaint": complaint.text,
    }


def _checked(given: Received, today: date) -> Received:
    """What is entered, with its texts as they are kept. Raises InvalidInput."""
    for where, day in (("received_on", given.received_on), ("called_on", given.called_on)):
        if day is not None and day > today:
            raise InvalidInput(where, "to_come", "a day that has come")
    return replace(
        given,
        caller_name=optional_text(given.caller_name, "caller_name", 64),
        caller_number=optional_text(given.caller_number, "caller_number", 64),
        text=required_text(given.text, "complaint", LONGEST_TEXT),
    )


def _count_due(session: Session, complaint: Complaint, day: date) -> None:
    due = working_days_after(session, day, complaint.kind.days)
    complaint.counted_from, complaint.due_on, complaint.provisional = day, due.day, due.provisional


def _refuse_role(context: Context) -> None:
    if context.actor.role not in SECTION:
        raise Refused(f"complaint_{Objection.NOT_YOURS.value}")


def _lock(context: Context, complaint_id: uuid.UUID) -> Complaint:
    """Have it for oneself. Raises Conflict where it has changed since this transaction looked at it."""
    lock_log(context.session)  # before any row, as whoever proposes a record after a complaint does
    try:
        return get_complaint(context.session, complaint_id, lock=True)
    except StaleDataError as error:
        raise Conflict(f"complaint {complaint_id}") from error


def _get_another(context: Context, complaint_id: uuid.UUID, *, lock: bool = False) -> Complaint:
    """A complaint that is about somebody else, for the section."""
    _refuse_role(context)
    complaint = _lock(context, complaint_id) if lock else get_complaint(context.session, complaint_id)
    if context.actor.account_id in case_of(context.session, complaint).about:
        raise Refused(f"complaint_{Objection.ABOUT_YOURSELF.value}")
    return complaint


def _get(context: Context, complaint_id: uuid.UUID, version: int) -> Complaint:
    """The same, whose calls can still be tied."""
    complaint = _get_another(context, complaint_id, lock=True)
    if complaint.version != version:
        raise Conflict(f"complaint {complaint_id}")
    if complaint.state not in UNDECIDED:
        raise Refused("complaint_not_at_this_step")
    return complaint


def _move(context: Context, complaint_id: uuid.UUID, move: Move, version: int) -> Complaint:
    """The complaint, locked, where the move is the person's to make now; `_settle` makes it."""
    complaint = _lock(context, complaint_id)
    against = objection(context.actor, move, case_of(context.session, complaint))
    if against is not None:
        raise Refused(f"complaint_{against.value}")
    if complaint.version != version:
        raise Conflict(f"complaint {complaint_id}")
    if after(complaint.state, move) is None:
        raise Refused("complaint_not_at_this_step", f"{complaint.state} {move}")
    return complaint


def _settle(
    context: Context, complaint: Complaint, move: Move, text: str = "", verdict: Verdict | None = None
) -> Complaint:
    complaint.state = after(complaint.state, move) or complaint.state
    step = ComplaintStep(n=len(complaint.steps) + 1, move=move, text=text, verdict=verdict)
    step.by, step.at = context.actor.account_id, context.at
    complaint.steps.append(step)
    _flush(context, complaint)
    person = str(complaint.person_id) if move is Move.PROPOSE and complaint.person_id else None
    detail = {"text": text, "verdict": verdict.value if verdict else None, "person": person}
    _note_act(context, complaint, ACTS[move], detail)
    if complaint.state not in OPEN:
        release_holds_of(context, complaint.subject, complaint.number)
        heal_overdue(context.session, complaint, Cause.COMPLAINT_OVERDUE, context.at)
    return complaint


def _hold(context: Context, complaint: Complaint, call_id: uuid.UUID) -> None:
    """Keep the recording of a call; one that is deleted already leaves the call's facts to go by."""
    try:
        place_hold(context, call_id, Holding(HoldReason.COMPLAINT, complaint.number, subject=complaint.subject))
    except Refused as error:
        if error.reason != "recording_deleted":
            raise


def _flush(context: Context, complaint: Complaint) -> None:
    try:
        context.session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict(f"complaint {complaint.id}") from error


def _note_act(context: Context, complaint: Complaint, act: str, detail: Mapping[str, object]) -> None:
    subject, office_code = complaint.subject, complaint.office_code
    record(context.session, context.actor, act, subject, detail, office_code, context.at)
