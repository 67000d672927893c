"""What the worker does about draws at headquarters: each office and each draw in a transaction of its own."""

import uuid
import zlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.clock import Clock
from supervision.database import Database
from supervision.draws import lists
from supervision.draws.hq import give_share, open_periods
from supervision.draws.hq_lists import draw_whole, freeze_list, renew_reviewer, stand_if_due
from supervision.draws.models import Draw
from supervision.draws.party import (
    check_commitments,
    commit_own,
    find_draw,
    known_of,
    name_of,
    norm_rate,
    note_over,
    note_wrong,
    open_draw,
    unfinished,
)
from supervision.draws.party import protocol_of as protocol
from supervision.draws.protocol_rules import SUPPLEMENTED, DrawState, due_move, is_nothing_to_come
from supervision.draws.queries import is_reviewed
from supervision.draws.rules import Party, Tier
from supervision.draws.share_files import ShareFiles
from supervision.exchange.queries import latest_position
from supervision.incidents.rules import Cause
from supervision.incidents.set_aside import Item, each
from supervision.offices.models import Office
from supervision.task import Worker

LATE_BY = timedelta(days=35)


def advance_due_draws(worker: Worker) -> bool:
    """Open each office's draws, and do what time alone makes due in those that go on."""
    advance_draws(worker.database, ShareFiles(worker.paths), worker.clock)
    return False


def advance_draws(database: Database, files: ShareFiles, clock: Clock) -> None:
    """Open each office's draws, and do what time alone makes due in those that go on.

    One that breaks is set aside, and holds up no other.
    """
    with database.reading() as looking:
        codes = looking.scalars(select(Office.code).order_by(Office.code)).all()
    offices = ((Item(code, "draws of an office", code), code) for code in codes)
    each(database, clock, "draws of an office", offices, lambda code: _open_due(database, code, clock))
    with database.reading() as looking:
        draws = [(Item(draw.office_code, "draw", draw.name), draw.id) for draw in unfinished(looking)]
    each(database, clock, "draw", draws, lambda draw_id: _advance_draw(database, files, draw_id, clock))


def _open_due(database: Database, code: str, clock: Clock) -> None:
    with database.transaction() as session:
        open_due(session, code, clock())


def _advance_draw(database: Database, files: ShareFiles, draw_id: uuid.UUID, clock: Clock) -> None:
    with database.transaction() as session:
        advance_draw(session, files, draw_id, clock())


def open_due(session: Session, code: str, at: datetime) -> None:
    """Open what an office's draws are by now."""
    open_periods(session, code, at)
    open_supplements(session, code, at)


def advance_draw(session: Session, files: ShareFiles, draw_id: uuid.UUID, at: datetime) -> None:
    """Do for one draw what time alone makes due, one step after the other."""
    found = find_draw(session, draw_id)
    if found is None:
        return
    commit_own(session, files, found, Party.HQ, at)
    check_commitments(session, found, at, expected=latest_position(session, found.office_code) is not None)
    give_share(session, files, found, at)
    move = due_move(protocol(found), Party.HQ, at)
    if move is DrawState.FROZEN:
        _freeze_by_silence(session, found, at)
    elif move is DrawState.AGREED:
        stand_if_due(session, found, at)
    elif move is DrawState.WHOLE:
        draw_whole(session, found, protocol(found), at)
    renew_reviewer(session, found, at)
    if is_nothing_to_come(protocol(found), judged=is_reviewed(session, found)):
        for cause in (Cause.DRAW_OUT_OF_ORDER, Cause.DRAW_LISTS_DIFFER):
            note_over(session, found, cause, at)


def _freeze_by_silence(session: Session, found: Draw, at: datetime) -> None:
    """No close was acknowledged for two days: the list is what was acknowledged by now."""
    found.by_silence = True
    known = latest_position(session, found.office_code)
    freeze_list(session, found, known, at)
    note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)
    note_wrong(session, found, Cause.DRAW_NODE_SILENT, at, {"up_to": known[1] if known else 0})


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
        if one.state not in SUPPLEMENTED:
            continue
        following = name_of(one).next_supplement
        if not known_of(session, [following]) and lists.has_late_calls(session, one):
            open_draw(session, following, norm_rate(session, one.tier, at), at)
            opened += 1
    return opened
