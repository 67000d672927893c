"""A small office with people, lines, desks and calls, built by hand where a test needs it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervision.actor import Actor, Role, Scope, scope_of
from supervision.calls.models import Call, CallEvent, Segment
from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from supervision.database import new_id
from supervision.offices.models import Desk, DeskAssignment, Line, Office
from supervision.people.models import Account

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)  # 12:00 in the bureau's zone
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=number)


def actor_of(account: Account) -> Actor:
    """An account as the one on whose behalf something is done."""
    return Actor(account.id, account.login, account.name, account.role, account.office_code)


def _answered_call(at: datetime, facts: Mapping[str, Any]) -> Call:
    whole: dict[str, Any] = {
        "id": new_id(),
        "office_code": "01",
        "line_key": "main",
        "uniqueid": uuid.uuid4().hex,
        "caller_number": "13812345678",
        "offered_at": at,
        "first_rang_at": at,
        "answered_at": at + seconds(6),
        "ended_at": at + seconds(66),
        "answered_desk": "801",
        "rings": 2,
        "disposition": Disposition.ANSWERED,
        "hung_up_by": Party.CALLER,
        "witness": Witness.ARI,
    }
    return Call(**{**whole, **facts})


@dataclass
class Town:
    """One office with two lines and two desks; a second office; people of each role that sees calls."""

    session: Session
    people: dict[str, Account] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)

    def actor(self, login: str) -> Actor:
        """A person of the town, acting."""
        return actor_of(self.people[login])

    def scope(self, login: str) -> Scope:
        """What he sees."""
        return scope_of(self.actor(login))

    def person(self, login: str, name: str, role: Role, office: str | None = None, **more: Any) -> Account:
        """One more person."""
        account = Account(login=login, name=name, role=role, office_code=office, created_at=LONG_AGO, **more)
        self.session.add(account)
        self.session.flush()
        self.people[login] = account
        return account

    def seat(self, desk: str, login: str, since: datetime = LONG_AGO, until: datetime | None = None) -> None:
        """Put a person at a desk (`office/extension`) for a time."""
        assignment = DeskAssignment(
            desk_id=self.desks[desk].id, account_id=self.people[login].id, since_at=since, until_at=until
        )
        self.session.add(assignment)
        self.session.flush()

    def call(self, at: datetime = NOON, **facts: Any) -> Call:
        """One answered call on the first line: rung at 0 s, answered at 6 s, over at 66 s; any fact can differ."""
        return self.calls([at], **facts)[0]

    def calls(self, moments: Iterable[datetime], **facts: Any) -> list[Call]:
        """Many of them, written in one go."""
        found = [_answered_call(at, facts) for at in moments]
        self.session.add_all(found)
        self.session.flush()
        return found

    def missed(self, at: datetime = NOON, **facts: Any) -> Call:
        """A call that nobody answered."""
        nobody = {"answered_at": None, "answered_desk": None, "disposition": Disposition.MISSED, "rings": 10}
        return self.call(at, **{**nobody, **facts})

    def story(self, call: Call) -> None:
        """The events and the segment behind an answered call."""
        at, end = call.offered_at, call.ended_at or call.offered_at + seconds(66)
        happened: list[tuple[EventKind, datetime, str | None, Party | None]] = [
            (EventKind.OFFERED, at, None, None),
            (EventKind.RECORDING_STARTED, at + seconds(0.2), None, None),
            (EventKind.DESK_RANG, at + seconds(1), "801", None),
            (EventKind.DESK_ANSWERED, at + seconds(6), "801", None),
            (EventKind.HUNG_UP, end, None, Party.CALLER),
            (EventKind.ENDED, end, None, None),
        ]
        for kind, moment, desk, party in happened:
            self.session.add(
                CallEvent(call_id=call.id, witness=Witness.ARI, at=moment, kind=kind, desk=desk, party=party)
            )
        self.session.add(
            Segment(
                call_id=call.id,
                n=1,
                kind=SegmentKind.OFFICER,
                desk="801",
                started_at=at + seconds(6),
                ended_at=end,
            )
        )
        self.session.flush()

    def taken_over(self, call: Call, *desks: str) -> Call:
        """A call whose desk died after 10 s, and each of those that had the caller after it but the last."""
        at = call.answered_at or call.offered_at
        for n, desk in enumerate([call.answered_desk, *desks]):
            times = {"started_at": at + seconds(10 * n), "ended_at": at + seconds(10 * n + 9)}
            self.session.add(Segment(call_id=call.id, n=n + 1, kind=SegmentKind.OFFICER, desk=desk, **times))
        self.session.flush()
        return call


def make_town(session: Session) -> Town:
    """The town, flushed into a session."""
    town = Town(session)
    session.add_all([Office(code="01", name="城关税务所"), Office(code="02", name="东山税务所")])
    session.flush()
    for key, office, number, name in (
        ("main", "01", "05951234567", "综合咨询"),
        ("invoice", "01", "05951234568", "发票咨询"),
        ("east", "02", "05957654321", "东山咨询"),
    ):
        session.add(
            Line(
                key=key,
                office_code=office,
                number=number,
                name=name,
                rings_before_us=0,
                ring_s=5,
                announcement=True,
            )
        )
    for place in ("01/801", "01/802", "02/801"):
        office, extension = place.split("/")
        town.desks[place] = Desk(office_code=office, extension=extension, name=f"{extension} 号席")
    session.add_all(town.desks.values())
    session.flush()
    town.person("zhang", "张敏", Role.OFFICER, "01")
    town.person("li", "李强", Role.OFFICER, "01")
    town.person("wu", "吴静", Role.OFFICER, "02")
    town.person("leader", "陈所长", Role.OFFICE_LEADER, "01")
    town.person("supervisor", "林督察", Role.SUPERVISOR)
    town.person("machines", "周系统", Role.SYSTEM_ADMINISTRATOR)
    town.seat("01/801", "zhang")
    town.seat("01/802", "li")
    town.seat("02/801", "wu")
    return town
