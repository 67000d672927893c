"""Records that were proposed and decided, and appeals, without a page."""

from datetime import datetime, timedelta

from supervision.actor import Role
from supervision.discipline import appeals, service
from supervision.discipline.appeals import Objected
from supervision.discipline.models import Appeal, Record
from supervision.discipline.notices import tell_of_judgements
from supervision.discipline.service import Proposed
from supervision.draws.rules import Tier
from supervision.evaluations.models import Evaluation
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from supervision.regulation.rules import Side
from tests.evaluations.factories import MONDAY, Work
from tests.findings.factories import breach, judged

PROPOSED = MONDAY + timedelta(hours=2)
DECIDED = PROPOSED + timedelta(days=1)
WHY = "多次打断来电人，经谈话仍未改正。"
OBJECTED = Objected("当时来电人信号中断，并非打断。", 7.5)


def with_chief(work: Work) -> Work:
    """The town with a second head and a bureau leader."""
    work.town.person("head2", "韩科长", Role.SUPERVISION_HEAD)
    work.town.person("chief", "郑局长", Role.BUREAU_LEADER)
    return work


def judged_at_hq(work: Work, login: str = "supervisor") -> Evaluation:
    """A call of Zhang's of headquarters' draw, judged there."""
    (ticket,) = work.draw([work.call(20)], Tier.HQ)
    return work.judges(login, ticket, findings=[breach()])


def notified(work: Work, *evaluations: Evaluation, at: datetime = PROPOSED) -> list[Evaluation]:
    """Judgements that the person was told of."""
    found = list(evaluations) or [judged(work, breach())]
    tell_of_judgements(work.session, at)
    return found


def proposal(work: Work, *evaluations: Evaluation, side: Side = Side.DISCIPLINE, kind: int = 1) -> Proposed:
    """What is proposed: points off, or a commendation."""
    kinds = [one for one in consequences_in_force(work.session) if one.side is side]
    clause = clauses_in_force(work.session)[26]
    return Proposed(kinds[kind].id, clause.id, tuple(one.id for one in evaluations), WHY)


def proposed(work: Work, *evaluations: Evaluation, side: Side = Side.DISCIPLINE, kind: int = 1) -> Record:
    """A record about Zhang that a supervisor proposed."""
    found = evaluations or (judged(work, breach()),)
    return service.propose(work.context("supervisor", PROPOSED), proposal(work, *found, side=side, kind=kind))


def decided(work: Work, record: Record, login: str = "head") -> Record:
    """The same, decided."""
    return service.decide(work.context(login, DECIDED), record.id, "同意", version=record.version)


def appealed(work: Work, record: Record, at: datetime = DECIDED + timedelta(days=1)) -> Appeal:
    """An appeal against it."""
    return appeals.appeal_record(work.context("zhang", at), record.id, OBJECTED, version=record.version)


def appealed_judgement(work: Work, evaluation: Evaluation, at: datetime = DECIDED) -> Appeal:
    """An appeal against what a call was given."""
    return appeals.appeal_judgement(work.context("zhang", at), evaluation.id, OBJECTED)
