"""A draw as its page shows it: five steps, each with how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls.queries import office_names
from supervision.draws.book import protocol_of
from supervision.draws.models import Draw, DrawAttempt, Ticket
from supervision.draws.protocol_rules import DrawState, Protocol
from supervision.draws.queries import Progress, attempts_of, progress_of, strata_of, tickets_of_draw
from supervision.draws.rules import Drawn, Party, wanted
from supervision.draws.ticket_rules import TicketState
from supervision.draws.transcript import drawn_of
from supervision.people.models import Account
from supervision.people.rules import Scope
from supervision.quotas.queries import quota_of
from supervision.quotas.rules import Urgency

_AFTER_CLOSE = frozenset(DrawState) - {DrawState.OPEN, DrawState.COMMITTED}
_AFTER_AGREEMENT = frozenset({DrawState.AGREED, DrawState.REVEALED, DrawState.RECOMMITTING, DrawState.DRAWN})


@dataclass(frozen=True)
class Row:
    """One drawn call: where it stands, and at headquarters its ticket."""

    place: int
    drawn: Drawn
    state: TicketState | None
    ticket: Ticket | None = None


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
    attempts: Sequence[DrawAttempt]
    strata: Sequence[Stratum]
    rows: Sequence[Row]
    progress: Progress | None
    names: dict[str, str]
    people: dict[object, str]

    @property
    def steps(self) -> dict[str, str]:
        """Of each step whether it is done, goes on, or is still to come."""
        state, attempt = self.draw.state, self.protocol.attempt
        reached = [
            len(attempt.commitments) == len(Party),
            state in _AFTER_CLOSE,
            state in _AFTER_AGREEMENT,
            state is DrawState.DRAWN,
            state is DrawState.DRAWN,
        ]
        current = reached.index(False) if False in reached else len(reached)
        words = ["done" if n < current else "now" if n == current else "to_come" for n in range(5)]
        return dict(zip(("commit", "close", "agree", "reveal", "draw"), words, strict=True))


def show(session: Session, scope: Scope, draw: Draw, *, at_hq: bool) -> Shown:
    """A draw with all that its page shows."""
    protocol = protocol_of(session, draw)
    rows = _tickets(session, scope, draw) if at_hq else _told(session, draw)
    logins = set(strata_of(session, draw.id))
    return Shown(
        draw=draw,
        office_name=office_names(session, [draw.office_code]).get(draw.office_code, draw.office_code),
        protocol=protocol,
        attempts=attempts_of(session, draw.id),
        strata=[
            Stratum(login, size, wanted(protocol.current_rate, size))
            for login, size in strata_of(session, draw.id).items()
        ],
        rows=rows,
        progress=progress_of(session, [draw]).get(draw.id) if at_hq else _progress_told(draw, rows),
        names=dict(session.execute(select(Account.login, Account.name).where(Account.login.in_(logins))).all()),
        people=_people(session, rows),
    )


def _tickets(session: Session, scope: Scope, draw: Draw) -> list[Row]:
    return [
        Row(one.place, Drawn(one.ticket, str(one.call_id), one.stratum), one.state, one)
        for one in tickets_of_draw(session, scope, draw.id)
    ]


def _told(session: Session, draw: Draw) -> list[Row]:
    """On a node: what was drawn, and what headquarters says of it."""
    return [
        Row(place, one, _state(draw.told.get(one.call_id)))
        for place, one in enumerate(drawn_of(session, draw), start=1)
    ]


def _state(told: object) -> TicketState | None:
    return TicketState(told) if isinstance(told, str) and told in set(TicketState) else None


def _progress_told(draw: Draw, rows: Sequence[Row]) -> Progress | None:
    if draw.state is not DrawState.DRAWN:
        return None
    states = list(draw.told.values()) or [TicketState.WAITING.value] * len(rows)
    done, gone = states.count(TicketState.DONE.value), states.count(TicketState.UNUSABLE.value)
    return Progress(len(rows), done, len(states) - done - gone, gone)


def _people(session: Session, rows: Sequence[Row]) -> dict[object, str]:
    ids = {
        one
        for row in rows
        if row.ticket is not None
        for one in (row.ticket.taken_by, row.ticket.proposed_by, row.ticket.agreed_by)
        if one is not None
    }
    return {
        row.id: row.name for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    }


def is_overdue(draw: Draw, progress: Progress | None, at: datetime) -> bool:
    """Whether the work on a draw is past due, or its tickets, which must have been drawn by then."""
    if draw.ends_at > at or (draw.state is DrawState.DRAWN and progress is None):
        return False
    return quota_of(draw, progress, at).urgency is Urgency.OVERDUE
