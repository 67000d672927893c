"""All that there is to see of one call."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.calls.models import CallEvent, Segment
from supervision.calls.queries import CallRow, get_call, get_row
from supervision.calls.rules import Party, SegmentKind, Witness, in_order, worth_showing
from supervision.offices.models import Desk, DeskAssignment, Line
from supervision.people.models import Account


@dataclass(frozen=True)
class SegmentRow:
    """One stretch of the call, with the person who sat at its desk."""

    kind: SegmentKind
    desk: str | None
    officer: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class CallDetail:
    """One call, whole; the caller's number only masked."""

    row: CallRow
    line: Line
    desk_names: dict[str, str]
    hung_up_by: Party | None
    witness: Witness
    segments: Sequence[SegmentRow]
    events: Sequence[CallEvent]


def get_detail(session: Session, scope: Scope, call_id: uuid.UUID) -> CallDetail:
    """The call with its segments, and with its events as the witness of its record saw them.

    Raises NotFound where there is none or where it lies outside the scope.
    """
    call = get_call(session, scope, call_id)
    events = select(CallEvent).where(CallEvent.call_id == call.id, CallEvent.witness == call.witness)
    desks = select(Desk.extension, Desk.name).where(Desk.office_code == call.office_code)
    return CallDetail(
        row=get_row(session, scope, call_id),
        line=call.line,
        desk_names=dict(session.execute(desks).all()),
        hung_up_by=call.hung_up_by,
        witness=call.witness,
        segments=[_segment(session, call.office_code, segment) for segment in call.segments],
        events=worth_showing(in_order(session.scalars(events))),
    )


def count_events(session: Session, call_id: uuid.UUID) -> int:
    """How many events are written down of a call, whoever saw them."""
    return session.scalar(select(func.count()).where(CallEvent.call_id == call_id)) or 0


def _segment(session: Session, office_code: str, segment: Segment) -> SegmentRow:
    sat_there = (
        select(Account.name)
        .join(DeskAssignment, DeskAssignment.account_id == Account.id)
        .join(Desk, Desk.id == DeskAssignment.desk_id)
        .where(
            Desk.office_code == office_code,
            Desk.extension == segment.desk,
            DeskAssignment.since_at <= segment.started_at,
            or_(DeskAssignment.until_at.is_(None), DeskAssignment.until_at > segment.started_at),
        )
        .order_by(DeskAssignment.since_at.desc())
        .limit(1)
    )
    officer = session.scalar(sat_there)
    return SegmentRow(segment.kind, segment.desk, officer, segment.started_at, segment.ended_at)
