"""What `bench.pages` has of consequences: records, appeals, complaints, a closed month, on the demo's calls."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Role, Scope
from supervision.assessment.service import close_month
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.clock import local
from supervision.complaints import service as complaints
from supervision.complaints.rules import Channel, ComplaintKind, Proposal, Received, Verdict
from supervision.context import Context
from supervision.discipline.appeals import Objected, appeal_judgement, appeal_record
from supervision.discipline.notices import tell_of_judgements
from supervision.discipline.service import Proposed, decide, propose
from supervision.evaluations.drafts import read_draft, save_draft, take_call
from supervision.evaluations.service import Rescoring, submit
from supervision.people.models import Account
from supervision.people.sign_ins import actor_of
from supervision.recordings.models import Recording, RecordingState
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from supervision.regulation.rules import Side
from tests.evaluations.factories import full_marks

OPEN_COMPLAINTS = 40
NEVER = Rescoring(b"k" * 32, 0)
WINDOW = uuid.UUID(int=1)
WHY = "多次打断来电人，经谈话仍未改正。"


class Acting:
    """Who acts, by his role, in one transaction at one moment."""

    def __init__(self, session: Session, logins: Mapping[Role, str], at: datetime) -> None:
        self.session, self._logins, self._at = session, logins, at

    def by(self, role: Role) -> Context:
        """The person of a role."""
        named = select(Account).where(Account.login == self._logins[role])
        return self.of(self.session.scalars(named).one())

    def of(self, account: Account) -> Context:
        """A person, with all that his role sees."""
        return Context(self.session, actor_of(account), Scope(), self._at)


def fill(session: Session, logins: Mapping[Role, str], at: datetime) -> None:
    """One of everything, and as many open complaints as a bad fortnight has."""
    acting = Acting(session, logins, at)
    sealed = Call.id.in_(select(Recording.call_id).where(Recording.state == RecordingState.READY))
    rows = session.execute(select(Call, officer_of_call()).where(sealed, Call.answered_at.is_not(None))).all()
    calls = [(call, session.get_one(Account, person)) for call, person in rows if person is not None]
    if len(calls) < 2:
        raise RuntimeError("fewer than two of the demo's calls have a sealed recording and a known officer")
    judged = [(_judge(acting, call), person) for call, person in calls[:2]]
    tell_of_judgements(session, at)
    _discipline(acting, *judged[0])
    appeal_judgement(acting.of(judged[1][1]), judged[1][0], Objected("当时信号中断。", 1.0))
    _complain(acting, *calls[0])
    last_month = (local(at).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    close_month(acting.by(Role.SUPERVISION_HEAD), (last_month - timedelta(days=1)).replace(day=1))


def _judge(acting: Acting, call: Call) -> uuid.UUID:
    supervisor = acting.by(Role.SUPERVISOR)
    evaluation = take_call(supervisor, call.id)
    version = read_draft(acting.session, supervisor.actor, evaluation.id).version
    marks = full_marks(acting.session, deduct=3)
    version = save_draft(supervisor, evaluation.id, marks, version=version, window=WINDOW).version
    submit(supervisor, evaluation.id, version=version, rescoring=NEVER)
    return evaluation.id


def _discipline(acting: Acting, evaluation_id: uuid.UUID, person: Account) -> None:
    """One that is under appeal, one that waits for its decision."""
    kinds = [one for one in consequences_in_force(acting.session) if one.side is Side.DISCIPLINE][:2]
    clause = clauses_in_force(acting.session)[0]
    supervisor, head = acting.by(Role.SUPERVISOR), acting.by(Role.SUPERVISION_HEAD)
    first, _ = (propose(supervisor, Proposed(one.id, clause.id, (evaluation_id,), WHY)) for one in kinds)
    decide(head, first.id, "同意", version=first.version)
    appeal_record(acting.of(person), first.id, Objected("并非打断。", 1.0), version=first.version)


def _complain(acting: Acting, call: Call, person: Account) -> None:
    """One that is upheld; of the others half are in hand."""
    supervisor, head = acting.by(Role.SUPERVISOR), acting.by(Role.SUPERVISION_HEAD)
    today = local(supervisor.at).date()
    given = Received(ComplaintKind.MANNER, Channel.VISIT, call.office_code, "说话很不耐烦", today)
    upheld, *others = [complaints.register(supervisor, given) for _ in range(1 + OPEN_COMPLAINTS)]
    for n, one in enumerate([upheld, *others]):
        complaints.tie_call(supervisor, one.id, call.id, version=one.version)
        if n % 2 == 0:
            complaints.take(supervisor, one.id, version=one.version)
    found = Proposal(Verdict.UPHELD, "听录音属实", person.id)
    complaints.propose(supervisor, upheld.id, found, version=upheld.version)
    complaints.decide(head, upheld.id, Verdict.UPHELD, "同意", version=upheld.version)
