"""A draw's rows as the protocol sees them, and the protocol's next step written down in the rows."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import structlog
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from supervision.clock import day_bounds
from supervision.draws.models import Draw, DrawNorm
from supervision.draws.period_rules import DrawName, parse_name
from supervision.draws.protocol_rules import (
    BOTH_UP_FOR,
    COMMITTED_BEFORE_END,
    OVER,
    SUPPLEMENT_OPEN_FOR,
    DrawState,
    OutOfOrder,
    Protocol,
    Terms,
    commit,
    confirmed_dice,
)
from supervision.draws.rules import ALL_UP_TO, FLOOR_PERCENT, Party, Tier, commitment_of
from supervision.draws.share_files import SecretLost, ShareFiles

log = structlog.get_logger(__name__)


def open_draw(
    session: Session, name: DrawName, rate: Fraction, at: datetime, ends_at: datetime | None = None
) -> Draw:
    """The draw of that name; it is opened if it is new. A supplementary one ends 48 h after its opening."""
    known = session.get(Draw, name.id, with_for_update=True)
    if known is not None:
        return known
    over = at + SUPPLEMENT_OPEN_FOR if name.supplement else day_bounds(name.period.after)[0]
    draw = Draw(
        id=name.id,
        name=str(name),
        tier=name.tier,
        office_code=name.office_code,
        period=name.period.name,
        supplement=name.supplement,
        starts_at=day_bounds(name.period.first)[0],
        ends_at=ends_at or over,
        opened_at=at,
        rate=str(max(rate, floor_of(name.tier))),
    )
    session.add(draw)
    session.flush()
    return draw


def floor_of(tier: Tier) -> Fraction:
    """The rate that nobody can lower."""
    return Fraction(FLOOR_PERCENT[tier], 100)


def norm_rate(session: Session, tier: Tier, at: datetime) -> Fraction:
    """The share that the norm asks for now; never under the floor."""
    query = select(DrawNorm.percent).where(DrawNorm.tier == tier, DrawNorm.since_at <= at)
    percent = session.scalar(query.order_by(DrawNorm.since_at.desc(), DrawNorm.id.desc()).limit(1)) or 0
    return max(Fraction(percent, 100), floor_of(tier))


def name_of(draw: Draw) -> DrawName:
    """Its name, taken apart."""
    return parse_name(draw.name)


def commitments_due(draw: Draw) -> datetime:
    """From when on it is an incident that a commitment is missing: a day before the end of its period.

    A side that was first started later than that has an hour to exchange commitments (draw.md, Order 1).
    """
    return max(draw.ends_at - COMMITTED_BEFORE_END, draw.opened_at + BOTH_UP_FOR)


def protocol_of(draw: Draw) -> Protocol:
    """The draw as the protocol sees it."""
    commitments = {Party.OFFICE: draw.office_commitment, Party.HQ: draw.hq_commitment}
    shares = {Party.OFFICE: draw.office_share, Party.HQ: draw.hq_share}
    protocol = Protocol(
        draw.name,
        Fraction(draw.rate),
        draw.ends_at,
        draw.state,
        {party: one for party, one in commitments.items() if one is not None},
        draw.closed_at,
        draw.frozen_at,
        draw.frozen_root or "",
        draw.learned_at,
        draw.root or "",
        draw.calls or 0,
        draw.dice,
        {party: one for party, one in shares.items() if one is not None},
    )
    waits = draw.office_share is not None and draw.hq_share is None and bool(draw.revealed_for)
    return replace(protocol, other_terms=waits and common_terms(draw, protocol) is None)


def common_terms(draw: Draw, protocol: Protocol) -> Terms | None:
    """At headquarters: the terms that the office's close and reveal named, where all are its own, too; else None.

    Of dice only those count that its own witness typed in as well.
    """
    ours, theirs = draw.hq_dice.get("dice", ""), draw.office_dice.get("dice", "")
    named = draw.revealed_for.get("dice", "")
    if named != (ours if named else confirmed_dice(theirs, ours)):
        return None
    terms = replace(protocol, dice=named).terms
    if terms is None:
        return None
    own = (terms.office_commitment, terms.hq_commitment, terms.rate, terms.root)
    said = (draw.said.get(key) for key in ("office_commitment", "hq_commitment", "rate"))
    return terms if own == (*said, draw.revealed_for.get("root")) else None


def save(session: Session, draw: Draw, now: Protocol) -> None:
    """Write down how far the draw has come."""
    draw.state = now.state
    draw.office_commitment, draw.hq_commitment = (now.commitments.get(party) for party in Party)
    draw.closed_at, draw.frozen_at, draw.learned_at = now.closed_at, now.frozen_at, now.agreed_at
    draw.frozen_root, draw.root = now.frozen_root or None, now.root or None
    if now.frozen_root:
        draw.calls = now.calls
    draw.dice = now.dice
    draw.office_share, draw.hq_share = (now.shares.get(party) for party in Party)


def commit_own(session: Session, files: ShareFiles, draw: Draw, party: Party, at: datetime) -> None:
    """See that this party is committed to a share of a draw whose period goes on.

    Its share follows from the draw secret of the month in which it first committed, as long as that is there.
    """
    protocol = protocol_of(draw)
    if protocol.state is not DrawState.OPEN or at >= draw.ends_at:
        return
    try:
        files.written_since(at)
        if not draw.secret or files.share(draw.secret, draw.name) is None:
            draw.secret = files.secret_name(at)
    except (OSError, ValueError) as error:  # a damaged file: this draw ends whole, and holds up no other
        log.warning("no commitment to a draw", draw=draw.name, error=str(error)[:300])
        return
    share = files.share(draw.secret, draw.name)
    if share is not None:
        save(session, draw, commit(protocol, party, commitment_of(draw.name, party, share), at))
        session.flush()


def store_commitment(session: Session, draw: Draw, party: Party, commitment: str | None, at: datetime) -> bool:
    """Store the other's commitment, as long as it may be; whether it is another than was stored."""
    protocol = protocol_of(draw)
    if commitment is None or protocol.commitments.get(party) == commitment:
        return False
    try:
        save(session, draw, commit(protocol, party, commitment, at))
    except OutOfOrder:
        return False
    session.flush()
    return True


