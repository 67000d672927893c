"""Writing calls down: facts go in, the record follows from the rules."""

import uuid
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.calls import rules
from supervision.calls.caller_rules import clean_caller
from supervision.calls.merge_rules import merge_witnesses
from supervision.calls.messages import call_fact
from supervision.calls.models import Call, CallEvent, Segment
from supervision.calls.queries import get_call
from supervision.calls.record import add_events, set_record
from supervision.calls.rules import Event, EventKind, LineRules, Witness
from supervision.clock import to_milliseconds
from supervision.database import in_chunks
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.offices.description import LineDescription, OfficeDescription
from supervision.offices.models import Line

NUMBER_LONGEST = 64
NAME_LONGEST = 128


@dataclass(frozen=True)
class Offered:
    """A call as it was offered: its id from the dialplan, the line, and what came over it as caller ID."""

    call_id: uuid.UUID
    line_key: str
    uniqueid: str
    at: datetime
    caller_number: str = ""
    caller_name: str = ""


@dataclass(frozen=True)
class LineOfOffice:
    """The settings of a line that its calls' records need; the store's lines with the rules of office.yaml."""

    office_code: str
    rings_before_us: int
    rules: LineRules


def line_of(office_code: str, line: LineDescription) -> LineOfOffice:
    """The settings of a line of the office description."""
    return LineOfOffice(
        office_code,
        line.rings_before_us,
        LineRules(ring_s=line.ring_s, last_ring=line.last_ring, leader_desks=frozenset({line.leader})),
    )


def known_lines(session: Session, description: OfficeDescription) -> dict[str, LineOfOffice]:
    """The lines of an office by key: as described, and those that are gone, for the calls that rest on them."""
    code = description.office.code
    kept = session.scalars(select(Line).where(Line.office_code == code))
    gone = {row.key: LineOfOffice(code, row.rings_before_us, LineRules(ring_s=row.ring_s)) for row in kept}
    return gone | {line.key: line_of(code, line) for line in description.lines}


def note_call(
    session: Session, offered: Offered, line: LineOfOffice, witness: Witness, events: Iterable[Event]
) -> tuple[Call, rules.Record]:
    """Write how a call began and what a witness saw of it since.

    Called twice, the beginning is written once; a caller ID that lacked is filled in.
    """
    call = session.get(Call, offered.call_id, with_for_update=True)
    number = clean_caller(offered.caller_number, NUMBER_LONGEST)
    name = clean_caller(offered.caller_name, NAME_LONGEST)
    filled_in = False
    if call is None:
        call = Call(
            id=offered.call_id,
            office_code=line.office_code,
            line_key=offered.line_key,
            uniqueid=offered.uniqueid,
            caller_number=number,
            caller_name=name,
            offered_at=to_milliseconds(offered.at),
            rings_before_us=line.rings_before_us,
            witness=witness,
        )
        session.add(call)
        session.flush()
    else:
        before = (call.caller_number, call.caller_name)
        call.caller_number, call.caller_name = call.caller_number or number, call.caller_name or name
        filled_in = (call.caller_number, call.caller_name) != before
    beginning = Event(EventKind.OFFERED, offered.at, channel=offered.uniqueid)
    record = _note(session, call, line, witness, [beginning, *events], changed=filled_in)
    return call, record


def note_events(
    session: Session, call: Call, line: LineOfOffice, witness: Witness, events: Iterable[Event]
) -> rules.Record:
    """Add what a witness saw, and work the record out again from all that is known of the call.

    An event that comes twice is kept once. Whatever changes is sent to headquarters: a record, or a new event
    only.
    """
    return _note(session, call, line, witness, events, changed=False)


def _note(  # noqa: PLR0913 - what a witness says of a call, and whether anything else has changed
    session: Session,
    call: Call,
    line: LineOfOffice,
    witness: Witness,
    events: Iterable[Event],
    *,
    changed: bool,
) -> rules.Record:
    stored, new = add_events(session, call, witness, events)
    merged = merge_witnesses(stored, line.rules)
    if set_record(session, call, merged.witness, merged.record) or new or changed:
        send_fact(session, call.office_code, FactKind.CALL, call_fact(call, witness, new))
    return merged.record


def last_event_at(session: Session, call_id: uuid.UUID) -> datetime | None:
    """When the last thing that is known of a call happened."""
    return session.scalar(select(func.max(CallEvent.at)).where(CallEvent.call_id == call_id))


def open_calls(session: Session, office_code: str) -> list[Call]:
    """Calls that have not ended as far as the store knows."""
    return list(session.scalars(select(Call).where(Call.office_code == office_code, Call.ended_at.is_(None))))


def unsettled_calls(session: Session, office_code: str, since: datetime) -> set[uuid.UUID]:
    """Calls since then that have an end which a better witness may still correct: see `merge_rules`."""
    whole = (
        select(CallEvent.id)
        .where(CallEvent.call_id == Call.id, CallEvent.witness == Witness.ARI)
        .where(CallEvent.kind == EventKind.WATCHED_WHOLE)
        .exists()
    )
    of_a_fragment = or_(Call.interrupted, Call.witness == Witness.CDR, and_(Call.witness == Witness.ARI, ~whole))
    query = select(Call.id).where(Call.office_code == office_code, Call.offered_at >= since)
    return set(session.scalars(query.where(Call.ended_at.is_not(None), of_a_fragment)))


def calls_over(session: Session, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these calls, a few, have ended."""
    return set(session.scalars(select(Call.id).where(Call.id.in_(list(call_ids)), Call.ended_at.is_not(None))))


def call_of(session: Session, uniqueid: str) -> uuid.UUID | None:
    """The latest call whose caller's channel has that unique id."""
    query = select(Call.id).where(Call.uniqueid == uniqueid).order_by(Call.offered_at.desc())
    return session.scalar(query.limit(1))


def known_calls(session: Session, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these calls are in the store."""
    known: set[uuid.UUID] = set()
    for some in in_chunks(call_ids):
        known.update(session.scalars(select(Call.id).where(Call.id.in_(some))))
    return known


@dataclass(frozen=True)
class Caller:
    """What the line said about the caller, as it came: untrusted text."""

    number: str
    name: str


def reveal_caller(session: Session, actor: Actor, scope: Scope, call_id: uuid.UUID) -> Caller:
    """The caller unmasked. Raises NotFound outside the scope; the audit line names the call, not the number."""
    call = get_call(session, scope, call_id)
    record(session, actor, "number_unmasked", subject_of("call", call.id), {}, call.office_code)
    return Caller(call.caller_number, call.caller_name)


def lines_used(session: Session, keys: Set[str]) -> set[str]:
    """Those of these lines that have a call."""
    found = set[str]()
    for some in in_chunks(keys):
        found.update(session.scalars(select(Call.line_key).where(Call.line_key.in_(some)).distinct()))
    return found


def desks_used(session: Session, office_code: str, extensions: Set[str]) -> set[str]:
    """Those of these desks that have answered a call, or taken one over."""
    found = set[str]()
    mine = Call.office_code == office_code
    for some in in_chunks(extensions):
        answered = select(Call.answered_desk).where(mine, Call.answered_desk.in_(some))
        taken_over = select(Segment.desk).join(Call, Call.id == Segment.call_id)
        taken_over = taken_over.where(mine, Segment.n > 1, Segment.desk.in_(some))
        for query in (answered, taken_over):
            found.update(desk for desk in session.scalars(query.distinct()) if desk is not None)
    return found
