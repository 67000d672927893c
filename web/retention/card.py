"""What a call's page says of how long its recording is kept, or of its deletion."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.clock import today
from supervision.people.rules import Act, may
from supervision.retention.models import Hold
from supervision.retention.queries import Keeping, Proof, keeping_of, proof_of, times_of
from supervision.retention.rules import HoldReason, is_held
from web.retention import wording


@dataclass(frozen=True)
class Card:
    """The proof of a deletion, for whoever sees the call; holds only where they are kept, and for who may know."""

    proof: Proof | None
    kept: Keeping | None
    holds: Callable[[Hold], bool]
    reasons: Sequence[tuple[str, str]] = field(default=())


def card_of(session: Session, actor: Actor, call_id: uuid.UUID, *, at_hq: bool) -> Card:
    """The card of a call that the person may see."""
    shows = at_hq and may(actor.role, Act.SEE_RETENTION)
    day = today()
    return Card(
        proof=proof_of(session, call_id),
        kept=keeping_of(session, call_id) if shows else None,
        holds=lambda hold: is_held(times_of([hold]), day),
        reasons=[(one.value, wording.hold_reason(one)) for one in HoldReason if one is not HoldReason.REQUEST],
    )
