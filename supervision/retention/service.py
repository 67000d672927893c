"""What people decide about keeping: the term, holds, and deletions that two agree to or one declines (rule 11)."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.calls.queries import get_call
from supervision.clock import local
from supervision.context import Context
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.recordings.models import Recording, RecordingState
from supervision.retention.models import Deletion, DeletionAgreement, DeletionItem, Hold, RetentionTerm
from supervision.retention.queries import has_open_ticket, holding, term_in_force, ticket_open, waiting
from supervision.retention.rules import (
    LONGEST_DAYS,
    SHORTEST_DAYS,
    Agreeing,
    DeletionCause,
    DeletionState,
    HoldReason,
    ItemState,
    SpareReason,
    kept_until,
    may_move,
    may_move_item,
    month_is_past,
    objection,
)
from supervision.texts import required_text

REST_AFTER_DECLINING = timedelta(days=30)
TAKEN = (ItemState.WAITING, ItemState.DELETING, ItemState.DELETED)


def propose_due(session: Session, at: datetime) -> list[Deletion]:
    """Propose what is past its time and not under hold, by office and month; what is proposed is not again.

    A month is proposed once its last day is past its time. What was declined rests for thirty days.
    """
    days, today = term_in_force(session), local(at).date()
    found: dict[tuple[str, date], list[Call]] = defaultdict(list)
    for call in session.scalars(_due(days, at)):
        month = local(call.offered_at).date().replace(day=1)
        if month_is_past(month, days, today):
            found[call.office_code, month].append(call)
    return [
        _propose(session, DeletionCause.AGE, office, calls, days, at)
        for (office, _), calls in sorted(found.items(), key=lambda one: one[0])
    ]


def propose_for_request(context: Context, subject: str, calls: Sequence[Call]) -> list[Deletion]:
    """Propose what a caller's granted request asks for, by office, past its time or not.

    Raises Refused where a recording is held, drawn and not judged, waits in another one, or cannot be deleted.
    """
    session, actor, at = context.session, context.actor, context.at
    by_office: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        _check_deletable(session, call, local(at).date())
        by_office[call.office_code].append(call)
    days = term_in_force(session)
    return [
        _propose(session, DeletionCause.REQUEST, office, theirs, days, at, subject=subject, actor=actor)
        for office, theirs in sorted(by_office.items())
    ]


def agree(context: Context, deletion_id: uuid.UUID, *, version: int) -> Deletion:
    """Take one of the two seats of a deletion; with the second the worker carries it out.

    Raises NotFound; Refused where it is not open, the person has agreed before, or the head is still needed;
    Conflict where it has changed since it was looked at, or somebody else took the seat at the same moment.
    """
    session, actor, at = context.session, context.actor, context.at
    deletion = get_deletion(session, deletion_id, version)
    person = Agreeing(actor.account_id, head=actor.role is Role.SUPERVISION_HEAD)
    against = objection(deletion.state, agreeing(deletion), person)
    if against is not None:
        raise Refused(against.value)
    seat = len(deletion.agreements) + 1
    deletion.agreements.append(
        DeletionAgreement(seat=seat, account_id=actor.account_id, name=actor.name, head=person.head, at=at)
    )
    advance(deletion, DeletionState.AGREED_ONCE if seat == 1 else DeletionState.AGREED)
    deletion.ready_at = at if seat == 2 else None
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"deletion {deletion_id}") from error
    detail = {"seat": seat, "recordings": len(waiting(session, deletion.id))}
    record(
        session, actor, "deletion_agreed", subject_of("deletion", deletion.id), detail, deletion.office_code, at
    )
    return deletion


def decline(context: Context, deletion_id: uuid.UUID, note: str, *, version: int) -> Deletion:
    """Say no to a deletion that is not agreed yet: all of it stays. Raises NotFound, Refused, Conflict."""
    session, actor, at = context.session, context.actor, context.at
    note = required_text(note, "note")
    deletion = get_deletion(session, deletion_id, version)
    advance(deletion, DeletionState.DECLINED)
    deletion.declined_by, deletion.declined_at, deletion.note = actor.account_id, at, note
    for item in waiting(session, deletion.id):
        item.state, item.spared_because = ItemState.SPARED, SpareReason.DECLINED
    session.flush()
    detail = {"note": deletion.note}
    record(
        session, actor, "deletion_declined", subject_of("deletion", deletion.id), detail, deletion.office_code, at
    )
    return deletion


def advance(deletion: Deletion, to: DeletionState) -> None:
    """Move a deletion on. Raises Refused where the table of moves has no such move."""
    if not may_move(deletion.state, to):
        raise Refused("deletion_not_open", f"{deletion.state} to {to}")
    deletion.state = to


def get_deletion(session: Session, deletion_id: uuid.UUID, version: int | None = None) -> Deletion:
    """The deletion, locked if it is to be changed: `version` is the one that was looked at."""
    deletion = session.get(Deletion, deletion_id, with_for_update=version is not None or None)
    if deletion is None:
        raise NotFound(f"deletion {deletion_id}")
    if version is not None and deletion.version != version:
        raise Conflict(f"deletion {deletion_id}")
    return deletion


def agreeing(deletion: Deletion) -> list[Agreeing]:
    """Who has agreed, as the rules see it."""
    return [Agreeing(one.account_id, one.head) for one in deletion.agreements]


@dataclass(frozen=True)
class Holding:
    """Why a recording is kept, and until when; `subject`: what it is kept for, where the machine ends the hold."""

    reason: HoldReason
    note: str
    until: date | None = None
    subject: str = ""


def place_hold(context: Context, call_id: uuid.UUID, why: Holding) -> Hold:
    """Keep a recording; one that waits to be deleted is spared.

    Raises NotFound outside the scope, InvalidInput for a last day that is past, and Refused once it is deleted.
    """
    session, actor, at = context.session, context.actor, context.at
    call = get_call(session, context.scope, call_id)
    if why.until is not None and why.until < local(at).date():
        raise InvalidInput("until", why.until.isoformat(), "a day to come")
    lock_recording(session, call.id)
    hold = Hold(
        call_id=call.id,
        reason=why.reason,
        note=required_text(why.note, "note"),
        subject=why.subject,
        until=why.until,
        placed_by=actor.account_id,
        placed_at=at,
    )
    session.add(hold)
    session.flush()
    spared = spare(session, call.id, SpareReason.HELD)
    detail = {
        "hold": str(hold.id),
        "reason": why.reason.value,
        "note": hold.note,
        "until": why.until.isoformat() if why.until else None,
        "spared": spared,
    }
    record(session, actor, "hold_placed", subject_of("call", call.id), detail, call.office_code, at)
    return hold


def release_hold(context: Context, hold_id: uuid.UUID, note: str) -> Hold:
    """End a hold. Raises NotFound, and Refused if it was released before."""
    session, actor, at = context.session, context.actor, context.at
    hold = session.get(Hold, hold_id, with_for_update=True)
    if hold is None:
        raise NotFound(f"hold {hold_id}")
    if hold.released_at is not None:
        raise Refused("hold_released")
    hold.released_at, hold.released_by = at, actor.account_id
    hold.release_note = required_text(note, "note")
    session.flush()
    detail = {"hold": str(hold.id), "reason": hold.reason.value, "note": hold.release_note}
    record(session, actor, "hold_released", subject_of("call", hold.call_id), detail, hold.call.office_code, at)
    return hold


def release_holds_of(context: Context, subject: str, note: str) -> int:
    """End all holds that were placed for one subject; how many that were."""
    query = select(Hold.id).where(Hold.subject == subject, Hold.released_at.is_(None)).order_by(Hold.id)
    found = list(context.session.scalars(query))
    for hold_id in found:
        release_hold(context, hold_id, note)
    return len(found)


def lock_recording(session: Session, call_id: uuid.UUID) -> None:
    """Nobody deletes or holds this recording beside us. Raises Refused once it is deleted."""
    recording = session.get(Recording, call_id, with_for_update=True)
    if recording is not None and recording.state is RecordingState.DELETED:
        raise Refused("recording_deleted")


def spare(session: Session, call_id: uuid.UUID, because: SpareReason) -> bool:
    """Take a recording out of the deletion that it waits in; False if it waited in none."""
    query = select(DeletionItem).where(DeletionItem.call_id == call_id, DeletionItem.state == ItemState.WAITING)
    item = session.scalars(query.with_for_update()).one_or_none()
    if item is None or not may_move_item(item.state, ItemState.SPARED):
        return False
    item.state, item.spared_because = ItemState.SPARED, because
    session.flush()
    return True


def set_term(context: Context, days: int, reason: str, *, known_n: int) -> RetentionTerm:
    """Keep recordings for so many days from now on. What was proposed already stays as it was proposed.

    `known_n` is the version that the person looked at, 0 for none. Raises InvalidInput outside the bounds and
    Conflict where somebody set another version meanwhile.
    """
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise InvalidInput("days", str(days), f"{SHORTEST_DAYS} to {LONGEST_DAYS} days")
    session, actor, at = context.session, context.actor, context.at
    before = term_in_force(session)
    term = RetentionTerm(
        n=known_n + 1, days=days, reason=required_text(reason), set_by=actor.account_id, set_at=at
    )
    session.add(term)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("the retention term") from error
    detail = {"days": days, "days_before": before, "reason": term.reason}
    record(session, actor, "retention_set", subject_of("retention", term.n), detail, at=at)
    return term


def _due(days: int, at: datetime) -> Select[Call]:
    """Recordings that are past their time, not held, with no open ticket, and in no deletion."""
    held = exists().where(Hold.call_id == Call.id, holding(local(at).date()))
    taken = exists().where(DeletionItem.call_id == Call.id, DeletionItem.state.in_(TAKEN))
    resting = exists().where(
        DeletionItem.call_id == Call.id,
        DeletionItem.deletion_id == Deletion.id,
        Deletion.declined_at > at - REST_AFTER_DECLINING,
    )
    drawn = ticket_open(Call.id)
    last = at - (kept_until(at, days) - at)
    return (
        select(Call)
        .join(Recording, Recording.call_id == Call.id)
        .where(Recording.state == RecordingState.READY, Call.offered_at <= last)
        .where(~held, ~taken, ~resting, ~drawn)
        .order_by(Call.offered_at, Call.id)
    )


def _check_deletable(session: Session, call: Call, today: date) -> None:
    recording = session.get(Recording, call.id, with_for_update=True)
    if recording is None or recording.state is not RecordingState.READY:
        raise Refused("recording_not_ready")
    if session.scalar(select(exists().where(Hold.call_id == call.id, holding(today)))):
        raise Refused("recording_held")
    if has_open_ticket(session, call.id):
        raise Refused("recording_drawn")
    taken = exists().where(DeletionItem.call_id == call.id, DeletionItem.state.in_(TAKEN))
    if session.scalar(select(taken)):
        raise Refused("recording_in_deletion")


def _propose(  # noqa: PLR0913, PLR0917 - by the clock without a person, or for a request: no context fits both
    session: Session,
    cause: DeletionCause,
    office_code: str,
    calls: Iterable[Call],
    days: int,
    at: datetime,
    *,
    subject: str = "",
    actor: Actor | None = None,
) -> Deletion:
    calls = list(calls)
    if not calls:
        raise InvalidInput("calls", "none", "at least one call")
    on = [local(call.offered_at).date() for call in calls]
    deletion = Deletion(
        cause=cause,
        office_code=office_code,
        from_day=min(on),
        to_day=max(on),
        term_days=days,
        subject=subject,
        proposed_at=at,
    )
    session.add(deletion)
    session.flush()
    session.add_all(
        DeletionItem(deletion_id=deletion.id, call_id=call.id, offered_at=call.offered_at) for call in calls
    )
    session.flush()
    detail = {
        "cause": cause.value,
        "recordings": len(calls),
        "from": min(on).isoformat(),
        "to": max(on).isoformat(),
    }
    record(session, actor, "deletion_proposed", subject_of("deletion", deletion.id), detail, office_code, at)
    return deletion
