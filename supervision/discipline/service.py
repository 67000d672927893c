"""Proposing a record, deciding, declining or withdrawing it, and confirming it. Appeals: `appeals.py`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.service import lock_log
from supervision.audit.service import record as write_down
from supervision.clock import local
from supervision.complaints.queries import get_complaint
from supervision.complaints.service import link_discipline
from supervision.context import Context
from supervision.deadlines.service import heal_overdue
from supervision.discipline.models import Ground, Record
from supervision.discipline.points import contested_grounds
from supervision.discipline.queries import appeal_deadline, get_record, person_of_call, visible_evaluation
from supervision.discipline.rules import (
    DECIDE_IN_WORKING_DAYS,
    ENDED,
    MOST_GROUNDS,
    Move,
    RecordState,
    after,
    may_propose,
    objection,
)
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations.models import Evaluation
from supervision.incidents.rules import Cause
from supervision.people.models import Account
from supervision.recordings.models import Recording
from supervision.regulation.models import Clause, Consequence
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from supervision.regulation.rules import Side
from supervision.retention.rules import HoldReason
from supervision.retention.service import Holding, place_hold, release_holds_of
from supervision.texts import optional_text, required_text
from supervision.workdays.queries import working_days_after

LONGEST_REASON = 2000
LONGEST_NOTE = 1000


@dataclass(frozen=True)
class Proposed:
    """What is proposed: of which kind, by which clause, on which judgements, and why; after which complaint."""

    consequence_id: uuid.UUID
    clause_id: uuid.UUID
    evaluation_ids: tuple[uuid.UUID, ...]
    reason: str
    complaint_id: uuid.UUID | None = None


def propose(context: Context, proposed: Proposed) -> Record:
    """Propose a record about the one person who answered all these calls; the recordings are held.

    Raises NotFound for what he does not see or may not rest on, InvalidInput for judgements of several people or
    of nobody known, Refused where he may not propose, or where the same stands already.
    """
    session, at = context.session, context.at
    reason = required_text(proposed.reason, "reason", LONGEST_REASON)
    lock_log(session)  # or a judgement is contested at this moment
    consequence, clause = _cited(context, proposed)
    evaluations = _evaluations(context, proposed.evaluation_ids)
    person = _person(context, evaluations)
    against = may_propose(context.actor, person.id)
    if against is not None:
        raise Refused(f"discipline_{against.value}")
    due = working_days_after(session, local(at).date(), DECIDE_IN_WORKING_DAYS)
    record = Record(
        side=consequence.side,
        office_code=evaluations[0].office_code,
        person_id=person.id,
        consequence_id=consequence.id,
        clause_id=clause.id,
        points=consequence.points,
        reason=reason,
        state=RecordState.PROPOSED,
        proposed_by=context.actor.account_id,
        proposed_at=at,
        due_on=due.day,
        provisional=due.provisional,
    )
    record.grounds = [_ground(context, n, one) for n, one in enumerate(evaluations, 1)]
    _give_number(context, record)
    _refuse_second(context, record)
    for ground in record.grounds:
        note = f"{record.number} {consequence.name}"
        place_hold(context, ground.call_id, Holding(HoldReason.DISCIPLINE, note, subject=record.subject))
    detail = {
        "side": record.side.value,
        "number": record.number,
        "kind": consequence.name,
        "points": record.points,
        "person": str(person.id),
        "clause": clause.n,
        "grounds": [[str(one.evaluation_id), one.judgement.n, one.pcm_sha256] for one in record.grounds],
    }
    note_act(context, "record_proposed", record, detail)
    if proposed.complaint_id is not None:
        rest_on_complaint(context, record.id, proposed.complaint_id)
    return record


def rest_on_complaint(context: Context, record_id: uuid.UUID, complaint_id: uuid.UUID) -> Record:
    """Say that a record is what comes of an upheld complaint about the same person.

    Raises Refused for another person's, and where one that was not taken back comes of the complaint already.
    """
    record = get_record(context.session, context.actor, record_id)
    complaint = get_complaint(context.session, complaint_id, lock=True)  # two who link at once meet
    against = may_propose(context.actor, record.person_id)
    if against is not None:
        raise Refused(f"discipline_{against.value}")
    if record.side is not Side.DISCIPLINE or record.person_id != complaint.person_id:
        raise Refused("discipline_not_of_complaint")
    if record.state in ENDED:
        raise Refused("discipline_not_at_this_step")
    before = context.session.get(Record, complaint.discipline_id) if complaint.discipline_id else None
    if before is not None and before.state not in ENDED:
        raise Refused("discipline_of_complaint_already")
    link_discipline(context, complaint_id, record.id)
    return record


def decide(context: Context, record_id: uuid.UUID, note: str, *, version: int) -> Record:
    """Decide it as it is proposed; the person is told, and has his days for an appeal from then on.

    Raises Refused while an appeal is open against what it rests on, and once that was amended.
    """
    note = optional_text(note, "note", LONGEST_NOTE)
    record, state = check_move(context, record_id, Move.DECIDE, version)
    if contested_grounds(context.session, record):
        raise Refused("discipline_ground_contested")
    if any(one.evaluation.judgements[-1].id != one.judgement_id for one in record.grounds):
        raise Refused("discipline_ground_amended")
    record.state = state
    until = appeal_deadline(context.session, context.at)
    record.decided_by, record.decided_at, record.decision_note = context.actor.account_id, context.at, note
    record.appeal_until = until.day
    flush(context, record)
    heal_overdue(context.session, record, Cause.DISCIPLINE_OVERDUE, context.at)
    note_act(context, "record_decided", record, {"note": note, "appeal_until": until.day.isoformat()})
    return record


def decline(context: Context, record_id: uuid.UUID, note: str, *, version: int) -> Record:
    """Decide that nothing comes of it; the recordings are held for it no longer."""
    note = required_text(note, "note", LONGEST_NOTE)
    record = move(context, record_id, Move.DECLINE, version)
    record.decided_by, record.decided_at, record.decision_note = context.actor.account_id, context.at, note
    return _end_proposal(context, record, "record_declined", note)


def withdraw(context: Context, record_id: uuid.UUID, note: str, *, version: int) -> Record:
    """Who proposed it takes it back."""
    note = required_text(note, "note", LONGEST_NOTE)
    record = move(context, record_id, Move.WITHDRAW, version)
    return _end_proposal(context, record, "record_withdrawn", note)


def confirm(context: Context, record_id: uuid.UUID, *, version: int) -> Record:
    """The person confirms that he was told."""
    record = move(context, record_id, Move.CONFIRM, version)
    record.confirmed_at = context.at
    flush(context, record)
    note_act(context, "record_confirmed", record, {})
    return record


def fall(context: Context, record: Record, why: str) -> None:
    """What it rests on does not stand: neither does it. Its own open appeal is for the caller to end."""
    state = after(record.state, Move.FALL)
    if state is None:
        raise Refused("discipline_not_at_this_step")
    record.state, record.ended_at, record.ended_why, record.fell_by_appeal = state, context.at, why, True
    flush(context, record)
    heal_overdue(context.session, record, Cause.DISCIPLINE_OVERDUE, context.at)
    if state is RecordState.WITHDRAWN:
        release_holds_of(context, record.subject, why)
    note_act(context, "record_fell", record, {"why": why, "state": state.value})


def move(context: Context, record_id: uuid.UUID, step: Move, version: int) -> Record:
    """The record after a step that a person makes; raises as `check_move` does."""
    record, state = check_move(context, record_id, step, version)
    record.state = state
    return record


def check_move(context: Context, record_id: uuid.UUID, step: Move, version: int) -> tuple[Record, RecordState]:
    """A record, locked, and its state after a step that a person makes. Raises NotFound, Refused, Conflict."""
    lock_log(context.session)  # before any row, as whoever decides an appeal does, by which a record falls
    record = get_record(context.session, context.actor, record_id, lock=True)
    context.session.refresh(record)
    against = objection(context.actor, step, record.case)
    if against is not None:
        raise Refused(f"discipline_{against.value}")
    if record.version != version:
        raise Conflict(f"record {record_id}")
    state = after(record.state, step)
    if state is None:
        raise Refused("discipline_not_at_this_step", f"{record.state} {step}")
    return record, state


def flush(context: Context, record: Record) -> None:
    """Write it. Raises Conflict where somebody else changed it meanwhile."""
    try:
        context.session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict(f"record {record.id}") from error


def note_act(context: Context, act: str, record: Record, detail: Mapping[str, object]) -> None:
    """Write an act about a record down."""
    write_down(context.session, context.actor, act, record.subject, detail, record.office_code, context.at)


def note_printed(context: Context, subject: str, office_code: str, number: str) -> None:
    """Write down that a decision was put on paper, under which number."""
    write_down(
        context.session, context.actor, "decision_printed", subject, {"number": number}, office_code, context.at
    )


def _end_proposal(context: Context, record: Record, act: str, note: str) -> Record:
    record.ended_at, record.ended_why = context.at, note
    flush(context, record)
    heal_overdue(context.session, record, Cause.DISCIPLINE_OVERDUE, context.at)
    release_holds_of(context, record.subject, note[:500])
    note_act(context, act, record, {"note": note})
    return record


def _cited(context: Context, proposed: Proposed) -> tuple[Consequence, Clause]:
    """The kind and the clause, both of the regulation in force."""
    kinds = {one.id: one for one in consequences_in_force(context.session)}
    clauses = {one.id: one for one in clauses_in_force(context.session)}
    if proposed.consequence_id not in kinds:
        raise InvalidInput("consequence", "missing")
    if proposed.clause_id not in clauses:
        raise InvalidInput("clause", "missing")
    return kinds[proposed.consequence_id], clauses[proposed.clause_id]


def _evaluations(context: Context, ids: Sequence[uuid.UUID]) -> list[Evaluation]:
    wanted = list(dict.fromkeys(ids))
    if not wanted or len(wanted) > MOST_GROUNDS:
        raise InvalidInput("evaluations", "too_many_grounds" if wanted else "missing")
    return [visible_evaluation(context.session, context.scope, one) for one in wanted]


def _person(context: Context, evaluations: Sequence[Evaluation]) -> Account:
    people = [person_of_call(context.session, one.call_id) for one in evaluations]
    found = {one.id: one for one in people if one is not None}
    if None in people:
        raise InvalidInput("evaluations", "nobody_known")
    if len(found) > 1:
        raise InvalidInput("evaluations", "several_people")
    return next(iter(found.values()))


def _ground(context: Context, n: int, evaluation: Evaluation) -> Ground:
    recording = context.session.get(Recording, evaluation.call_id)
    if recording is None or recording.pcm_sha256 is None or recording.flac_sha256 is None:
        raise Refused("discipline_not_sealed")
    latest = evaluation.judgements[-1]
    return Ground(
        n=n,
        evaluation_id=evaluation.id,
        judgement=latest,
        call_id=evaluation.call_id,
        score=latest.score,
        pcm_sha256=recording.pcm_sha256,
        flac_sha256=recording.flac_sha256,
    )


def _give_number(context: Context, record: Record) -> None:
    session, year = context.session, local(context.at).year
    same = Record.year == year, Record.side == record.side
    record.year, record.n = year, (session.scalar(select(func.max(Record.n)).where(*same)) or 0) + 1
    session.add(record)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"record {record.number}") from error


def _refuse_second(context: Context, record: Record) -> None:
    """Raises Refused where the same kind stands on the same judgements: a form was sent twice.

    Looked at under the number that was given, for which a second one proposed at the same moment has to wait.
    """
    grounds = {one.evaluation_id for one in record.grounds}
    same = select(Record).where(
        Record.id != record.id,
        Record.person_id == record.person_id,
        Record.consequence_id == record.consequence_id,
        Record.state.not_in(ENDED),
    )
    if any({one.evaluation_id for one in other.grounds} == grounds for other in context.session.scalars(same)):
        raise Refused("discipline_proposed_already")
