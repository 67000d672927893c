"""An office as its node tells of it: its lines and desks. Who sits at a desk is headquarters' to say."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.errors import InvalidInput
from supervision.offices.models import Desk, Line, Office
from supervision.outbox.rules import FactKind
from supervision.outbox.service import tell


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToldLine(_Told):
    """One line, gone or not."""

    key: str = Field(min_length=1, max_length=32)
    number: str = Field(max_length=32)
    name: str = Field(max_length=64)
    rings_before_us: int = Field(ge=0, le=100)
    ring_s: float = Field(gt=0, le=60)
    announcement: bool
    active: bool


class ToldDesk(_Told):
    """One desk, gone or not."""

    extension: str = Field(min_length=1, max_length=16)
    name: str = Field(max_length=64)
    leader: bool
    active: bool


class OfficeFact(_Told):
    """An office with all its lines and desks."""

    name: str = Field(min_length=1, max_length=64)
    lines: tuple[ToldLine, ...]
    desks: tuple[ToldDesk, ...]


def tell_office(session: Session, office_code: str) -> None:
    """Tell headquarters what lines and desks this office has."""
    lines = session.scalars(select(Line).where(Line.office_code == office_code).order_by(Line.key))
    desks = session.scalars(select(Desk).where(Desk.office_code == office_code).order_by(Desk.extension))
    fact = OfficeFact(
        name=session.get_one(Office, office_code).name,
        lines=tuple(ToldLine(**{name: getattr(line, name) for name in ToldLine.model_fields}) for line in lines),
        desks=tuple(ToldDesk(**{name: getattr(desk, name) for name in ToldDesk.model_fields}) for desk in desks),
    )
    tell(session, office_code, FactKind.OFFICE, fact.model_dump(mode="json"))


def take_office(session: Session, office_code: str, body: Any, _at: datetime) -> None:
    """Write down an office's lines and desks as its node tells of them.

    Raises InvalidInput for a line that is another office's.
    """
    fact = OfficeFact.model_validate(body)
    office = session.get(Office, office_code) or Office(code=office_code)
    office.name = fact.name
    session.add(office)
    session.flush()
    _take_lines(session, office_code, fact.lines)
    known = {desk.extension: desk for desk in session.scalars(select(Desk).where(Desk.office_code == office_code))}
    for told in fact.desks:
        desk = known.get(told.extension) or Desk(office_code=office_code, extension=told.extension)
        desk.name, desk.leader, desk.active = told.name, told.leader, told.active
        session.add(desk)
    session.flush()


def _take_lines(session: Session, office_code: str, lines: tuple[ToldLine, ...]) -> None:
    """An active line's number is its own: all let go of theirs first."""
    for row in session.scalars(select(Line).where(Line.office_code == office_code)):
        row.active = False
    session.flush()
    for told in lines:
        line = session.get(Line, told.key) or Line(key=told.key, office_code=office_code)
        if line.office_code != office_code:
            raise InvalidInput("lines: key", f"{told.key} belongs to office {line.office_code} already")
        for name, value in told:
            setattr(line, name, value)
        session.add(line)
    session.flush()
