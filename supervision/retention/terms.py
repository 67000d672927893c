"""How long recordings are kept: a setting with versions, each with its reason (rule 11)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.service import record
from supervision.clock import now
from supervision.errors import Conflict, InvalidInput
from supervision.retention.models import RetentionTerm
from supervision.retention.rules import DEFAULT_DAYS, LONGEST_DAYS, SHORTEST_DAYS
from supervision.retention.words import reason_of


def term_in_force(session: Session) -> int:
    """For how many days recordings are kept now."""
    newest = session.scalar(select(RetentionTerm.days).order_by(RetentionTerm.n.desc()).limit(1))
    return newest or DEFAULT_DAYS


def list_terms(session: Session) -> list[RetentionTerm]:
    """Every version, the newest first."""
    return list(session.scalars(select(RetentionTerm).order_by(RetentionTerm.n.desc())))


def set_term(  # noqa: PLR0913 - who, what, why, and the version he looked at
    session: Session, actor: Actor, days: int, reason: str, *, known_n: int, at: datetime | None = None
) -> RetentionTerm:
    """Keep recordings for so many days from now on. What was proposed already stays as it was proposed.

    `known_n` is the version that the person looked at, 0 for none. Raises InvalidInput outside the bounds and
    Conflict where somebody set another version meanwhile.
    """
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise InvalidInput("days", str(days), f"{SHORTEST_DAYS} to {LONGEST_DAYS} days")
    before = term_in_force(session)
    term = RetentionTerm(
        n=known_n + 1, days=days, reason=reason_of(reason), set_by=actor.account_id, set_at=at or now()
    )
    session.add(term)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("the retention term") from error
    detail = {"days": days, "days_before": before, "reason": term.reason}
    record(session, actor, "retention_set", f"retention:{term.n}", detail, at=at)
    return term
