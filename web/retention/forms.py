"""Filters of the retention pages, and what people type in there, parsed."""

from collections.abc import Mapping
from datetime import date

from supervision.errors import InvalidInput
from supervision.retention.queries import DeletionFilter, HoldFilter, ProofFilter
from supervision.retention.rules import LONGEST_DAYS, DeletionState, HoldReason
from supervision.retention.service import Holding
from web import arguments as given

_HOLDING = {"": True, "all": None, "over": False}


def parse_deletions(arguments: Mapping[str, str]) -> DeletionFilter:
    """Which deletions the person looks for. Raises InvalidInput for nonsense."""
    return DeletionFilter(
        office_code=given.text(arguments, "office") or None,
        state=given.choice(arguments, "state", DeletionState),
    )


def parse_holds(arguments: Mapping[str, str], today: date) -> HoldFilter:
    """Which holds; those that hold, unless all are asked for."""
    state = given.text(arguments, "state")
    if state not in _HOLDING:
        raise InvalidInput("state", state, "all, over or nothing")
    return HoldFilter(
        today,
        office_code=given.text(arguments, "office") or None,
        reason=given.choice(arguments, "reason", HoldReason),
        holding=_HOLDING[state],
    )


def parse_proofs(arguments: Mapping[str, str]) -> ProofFilter:
    """Which proofs, by the day or the id of the call."""
    return ProofFilter(
        office_code=given.text(arguments, "office") or None,
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
        call_id=given.identity(arguments, "call"),
    )


def parse_hold(form: Mapping[str, str]) -> Holding:
    """Why a recording is to be kept, and until when. Raises InvalidInput."""
    reason = given.needed_choice(form, "reason", HoldReason)
    return Holding(reason, form.get("note", ""), given.day(form, "until"))


def parse_term(form: Mapping[str, str]) -> tuple[int, str, int]:
    """Days, reason, and the version that was looked at."""
    days = given.count(form, "days", LONGEST_DAYS * 10)
    if days is None:
        raise InvalidInput("days", "missing")
    return days, form.get("reason", ""), given.version(form)
