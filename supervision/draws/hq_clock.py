"""What time alone makes due at headquarters: a silent node's list, withheld shares, late calls."""

import uuid
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.draws import lists
from supervision.draws.book import find_draw, name_of, norm_rate, open_draw, own_commitment, save, unfinished
from supervision.draws.hq import freeze_list
from supervision.draws.models import Draw
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import (
    COMMITTED_BEFORE_END,
    SILENT_AFTER,
    DrawState,
    Protocol,
    await_no_longer,
    try_again,
    withheld,
)
from supervision.draws.rules import Party, Tier
from supervision.errors import NotFound
from supervision.incidents.models import Cause
from supervision.offices.models import Office

LATE_BY = timedelta(days=35)
Position = Callable[[Session, str], tuple[uuid.UUID, int] | None]


def mind_the_clock(session: Session, draw_id: uuid.UUID, position: Position, at: datetime) -> None:
    """Do for one draw what time alone makes due: incidents, a silent node's list, dice no longer waited for,
    and a new attempt for a share that was withheld.
    """
    found = find_draw(session, draw_id)
    if found is None:
        raise NotFound(f"draw {draw_id}")
    protocol = own_commitment(session, found, Party.HQ, at)
    _mind_commitments(session, found, protocol, at)
    if protocol.state is DrawState.COMMITTED and at >= found.ends_at + SILENT_AFTER:
        _freeze_in_silence(session, found, protocol, position, at)
        return
    waited = await_no_longer(protocol, found.agreed_at or at, at)
    if waited != protocol:
        save(session, found, waited, at)
    by = withheld(waited, at)
    if by is not None:
        save(session, found, try_again(waited, at), at)
        own_commitment(session, found, Party.HQ, at)
        detail = {"draw": found.name, "attempt": waited.attempt.n, "party": by.value}
        note_wrong(session, found, Cause.DRAW_SHARE_WITHHELD, at, detail)
        record(session, None, "draw_share_withheld", f"draw:{found.id}", detail, found.office_code, at)


def _mind_commitments(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    missing = [party.value for party in Party if party not in protocol.attempt.commitments]
    if missing and found.frozen_at is None and at >= found.ends_at - COMMITTED_BEFORE_END:
        note_wrong(session, found, Cause.DRAW_UNCOMMITTED, at, {"draw": found.name, "missing": missing})
    elif not missing:
        note_over(session, found, Cause.DRAW_UNCOMMITTED, at)


def _freeze_in_silence(
    session: Session, found: Draw, protocol: Protocol, position: Position, at: datetime
) -> None:
    known = position(session, found.office_code)
    if known is None:
        return
    found.by_silence = True
    freeze_list(session, found, protocol, known, at)
    note_wrong(session, found, Cause.DRAW_NODE_SILENT, at, {"draw": found.name, "up_to": known[1]})


def open_supplements(session: Session, office_code: str, at: datetime) -> int:
    """Open a supplementary draw for each period with calls whose facts came after its freeze; how many.

    Facts come late by days. Periods that are over for long are looked at once an hour, each office's at a minute
    of its own, so that the work of a minute does not grow with the years.
    """
    looks_back = int(at.timestamp()) // 60 % 60 == zlib.crc32(office_code.encode()) % 60
    query = select(Draw).where(Draw.office_code == office_code, Draw.frozen_at.is_not(None))
    if not looks_back:
        query = query.where(Draw.ends_at >= at - LATE_BY)
    latest: dict[tuple[Tier, str], Draw] = {}
    for one in session.scalars(query.order_by(Draw.supplement)):
        latest[one.tier, one.period] = one
    opened = 0
    for one in latest.values():
        pending = session.get(Draw, name_of(one).next_supplement.id)
        if one.state is DrawState.DRAWN and pending is None and lists.late_calls(session, one):
            found = open_draw(session, name_of(one).next_supplement, norm_rate(session, one.tier, at))
            own_commitment(session, found, Party.HQ, at)
            opened += 1
    return opened


def offices(session: Session) -> Sequence[str]:
    """The codes of all offices."""
    return session.scalars(select(Office.code).order_by(Office.code)).all()


__all__ = ["mind_the_clock", "offices", "open_supplements", "unfinished"]
