"""The section's word that a month had no complaint: zero is attested, not merely empty (domain rule 9; S11)."""

from datetime import date

from sqlalchemy.exc import IntegrityError

from supervision.audit.rules import subject_of
from supervision.audit.service import lock_log, record
from supervision.clock import local
from supervision.complaints.models import ZeroMonth
from supervision.complaints.queries import count_received, find_zero
from supervision.complaints.rules import SECTION, Objection, zero_objection
from supervision.context import Context
from supervision.errors import Conflict, Refused
from supervision.texts import required_text
from supervision.workdays.rules import next_month


def attest_zero(context: Context, month: date, note: str) -> ZeroMonth:
    """Attest that a month, named by its first day, had no complaint, and how that is known."""
    session, at = context.session, context.at
    if context.actor.role not in SECTION:
        raise Refused(f"complaint_{Objection.NOT_YOURS.value}")
    lock_log(session)  # nobody enters a complaint of the month at this moment
    received, standing = count_received(session, month, next_month(month)), find_zero(session, month)
    against = zero_objection(month, local(at).date(), received, attested=standing is not None)
    if against is not None:
        raise Refused(f"zero_{against.value}")
    found = ZeroMonth(
        month=month, note=required_text(note, "note"), attested_by=context.actor.account_id, attested_at=at
    )
    session.add(found)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"zero of {month:%Y-%m}") from error
    _note_act(context, "zero_attested", month, {"note": found.note})
    return found


def revoke_zero(context: Context, month: date, number: str) -> None:
    """A complaint of that month was entered after all: what was attested no longer stands."""
    standing = find_zero(context.session, month)
    if standing is None:
        return
    standing.revoked_at = context.at
    context.session.flush()
    _note_act(context, "zero_revoked", month, {"complaint": number})


def _note_act(context: Context, act: str, month: date, detail: dict[str, str]) -> None:
    subject = subject_of("complaint_month", f"{month:%Y-%m}")
    record(context.session, context.actor, act, subject, detail, None, context.at)
