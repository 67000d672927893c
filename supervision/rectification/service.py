"""Issuing a notice, answering, returning, verifying, closing, withdrawing it. The worker's: `watching.py`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervision.audit.service import record
from supervision.clock import day_bounds, local
from supervision.context import Context
from supervision.deadlines.service import heal_overdue
from supervision.draws.rules import Party
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.findings.models import Treatment
from supervision.findings.queries import treatments_of
from supervision.findings.rules import Standing
from supervision.findings.service import Asking, put_into_rectification, take_out_of_rectification
from supervision.incidents.rules import Cause
from supervision.people.models import Account
from supervision.rectification.attachments import Kept
from supervision.rectification.models import Attachment, Rectification, RectificationFinding, Reply
from supervision.rectification.queries import asked_by_none, get_rectification
from supervision.rectification.rules import (
    JUDGED_IN_WORKING_DAYS,
    MOST_BYTES_A_DAY,
    MOST_FILES,
    MOST_FINDINGS,
    MOST_WORKING_DAYS,
    UNANSWERED,
    Move,
    RectificationState,
    Verdict,
    after,
    may_be_asked,
    objection,
    party_of,
    watched_until,
)
from supervision.texts import required_text
from supervision.workdays.queries import working_days_after

LONGEST_DEMAND = 2000
LONGEST_REPLY = 2000
LONGEST_NOTE = 1000


@dataclass(frozen=True)
class Asked:
    """What a notice asks: about which findings, of whom inside an office, and in how many working days."""

    treatment_ids: tuple[uuid.UUID, ...]
    demand: str
    days: int
    addressee_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Answer:
    """A reply with both its halves, and its files."""

    now_done: str
    prevention: str
    files: tuple[Kept, ...] = ()


def issue(context: Context, asked: Asked) -> Rectification:
    """Issue a notice about findings of one office.

    Raises NotFound for a finding that the person does not see, InvalidInput for findings of two offices or none,
    and Refused where he may not ask that person.
    """
    session, actor = context.session, context.actor
    party = party_of(actor)
    if party is None:
        raise Refused("rectification_not_yours")
    treatments = _treatments(context, asked.treatment_ids)
    rectification = Rectification(
        party=party,
        office_code=treatments[0].office_code,
        addressee_id=_addressee(context, party, asked),
        demand=required_text(asked.demand, "demand", LONGEST_DEMAND),
        state=RectificationState.OPEN,
        issued_by=actor.account_id,
        issued_at=context.at,
    )
    count_due(session, rectification, asked.days, context.at)
    _give_number(context, rectification)
    for one in treatments:
        rectification.findings.append(
            RectificationFinding(treatment=one, category=one.category, added_at=context.at)
        )
    session.flush()
    _refuse_second(context, rectification)
    put_into_rectification(session, treatments, asking(rectification), context.at, actor)
    detail = {
        "number": rectification.number,
        "party": party.value,
        "findings": [str(one.id) for one in treatments],
        "due_on": rectification.due_on.isoformat(),
    }
    _note_act(context, "rectification_issued", rectification, detail)
    return rectification


def answer(context: Context, rectification_id: uuid.UUID, given: Answer, *, version: int) -> Rectification:
    """Answer a notice: what is put right now, and what keeps it from happening again; both are needed."""
    now_done = required_text(given.now_done, "now_done", LONGEST_REPLY)
    prevention = required_text(given.prevention, "prevention", LONGEST_REPLY)
    if len(given.files) > MOST_FILES:
        raise InvalidInput("attachment", "too_many_files")
    rectification = _move(context, rectification_id, Move.ANSWER, version)
    _refuse_flood(context, rectification.office_code, given.files)
    reply = Reply(
        n=len(rectification.replies) + 1,
        now_done=now_done,
        prevention=prevention,
        author_id=context.actor.account_id,
        at=context.at,
        due_on=rectification.due_on,
    )
    reply.attachments = [Attachment(n=n, **vars(one)) for n, one in enumerate(given.files, 1)]
    rectification.replies.append(reply)
    count_due(context.session, rectification, JUDGED_IN_WORKING_DAYS, context.at)
    _flush(context, rectification)
    detail = {"n": reply.n, "files": [[one.name, one.sha256] for one in given.files]}
    heal_overdue(
        context.session, rectification, Cause.RECTIFICATION_OVERDUE, context.at
    )  # before the log, as whoever notes an incident does
    _note_act(context, "rectification_answered", rectification, detail)
    return rectification


def return_reply(
    context: Context, rectification_id: uuid.UUID, note: str, *, days: int, version: int
) -> Rectification:
    """Return a reply for more, within so many working days from now."""
    note = required_text(note, "note", LONGEST_NOTE)
    rectification = _move(context, rectification_id, Move.RETURN, version)
    _judge(context, rectification, Verdict.RETURNED, note)
    count_due(context.session, rectification, days, context.at)
    _flush(context, rectification)
    heal_overdue(context.session, rectification, Cause.RECTIFICATION_OVERDUE, context.at)
    detail = {"note": note, "due_on": rectification.due_on.isoformat()}
    _note_act(context, "rectification_returned", rectification, detail)
    return rectification


def verify(context: Context, rectification_id: uuid.UUID, note: str, *, version: int) -> Rectification:
    """Say that what was replied is so, and how that was seen."""
    note = required_text(note, "note", LONGEST_NOTE)
    rectification = _move(context, rectification_id, Move.VERIFY, version)
    _judge(context, rectification, Verdict.VERIFIED, note)
    _flush(context, rectification)
    _note_act(context, "rectification_verified", rectification, {"note": note})
    return rectification


def close(context: Context, rectification_id: uuid.UUID, *, version: int) -> Rectification:
    """Close it; from now on the office's drawn calls are watched for the same."""
    rectification = _move(context, rectification_id, Move.CLOSE, version)
    rectification.closed_by, rectification.closed_at = context.actor.account_id, context.at
    rectification.watch_ends_at = watch_end(context.at)
    _flush(context, rectification)
    heal_overdue(context.session, rectification, Cause.RECTIFICATION_OVERDUE, context.at)
    _note_act(context, "rectification_closed", rectification, {})
    return rectification


