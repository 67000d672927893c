"""Two offices, each with one record of every kind whose id occurs in an address; made once for a mode."""

import functools
import io
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from supervision.actor import Role, Scope
from supervision.caller_requests.rules import Channel, RequestKind
from supervision.caller_requests.service import Asked as CallerAsked
from supervision.caller_requests.service import register
from supervision.calls.models import Call
from supervision.complaints.rules import Channel as ComplaintChannel
from supervision.complaints.rules import ComplaintKind, Received
from supervision.complaints.service import register as enter_complaint
from supervision.context import Context
from supervision.database import Database
from supervision.discipline.appeals import Objected, appeal_record
from supervision.discipline.models import JudgementNotice
from supervision.discipline.service import Proposed, decide, propose
from supervision.draws.models import Ticket
from supervision.early_signs.models import EarlySign
from supervision.evaluations.drafts import save_draft
from supervision.evaluations.messages import apply_copies, changed_after
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category
from supervision.findings.models import Treatment
from supervision.findings.service import open_treatments
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.listening.service import open_listening, open_live_listening
from supervision.offices.models import Desk
from supervision.paths import HqPaths, Paths
from supervision.people.models import Account
from supervision.rectification.attachments import examine, keep_file
from supervision.rectification.messages import apply_copies as apply_notices
from supervision.rectification.messages import changed_after as notices_after
from supervision.rectification.service import Answer, Asked, answer, issue
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from supervision.retention.models import Deletion, Hold
from supervision.retention.rules import DeletionCause, HoldReason
from supervision.rosters.arrangements import enter_leave, name_deputy
from supervision.rosters.rules import Absence, Deputy
from supervision.scorecards.queries import get_in_force
from supervision.settings import Mode, Settings
from tests.calls.samples import NOON, Town, make_town
from tests.draws.made import ticket_of
from tests.evaluations.factories import WINDOW, Work
from tests.factories import QUICK
from tests.findings.factories import breach
from tests.recordings.sounds import seal
from tests.rectification.factories import PDF
from tests.store_fixtures import make_store

THEIR_CALLER, THEIR_LEADER = "13900009999", "东所长"

Ids = Mapping[str, uuid.UUID]


def records(town: Town, settings: Settings, leader: str, **facts: Any) -> Ids:
    """One record of every kind whose id occurs in an address, each of one office."""
    call = town.call(**facts)
    seal(town.session, Paths(settings.home), call, 2)
    incident = open_incident(
        town.session, office_code=call.office_code, cause=Cause.NO_BYTES, subject="x", at=NOON, call_id=call.id
    )
    listening = open_listening(Context(town.session, town.actor(leader), town.scope(leader)), call.id)
    ticket = ticket_of(town.session, call, NOON)
    going_on = town.call(**{**facts, "ended_at": None, "disposition": None})
    hearing = open_live_listening(Context(town.session, town.actor(leader), town.scope(leader)), going_on.id)
    work = Work(town, settings.home)
    drafted, submitted, begun = judged(work, leader, ticket, facts)
    desk = town.session.query(Desk).filter_by(office_code=call.office_code).first()
    context = Context(town.session, town.actor(leader), town.scope(leader))
    ours = Account.office_code == call.office_code, Account.id != town.people[leader].id
    deputy = town.session.scalars(select(Account).where(*ours).limit(1)).one()
    days = {"first": date(2031, 3, 3), "last": date(2031, 3, 4)}
    leave = enter_leave(context, call.office_code, Absence(deputy.id, **days), "x")
    named = name_deputy(context, call.office_code, Deputy(town.people[leader].id, deputy.id, **days))
    return {
        "leave_id": leave.id,
        "deputy_id": named.id,
        "desk_id": desk.id if desk else uuid.uuid4(),
        "call_id": call.id,
        "incident_id": incident.id,
        "listening_id": listening.id,
        "account_id": town.people[leader].id,
        "draw_id": ticket.draw_id,
        "ticket_id": ticket.id,
        "evaluation_id": drafted,
        "submitted_id": submitted,
        "begun_id": begun,
        "window_id": WINDOW,
        "scorecard_id": get_in_force(town.session).id,
        "regulation_id": clauses_in_force(town.session)[0].regulation_id,
        **kept(town, call),
        **put_right(work, leader, submitted),
        **disciplined(work, leader, submitted),
        "call_in_progress": going_on.id,
        "live_listening": hearing.id,
    }


def judged(
    work: Work, leader: str, ticket: Ticket, facts: Mapping[str, Any]
) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """An evaluation that is being written, with a text set aside, one that was submitted, and one just begun."""
    drafted = work.takes(leader, ticket)
    work.writes(leader, drafted, work.content())
    who = work.session, work.town.actor(leader), work.town.scope(leader)
    save_draft(Context(*who, NOON), drafted.id, work.content(remark="x"), version=0, window=WINDOW)
    other, third = work.draw([work.call(2, **facts), work.call(2, **facts)], office=drafted.office_code)
    submitted = work.judges(leader, other, findings=[breach(), breach(2)])
    apply_copies(work.session, drafted.office_code, changed_after(work.session, drafted.office_code))
    return drafted.id, submitted.id, work.takes(leader, third).id


