"""Closing a month, entering what changed since, and setting the weights from a month on."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor, Role
from supervision.assessment.conduct import SOURCES, ConductSource
from supervision.assessment.gathering import items_of
from supervision.assessment.models import AssessmentEntry, AssessmentMonth, AssessmentWeights
from supervision.assessment.queries import entries_of, weights_for
from supervision.assessment.rules import Entry, Weights, close_objection, corrections, weight_fault
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.clock import local
from supervision.context import Context
from supervision.database import new_id
from supervision.errors import Conflict, InvalidInput, Refused
from supervision.texts import required_text

CHECK_EVERY = timedelta(hours=20)
CHECKED_FOR = timedelta(days=2 * 366)  # a recording is kept for two years, and what rests on it changes no more


def close_month(context: Context, month: date, sources: Sequence[ConductSource] = SOURCES) -> AssessmentMonth:
    """Freeze a month's figures and the weights in force. Raises Refused before its time, or once it is closed."""
    session, at = context.session, context.at
    _refuse_role(context)
    closed = session.get(AssessmentMonth, month) is not None
    against = close_objection(month, local(at).date(), closed=closed)
    if against is not None:
        raise Refused(f"assessment_{against.value}")
    entries = [Entry(one) for one in items_of(session, month, at, sources=sources)]
    version = weights_for(session, month)
    frozen = AssessmentMonth(
        month=month,
        weights=asdict(version.weights if version else Weights()),
        weights_n=version.n if version else 0,
        n=0,
        sha256=digest_of(entries),
        closed_by=context.actor.account_id,
        closed_at=at,
        checked_at=at,
    )
    session.add(frozen)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"assessment of {month:%Y-%m}") from error
    _enter(session, frozen, entries, None)
    detail = {"entries": len(entries), "sha256": frozen.sha256, "weights": frozen.weights_n}
    record(session, context.actor, "assessment_closed", _subject(month), detail, None, at)
    return frozen


def note_corrections(
    session: Session, month: date, at: datetime, sources: Sequence[ConductSource] = SOURCES
) -> int:
    """Enter what has changed in a closed month since it was last looked at; how many entries that took."""
    frozen = session.get_one(AssessmentMonth, month, with_for_update=True)
    known = [one.entry for one in entries_of(session, month)]
    found = corrections(known, items_of(session, month, at, sources=sources))
    frozen.checked_at = at
    if found:
        frozen.corrected_at = at
        _enter(session, frozen, found, at)
        detail = {"entries": len(found), "sha256": digest_of(found)}
        record(session, None, "assessment_corrected", _subject(month), detail, None, at)
    session.flush()
    return len(found)


def list_unchecked(session: Session, at: datetime) -> Sequence[date]:
    """The closed months that are to be looked at again, the latest first."""
    query = select(AssessmentMonth.month).where(
        AssessmentMonth.checked_at <= at - CHECK_EVERY,
        AssessmentMonth.month >= local(at - CHECKED_FOR).date(),
    )
    return session.scalars(query.order_by(AssessmentMonth.month.desc())).all()


def set_weights(context: Context, weights: Weights, since: date, reason: str) -> AssessmentWeights:
    """Set the weights from a month on. Raises Refused where that month or a later one is closed already."""
    session = context.session
    _refuse_role(context)
    reason = required_text(reason, "reason")
    fault = weight_fault(weights)
    if fault is not None:
        raise InvalidInput(fault.value, "out_of_bounds")
    if session.scalar(select(func.count()).where(AssessmentMonth.month >= since)):
        raise Refused("assessment_month_closed")
    last = session.scalar(select(func.max(AssessmentWeights.n))) or 0
    version = AssessmentWeights(
        n=last + 1,
        since=since,
        reason=reason,
        decided_by=context.actor.account_id,
        decided_at=context.at,
        **asdict(weights),
    )
    session.add(version)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"weights {version.n}") from error
    detail = {"n": version.n, "since": since.isoformat(), "reason": reason, "weights": _weighed(weights)}
    subject = subject_of("assessment_weights", version.n)
    record(session, context.actor, "assessment_weights_set", subject, detail, None, context.at)
    return version


def note_exported(session: Session, actor: Actor, wanted: Mapping[str, str], rows: int) -> None:
    """Write down that a workbook with figures was taken away."""
    record(session, actor, "assessment_exported", "assessment", {**wanted, "rows": rows}, actor.office_code)


def digest_of(entries: Iterable[Entry]) -> str:
    """The SHA-256 of entries, a line each, by which the audit log holds what was entered."""
    lines = (
        "\t".join(
            str(part)
            for part in (
                one.sign,
                one.item.figure.value,
                one.item.key,
                one.item.office_code,
                one.item.person or "-",
                one.item.on.isoformat(),
                one.item.value,
                one.item.call or "-",
            )
        )
        for one in entries
    )
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _weighed(weights: Weights) -> dict[str, int]:
    """As the audit log writes them: each of its names has its words there."""
    return {
        "score": weights.score,
        "rings": weights.rings,
        "quotas": weights.quotas,
        "rectifications": weights.rectifications,
        "finding": weights.finding,
        "complaint": weights.complaint,
        "least_calls": weights.least_calls,
        "least_evaluated": weights.least_evaluated,
    }


def _enter(session: Session, frozen: AssessmentMonth, entries: Sequence[Entry], at: datetime | None) -> None:
    rows = [
        {
            "id": new_id(),
            "month": frozen.month,
            "n": frozen.n + n,
            "sign": one.sign,
            "figure": one.item.figure,
            "key": one.item.key,
            "office_code": one.item.office_code,
            "person_id": one.item.person,
            "on": one.item.on,
            "value": one.item.value,
            "call_id": one.item.call,
            "noted_at": at,
        }
        for n, one in enumerate(entries, 1)
    ]
    if rows:
        session.execute(insert(AssessmentEntry), rows)
    frozen.n += len(rows)
    session.flush()


def _refuse_role(context: Context) -> None:
    if context.actor.role is not Role.SUPERVISION_HEAD:
        raise Refused("head_only")


def _subject(month: date) -> str:
    return subject_of("assessment", f"{month:%Y-%m}")
