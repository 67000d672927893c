"""Asterisk's own account of a call, as an office tells it to headquarters, and as headquarters takes it in.

It stands for itself: a call that only Asterisk knows of is what the reconciler looks for.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls.models import AccountSource, AsteriskAccountRow, Call
from supervision.calls.rules import Disposition, Party
from supervision.clock import to_milliseconds
from supervision.database import in_chunks
from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.exchange.service import tell
from supervision.moments import Moment, Receipt


@dataclass(frozen=True)
class AsteriskAccount:
    """What Asterisk's own log says of one call. `muted_ms`: for how long its MixMonitor was muted by order.

    `caller_packets` and `desk_packets`: how many packets of audio came from each side; None if nobody counted.
    From `disposition` on: what the log comes to by itself, where it tells of the end.
    """

    call_id: uuid.UUID
    linkedid: str
    offered_at: datetime
    line_answered_at: datetime | None
    ended_at: datetime | None
    mixmonitor_started: bool
    source: AccountSource
    muted_ms: int = 0
    caller_packets: int | None = None
    desk_packets: int | None = None
    disposition: Disposition | None = None
    answered_desk: str | None = None
    hung_up_by: Party | None = None
    rings_least: int | None = None
    rings_most: int | None = None


class WitnessFact(BaseModel):
    """An account on its way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    call_id: uuid.UUID
    linkedid: str = Field(max_length=64)
    offered_at: Moment
    line_answered_at: Moment | None
    ended_at: Moment | None
    mixmonitor_started: bool
    source: AccountSource
    muted_ms: int = Field(default=0, ge=0, le=2**31 - 1)
    disposition: Disposition | None = None
    answered_desk: str | None = Field(default=None, max_length=16)
    hung_up_by: Party | None = None
    rings_least: int | None = Field(default=None, ge=0, le=1000)
    rings_most: int | None = Field(default=None, ge=0, le=1000)
    caller_packets: int | None = Field(default=None, ge=0, le=2**63 - 1)
    desk_packets: int | None = Field(default=None, ge=0, le=2**63 - 1)


def accounted(session: Session, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Of which of these calls an account is known."""
    known: set[uuid.UUID] = set()
    for some in in_chunks(call_ids):
        query = select(AsteriskAccountRow.call_id).where(AsteriskAccountRow.call_id.in_(some))
        known.update(session.scalars(query))
    return known


def tell_witness(session: Session, office_code: str, account: AsteriskAccount) -> None:
    """Write down what Asterisk's own log says of a call, and tell headquarters if it says more than before."""
    fact = WitnessFact(**vars(account))
    if _write(session, office_code, fact):
        tell(session, office_code, FactKind.WITNESS, fact.model_dump(mode="json"))


def apply_witness(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Write down an account that an office told. Told twice, it is written once; CEL stands before CDR.

    Raises InvalidInput for a call of which another office gave a record or an account, ValueError for a time that
    cannot be.
    """
    _write(session, office_code, WitnessFact.model_validate(body, context=receipt))


def _write(session: Session, office_code: str, fact: WitnessFact) -> bool:
    """Whether the account says anything that was not written down already."""
    row = session.get(AsteriskAccountRow, fact.call_id, with_for_update=True)
    call = session.get(Call, fact.call_id) if row is None else None
    if call is not None and call.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")
    if row is None:
        row = AsteriskAccountRow(call_id=fact.call_id, office_code=office_code)
        session.add(row)
    elif row.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")
    elif row.source is AccountSource.CEL and fact.source is AccountSource.CDR:
        return False
    changed = [name for name, value in fact if getattr(row, name) != _kept(value)]
    for name in changed:
        setattr(row, name, _kept(getattr(fact, name)))
    session.flush()
    return bool(changed)


def _kept(value: Any) -> Any:
    """A value as the store keeps it."""
    return to_milliseconds(value) if isinstance(value, datetime) else value