def kept(town: Town, call: Call) -> dict[str, uuid.UUID]:
    """A hold, a deletion, a caller's request about a call, a complaint; of headquarters, so of no office."""
    person = town.people["leader"].id
    hold = Hold(call_id=call.id, reason=HoldReason.OTHER, note="x", placed_by=person)
    day = NOON.date()
    deletion = Deletion(
        cause=DeletionCause.AGE, office_code=call.office_code, from_day=day, to_day=day, term_days=730
    )
    asked = CallerAsked(RequestKind.SEE, call.office_code, Channel.VISIT, "王五", "13812345678", "x", day)
    request = register(Context(town.session, town.actor("leader"), Scope()), asked)
    supervisor = Context(town.session, town.actor("supervisor"), Scope(), NOON)
    received = Received(ComplaintKind.MANNER, ComplaintChannel.VISIT, call.office_code, "x", day)
    complaint = enter_complaint(supervisor, received)
    town.session.add_all([hold, deletion])
    town.session.flush()
    return {"hold_id": hold.id, "deletion_id": deletion.id, "request_id": request.id, "complaint_id": complaint.id}


def put_right(work: Work, leader: str, evaluation_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A finding with its treatment, a notice that is open, and a file of another that was answered."""
    session, supervisor = work.session, work.context("supervisor", NOON)
    open_treatments(session)
    found = session.query(Treatment).filter_by(evaluation_id=evaluation_id).all()
    asked = [issue(supervisor, Asked((one.id,), "x", 10)) for one in found]
    kept_file = examine(io.BytesIO(PDF), "x")
    keep_file(HqPaths(work.home), io.BytesIO(PDF), kept_file)
    given = Answer("x", "x", (kept_file,))
    replied = answer(work.context(leader, NOON), asked[1].id, given, version=asked[1].version)
    code = found[0].office_code
    apply_notices(session, code, notices_after(session, code))
    file_id = replied.replies[0].attachments[0].id
    sign = EarlySign(
        office_code=code,
        category=Category.MANNER,
        week=date(2026, 3, 2),
        window_calls=300,
        window_found=70,
        before_calls=1900,
        before_found=230,
        chance=1e-6,
    )
    session.add(sign)
    session.flush()
    ids = {"treatment_id": found[0].id, "rectification_id": asked[0].id}
    return {**ids, "attachment_id": file_id, "sign_id": sign.id}


def disciplined(work: Work, leader: str, evaluation_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A record about the office's leader that can be confirmed, and an appeal of his against another.

    The leader is told of the evaluation, as if he had answered the call.
    """
    session, his = work.session, work.town.people[leader]
    evaluation = session.get_one(Evaluation, evaluation_id)
    told = {"judgement_id": evaluation.judgements[-1].id, "evaluation_id": evaluation_id, "person_id": his.id}
    session.add(JudgementNotice(**told, appeal_until=date(2999, 1, 1)))
    kind, clause = consequences_in_force(session)[0], clauses_in_force(session)[0]
    found = []
    for _ in range(2):
        asked = Proposed(kind.id, clause.id, (evaluation_id,), "x")
        record = propose(work.context("supervisor", NOON), asked)
        record.person_id = his.id
        session.flush()
        decide(work.context("decider", NOON), record.id, "", version=record.version)
        record.appeal_until = date(2999, 1, 1)
        session.flush()
        found.append(record)
    own = Context(session, work.town.actor(leader), Scope(office_code=his.office_code), NOON)
    appeal = appeal_record(own, found[1].id, Objected("x"), version=found[1].version)
    return {"record_id": found[0].id, "appeal_id": appeal.id}


@dataclass(frozen=True)
class Furnished:
    """A home with its database, in which both offices have their records; made once for a mode, to be copied."""

    home: Path
    town: Town
    here: Ids
    there: Ids


@functools.cache
def furnished(mode: Mode) -> Furnished:
    home = Path(tempfile.mkdtemp(prefix="two-offices-"))
    settings = Settings(home=home, database_url=make_store(home / "office.db"), mode=mode)
    database = Database(settings.database())
    with database.transaction() as session:
        town = make_town(session)
        town.person("leader2", THEIR_LEADER, Role.OFFICE_LEADER, "02")
        town.person("decider", "沈科长", Role.SUPERVISION_HEAD)
        for person in town.people.values():
            person.password_hash = QUICK
        here = records(town, settings, "leader")
        facts = {"office_code": "02", "line_key": "east", "caller_number": THEIR_CALLER}
        there = records(town, settings, "leader2", **facts)
    database.close()
    return Furnished(home, town, here, there)
