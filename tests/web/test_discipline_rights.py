"""Every state of a record and of an appeal, every step of its pages, and everybody whom the route lets in."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from supervision.clock import now, today
from supervision.database import Database
from supervision.discipline.models import Appeal, Record
from supervision.discipline.rules import DECIDED, AppealState, RecordState, Remedy
from supervision.people.models import Account
from supervision.people.rules import Act, may
from supervision.settings import Mode, Settings
from tests.discipline.factories import notified, proposed, with_chief
from tests.evaluations.factories import make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged
from tests.web.conftest import Browser, People

FORM = {"note": "x", "reason": "x", "text": "x", "remedy": Remedy.SET_ASIDE.value}
HEAD, PERSON, PROPOSER, CHIEF = {"head"}, {"zhang"}, {"supervisor"}, {"chief"}
LOGINS = ("supervisor", "head", "leader", "zhang", "chief")
RECORD_STEPS = {
    "decide": Act.DECIDE_DISCIPLINE,
    "decline": Act.DECIDE_DISCIPLINE,
    "withdraw": Act.PROPOSE_DISCIPLINE,
    "confirm": Act.APPEAL,
    "appeal": Act.APPEAL,
}
APPEAL_STEPS = {"uphold": Act.DECIDE_APPEALS, "dismiss": Act.DECIDE_APPEALS, "retract": Act.APPEAL}
MAY: Mapping[tuple[RecordState, str], set[str]] = {
    (RecordState.PROPOSED, "decide"): HEAD,
    (RecordState.PROPOSED, "decline"): HEAD,
    (RecordState.PROPOSED, "withdraw"): PROPOSER,
    (RecordState.NOTIFIED, "confirm"): PERSON,
    (RecordState.NOTIFIED, "appeal"): PERSON,
    (RecordState.CONFIRMED, "appeal"): PERSON,
}
# Against a record the bureau leader decides; against the leader's judgement a head; each only while it is open.
MAY_END: Mapping[tuple[bool, str], set[str]] = {
    (True, "uphold"): CHIEF,
    (True, "dismiss"): CHIEF,
    (True, "retract"): PERSON,
    (False, "uphold"): HEAD,
    (False, "dismiss"): HEAD,
    (False, "retract"): PERSON,
}


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@dataclass(frozen=True)
class Stage:
    """A record about Zhang, which the supervisor proposed and the leader judged the call of; all are signed in."""

    database: Database
    record_id: uuid.UUID
    browsers: Mapping[str, Browser]
    people: Mapping[str, Account]

    def cases(self, steps: Mapping[str, Act]) -> list[tuple[str, str]]:
        """Each step with everybody who gets as far as the record."""
        return [(step, one) for step, act in steps.items() for one in LOGINS if may(self.people[one].role, act)]

    def put_record(self, state: RecordState) -> int:
        """Bring the record to a state, without an appeal; its version."""
        with self.database.transaction() as session:
            session.execute(delete(Appeal))
            return self._put(session, state).version

    def put_appeal(self, state: AppealState, *, against_record: bool) -> tuple[uuid.UUID, int]:
        """An appeal in a state, against the record or against what it rests on; its id and version."""
        with self.database.transaction() as session:
            session.execute(delete(Appeal))
            record = self._put(session, RecordState.APPEALED if against_record else RecordState.NOTIFIED)
            ground = record.grounds[0]
            ground.evaluation.set_aside_at = None
            appeal = Appeal(year=2026, n=1, office_code="01", person_id=record.person_id, text="x", due_on=today())
            if against_record:
                appeal.record_id = record.id
            else:
                appeal.judgement_id, appeal.evaluation_id = ground.judgement_id, ground.evaluation_id
            decided = state in {AppealState.DISMISSED, AppealState.UPHELD}
            appeal.state, appeal.decided_by = state, self.people["chief"].id if decided else None
            session.add(appeal)
            session.flush()
            return appeal.id, appeal.version

    def tries(self, login: str, path: str, version: int) -> None:
        """Post the step as somebody, on the version that stands; whatever comes of it."""
        assert self.browsers[login].post(path, {**FORM, "version": str(version)}).status_code in {303, 404}

    def _put(self, session: Session, state: RecordState) -> Record:
        record, decided = session.get_one(Record, self.record_id), state in DECIDED | {RecordState.DECLINED}
        record.state, record.decided_by = state, self.people["head"].id if decided else None
        record.decided_at = now() if decided else None
        record.appeal_until = today() + timedelta(days=1) if decided else None
        session.flush()
        return record


@pytest.fixture
def stage(people: People, settings: Settings) -> Stage:
    with people.database.transaction() as session:
        work = with_chief(make_work(session, settings.home))
        for person in work.town.people.values():
            person.password_hash = QUICK
        record_id = proposed(work, *notified(work, judged(work, breach()))).id
    browsers = {login: people.admits(work.town.people[login]) for login in LOGINS}
    return Stage(people.database, record_id, browsers, work.town.people)


def test_a_step_of_a_record_is_done_by_whom_the_table_names_and_by_nobody_else(stage: Stage) -> None:
    done: dict[tuple[RecordState, str], set[str]] = {}
    for state in RecordState:
        version = stage.put_record(state)
        for step, login in stage.cases(RECORD_STEPS):
            stage.tries(login, f"/discipline/{stage.record_id}/{step}", version)
            with stage.database.reading() as session:
                is_done = session.get_one(Record, stage.record_id).state is not state
            if is_done:
                done.setdefault((state, step), set()).add(login)
                version = stage.put_record(state)
    assert done == MAY


def test_an_appeal_is_ended_once_by_whom_the_table_names_and_by_nobody_else(stage: Stage) -> None:
    done: dict[tuple[AppealState, bool, str], set[str]] = {}
    for state, against_record in product(AppealState, (True, False)):
        appeal_id, version = stage.put_appeal(state, against_record=against_record)
        for step, login in stage.cases(APPEAL_STEPS):
            stage.tries(login, f"/appeals/{appeal_id}/{step}", version)
            with stage.database.reading() as session:
                is_done = session.get_one(Appeal, appeal_id).state is not state
            if is_done:
                done.setdefault((state, against_record, step), set()).add(login)
                appeal_id, version = stage.put_appeal(state, against_record=against_record)
    assert done == {(AppealState.OPEN, *case): who for case, who in MAY_END.items()}
