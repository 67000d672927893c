"""An office's rosters as headquarters sends them, and the node's copy: whole, or nothing of it.

The copy holds until the next one comes, however long headquarters is away. It names desks by extension and people
by account, and says of each day near by whether it is worked, since days may have been entered at headquarters.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from supervision.errors import InvalidInput
from supervision.rosters import rules
from supervision.rosters.models import RosterCopy
from supervision.rosters.queries import policies_of, roster_of, shifts_in_force, wall
from supervision.rosters.rules import WEEK, LinePolicy, RingOrder, Way
from supervision.texts import parse_json
from supervision.workdays.queries import get_calendar, published
from supervision.workdays.rules import WorkCalendar

AHEAD = timedelta(days=70)


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SentSpan(_Sent):
    """A stretch of a day."""

    starts: time
    ends: time


class SentPost(_Sent):
    """A person at a desk."""

    account_id: uuid.UUID
    desk: str = Field(max_length=16)


class SentShift(_Sent):
    """One shift that is in force."""

    line: str = Field(max_length=32)
    day: date
    starts: time
    ends: time
    duty: tuple[SentPost, ...]
    leader: SentPost | None


class SentAbsence(_Sent):
    """Days on which a person is on leave."""

    account_id: uuid.UUID
    first: date
    last: date


class SentDeputy(_Sent):
    """Who stands in for a leader, on which days."""

    leader_id: uuid.UUID
    deputy_id: uuid.UUID
    first: date
    last: date


class SentWays(_Sent):
    """What the office chose for a line."""

    line: str = Field(max_length=32)
    order: RingOrder
    overflow: Way
    overflow_office: str = Field(max_length=8)
    closed: Way


class SentDays(_Sent):
    """Which days are worked, of all days between two, both included."""

    first: date
    last: date
    worked: frozenset[date]


class SentRoster(_Sent):
    """All that a node needs of its rosters."""

    office_code: str = Field(max_length=8)
    shifts: tuple[SentShift, ...]
    hours: tuple[SentSpan, ...]
    days: SentDays
    absences: tuple[SentAbsence, ...] = ()
    deputies: tuple[SentDeputy, ...] = ()
    gone: tuple[uuid.UUID, ...] = ()
    ways: tuple[SentWays, ...] = ()

    @property
    def etag(self) -> str:
        """The name of exactly this content."""
        text = self.model_dump_json(exclude={"days"}) + str(sorted(self.days.worked)) + str(self.days.first)
        return hashlib.sha256(text.encode()).hexdigest()


def sent_roster(session: Session, office_code: str, at: datetime) -> SentRoster:
    """The rosters of an office as they stand where they are kept: last week's, and all that are to come."""
    today = wall(at).date()
    first = rules.monday_of(today) - WEEK
    shifts = shifts_in_force(session, office_code, first, today + AHEAD)
    roster = roster_of(session, office_code, shifts)
    last = first + AHEAD
    near = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return SentRoster(
        office_code=office_code,
        shifts=tuple(_sent_shift(one) for one in shifts),
        hours=tuple(SentSpan(starts=one.starts, ends=one.ends) for one in roster.hours),
        days=SentDays(first=first, last=last, worked=frozenset(day for day in near if roster.is_worked(day))),
        absences=tuple(
            SentAbsence(account_id=one.account_id, first=one.first, last=one.last)
            for one in roster.absences
            if one.last >= first
        ),
        deputies=tuple(
            SentDeputy(leader_id=one.leader_id, deputy_id=one.deputy_id, first=one.first, last=one.last)
            for one in roster.deputies
            if one.last >= first
        ),
        gone=tuple(sorted(roster.gone)),
        ways=tuple(
            SentWays(
                line=line,
                order=one.order,
                overflow=one.overflow,
                overflow_office=one.overflow_office,
                closed=one.closed,
            )
            for line, one in policies_of(session, office_code).items()
        ),
    )


def _sent_shift(shift: rules.Shift) -> SentShift:
    return SentShift(
        line=shift.line,
        day=shift.day,
        starts=shift.span.starts,
        ends=shift.span.ends,
        duty=tuple(SentPost(account_id=post.account_id, desk=post.desk) for post in shift.duty),
        leader=SentPost(account_id=shift.leader.account_id, desk=shift.leader.desk) if shift.leader else None,
    )


def parse_roster(text: bytes) -> SentRoster:
    """What came over the wire. Raises InvalidInput."""
    return parse_json(SentRoster, text, "roster")


def held_etag(session: Session, office_code: str) -> str:
    """Which copy this node holds; empty if none."""
    copy = session.get(RosterCopy, office_code)
    return copy.etag if copy is not None else ""


def apply_roster(session: Session, office_code: str, sent: SentRoster, at: datetime) -> None:
    """On a node: keep what headquarters sent in place of what was kept. Raises InvalidInput for another's."""
    if sent.office_code != office_code:
        raise InvalidInput("office_code", sent.office_code, office_code)
    received = sent.model_dump(mode="json")
    received["days"]["worked"] = sorted(received["days"]["worked"])
    session.merge(RosterCopy(office_code=office_code, etag=sent.etag, received=received, copied_at=at))
    session.flush()


@dataclass(frozen=True)
class Standing:
    """What an office's lines follow: the roster, and what was chosen for each line. `copied_at`: of a copy."""

    roster: rules.Roster
    policies: Mapping[str, LinePolicy]
    copied_at: datetime | None = None

    def policy(self, line: str) -> LinePolicy:
        """What was chosen for a line, or what holds where nothing was."""
        return self.policies.get(line, LinePolicy())


def find_standing(session: Session, office_code: str, at: datetime, *, copied: bool) -> Standing | None:
    """What this machine's lines follow: headquarters' copy, or its own rosters where it has no headquarters.

    None where no copy ever came: the lines follow their description.
    """
    if not copied:
        return standing_of(sent_roster(session, office_code, at), get_calendar(session))
    copy = session.get(RosterCopy, office_code)
    if copy is None:
        return None
    sent = SentRoster.model_validate(copy.received)
    return standing_of(sent, get_calendar(session), copy.copied_at)


def standing_of(sent: SentRoster, calendar: WorkCalendar | None = None, at: datetime | None = None) -> Standing:
    """What was sent, as the rules take it. Days that it says nothing of are worked as the calendar here says."""
    known = calendar or WorkCalendar(published().holidays, published().made_up, published().years)

    def is_worked(day: date) -> bool:
        near = sent.days.first <= day <= sent.days.last
        return day in sent.days.worked if near else known.is_worked(day)

    roster = rules.Roster(
        shifts=tuple(_shift(one) for one in sent.shifts),
        hours=tuple(rules.Span(one.starts, one.ends) for one in sent.hours),
        is_worked=is_worked,
        absences=tuple(rules.Absence(one.account_id, one.first, one.last) for one in sent.absences),
        deputies=tuple(rules.Deputy(one.leader_id, one.deputy_id, one.first, one.last) for one in sent.deputies),
        gone=frozenset(sent.gone),
    )
    policies = {
        one.line: LinePolicy(one.order, one.overflow, one.overflow_office, one.closed) for one in sent.ways
    }
    return Standing(roster, policies, at)


def _shift(sent: SentShift) -> rules.Shift:
    duty = tuple(rules.Post(post.account_id, post.desk) for post in sent.duty)
    leader = rules.Post(sent.leader.account_id, sent.leader.desk) if sent.leader else None
    return rules.Shift(sent.line, sent.day, rules.Span(sent.starts, sent.ends), duty, leader)
