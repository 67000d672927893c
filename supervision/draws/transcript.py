"""A draw's transcript: all that a third party needs to run it again. Shares are in it once they are revealed."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.draws.book import base_rate, protocol_of
from supervision.draws.models import Draw, DrawAttempt
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import attempts_of, entries_of
from supervision.draws.rules import Drawn, draw, in_order, rate_of_attempt


def drawn_of(session: Session, found: Draw) -> list[Drawn]:
    """What was drawn, in the order of work, computed from what is published; nothing before the draw."""
    if found.state is not DrawState.DRAWN or found.seed is None:
        return []
    return draw(found.seed, protocol_of(session, found).current_rate, entries_of(session, found.id))


def transcript_of(session: Session, found: Draw) -> dict[str, Any]:
    """The transcript as it stands; `digest` covers all of the rest."""
    attempts = attempts_of(session, found.id)
    told: dict[str, Any] = {
        "format": 1,
        "draw": found.name,
        "rate": found.rate,
        "list": [
            {"call": one.call_id, "stratum": one.stratum, "audio": one.audio}
            for one in in_order(entries_of(session, found.id))
        ],
        "root": found.root,
        "attempts": [_attempt(found, row) for row in attempts],
        "seed": found.seed,
        "tickets": [
            {"ticket": one.ticket, "call": one.call_id, "stratum": one.stratum}
            for one in drawn_of(session, found)
        ],
        "closed": {
            "epoch": str(found.closed_epoch) if found.closed_epoch else None,
            "n": found.closed_n,
            "by_silence": found.by_silence,
        },
        "settled": {
            "by": found.settled_by, "note": found.settled_note, "differences": found.differences
        }
        if found.settled_by
        else None,
        "none": {"office": found.none_by_office, "hq": found.none_by_hq} if found.calls == 0 else None,
        "times": {
            name: _time(getattr(found, f"{name}_at")) for name in ("starts", "ends", "frozen", "agreed", "drawn")
        },
    }  # fmt: skip
    return told | {"digest": digest_of(told)}


def _attempt(found: Draw, row: DrawAttempt) -> dict[str, Any]:
    return {
        "n": row.n,
        "rate": str(rate_of_attempt(base_rate(found), row.n)),
        "commitments": {"office": row.office_commitment, "hq": row.hq_commitment},
        "committed_at": {"office": _time(row.office_committed_at), "hq": _time(row.hq_committed_at)},
        "replaced": row.replaced,
        "dice": row.dice,
        "witnesses": list(row.witnesses) if row.dice else [],
        "shares": {"office": row.office_share, "hq": row.hq_share},
        "revealed_at": {"office": _time(row.office_revealed_at), "hq": _time(row.hq_revealed_at)},
        "withheld_by": row.withheld_by.value if row.withheld_by else None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def digest_of(told: dict[str, Any]) -> str:
    """The hash of a transcript: it shows a slip of the hand, not a forger, who would write it anew."""
    rest = {key: value for key, value in told.items() if key != "digest"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
