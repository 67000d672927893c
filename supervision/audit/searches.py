"""Looking for a caller's number: written down before anything is shown (domain rule 11)."""

from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.people.rules import Actor


def note_number_search(session: Session, actor: Actor, masked: str) -> None:
    """Write down that somebody looked for calls by a number; the number only as it may be shown."""
    record(session, actor, "number_searched", "calls", {"number": masked}, actor.office_code)