def give_own(files: ShareFiles, draw: Draw, party: Party, terms: Terms, at: datetime) -> str:
    """The share of this party, written down beside its secret as given for these terms. Raises SecretLost."""
    share = files.share(draw.secret, draw.name) if draw.secret else None
    if share is None or commitment_of(draw.name, party, share) != protocol_of(draw).commitments.get(party):
        raise SecretLost(f"the share of {draw.name} is lost")
    try:
        files.write_given(draw.id, terms, draw.ends_at, at)
    except (OSError, ValueError) as error:
        raise SecretLost(f"what shares were given for cannot be written down: {error}") from error
    return share


def unfinished(session: Session, office_code: str | None = None) -> Sequence[Draw]:
    """The draws that may still move, oldest period first; those that are whole, and wait for shares, last.

    Not one that a node, made anew after its share was given, cannot draw any more, once all of it is judged.
    """
    is_whole = Draw.state == DrawState.WHOLE
    small = is_whole & (Draw.supplement > 0) & (Draw.calls <= ALL_UP_TO)
    is_left = is_whole & Draw.judged_at.is_not(None) & Draw.told["unchecked"].as_boolean().is_(True)
    query = select(Draw).where(Draw.state.not_in(OVER), ~small, ~is_left)
    if office_code is not None:
        query = query.where(Draw.office_code == office_code)
    latest_whole = case((is_whole, Draw.ends_at), else_=None)
    return session.scalars(query.order_by(is_whole, latest_whole.desc(), Draw.ends_at, Draw.name)).all()


def find_draw(session: Session, draw_id: uuid.UUID) -> Draw | None:
    """The draw, to be changed."""
    return session.get(Draw, draw_id, with_for_update=True)
