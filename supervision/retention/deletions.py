"""Deletions: proposed by the system, agreed by two people, or declined by one (rule 11)."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import local, now
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.recordings.models import Recording, RecordingState
from supervision.retention.holds import holding
from supervision.retention.models import Deletion, DeletionAgreement, DeletionItem, Hold
from supervision.retention.rules import (
    Agreeing,
    DeletionCause,
    DeletionState,
    ItemState,
    kept_until,
    may_move,
    month_is_past,
    objection,
)
from supervision.retention.terms import term_in_force
from supervision.retention.tickets import has_open_ticket, ticket_open
from supervision.retention.words import reason_of

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


def propose_for_request(
    session: Session, actor: Actor, subject: str, calls: Sequence[Call], at: datetime | None = None
) -> list[Deletion]:
    """Propose what a caller's granted request asks for, by office, past its time or not.

    Raises Refused where a recording is held, drawn and not judged, waits in another one, or cannot be deleted.
    """
    at = at or now()
    by_office: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        _check_deletable(session, call, local(at).date())
        by_office[call.office_code].append(call)
    days = term_in_force(session)
    return [
        _propose(session, DeletionCause.REQUEST, office, theirs, days, at, subject=subject, actor=actor)
        for office, theirs in sorted(by_office.items())
    ]


def agree(
    session: Session, actor: Actor, deletion_id: uuid.UUID, *, version: int, at: datetime | None = None
) -> Deletion:
    """Take one of the two seats of a deletion; with the second the worker carries it out.

    Raises NotFound; Refused where it is not open, the person has agreed before, or the head is still needed;
    Conflict where it has changed since it was looked at, or somebody else took the seat at the same moment.
    """
    at = at or now()
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
    record(session, actor, "deletion_agreed", f"deletion:{deletion.id}", detail, deletion.office_code, at)
    return deletion


def decline(  # noqa: PLR0913 - who, what, why, and the version he looked at
    session: Session, actor: Actor, deletion_id: uuid.UUID, note: str, *, version: int, at: datetime | None = None
) -> Deletion:
    """Say no to a deletion that is not agreed yet: all of it stays. Raises NotFound, Refused, Conflict."""
    at, note = at or now(), reason_of(note, "note")
    deletion = get_deletion(session, deletion_id, version)
    advance(deletion, DeletionState.DECLINED)
    deletion.declined_by, deletion.declined_at, deletion.note = actor.account_id, at, note
    for item in waiting(session, deletion.id):
        item.state, item.spared_because = ItemState.SPARED, "declined"
    session.flush()
    detail = {"note": deletion.note}
    record(session, actor, "deletion_declined", f"deletion:{deletion.id}", detail, deletion.office_code, at)
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


def is_deletion_open(session: Session, subject: str) -> bool:
    """Whether a deletion for this subject is still to be agreed or carried out."""
    query = select(Deletion.id).where(
        Deletion.subject == subject, Deletion.state.not_in((DeletionState.DONE, DeletionState.DECLINED))
    )
    return session.scalar(query.limit(1)) is not None


def waiting(session: Session, deletion_id: uuid.UUID) -> Sequence[DeletionItem]:
    """The recordings of a deletion that wait for it."""
    query = select(DeletionItem).where(
        DeletionItem.deletion_id == deletion_id, DeletionItem.state == ItemState.WAITING
    )
    return session.scalars(query.order_by(DeletionItem.offered_at, DeletionItem.call_id)).all()


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


def _propose(  # noqa: PLR0913, PLR0917 - a proposal is these facts
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
    record(session, actor, "deletion_proposed", f"deletion:{deletion.id}", detail, office_code, at)
    return deletion
