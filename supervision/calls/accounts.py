"""Asterisk's own account of a call, as an office tells it to headquarters, and as headquarters takes it in.

It stands for itself: a call that only Asterisk knows of is what the reconciler looks for.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from supervision.calls.models import AccountSource, AsteriskAccountRow
from supervision.errors import InvalidInput
from supervision.outbox.rules import FactKind
from supervision.outbox.service import tell


@dataclass(frozen=True)
class AsteriskAccount:
    """What Asterisk's own log says of one call. `muted_ms`: for how long its MixMonitor was muted by order."""

    call_id: uuid.UUID
    linkedid: str
    offered_at: datetime
    line_answered_at: datetime | None
    ended_at: datetime | None
    mixmonitor_started: bool
    source: AccountSource
    muted_ms: int = 0


class WitnessFact(BaseModel):
    """An account on its way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    call_id: uuid.UUID
    linkedid: str = Field(max_length=64)
    offered_at: AwareDatetime
    line_answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    mixmonitor_started: bool
    source: AccountSource
    muted_ms: int = Field(default=0, ge=0, le=2**31 - 1)


def tell_witness(session: Session, office_code: str, account: AsteriskAccount) -> None:
    """Tell headquarters what Asterisk's own log says of a call; once it has ended, and again if it says more."""
    tell(session, office_code, FactKind.WITNESS, WitnessFact(**vars(account)).model_dump(mode="json"))


def take_witness(session: Session, office_code: str, body: Any, _at: datetime) -> None:
    """Write down an account that an office told. Told twice, it is written once; CEL stands before CDR.

    Raises InvalidInput for a call that another office gave an account of.
    """
    fact = WitnessFact.model_validate(body)
    row = session.get(AsteriskAccountRow, fact.call_id, with_for_update=True)
    if row is None:
        row = AsteriskAccountRow(call_id=fact.call_id, office_code=office_code)
        session.add(row)
    elif row.office_code != office_code:
        raise InvalidInput("call_id", "this call is another office's")
    elif row.source is AccountSource.CEL and fact.source is AccountSource.CDR:
        return
    for name, value in fact:
        setattr(row, name, value)
    session.flush()
