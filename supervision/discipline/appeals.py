"""Filing an appeal, retracting it, dismissing or upholding it; what is upheld takes with it what rests on it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.actor import Scope
from supervision.audit.service import lock_log
from supervision.audit.service import record as write_down
from supervision.clock import local
from supervision.context import Context
from supervision.deadlines.service import heal_overdue
from supervision.discipline import service
from supervision.discipline.models import Appeal
from supervision.discipline.queries import contest_of, get_appeal, get_notice, open_against, resting_on
from supervision.discipline.rules import (
    DECIDE_IN_WORKING_DAYS,
    AppealState,
    Move,
    RecordState,
    Remedy,
    appeal_after,
    appeal_objection,
    is_in_time,
)
from supervision.discipline.rules import after as record_after
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.service import set_aside
from supervision.incidents.rules import Cause
from supervision.recordings.models import Recording
from supervision.retention.rules import HoldReason
from supervision.retention.service import Holding, place_hold, release_holds_of
from supervision.texts import required_text
from supervision.workdays.queries import working_days_after

LONGEST_TEXT = 2000
LONGEST_S = 24 * 3600.0


@dataclass(frozen=True)
class Objected:
    """What a person says against a judgement or a record, and about which second of the recording."""

    text: str
    at_s: float | None = None


def appeal_judgement(context: Context, evaluation_id: uuid.UUID, objected: Objected) -> Appeal:
    """Appeal against the judgement of a call that one answered, as one was told of it last.

    Raises NotFound where he was told of none, Refused once the days are over or there is an appeal already.
    """
    objected = _checked(objected)
    notice = get_notice(context.session, context.actor, evaluation_id)
    lock_log(context.session)  # before any row, as whoever amends the same evaluation does
    _refuse_late(context, notice.appeal_until)
    evaluation = context.session.get_one(Evaluation, evaluation_id, with_for_update=True)
    if evaluation.set_aside_at is not None or evaluation.judgements[-1].id != notice.judgement_id:
        raise Refused("appeal_judgement_replaced")
    _refuse_beyond_end(context.session, objected, [evaluation.call_id])
    appeal = Appeal(
        office_code=evaluation.office_code,
        judgement_id=notice.judgement_id,
        evaluation_id=evaluation.id,
    )
    notice.read_at = notice.read_at or context.at
    return _file(context, appeal, objected, [evaluation.call_id])


def appeal_record(context: Context, record_id: uuid.UUID, objected: Objected, *, version: int) -> Appeal:
    """Appeal against a discipline record about oneself; by that one has confirmed it as well."""
    objected = _checked(objected)
    record, state = service.check_move(context, record_id, Move.APPEAL, version)
    if record.appeal_until is None:
        raise Refused("discipline_not_at_this_step")
    _refuse_late(context, record.appeal_until)
    calls = [one.call_id for one in record.grounds]
    _refuse_beyond_end(context.session, objected, calls)
    record.state = state
    record.confirmed_at = record.confirmed_at or context.at
    appeal = Appeal(office_code=record.office_code, record_id=record.id)
    return _file(context, appeal, objected, calls)


def retract(context: Context, appeal_id: uuid.UUID, *, version: int) -> Appeal:
    """Who appealed takes it back: what it was against stands."""
    appeal, state = _check(context, appeal_id, Move.RETRACT, version)
    appeal.state, appeal.ended_at = state, context.at
    _move_record(context, appeal, Move.RETRACT, "")
    return _settle(context, appeal, "appeal_retracted", {})


def dismiss(context: Context, appeal_id: uuid.UUID, reason: str, *, version: int) -> Appeal:
    """Decide that what it is against stands."""
    reason = required_text(reason, "reason", LONGEST_TEXT)
    appeal, state = _check(context, appeal_id, Move.DISMISS, version)
    _decide(context, appeal, state, reason)
    _move_record(context, appeal, Move.DISMISS, "")
    return _settle(context, appeal, "appeal_dismissed", {"reason": appeal.reason})


def uphold(
    context: Context, appeal_id: uuid.UUID, reason: str, remedy: Remedy | None = None, *, version: int
) -> Appeal:
    """Decide that what it is against does not stand, and put right whatever rests on it.

    A record is revoked. A judgement was amended meanwhile, or is set aside with all its findings; every record
    that rests on it falls, and the appeals against those are moot. Raises InvalidInput where a judgement's remedy
    is not given, Refused where it is said to be amended and is not.
    """
    reason = required_text(reason, "reason", LONGEST_TEXT)
    appeal, state = _check(context, appeal_id, Move.UPHOLD, version)
    appeal.remedy = _remedy(context, appeal, remedy) if appeal.record is None else None
    _decide(context, appeal, state, reason)
    _move_record(context, appeal, Move.UPHOLD, appeal.number)
    fallen = _correct(context, appeal) if appeal.record is None else []
    detail = {
        "reason": appeal.reason,
        "remedy": appeal.remedy.value if appeal.remedy else None,
        "fallen": fallen,
    }
    return _settle(context, appeal, "appeal_upheld", detail)


def _checked(objected: Objected) -> Objected:
    if objected.at_s is not None and not 0 <= objected.at_s <= LONGEST_S:
        raise InvalidInput("at_s", str(objected.at_s))
    return replace(objected, text=required_text(objected.text, "text", LONGEST_TEXT))


def _file(context: Context, appeal: Appeal, objected: Objected, call_ids: list[uuid.UUID]) -> Appeal:
    session, at = context.session, context.at
    due = working_days_after(session, local(at).date(), DECIDE_IN_WORKING_DAYS)
    appeal.person_id, appeal.filed_at, appeal.state = context.actor.account_id, at, AppealState.OPEN
    appeal.text, appeal.at_s = objected.text, objected.at_s
    appeal.due_on, appeal.provisional = due.day, due.provisional
    year = local(at).year
    appeal.year = year
    appeal.n = (session.scalar(select(func.max(Appeal.n)).where(Appeal.year == year)) or 0) + 1
    _refuse_twice(context, appeal)
    session.add(appeal)
    _flush(context, appeal)
    everywhere = replace(context, scope=Scope())  # he may have changed office since
    for call_id in dict.fromkeys(call_ids):
        place_hold(everywhere, call_id, Holding(HoldReason.APPEAL, appeal.number, subject=appeal.subject))
    detail = {
        "number": appeal.number,
        "record": str(appeal.record_id) if appeal.record_id else None,
        "evaluation": str(appeal.evaluation_id) if appeal.evaluation_id else None,
        "text": appeal.text,
        "at_s": appeal.at_s,
    }
    _note_act(context, "appeal_filed", appeal, detail)
    return appeal


def _refuse_beyond_end(session: Session, objected: Objected, call_ids: Collection[uuid.UUID]) -> None:
    """Whoever decides must find the place: it lies in one of the recordings, as far as their length is known."""
    query = select(func.max(Recording.duration_ms)).where(Recording.call_id.in_(call_ids))
    longest_ms = session.scalar(query)
    if objected.at_s is not None and longest_ms is not None and objected.at_s * 1000 > longest_ms:
        raise InvalidInput("at", "beyond_end")


def _refuse_twice(context: Context, appeal: Appeal) -> None:
    same = (
        Appeal.record_id == appeal.record_id
        if appeal.record_id is not None
        else Appeal.judgement_id == appeal.judgement_id
    )
    with context.session.no_autoflush:
        found = context.session.scalar(select(Appeal.id).where(same))
    if found is not None:
        raise Refused("appeal_made_already")


def _refuse_late(context: Context, until: date) -> None:
    if not is_in_time(until, local(context.at).date()):
        raise Refused("appeal_too_late")


def _check(context: Context, appeal_id: uuid.UUID, step: Move, version: int) -> tuple[Appeal, AppealState]:
    session = context.session
    lock_log(session)  # what is upheld changes an evaluation, whose writers lock the log first
    appeal = get_appeal(session, context.actor, appeal_id, lock=True)
    session.refresh(appeal)
    against = appeal_objection(context.actor, step, contest_of(session, appeal))
    if against is not None:
        raise Refused(f"appeal_{against.value}")
    if appeal.version != version:
        raise Conflict(f"appeal {appeal_id}")
    state = appeal_after(appeal.state, step)
    if state is None:
        raise Refused("appeal_has_ended")
    return appeal, state


def _decide(context: Context, appeal: Appeal, state: AppealState, reason: str) -> None:
    appeal.state, appeal.ended_at = state, context.at
    appeal.reason, appeal.decided_by = reason, context.actor.account_id


def _move_record(context: Context, appeal: Appeal, step: Move, why: str) -> None:
    record = appeal.record
    if record is None:
        return
    state = record_after(record.state, step)
    if state is None:
        raise Refused("discipline_not_at_this_step", f"{record.state} {step}")
    record.state = state
    if state is RecordState.REVOKED:
        record.ended_at, record.ended_why, record.fell_by_appeal = context.at, why, True
    service.flush(context, record)


def _remedy(context: Context, appeal: Appeal, remedy: Remedy | None) -> Remedy:
    if remedy is None:
        raise InvalidInput("remedy", "missing")
    if remedy is Remedy.AMENDED and not is_amended(context, appeal):
        raise Refused("appeal_not_amended")
    return remedy


def is_amended(context: Context, appeal: Appeal) -> bool:
    """Whether the judgement that an appeal is against was amended since."""
    against = context.session.get_one(Judgement, appeal.judgement_id)
    query = select(func.max(Judgement.n)).where(Judgement.evaluation_id == against.evaluation_id)
    return (context.session.scalar(query) or 0) > against.n


def _correct(context: Context, appeal: Appeal) -> list[str]:
    """Set the judgement aside unless it is amended, and let fall what rests on it; the numbers of what fell."""
    evaluation = context.session.get_one(Evaluation, appeal.evaluation_id, with_for_update=True)
    if appeal.remedy is Remedy.SET_ASIDE:
        set_aside(context, evaluation, appeal.number)
        for other in open_against(context.session, evaluation.id):  # of a later version
            _end_moot(context, other)
    fallen = []
    for record in resting_on(context.session, evaluation.id):
        if record.appeal is not None and record.appeal.state is AppealState.OPEN:
            _end_moot(context, record.appeal)
        service.fall(context, record, appeal.number)
        fallen.append(record.number)
    return fallen


def _end_moot(context: Context, appeal: Appeal) -> None:
    appeal.state, appeal.ended_at = AppealState.MOOT, context.at
    _settle(context, appeal, "appeal_moot", {})


def _settle(context: Context, appeal: Appeal, act: str, detail: Mapping[str, object]) -> Appeal:
    _flush(context, appeal)
    heal_overdue(context.session, appeal, Cause.APPEAL_OVERDUE, context.at)
    release_holds_of(context, appeal.subject, appeal.number)
    _note_act(context, act, appeal, detail)
    return appeal


def _flush(context: Context, appeal: Appeal) -> None:
    try:
        context.session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict(f"appeal {appeal.number}") from error


def _note_act(context: Context, act: str, appeal: Appeal, detail: Mapping[str, object]) -> None:
    write_down(context.session, context.actor, act, appeal.subject, detail, appeal.office_code, context.at)
