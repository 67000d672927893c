"""What time alone makes due at headquarters: a silent node's list, withheld shares, late calls."""

import uuid
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.draws import lists
from supervision.draws.book import (
    commitments_due,
    find_draw,
    name_of,
    norm_rate,
    open_draw,
    own_commitment,
    runs_from,
    save,
    unfinished,
)
from supervision.draws.hq import freeze_list
from supervision.draws.models import Draw
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import (
    MADE_AFTER,
    SILENT_AFTER,
    STALLED_AFTER,
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
    if protocol.state is DrawState.COMMITTED:
        _freeze_if_due(session, found, protocol, position, at)
        return
    _mind_progress(session, found, at)
    waited = await_no_longer(protocol, found.agreed_at or at, at)
    if waited != protocol:
        save(session, found, waited, at)
    by = withheld(waited, at)
    if by is not None:
        save(session, found, try_again(waited, at), at)
        own_commitment(session, found, Party.HQ, at)
        detail = {"draw": found.name, "attempt": waited.attempt.n, "party": by.value}
        note_wrong(session, found, Cause.DRAW_SHARE_WITHHELD, at, detail, part=str(waited.attempt.n))
        record(session, None, "draw_share_withheld", f"draw:{found.id}", detail, found.office_code, at)


def _mind_commitments(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    missing = [party.value for party in Party if party not in protocol.attempt.commitments]
    if missing and found.frozen_at is None and at >= commitments_due(session, found):
        note_wrong(session, found, Cause.DRAW_UNCOMMITTED, at, {"draw": found.name, "missing": missing})
    elif not missing:
        note_over(session, found, Cause.DRAW_UNCOMMITTED, at)


def _mind_progress(session: Session, found: Draw, at: datetime) -> None:
    """A draw that hangs must not be silent: whoever avoids it gains nothing that nobody sees."""
    if found.frozen_at is None:
        return
    since = max(found.frozen_at, found.agreed_at or found.frozen_at)
    if at - since >= STALLED_AFTER:
        detail = {"state": found.state.value, "since": since.isoformat()}
        note_wrong(session, found, Cause.DRAW_STALLED, at, detail)
    else:
        note_over(session, found, Cause.DRAW_STALLED, at)


def _freeze_if_due(session: Session, found: Draw, protocol: Protocol, position: Position, at: datetime) -> None:
    """Freeze what is acknowledged by now: a close that had come too early was held, or none came for two days."""
    held = found.closed_at is not None
    known = position(session, found.office_code)
    if known is None or at < runs_from(session, found) + (MADE_AFTER if held else SILENT_AFTER):
        return
    found.by_silence = not held
    freeze_list(session, found, protocol, known, at)
    if held:
        note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)
    else:
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
