"""How long a node may rest on its copy of its people (architecture.md, "Who owns what")."""

import enum
from datetime import datetime, timedelta

VALID_FOR = timedelta(days=7)
AHEAD_AT_MOST = timedelta(hours=1)  # a clock that was set back must not lengthen the seven days


class CopyState(enum.StrEnum):
    """Whose the accounts of a machine are, and whether they may be used."""

    OWN = "own"
    MISSING = "missing"
    VALID = "valid"
    STALE = "stale"


def copy_state(from_hq: bool, confirmed_at: datetime | None, at: datetime) -> CopyState:
    """How a machine's accounts stand: made here, or a copy that headquarters confirmed at that time."""
    if not from_hq:
        return CopyState.OWN
    if confirmed_at is None:
        return CopyState.MISSING
    fresh = confirmed_at - AHEAD_AT_MOST <= at < confirmed_at + VALID_FOR
    return CopyState.VALID if fresh else CopyState.STALE


def sign_ins_end_at(state: CopyState, confirmed_at: datetime | None, at: datetime) -> datetime | None:
    """When the signed-in sessions of a machine ended because its copy is no good; None while they go on."""
    if state in {CopyState.OWN, CopyState.VALID}:
        return None
    return at if confirmed_at is None else min(at, confirmed_at + VALID_FOR)