def withdraw(context: Context, rectification_id: uuid.UUID, reason: str, *, version: int) -> Rectification:
    """Withdraw it: nobody need answer it any more, nor verify it, and nothing is watched.

    What no other notice asks for is to be prevented in another way again.
    """
    reason = required_text(reason, "reason", LONGEST_NOTE)
    rectification = _move(context, rectification_id, Move.WITHDRAW, version)
    rectification.withdrawn_by, rectification.withdrawn_at = context.actor.account_id, context.at
    rectification.reason = reason
    _flush(context, rectification)
    heal_overdue(context.session, rectification, Cause.RECTIFICATION_OVERDUE, context.at)
    freed = asked_by_none(context.session, [one.treatment_id for one in rectification.findings])
    take_out_of_rectification(context, freed, rectification.number)
    _note_act(context, "rectification_withdrawn", rectification, {"reason": reason})
    return rectification


def pass_notice(
    context: Context, rectification_id: uuid.UUID, giver_id: uuid.UUID, addressee_id: uuid.UUID
) -> None:
    """Address a notice that waits for its reply to somebody else. Who may: `handover.rules`."""
    rectification = get_rectification(context.session, context.scope, rectification_id)
    if rectification.addressee_id != giver_id or rectification.state not in UNANSWERED:
        raise Refused("handover_gone")
    rectification.addressee_id = addressee_id
    _flush(context, rectification)
    detail = {"from": str(giver_id), "to": str(addressee_id)}
    _note_act(context, "rectification_passed", rectification, detail)


def asking(rectification: Rectification) -> Asking:
    """As the rule of who prevents a finding looks at it."""
    return Asking(rectification.number, rectification.issued_by, rectification.party)


def watch_end(closed_at: datetime) -> datetime:
    """When the last day is over whose calls are watched."""
    return day_bounds(watched_until(local(closed_at).date()))[1]


def count_due(session: Session, rectification: Rectification, days: int, at: datetime) -> None:
    """Set until when the next one has his turn: so many working days from the day on."""
    if not 1 <= days <= MOST_WORKING_DAYS:
        raise InvalidInput("days", str(days), f"1 to {MOST_WORKING_DAYS}")
    rectification.days, rectification.counted_from = days, local(at).date()
    due = working_days_after(session, rectification.counted_from, days)
    rectification.due_on, rectification.provisional = due.day, due.provisional
    rectification.reminded_on = None  # it is another one's turn


