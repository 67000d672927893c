"""Looking at the offices from headquarters. Every query takes the scope, so that it cannot be forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, Subquery, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.actor import Scope
from supervision.calls.models import Call
from supervision.exchange.models import Inbox, RefusedFact
from supervision.exchange.rules import OFFLINE_AFTER, is_offline
from supervision.offices.models import Line, Office
from supervision.paging import cut
from supervision.recordings.models import Part, Recording, RecordingState


@dataclass(frozen=True)
class OfficeFilter:
    """What the person looks for: a part of a name or code; `offline` None: offline or not."""

    text: str = ""
    offline: bool | None = None


@dataclass(frozen=True)
class CodeCursor:
    """Which page comes next: the offices after a code, or those before it."""

    code: str
    back: bool = False


@dataclass(frozen=True)
class OfficeRow:
    """One office as headquarters knows it.

    `facts` were received, `refused` are those among them that could not be written down; `on_their_way` are
    recordings that the office has closed and that are not all here.
    """

    code: str
    name: str
    lines: Sequence[Line]
    heard_at: datetime | None
    offline: bool
    facts: int
    refused: int
    on_their_way: int
    in_progress: int


@dataclass(frozen=True)
class OfficesPage:
    """One page of offices, in the order of their codes, and the cursors that lead on from it."""

    rows: Sequence[OfficeRow]
    before: CodeCursor | None = None
    after: CodeCursor | None = None


def has_any_spoken(session: Session) -> bool:
    """Whether any office has ever sent headquarters anything."""
    return session.scalar(select(Inbox.office_code).limit(1)) is not None


def last_heard(session: Session, scope: Scope) -> dict[str, datetime]:
    """When each office last spoke; those that never did are left out."""
    query = select(Inbox.office_code, func.max(Inbox.heard_at)).group_by(Inbox.office_code)
    if scope.office_code is not None:
        query = query.where(Inbox.office_code == scope.office_code)
    return dict(session.execute(query).all())


def list_offices(
    session: Session, scope: Scope, wanted: OfficeFilter, at: datetime, cursor: CodeCursor | None = None
) -> OfficesPage:
    """One page: the first one, or the one that a cursor leads to. `at`: at which moment one is offline or not."""
    known = _known(scope, wanted, at)
    query = select(known.c.code, known.c.name, known.c.heard_at, known.c.facts)
    here = (cursor.code,) if cursor is not None else None
    found = cut(session, query, (known.c.code,), here, back=cursor is not None and cursor.back)
    return OfficesPage(
        _whole(session, found.rows, at),
        before=CodeCursor(found.rows[0].code, back=True) if found.before else None,
        after=CodeCursor(found.rows[-1].code) if found.after else None,
    )


def count_offices(session: Session, scope: Scope, at: datetime) -> tuple[int, int]:
    """How many offices there are, and how many of them are offline."""
    everything = _known(scope, OfficeFilter(), at)
    offline = _known(scope, OfficeFilter(offline=True), at)
    return _size(session, everything), _size(session, offline)


def _size(session: Session, found: Subquery) -> int:
    return session.scalar(select(func.count()).select_from(found)) or 0


def _known(scope: Scope, wanted: OfficeFilter, at: datetime) -> Subquery:
    """Every office with a name or an inbox: one whose description was refused must not go unseen."""
    codes = _codes().subquery()
    heard = (
        select(
            Inbox.office_code,
            func.max(Inbox.heard_at).label("heard_at"),
            func.sum(Inbox.n).label("facts"),
        )
        .group_by(Inbox.office_code)
        .subquery()
    )
    query = (
        select(
            codes.c.code,
            func.coalesce(Office.name, codes.c.code).label("name"),
            heard.c.heard_at,
            func.coalesce(heard.c.facts, 0).label("facts"),
        )
        .select_from(codes)
        .outerjoin(Office, Office.code == codes.c.code)
        .outerjoin(heard, heard.c.office_code == codes.c.code)
    )
    if scope.office_code is not None:
        query = query.where(codes.c.code == scope.office_code)
    if wanted.text:
        named = Office.name.icontains(wanted.text, autoescape=True)
        query = query.where(or_(named, codes.c.code.icontains(wanted.text, autoescape=True)))
    if wanted.offline is not None:
        speaks = func.coalesce(heard.c.heard_at >= at - OFFLINE_AFTER, False)
        query = query.where(~speaks if wanted.offline else speaks)
    return query.subquery()


def _codes() -> CompoundSelect[Any]:
    return union(select(Office.code.label("code")), select(Inbox.office_code.label("code")))


def _whole(session: Session, rows: Sequence[Any], at: datetime) -> list[OfficeRow]:
    codes = [row.code for row in rows]
    lines: dict[str, list[Line]] = {}
    active = select(Line).where(Line.office_code.in_(codes), Line.active)
    for line in session.scalars(active.order_by(Line.office_code, Line.key)):
        lines.setdefault(line.office_code, []).append(line)
    refused = _counted(session, RefusedFact.office_code, select(func.count()).select_from(RefusedFact), codes)
    on_their_way = _counted(session, Call.office_code, _on_their_way(), codes)
    going_on = select(func.count()).select_from(Call).where(Call.ended_at.is_(None))
    in_progress = _counted(session, Call.office_code, going_on, codes)
    return [
        OfficeRow(
            code=row.code,
            name=row.name,
            lines=lines.get(row.code, []),
            heard_at=row.heard_at,
            offline=is_offline(row.heard_at, at),
            facts=int(row.facts),
            refused=refused.get(row.code, 0),
            on_their_way=on_their_way.get(row.code, 0),
            in_progress=in_progress.get(row.code, 0),
        )
        for row in rows
    ]


def _on_their_way() -> Select[int]:
    """Recordings with closed parts that are not received: found by the few that headquarters has not sealed."""
    return (
        select(func.count(Part.call_id.distinct()))
        .select_from(Recording)
        .join(Part, Part.call_id == Recording.call_id)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Recording.state == RecordingState.GROWING,
            Part.closed_at.is_not(None),
            Part.received_at.is_(None),
        )
    )


def _counted(
    session: Session, office: InstrumentedAttribute[str], counting: Select[int], codes: Sequence[str]
) -> Mapping[str, int]:
    query = counting.add_columns(office).where(office.in_(codes)).group_by(office)
    return {code: number for number, code in session.execute(query)}
