"""An office's incidents, as it reports them. What people do about one is done, and stays, where they did it."""

import json
import uuid
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, IncidentKind
from supervision.received_times import Moment, Receipt

MOST_DETAIL = 50_000  # characters of JSON: a page shows fifty incidents


def _cut(detail: dict[str, Any]) -> dict[str, Any]:
    """An incident is never refused for its length: of a detail that is too long, it is said how long it was."""
    length = len(json.dumps(detail, ensure_ascii=False))
    return detail if length <= MOST_DETAIL else {"too_long": length}


class IncidentFact(BaseModel):
    """One incident as it stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: uuid.UUID
    kind: IncidentKind
    cause: Cause
    subject: str = Field(max_length=80)
    call_id: uuid.UUID | None
    detail: Annotated[dict[str, Any], AfterValidator(_cut)]
    first_seen_at: Moment
    last_seen_at: Moment
    times: int = Field(ge=1, lt=2**31)
    healed_at: Moment | None


def send_incident(session: Session, incident: Incident) -> None:
    """Send headquarters an incident of this office."""
    fact = IncidentFact(**{name: getattr(incident, name) for name in IncidentFact.model_fields})
    send_fact(session, incident.office_code, FactKind.INCIDENT, fact.model_dump(mode="json"))


def apply_incident(session: Session, office_code: str, body: Any, receipt: Receipt) -> None:
    """Apply an incident that an office sent. Received twice, it is written once.

    Raises InvalidInput for an incident of another office, ValueError for a time that cannot be.
    """
    fact = IncidentFact.model_validate(body, context=receipt)
    incident = session.get(Incident, fact.id)
    if incident is None:
        incident = Incident(id=fact.id, office_code=office_code, received=True)
        session.add(incident)
    elif incident.office_code != office_code or not incident.received:
        raise InvalidInput("id", "this incident is another office's")
    for name, value in fact:
        if getattr(incident, name) != value:
            setattr(incident, name, value)
    session.flush()
