"""An office as its node sends it: its lines and desks, and who its description first puts at a desk.

Who sits at a desk is headquarters' to say; of a desk that nobody has had there so far, the node's word is taken.
"""

import uuid
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Role
from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.offices.description import SITE, Key, OfficerSeat
from supervision.offices.models import Desk, DeskAssignment, Line, Office
from supervision.offices.seating import seat_first
from supervision.people.service import Person
from supervision.received_times import Moment, Receipt

MOST_LINES = 200  # of one office; with those that are gone, as far as no call rests on them
MOST_DESKS = 500


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SentLine(_Sent):
    """One line, gone or not."""

    key: Key
    number: str = Field(max_length=32)
    name: str = Field(max_length=64)
    rings_before_us: int = Field(ge=0, le=100)
    ring_s: float = Field(gt=0, le=60)
    announcement: bool
    active: bool


class SentOfficer(_Sent):
    """Who sits at a desk as the node has it; by which id and since when, where it made the account itself."""

    login: str = Field(max_length=64)
    name: str = Field(max_length=64)
    role: Role
    account_id: uuid.UUID | None = None
    since_at: Moment | None = None


class SentDesk(_Sent):
    """One desk, gone or not."""

    extension: str = Field(min_length=1, max_length=16)
    name: str = Field(max_length=64)
    leader: bool
    active: bool
    officer: SentOfficer | None = None


class OfficeFact(_Sent):
    """An office with all its lines and desks."""

    name: str = Field(min_length=1, max_length=64)
    site: str = Field(default="", pattern=SITE)
    lines: tuple[SentLine, ...] = Field(max_length=MOST_LINES)
    desks: tuple[SentDesk, ...] = Field(max_length=MOST_DESKS)


def send_office(session: Session, office_code: str, described: Mapping[str, OfficerSeat] | None = None) -> None:
    """Send headquarters what lines and desks this office has, and whom its description puts where."""
    lines = session.scalars(select(Line).where(Line.office_code == office_code).order_by(Line.key))
    desks = session.scalars(select(Desk).where(Desk.office_code == office_code).order_by(Desk.extension))
    office = session.get_one(Office, office_code)
    fact = OfficeFact(
        name=office.name,
        site=office.site,
        lines=tuple(SentLine(**{name: getattr(line, name) for name in SentLine.model_fields}) for line in lines),
        desks=tuple(_sent_desk(session, desk, (described or {}).get(desk.extension)) for desk in desks),
    )
    send_fact(session, office_code, FactKind.OFFICE, fact.model_dump(mode="json"))


def _sent_desk(session: Session, desk: Desk, described: OfficerSeat | None) -> SentDesk:
    query = select(DeskAssignment).where(DeskAssignment.desk_id == desk.id, DeskAssignment.until_at.is_(None))
    seat = session.scalars(query).one_or_none()
    officer = None
    if seat is not None:
        sits = seat.account
        officer = SentOfficer(
            login=sits.login, name=sits.name, role=sits.role, account_id=sits.id, since_at=seat.since_at
        )
    elif described is not None:
        officer = SentOfficer(login=described.login, name=described.name, role=described.role)
    facts = {name: getattr(desk, name) for name in ("extension", "name", "leader", "active")}
    return SentDesk(**facts, officer=officer)


@dataclass(frozen=True)
class Gone:
    """Lines, by key, and desks, by extension, that an office has no more."""

    lines: Set[str]
    desks: Set[str]


def parse_office(body: Any, receipt: Receipt) -> OfficeFact:
    """What an office's node sends of it.

    Calls rest on their lines, so nothing is refused for a clock: since when somebody sits there is the time of
    receipt, where what was sent cannot be.
    """
    return OfficeFact.model_validate(body, context=Receipt(receipt.at, receipt.said_at, replaces=True))


def gone_beyond_limits(session: Session, office_code: str, fact: OfficeFact) -> Gone:
    """What the office names no more, where there would be too many with it; of desks, those nobody ever had."""
    lines = set(session.scalars(select(Line.key).where(Line.office_code == office_code)))
    desks = set(session.scalars(select(Desk.extension).where(Desk.office_code == office_code)))
    keys, extensions = {sent.key for sent in fact.lines}, {sent.extension for sent in fact.desks}
    many_lines, many_desks = len(lines | keys) > MOST_LINES, len(desks | extensions) > MOST_DESKS
    return Gone(
        lines - keys if many_lines else set(),
        desks - extensions - _ever_seated(session, office_code) if many_desks else set(),
    )


def apply_office(session: Session, office_code: str, fact: OfficeFact, receipt: Receipt, unused: Gone) -> None:
    """Apply an office's lines and desks as its node sent them; what is `unused` makes room.

    Raises InvalidInput for a line that is another office's.
    """
    office = session.get(Office, office_code) or Office(code=office_code)
    office.name, office.site = fact.name, fact.site
    session.add(office)
    session.flush()
    _take_lines(session, office_code, fact.lines, unused.lines)
    known = {desk.extension: desk for desk in session.scalars(select(Desk).where(Desk.office_code == office_code))}
    for extension in unused.desks:
        session.delete(known.pop(extension))
    many = len(known.keys() | {sent.extension for sent in fact.desks}) > MOST_DESKS
    for sent in fact.desks:
        desk = known.get(sent.extension) or Desk(office_code=office_code, extension=sent.extension)
        desk.name, desk.leader, desk.active = sent.name, sent.leader, sent.active
        session.add(desk)
        session.flush()
        if sent.officer is not None and not many:  # nor makes an office people without end
            who = sent.officer
            person = Person(who.name, who.role, office_code)
            seat_first(
                session,
                desk,
                who.login,
                person,
                since_at=who.since_at or receipt.written_at,
                account_id=who.account_id,
            )


def _ever_seated(session: Session, office_code: str) -> set[str]:
    query = select(Desk.extension).join(DeskAssignment, DeskAssignment.desk_id == Desk.id)
    return set(session.scalars(query.where(Desk.office_code == office_code)))


def _take_lines(session: Session, office_code: str, lines: tuple[SentLine, ...], unused: Set[str]) -> None:
    """An active line's number is its own: all let go of theirs first."""
    known = {row.key: row for row in session.scalars(select(Line).where(Line.office_code == office_code))}
    for key in unused:
        session.delete(known.pop(key))
    for row in known.values():
        row.active = False
    session.flush()
    for sent in lines:
        line = session.get(Line, sent.key) or Line(key=sent.key, office_code=office_code)
        if line.office_code != office_code:
            raise InvalidInput("lines: key", f"{sent.key} belongs to office {line.office_code} already")
        for name, value in sent:
            setattr(line, name, value)
        session.add(line)
    session.flush()
