"""A draw's rows as the protocol sees them, and the protocol's next step written down in the rows."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import day_bounds
from supervision.draws.models import Draw, DrawAttempt, DrawNorm, DrawShare
from supervision.draws.period_rules import DrawName, parse_name
from supervision.draws.protocol_rules import (
    CHOOSING,
    COMMITTED_AFTER_START,
    COMMITTED_BEFORE_END,
    Attempt,
    DrawState,
    Protocol,
    commit,
    recommit,
)
from supervision.draws.queries import attempts_of
from supervision.draws.rules import FLOOR_PERCENT, Party, Tier, commitment_of, rate_of_supplement

REACHED = frozenset({DrawState.AGREED, DrawState.REVEALED, DrawState.DRAWN})


def open_draw(session: Session, name: DrawName, rate: Fraction) -> Draw:
    """The draw of that name; it is opened if it is new."""
    known = session.get(Draw, name.id, with_for_update=True)
    if known is not None:
        return known
    draw = Draw(
        id=name.id,
        name=str(name),
        tier=name.tier,
        office_code=name.office_code,
        period=name.period.name,
        supplement=name.supplement,
        starts_at=day_bounds(name.period.first)[0],
        ends_at=day_bounds(name.period.after)[0],
        rate=str(rate),
    )
    session.add(draw)
    session.flush()
    session.add(DrawAttempt(draw_id=draw.id, n=1))
    session.flush()
    return draw


def norm_rate(session: Session, tier: Tier, at: datetime) -> Fraction:
    """The share that the norm asks for now; never under the floor."""
    query = select(DrawNorm.percent).where(DrawNorm.tier == tier, DrawNorm.since_at <= at)
    percent = session.scalar(query.order_by(DrawNorm.since_at.desc(), DrawNorm.id.desc()).limit(1)) or 0
    return Fraction(max(percent, FLOOR_PERCENT[tier]), 100)


def name_of(draw: Draw) -> DrawName:
    """Its name, taken apart."""
    return parse_name(draw.name)


def runs_from(session: Session, draw: Draw) -> datetime:
    """From when its deadlines run: the end of its period. That of a supplementary draw may be over for weeks: its
    deadlines run from when it was opened, and then from when both had committed to it.
    """
    row = attempts_of(session, draw.id)[0]
    known = [draw.ends_at, *([row.office_committed_at, row.hq_committed_at] if draw.supplement else [])]
    return max(moment for moment in known if moment is not None)


def commitments_due(session: Session, draw: Draw) -> datetime:
    """From when on it is an incident that a commitment is missing: a day before the end, or after an opening.

    A side that was first started later than that has an hour to exchange commitments (draw.md, Order 1).
    """
    since = runs_from(session, draw)
    due_at = since + COMMITTED_BEFORE_END if draw.supplement else since - COMMITTED_BEFORE_END
    own = session.get(DrawShare, (draw.id, 1))  # made when this side opened the draw
    return due_at if own is None else max(due_at, own.made_at + COMMITTED_AFTER_START)


def base_rate(draw: Draw) -> Fraction:
    """The rate of its first attempt; of five or fewer late calls all."""
    rate = Fraction(draw.rate)
    return rate_of_supplement(rate, draw.calls) if draw.supplement and draw.calls is not None else rate


def protocol_of(session: Session, draw: Draw) -> Protocol:
    """The draw as the protocol sees it."""
    attempts = tuple(_attempt(row) for row in attempts_of(session, draw.id))
    return Protocol(draw.name, base_rate(draw), draw.state, draw.root or "", draw.dice_wanted, attempts)


def _attempt(row: DrawAttempt) -> Attempt:
    commitments = {Party.OFFICE: row.office_commitment, Party.HQ: row.hq_commitment}
    shares = {Party.OFFICE: row.office_share, Party.HQ: row.hq_share}
    return Attempt(
        row.n,
        {party: one for party, one in commitments.items() if one is not None},
        row.dice,
        {party: one for party, one in shares.items() if one is not None},
        row.ready_at,
        row.withheld_by,
    )


def save(session: Session, draw: Draw, now: Protocol, at: datetime) -> None:
    """Write down how far the draw has come."""
    rows = {row.n: row for row in attempts_of(session, draw.id)}
    for attempt in now.attempts:
        row = rows.get(attempt.n) or DrawAttempt(draw_id=draw.id, n=attempt.n, dice="", replaced=[], witnesses=[])
        session.add(row)
        _save_attempt(row, attempt, at)
    before, draw.state = draw.state, now.state
    draw.root = now.root or draw.root
    if now.root and now.state in REACHED and draw.agreed_at is None:
        draw.agreed_at = at
    if now.state is DrawState.DRAWN and before is not DrawState.DRAWN:
        draw.drawn_at = at
    session.flush()


def _save_attempt(row: DrawAttempt, attempt: Attempt, at: datetime) -> None:
    for party in Party:
        _save_commitment(row, party, attempt.commitments.get(party), at)
        share = attempt.shares.get(party)
        if share is not None and getattr(row, f"{party}_share") is None:
            setattr(row, f"{party}_share", share)
            setattr(row, f"{party}_revealed_at", at)
    row.ready_at = attempt.ready_at
    row.dice = attempt.dice
    if attempt.withheld_by is not None and row.withheld_by is None:
        row.withheld_by, row.ended_at = attempt.withheld_by, at


def _save_commitment(row: DrawAttempt, party: Party, commitment: str | None, at: datetime) -> None:
    known = getattr(row, f"{party}_commitment")
    if commitment is None or known == commitment:
        return
    if known is not None:
        row.replaced = [*row.replaced, {"party": party.value, "commitment": known, "at": at.isoformat()}]
    setattr(row, f"{party}_commitment", commitment)
    setattr(row, f"{party}_committed_at", at)


def own_commitment(session: Session, draw: Draw, party: Party, at: datetime) -> Protocol:
    """See that this party has a share of the attempt that goes on, and is committed to it; the draw then."""
    protocol = protocol_of(session, draw)
    if protocol.state not in CHOOSING:
        return protocol
    n = protocol.attempt.n
    own = session.get(DrawShare, (draw.id, n))
    if own is None:
        own = DrawShare(draw_id=draw.id, n=n, share=secrets.token_hex(32), made_at=at)
        session.add(own)
    commitment = commitment_of(draw.name, party, own.share)
    known = protocol.attempt.commitments.get(party)
    taking = commit if known is None else recommit
    if known != commitment:
        protocol = taking(protocol, party, commitment, at)
        save(session, draw, protocol, at)
    return protocol


def own_share(session: Session, draw: Draw, party: Party, protocol: Protocol) -> str | None:
    """The share of this party in the attempt that goes on; None if it was lost with an older database."""
    own = session.get(DrawShare, (draw.id, protocol.attempt.n))
    wanted = protocol.attempt.commitments.get(party)
    return own.share if own is not None and commitment_of(draw.name, party, own.share) == wanted else None


def unfinished(session: Session, office_code: str | None = None) -> Sequence[Draw]:
    """The draws that are not drawn yet, oldest period first."""
    query = select(Draw).where(Draw.state != DrawState.DRAWN)
    if office_code is not None:
        query = query.where(Draw.office_code == office_code)
    return session.scalars(query.order_by(Draw.ends_at, Draw.name)).all()


def find_draw(session: Session, draw_id: uuid.UUID) -> Draw | None:
    """The draw, to be changed."""
    return session.get(Draw, draw_id, with_for_update=True)
