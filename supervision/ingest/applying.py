"""One fact is applied to its room, or kept whole among those that could not be."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.audit.messages import apply_entry
from supervision.calls.messages import apply_call, apply_switch_record
from supervision.calls.models import Call
from supervision.calls.service import desks_used, lines_used
from supervision.draws.hq import apply_draw_fact
from supervision.draws.lists import note_answered
from supervision.errors import DomainError, InvalidInput
from supervision.exchange.models import RefusedFact
from supervision.exchange.rules import FactKind
from supervision.incidents.messages import apply_incident
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.ingest.messages import SentFact
from supervision.ingest.rules import storable
from supervision.machines.messages import apply_machine
from supervision.offices.messages import Gone, apply_office, gone_beyond_limits, parse_office
from supervision.received_times import Receipt
from supervision.recordings.service import apply_recording, recount_wait

MOST_NAMED = 100  # refused facts of an office within an hour that have an incident each
Apply = Callable[[Session, str, Any, Receipt], None]


def _apply_incident(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Raises InvalidInput, too, for an incident of another office's call: it would stand on that call's page."""
    apply_incident(session, office_code, body, receipt)
    call = session.get(Call, uuid.UUID(body["call_id"])) if body.get("call_id") else None
    if call is not None and call.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")


def _apply_office(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Lines and desks that are gone make room for new ones, but those on which a call rests."""
    fact = parse_office(body, receipt)
    gone = gone_beyond_limits(session, office_code, fact)
    unused = Gone(
        gone.lines - lines_used(session, gone.lines),
        gone.desks - desks_used(session, office_code, gone.desks),
    )
    apply_office(session, office_code, fact, receipt, unused)


APPLY: Mapping[FactKind, Apply] = {
    FactKind.OFFICE: _apply_office,
    FactKind.CALL: apply_call,
    FactKind.RECORDING: apply_recording,
    FactKind.INCIDENT: _apply_incident,
    FactKind.SWITCH_RECORD: apply_switch_record,
    FactKind.MACHINE: apply_machine,
}
OF_DRAWS = frozenset({FactKind.DRAW_CLOSED, FactKind.DRAW_ANSWERED, FactKind.DRAW_REVEALED})


def apply_fact(  # noqa: PLR0913, PLR0917 - whose fact, which, when it came, and how far that clock was off
    session: Session, office_code: str, epoch: uuid.UUID, fact: SentFact, at: datetime, off: timedelta
) -> None:
    """Apply a fact to its room; one that cannot be is kept whole, and is an incident."""
    try:
        with session.begin_nested():
            kind = FactKind(fact.kind)
            if kind is FactKind.AUDIT:  # the one that must know its epoch: a rebuilt node begins a new log
                apply_log(session, office_code, epoch, fact.body, at)
            elif kind in OF_DRAWS:
                # When something of a draw came is ours to say, whatever the office's clock says.
                apply_draw_fact(session, office_code, epoch, fact.n, kind, fact.body, at)
            else:
                APPLY[kind](session, office_code, fact.body, Receipt(at, fact.at))
            if kind is FactKind.CALL:
                note_answered(session, office_code, fact.body, at, off)
                recount_wait(session, uuid.UUID(fact.body["id"]))
    # Pydantic's error is a ValueError, so is an unknown kind.
    except (ValueError, OverflowError, DomainError, IntegrityError) as error:
        text = storable(f"{type(error).__name__}: {getattr(error, 'orig', error)}")[:500]
        session.add(
            RefusedFact(
                office_code=office_code,
                epoch=epoch,
                n=fact.n,
                at=at,
                kind=storable(fact.kind)[:32],
                body=storable(fact.body),
                error=text,
                fact_at=Receipt(at, fact.at).written_at,
            )
        )
        detail = {"kind": storable(fact.kind), "error": text[:200]}
        many = _are_many_refused(session, office_code, at)
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.EVENT_REFUSED,
            subject=(f"facts:{epoch}" if many else f"fact:{epoch}:{fact.n}")[:80],
            at=at,
            detail=detail,
        )


def _are_many_refused(session: Session, office_code: str, at: datetime) -> bool:
    """Whether further ones are counted in one incident: who sends nonsense without end buries no other with it."""
    lately = Incident.first_seen_at >= at - timedelta(hours=1), Incident.received.is_(False)
    mine = Incident.office_code == office_code, Incident.cause == Cause.EVENT_REFUSED
    some = select(Incident.id).where(*mine, *lately).limit(MOST_NAMED).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) >= MOST_NAMED


def apply_log(session: Session, office_code: str, epoch: uuid.UUID, body: Any, at: datetime) -> None:
    """Keep one entry of an office's log; a break is an incident of that log, counted from the first one on."""
    fault = apply_entry(session, office_code, epoch, body, at)
    if fault is not None:
        detail = {"n": body["n"], "hash": body["hash"], "fault": fault.value}
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.AUDIT_BROKEN,
            subject=f"log:{epoch}",
            at=at,
            detail=detail,
        )