def _treatments(context: Context, ids: Sequence[uuid.UUID]) -> Sequence[Treatment]:
    wanted = set(ids)
    if not wanted or len(wanted) > MOST_FINDINGS:
        raise InvalidInput("findings", "missing" if not wanted else "too_many_findings")
    found = treatments_of(context.session, context.scope, list(wanted))
    if len(found) != len(wanted):
        raise NotFound("a finding")
    if any(one.state is Standing.GONE for one in found):
        raise Refused("treatment_not_at_this_step")
    if any(one.person_id == context.actor.account_id for one in found):
        raise Refused("treatment_about_yourself")
    if len({one.office_code for one in found}) > 1:
        raise InvalidInput("findings", "two_offices")
    return found


def _addressee(context: Context, party: Party, asked: Asked) -> uuid.UUID | None:
    if party is Party.HQ:
        return None
    if asked.addressee_id is None:
        raise InvalidInput("addressee", "missing")
    account = context.session.get(Account, asked.addressee_id)
    if (
        account is None
        or not account.active
        or not may_be_asked(context.actor, account.id, account.role, account.office_code)
    ):
        raise Refused("rectification_addressee")
    return account.id


def _refuse_second(context: Context, rectification: Rectification) -> None:
    """Raises Refused where the same was asked already and waits for a reply: a form was sent twice.

    Looked at under the number that was given, for which a second one issued at the same moment has to wait.
    """
    asked = {one.treatment_id for one in rectification.findings}
    same = (
        select(Rectification)
        .join(RectificationFinding)
        .where(
            RectificationFinding.treatment_id.in_(asked),
            Rectification.id != rectification.id,
            Rectification.party == rectification.party,
            Rectification.addressee_id.is_not_distinct_from(rectification.addressee_id),
            Rectification.state == RectificationState.OPEN,
        )
    )
    if any({one.treatment_id for one in other.findings} == asked for other in context.session.scalars(same)):
        raise Refused("rectification_issued_already")


def _refuse_flood(context: Context, office_code: str, files: Sequence[Kept]) -> None:
    """Raises InvalidInput where an office attached too much within a day: who returns what, it may say itself."""
    within_a_day = Rectification.office_code == office_code, Reply.at > context.at - timedelta(days=1)
    query = select(func.sum(Attachment.size_bytes)).join(Reply, Reply.id == Attachment.reply_id)
    query = query.join(Rectification, Rectification.id == Reply.rectification_id).where(*within_a_day)
    sent_bytes = context.session.scalar(query) or 0
    if files and sent_bytes + sum(one.size_bytes for one in files) > MOST_BYTES_A_DAY:
        raise InvalidInput("attachment", "too_much_today")


def _give_number(context: Context, rectification: Rectification) -> None:
    session, year = context.session, local(context.at).year
    last = session.scalar(select(func.max(Rectification.n)).where(Rectification.year == year)) or 0
    rectification.year, rectification.n = year, last + 1
    session.add(rectification)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"rectification {rectification.number}") from error


def _move(context: Context, rectification_id: uuid.UUID, move: Move, version: int) -> Rectification:
    rectification = get_rectification(context.session, context.scope, rectification_id)
    context.session.refresh(rectification, with_for_update=True)
    against = objection(context.actor, move, rectification.notice)
    if against is not None:
        raise Refused(f"rectification_{against.value}")
    if rectification.version != version:
        raise Conflict(f"rectification {rectification_id}")
    state = after(rectification.state, move)
    if state is None:
        raise Refused("rectification_not_at_this_step", f"{rectification.state} {move}")
    rectification.state = state
    return rectification


def _judge(context: Context, rectification: Rectification, verdict: Verdict, note: str) -> None:
    reply = rectification.replies[-1]
    reply.verdict, reply.note = verdict, note
    reply.judged_by, reply.judged_at = context.actor.account_id, context.at


def _flush(context: Context, rectification: Rectification) -> None:
    try:
        context.session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict(f"rectification {rectification.id}") from error


def _note_act(context: Context, act: str, rectification: Rectification, detail: Mapping[str, object]) -> None:
    subject, office_code = rectification.subject, rectification.office_code
    record(context.session, context.actor, act, subject, detail, office_code, context.at)
