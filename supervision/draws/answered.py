"""At headquarters: which calls were answered, as they were first told, and in which periods' lists each is.

An answered call stays answered, whatever is told of it later, and is in exactly one list of each tier.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.clock import local
from supervision.draws.models import AnsweredCall, Draw
from supervision.draws.period_rules import DrawName, period_of
from supervision.draws.protocol_rules import CLOCK_OFF_BY
from supervision.draws.rules import Tier
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open, open_incident
from supervision.moments import EARLIEST


def period_column(tier: Tier) -> InstrumentedAttribute[str]:
    """The column of the period in whose list a tier has a call."""
    return AnsweredCall.week if tier is Tier.OFFICE else AnsweredCall.month


def told_column(tier: Tier) -> InstrumentedAttribute[str]:
    """The column of the period in which it began by the node's clock."""
    return AnsweredCall.told_week if tier is Tier.OFFICE else AnsweredCall.told_month


def of_period(draw: Draw) -> list[ColumnElement[bool]]:
    """The answered calls that belong to a draw's period."""
    return [AnsweredCall.office_code == draw.office_code, period_column(draw.tier) == draw.period]


def note_answered(
    session: Session, office_code: str, body: Any, at: datetime, clock_off: timedelta = timedelta()
) -> None:
    """See what a fact of a call that was just applied says of its being answered. `at`: when it was received.

    `clock_off`: how far the node's clock was from ours on the message that brought it. Taking an answer back is
    an incident.
    """
    call_id = uuid.UUID(body["id"])
    known = session.get(AnsweredCall, call_id)
    if known is not None and body["answered_at"] is None:
        _note_taken_back(session, office_code, call_id, at)
    if known is not None or body["answered_at"] is None:
        return
    began, answered = (possible(body[name], at) for name in ("offered_at", "answered_at"))
    told = {tier: _period(tier, began) if began else "" for tier in Tier}
    by_receipt = began is None or abs(clock_off) > CLOCK_OFF_BY
    held = {tier: _held_period(session, tier, office_code, None if by_receipt else began, at) for tier in Tier}
    session.add(
        AnsweredCall(
            call_id=call_id,
            office_code=office_code,
            desk=body["answered_desk"] or "",
            began_at=began or at,
            answered_at=answered or at,
            received_at=at,
            week=held[Tier.OFFICE],
            month=held[Tier.HQ],
            told_week=told[Tier.OFFICE],
            told_month=told[Tier.HQ],
        )
    )
    session.flush()


def possible(told: Any, received_at: datetime) -> datetime | None:
    """A moment that a node told; None where it cannot be one: no text, before there was a system, or to come."""
    try:
        moment = datetime.fromisoformat(told).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if EARLIEST <= moment <= received_at + CLOCK_OFF_BY else None


def _period(tier: Tier, moment: datetime) -> str:
    return period_of(tier, local(moment).date()).name


def _held_period(
    session: Session, tier: Tier, office_code: str, began: datetime | None, received_at: datetime
) -> str:
    """The period in whose list a call is: in which it began, or that of receipt where that one has no draw."""
    current = period_of(tier, local(received_at).date())
    if began is None:
        return current.name
    own = period_of(tier, local(began).date())
    has_draw = session.get(Draw, DrawName(tier, office_code, own).id) is not None
    return own.name if has_draw or own.name == current.name else current.name


def _note_taken_back(session: Session, office_code: str, call_id: uuid.UUID, at: datetime) -> None:
    if not is_open(session, office_code, Cause.ANSWER_TAKEN_BACK, str(call_id)):
        open_incident(
            session,
            office_code=office_code,
            cause=Cause.ANSWER_TAKEN_BACK,
            subject=str(call_id),
            at=at,
            call_id=call_id,
        )
