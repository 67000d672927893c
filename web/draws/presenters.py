"""A draw as its page shows it: first what is to be reviewed, then the steps, each with how far it has come."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.calls.models import Call
from supervision.calls.queries import calls_by_id, office_names
from supervision.draws.models import Draw, Ticket
from supervision.draws.node_work import progress_received
from supervision.draws.party import protocol_of
from supervision.draws.protocol_rules import (
    DUE,
    DrawState,
    Protocol,
    counts_in_assessment,
    may_ask_for_dice,
    may_type_dice,
)
from supervision.draws.queries import Progress, progress_of, strata_of, tickets_of_draw
from supervision.draws.rules import Party, TicketState, wanted
from supervision.draws.transcript import Worked, why_whole, worked_of
from supervision.incidents.queries import open_causes, open_subjects
from supervision.incidents.rules import Cause
from supervision.people.queries import names_by_login, names_of
from supervision.quotas.queries import quota_of
from supervision.quotas.rules import Urgency

SAID_BY_NODE = (Cause.DRAW_CALL_UNLISTED, Cause.DRAW_TICKETS_UNREPORTED, Cause.DRAW_UNCHECKED)
_AFTER_CLOSE = frozenset(DrawState) - {DrawState.OPEN}


@dataclass(frozen=True)
class Row:
    """One call that is due: where it stands, its record if it is known here, and at headquarters its ticket."""

    place: int
    worked: Worked
    call: Call | None = None
    ticket: Ticket | None = None

    @property
    def state(self) -> TicketState | None:
        """How it stands, as far as is known here."""
        return self.worked.state

    @property
    def talk_s(self) -> float | None:
        """For how long it was talked."""
        call = self.call
        if call is None or call.answered_at is None or call.ended_at is None:
            return None
        return (call.ended_at - call.answered_at).total_seconds()


@dataclass(frozen=True)
class Stratum:
    """One person's calls of a list, and how many of them are drawn."""

    login: str
    calls: int
    drawn: int


@dataclass(frozen=True)
class Shown:
    """All that the page shows of a draw."""

    draw: Draw
    office_name: str
    protocol: Protocol
    rows: Sequence[Row]
    strata: Sequence[Stratum]
    progress: Progress | None
    differs: bool
    said_by_node: Sequence[Cause]
    names: dict[str, str] = field(default_factory=dict)
    people: dict[uuid.UUID, str] = field(default_factory=dict)

    @property
    def steps(self) -> dict[str, str]:
        """Of each step whether it is done, goes on, or is still to come."""
        state, protocol = self.draw.state, self.protocol
        reached = [
            len(protocol.commitments) == len(Party),
            state in _AFTER_CLOSE,
            bool(protocol.root),
            len(protocol.shares) == len(Party),
            state is DrawState.DRAWN,
        ]
        current = reached.index(False) if False in reached else len(reached)
        words = ["done" if done else "now" if n == current else "to_come" for n, done in enumerate(reached)]
        return dict(zip(("commit", "close", "agree", "reveal", "draw"), words, strict=True))

    @property
    def is_due(self) -> bool:
        """Whether there is something to review."""
        return self.draw.state in DUE

    @property
    def is_whole(self) -> bool:
        """Whether all of the list is due."""
        return self.draw.state is DrawState.WHOLE

    @property
    def why_whole(self) -> str:
        """Why it is, or was, in a word."""
        return why_whole(self.draw) if self.draw.whole_at and self.draw.root else ""

    @property
    def counts_in_assessment(self) -> bool:
        """Whether what is judged of it counts for a person."""
        return counts_in_assessment(self.protocol)

    @property
    def may_type_dice(self) -> bool:
        """Whether dice may be typed in now."""
        return may_type_dice(self.protocol)

    @property
    def may_ask_for_dice(self) -> bool:
        """Whether somebody may ask for dice now."""
        return may_ask_for_dice(self.protocol)


def present_draw(session: Session, scope: Scope, draw: Draw, *, at_hq: bool) -> Shown:
    """A draw with all that its page shows."""
    protocol, rows = protocol_of(draw), _rows(session, scope, draw, at_hq=at_hq)
    sizes = strata_of(session, draw.id) if draw.root else {}
    rate = 1 if draw.state is DrawState.WHOLE else protocol.rate
    return Shown(
        draw=draw,
        office_name=office_names(session, [draw.office_code]).get(draw.office_code, draw.office_code),
        protocol=protocol,
        rows=rows,
        strata=[Stratum(login, size, wanted(rate, size)) for login, size in sizes.items()],  # type: ignore[arg-type]
        progress=progress_of(session, [draw]).get(draw.id)
        if at_hq
        else progress_received(draw, [row.worked for row in rows]),
        differs=draw.name in differing(session, [draw]),
        said_by_node=open_causes(session, draw.name, SAID_BY_NODE),
        names=names_by_login(session, sizes),
        people=names_of(session, _people(rows)),
    )


def differing(session: Session, draws: Sequence[Draw]) -> set[str]:
    """Those of these draws of which a node says that headquarters works on something else than was drawn."""
    return open_subjects(session, Cause.DRAW_TICKETS_DIFFER, [one.name for one in draws])


def _rows(session: Session, scope: Scope, draw: Draw, *, at_hq: bool) -> list[Row]:
    if draw.root is None and draw.state is not DrawState.WHOLE:
        return []
    found = worked_of(session, draw)
    calls = calls_by_id(session, [uuid.UUID(one.drawn.call_id) for one in found])
    records = {str(call_id): call for call_id, call in calls.items()}
    known = tickets_of_draw(session, scope, draw.id) if at_hq else ()  # there people work on them
    tickets = {str(one.call_id): one for one in known}
    return [
        Row(place, one, records.get(one.drawn.call_id), tickets.get(one.drawn.call_id))
        for place, one in enumerate(found, start=1)
    ]


def _people(rows: Sequence[Row]) -> set[uuid.UUID | None]:
    """Who took, proposed or agreed to something."""
    tickets = [row.ticket for row in rows if row.ticket is not None]
    return {one for ticket in tickets for one in (ticket.taken_by, ticket.proposed_by, ticket.agreed_by)}


def is_overdue(draw: Draw, progress: Progress | None, at: datetime) -> bool:
    """Whether the work on a draw is past due, or the draw itself, which must have been made by then."""
    if draw.ends_at > at or (draw.state in DUE and progress is None):
        return False
    return quota_of(draw, progress, at).urgency is Urgency.OVERDUE
