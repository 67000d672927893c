"""Showing a caller's whole number, which is always written down (domain rule 11; PIPL art. 17)."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.audit.service import record
from supervision.calls.queries import get_call


@dataclass(frozen=True)
class Caller:
    """What the line said about the caller, as it came: untrusted text."""

    number: str
    name: str


def reveal_caller(session: Session, actor: Actor, scope: Scope, call_id: uuid.UUID) -> Caller:
    """The caller unmasked. Raises NotFound outside the scope; the audit line names the call, not the number."""
    call = get_call(session, scope, call_id)
    record(session, actor, "number_unmasked", f"call:{call.id}", {}, call.office_code)
    return Caller(call.caller_number, call.caller_name)
