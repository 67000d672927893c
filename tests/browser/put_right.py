"""What the pages of findings, rectifications and early signs show: one of everything, in several states."""

import io
import uuid
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from supervision.actor import Scope
from supervision.clock import local, now
from supervision.context import Context
from supervision.discipline.appeals import Objected, appeal_record
from supervision.discipline.notices import tell_of_judgements
from supervision.discipline.service import Proposed, decide, propose
from supervision.early_signs.models import EarlySign
from supervision.early_signs.rules import last_week
from supervision.evaluations.rules import Category
from supervision.findings import service as findings
from supervision.findings.models import Treatment
from supervision.findings.rules import Measure
from supervision.paths import HqPaths
from supervision.rectification import service
from supervision.rectification.attachments import examine, keep_file
from supervision.rectification.messages import apply_copies, changed_after
from supervision.rectification.models import Rectification
from supervision.rectification.service import Answer, Asked
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from tests.calls.samples import Town
from tests.evaluations.factories import MONDAY, Work
from tests.findings.factories import breach
from tests.rectification.factories import PDF

DEMAND = "请立即约谈本人，规范首问用语，并说明如何防止再次发生。"


def put_right(town: Town, home: Path, *, at_hq: bool) -> dict[str, str]:
    """Fill the pages; the finding, the notice and the sign that are looked at. On a node: the copies of it."""
    work, session = Work(town, home, heard_at=MONDAY + timedelta(days=1)), town.session  # not at once with others
    noted = [breach(n, category) for n, category in enumerate(("manner", "words", "referral", "other"), 21)]
    (ticket,) = work.draw([work.call(20, at=now() - timedelta(hours=7))])
    evaluation = work.judges("leader", ticket, findings=noted)
    findings.open_treatments(session)
    query = select(Treatment).where(Treatment.evaluation_id == evaluation.id).order_by(Treatment.key)
    first, second, third, fourth = session.scalars(query)
    leader = Context(session, town.actor("leader"), Scope("01"))
    findings.treat_person(leader, first.id, Measure.EDUCATION, "当面谈话，要求注意语气。", version=first.version)
    findings.prevent(leader, first.id, "属偶发情况", needed=False, version=first.version)
    notices = [_issued(town, one) for one in (second, third)]
    inside = str(_issued(town, fourth, "leader").id)
    files = (examine(io.BytesIO(PDF), "整改报告.pdf"),)
    keep_file(HqPaths(home), io.BytesIO(PDF), files[0])
    given = Answer("已于当日约谈，重新学习首问责任制。", "每周晨会讲评一次。", files)
    service.answer(leader, notices[1].id, given, version=notices[1].version)
    if not at_hq:
        apply_copies(session, "01", changed_after(session, "01"))
        return {"rectification_id": str(notices[1].id), "officers_notice_id": inside}
    sign = EarlySign(
        office_code="01",
        category=Category.MANNER,
        week=last_week(local(now()).date()),
        window_calls=300,
        window_found=71,
        before_calls=1902,
        before_found=228,
        chance=3.2e-7,
        due_on=local(now()).date() + timedelta(days=14),
    )
    session.add(sign)
    session.flush()
    ids = {"treatment_id": first.id, "rectification_id": notices[1].id, "sign_id": sign.id}
    ids |= _disciplined(work, evaluation.id)
    return {**{name: str(one) for name, one in ids.items()}, "officers_notice_id": inside}


def _disciplined(work: Work, evaluation_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A record about Zhang that he appeals against, another that is proposed, and what he was told."""
    session, at = work.session, now()
    tell_of_judgements(session, at)
    clause, why = clauses_in_force(session)[26], "多次打断来电人，经谈话仍未改正。"
    records = [
        propose(work.context("supervisor", at), Proposed(kind.id, clause.id, (evaluation_id,), why))
        for kind in consequences_in_force(session)[1:3]
    ]
    decide(work.context("head", at), records[0].id, "同意，按规定处理。", version=records[0].version)
    said = Objected("当时来电人信号中断，并非打断。", 7.5)
    appeal = appeal_record(work.context("zhang", at), records[0].id, said, version=records[0].version)
    return {"record_id": records[0].id, "appeal_id": appeal.id, "ground_id": evaluation_id}


def _issued(town: Town, one: Treatment, login: str = "supervisor") -> Rectification:
    person = town.people["zhang"].id if login == "leader" else None
    asked = Asked((one.id,), DEMAND, 10, person)
    return service.issue(Context(town.session, town.actor(login), town.scope(login)), asked)
