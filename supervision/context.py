"""What every act of a person needs: the transaction, who acts, what he may see, and the time."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.clock import now


@dataclass(frozen=True)
class Context:
    """What each act of a person needs besides what it is about; a view makes it, and a service hands it on.

    A service that writes without a person, as a task does, takes its session and time and makes none.
    """

    session: Session
    actor: Actor
    scope: Scope
    at: datetime = field(default_factory=now)
