"""A draw's transcript: all that a third party needs to run it again. Shares are in it once they are revealed.

Both sides publish the same: all times are headquarters', as it recorded and sent them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.draws.messages import NodeState, SentTicket
from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import entries_of, tickets_of_draw
from supervision.draws.rules import Drawn, Entry, TicketState, in_order, order_of_whole, worked

JUDGED = frozenset({TicketState.DONE, TicketState.UNUSABLE})


@dataclass(frozen=True)
class Worked:
    """A ticket as it is worked on: what it came in place of, and its state as far as is known here."""

    drawn: Drawn
    instead_of: str = ""
    state: TicketState | None = None
    agreed: int = 0


def worked_of(session: Session, found: Draw) -> list[Worked]:
    """What is due of a draw, in the order of work: at headquarters its tickets, on a node as it draws itself."""
    rows = [one for one in tickets_of_draw(session, Scope(), found.id) if one.state is not TicketState.RELEASED]
    if rows:
        calls = {one.id: str(one.call_id) for one in rows}
        return [
            Worked(
                Drawn(one.ticket, str(one.call_id), one.stratum),
                calls.get(one.successor_of, "") if one.successor_of else "",
                one.state,
                one.agreed_n,
            )
            for one in rows
        ]
    return _as_received(found, entries_of(session, found.id))


def _as_received(found: Draw, entries: Sequence[Entry]) -> list[Worked]:
    received = {str(one.call): one for one in NodeState.of(found).tickets}
    gone = sorted((one.agreed, call) for call, one in received.items() if one.state is TicketState.UNUSABLE)
    if found.state is DrawState.DRAWN:
        drawn = worked(found.seed or "", Fraction(found.rate), entries, [call for _, call in gone])
    elif found.state is DrawState.WHOLE:
        drawn = [(one, "") for one in order_of_whole(found.name, found.root or "", entries)]
    else:
        return []
    return [_worked(one, instead_of, received.get(one.call_id)) for one, instead_of in drawn]


def _worked(one: Drawn, instead_of: str, ticket: SentTicket | None) -> Worked:
    if ticket is None:
        return Worked(one, instead_of)
    return Worked(one, instead_of, ticket.state, ticket.agreed)


def transcript_of(session: Session, found: Draw) -> dict[str, Any]:
    """The transcript as it stands; `digest` covers all of the rest."""
    stands = found.root is not None
    entries = in_order(entries_of(session, found.id)) if stands else []
    is_due = found.state in {DrawState.DRAWN, DrawState.WHOLE}
    published: dict[str, Any] = {
        "format": 2,
        "draw": found.name,
        "rate": found.rate,
        "commitments": {"office": found.office_commitment, "hq": found.hq_commitment},
        "closed": {
            "epoch": str(found.closed_epoch) if found.closed_epoch else None,
            "n": found.closed_n,
            "by_silence": found.by_silence,
        }
        if stands
        else None,
        "moved": {key: found.moved.get(key, []) for key in ("here", "elsewhere")} if stands else None,
        "differences": found.differences if stands else [],
        "list": [{"call": one.call_id, "stratum": one.stratum, "audio": one.audio} for one in entries],
        "root": found.root,
        "shares": {"office": found.office_share, "hq": found.hq_share},
        "dice": found.dice,
        "witnesses": [found.office_dice.get("witness"), found.hq_dice.get("witness")] if found.dice else [],
        "seed": found.seed,
        "whole": {"why": why_whole(found), "reviewer": found.reviewer.value if found.reviewer else None}
        if stands and found.whole_at is not None
        else None,
        "tickets": [_ticket(one) for one in worked_of(session, found)] if is_due and stands else [],
        "times": _times(found, stands=stands),
    }  # fmt: skip
    return published | {"digest": digest_of(published)}


def why_whole(found: Draw) -> str:
    """Why a list is, or was, due whole: the first thing that was missing, in a word."""
    if found.supplement and found.frozen_root is not None and found.whole_at == found.agreed_at:
        return "few_late_calls"
    for missing, word in (
        (found.office_commitment is None and found.hq_commitment is None, "no_commitments"),
        (found.office_commitment is None, "no_commitment_of_office"),
        (found.hq_commitment is None, "no_commitment_of_hq"),
        (_is_late(found, found.office_revealed_at), "no_share_of_office"),
    ):
        if missing:
            return word
    return "no_share_of_hq"


def _is_late(found: Draw, at: datetime | None) -> bool:
    return at is None or (found.whole_at is not None and at >= found.whole_at)


def _ticket(one: Worked) -> dict[str, Any]:
    drawn = one.drawn
    outcome = one.state.value if one.state in JUDGED else ""
    return {
        "ticket": drawn.ticket, "call": drawn.call_id, "stratum": drawn.stratum, "instead_of": one.instead_of,
        "outcome": outcome, "agreed": one.agreed,
    }  # fmt: skip


def _times(found: Draw, *, stands: bool) -> dict[str, str | None]:
    known = {
        "ends": found.ends_at,
        "frozen": found.frozen_at if stands else None,
        "agreed": found.agreed_at if stands else None,
        "revealed": found.office_revealed_at,
        "given": found.hq_revealed_at,
        "whole": found.whole_at if stands else None,
        "drawn": found.drawn_at,
        "due": found.due_at if stands else None,
    }
    return {name: moment.isoformat() if moment else None for name, moment in known.items()}


def digest_of(transcript: dict[str, Any]) -> str:
    """The hash of a transcript: it shows a slip of the hand, not a forger, who would write it anew."""
    rest = {key: value for key, value in transcript.items() if key != "digest"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
