"""A drawn week of the town, and a leader who listens, writes and submits, without a page."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Role
from supervision.calls.models import Call
from supervision.clock import day_bounds, local
from supervision.context import Context
from supervision.database import new_id
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party, Tier
from supervision.evaluations.content_rules import Content, parse_content
from supervision.evaluations.drafts import read_draft, save_draft, take_ticket
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queue import queue_of
from supervision.evaluations.rules import Counting, Kind
from supervision.evaluations.service import Rescoring, submit
from supervision.listening.service import note_served, open_listening, report_heard
from supervision.paths import Paths
from supervision.recordings.models import Recording
from supervision.scorecards.queries import get_in_force
from tests.calls.samples import NOON, Town, make_town
from tests.recordings.sounds import seal

SEED = "5e" * 32
NEVER = Rescoring(b"k" * 32, 0)
ALWAYS = Rescoring(b"k" * 32, 100)
WINDOW = uuid.UUID(int=77)
MONDAY = NOON + timedelta(days=6)


@dataclass
class Work:
    """The town with sealed calls, and what its people do."""

    town: Town
    home: Path
    heard_at: datetime = field(default=MONDAY)

    @property
    def session(self) -> Session:
        """The session that everything is done in."""
        return self.town.session

    def context(self, login: str, at: datetime = MONDAY) -> Context:
        """In what a person acts."""
        return Context(self.session, self.town.actor(login), self.town.scope(login), at)

    def call(self, length_s: float = 100, **facts: Any) -> Call:
        """A call with its sealed recording, in which nobody was measured to speak."""
        call, silent_ms = self.town.call(**facts), round(length_s * 1000)
        silence = {"caller_silence_ms": silent_ms, "officer_silence_ms": silent_ms}
        seal(self.session, Paths(self.home), call, length_s, **silence)
        return call

    def draw(self, calls: list[Call], tier: Tier = Tier.OFFICE, office: str = "01") -> list[Ticket]:
        """A draw of which these are the tickets, in this order of work."""
        return make_draw(self.session, calls, tier, office)

    def hears(self, login: str, call: Call, start_s: float, end_s: float, passed_s: float | None = None) -> float:
        """A person plays a stretch, in as much time as he says it took; what counts as heard of it."""
        actor, scope = self.town.actor(login), self.town.scope(login)
        at = self.heard_at
        listening = open_listening(Context(self.session, actor, scope, at), call.id)
        whole = self.session.get_one(Recording, call.id).flac_bytes or 0
        note_served(self.session, actor, listening.id, whole)
        passed = end_s - start_s if passed_s is None else passed_s
        seconds = 0.0
        while passed > 0:
            step = min(passed, 30.0)
            at, passed = at + timedelta(seconds=step), passed - step
            seconds = report_heard(Context(self.session, actor, scope, at), listening.id, [(start_s, end_s)])
        self.heard_at = at
        return seconds

    def takes(self, login: str, ticket: Ticket, at: datetime = MONDAY) -> Evaluation:
        """A person takes a ticket in hand."""
        return take_ticket(self.context(login, at), ticket.id)

    def writes(self, login: str, evaluation: Evaluation, content: Content) -> int:
        """He writes on top of what he wrote before; the draft's version."""
        actor, scope = self.town.actor(login), self.town.scope(login)
        version = read_draft(self.session, actor, evaluation.id).version
        return save_draft(
            Context(self.session, actor, scope, MONDAY), evaluation.id, content, version=version, window=WINDOW
        ).version

    def submits(self, login: str, evaluation: Evaluation, rescoring: Rescoring = NEVER) -> Counting:
        """He submits what he wrote last."""
        actor, scope = self.town.actor(login), self.town.scope(login)
        version = read_draft(self.session, actor, evaluation.id).version
        at = MONDAY + timedelta(hours=1)
        return submit(Context(self.session, actor, scope, at), evaluation.id, version=version, rescoring=rescoring)

    def content(self, *, deduct: int = 0, failed: str = "", **more: Any) -> Content:
        """Full points, less what is deducted from the first criterion; one criterion failed critically by name."""
        return full_marks(self.session, deduct=deduct, failed=failed, **more)

    def judges(self, login: str, ticket: Ticket, rescoring: Rescoring = NEVER, **content: Any) -> Evaluation:
        """A person hears all of it, writes and submits."""
        evaluation = self.takes(login, ticket)
        call = self.session.get_one(Call, ticket.call_id)
        self.hears(login, call, 0, (self.session.get_one(Recording, call.id).duration_ms or 0) / 1000)
        self.writes(login, evaluation, self.content(**content))
        self.submits(login, evaluation, rescoring)
        return evaluation


def make_work(session: Session, home: Path) -> Work:
    """The town with a deputy, a second supervisor, a head and another office's leader."""
    town = make_town(session)
    for login, name, role, office in (
        ("deputy", "方副所长", Role.OFFICE_LEADER, "01"),
        ("leader2", "东所长", Role.OFFICE_LEADER, "02"),
        ("supervisor2", "胡督察", Role.SUPERVISOR, None),
        ("head", "沈科长", Role.SUPERVISION_HEAD, None),
    ):
        town.person(login, name, role, office)
    return Work(town, home)


def make_draw(
    session: Session, calls: list[Call], tier: Tier = Tier.OFFICE, office: str = "01", at: datetime = MONDAY
) -> list[Ticket]:
    """A draw as it stands once it is drawn, with these calls as its tickets."""
    n = len(session.scalars(select(Draw.id)).all())
    period = f"{local(at):%G}-W{n + 1:02}" if tier is Tier.OFFICE else f"{local(at):%Y}-{n + 1:02}"
    draw = Draw(
        id=new_id(),
        name=f"{tier}:{office}:{period}",
        tier=tier,
        office_code=office,
        period=period,
        starts_at=at - timedelta(days=7),
        ends_at=at,
        state=DrawState.DRAWN,
        rate="1/5" if tier is Tier.OFFICE else "1/10",
        calls=len(calls) * 5,
        drawn_at=at,
        due_at=day_bounds(local(at).date() + timedelta(days=6))[1],
        seed=SEED,
        root="00" * 32,
        office_share="11" * 32,
        hq_share="22" * 32,
        reviewer=Party(tier.value),
    )
    session.add(draw)
    session.flush()
    tickets = [
        Ticket(draw_id=draw.id, call_id=call.id, place=place, ticket=f"{place:064x}", stratum="unknown")
        for place, call in enumerate(calls, 1)
    ]
    session.add_all(tickets)
    session.flush()
    return tickets


def full_marks(session: Session, *, deduct: int = 0, failed: str = "", **more: Any) -> Content:
    """What a reviewer who finds nothing wrong writes, but for what is asked for."""
    card = get_in_force(session)
    marks: dict[str, Mapping[str, Any]] = {
        str(c.id): {
            "points": c.weight - (deduct if c.n == 1 else 0),
            "critical_failed": c.name == failed,
            "remark": "有扣分" if c.name == failed or (deduct and c.n == 1) else "",
        }
        for c in card.criteria
    }
    return parse_content({"marks": marks, **more})


def ticket_of(work: Work, length_s: float = 100, **facts: object) -> Ticket:
    """The one ticket of a draw of its own, of one call."""
    return work.draw([work.call(length_s, **facts)])[0]


def queued(work: Work, login: str) -> list[tuple[Kind, bool]]:
    """What a person finds in his queue, and whether he can take it."""
    queue = queue_of(work.session, work.town.actor(login), work.town.scope(login), MONDAY)
    return [(item.kind, item.is_open) for item in queue.items]
