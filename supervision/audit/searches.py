"""Looking for a caller's number: written down before anything is shown (domain rule 11)."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.service import record


def note_number_search(session: Session, actor: Actor, masked: str) -> None:
    """Write down that somebody looked for calls by a number; the number only as it may be shown."""
    record(session, actor, "number_searched", "calls", {"number": masked}, actor.office_code)


def note_calls_exported(session: Session, actor: Actor, wanted: Mapping[str, str], rows: int) -> None:
    """Write down that somebody took a list of calls away: by which filter, as it was applied, and how many."""
    record(session, actor, "calls_exported", "calls", {"filter": dict(wanted), "rows": rows}, actor.office_code)
