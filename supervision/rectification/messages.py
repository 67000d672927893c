"""Reminders by mail; what headquarters sends an office of its notices, and the copies that a node keeps of them.

Like evaluations (docs/decisions/0027): whole notices are sent, what changed is read from headquarters' log.
Replies are written at headquarters' site; the node shows what is asked and until when, also while that is away.
"""

import uuid
from collections.abc import Sequence
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.audit.queries import goes_on, head_at
from supervision.audit.rules import BEGINNING, Head
from supervision.draws.rules import Party
from supervision.errors import NotFound
from supervision.evaluations.rules import Category
from supervision.paging import Cursor, Order, Page, read_page
from supervision.quotas.rules import Urgency
from supervision.rectification.models import (
    Rectification,
    RectificationCopy,
    RectificationFinding,
    RectificationPosition,
    Reply,
)
from supervision.rectification.queries import WHOLE
from supervision.rectification.rules import UNANSWERED, UNFINISHED, RectificationState, Verdict

AT_ONCE = 50
ACTS = (
    "rectification_issued",
    "rectification_answered",
    "rectification_returned",
    "rectification_verified",
    "rectification_closed",
    "rectification_withdrawn",
    "rectification_recurred",
    "rectification_recounted",
)
COPIES: Order[RectificationCopy] = Order(RectificationCopy.issued_at, RectificationCopy.rectification_id)


def email_of(rectification: Rectification, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder, in both languages: an email does not know its reader's."""
    number, due = rectification.number, rectification.due_on.isoformat()
    late, awaits_reply = how is Urgency.OVERDUE, rectification.state in UNANSWERED
    asked, step = ("答复", "reply") if awaits_reply else ("核实并办结", "verify and close it")
    last, by = (f"{due}（暂定）", f"{due} (provisional)") if rectification.provisional else (due, due)
    subject = f"[整改{'逾期' if late else '提醒'}] {number}: {due}"
    text = (
        f"整改通知 {number} {'已逾期' if late else '即将到期'}，应于 {last} 前{asked}。\n请登录总系统办理。\n\n"
        f"The rectification {number} is {'overdue' if late else 'due soon'}.\nThe last day to {step} is {by}.\n"
        "Sign in at headquarters' site.\n"
    )
    return subject, text


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SentReply(_Sent):
    """A reply, and what was said of it."""

    n: int
    author: str
    at: AwareDatetime
    now_done: str
    prevention: str
    files: int
    verdict: Verdict | None
    note: str


class SentFinding(_Sent):
    """A finding that a notice is about."""

    call_id: uuid.UUID
    category: Category
    text: str
    recurred: bool


class SentRectification(_Sent):
    """One notice as it stands."""

    id: uuid.UUID
    number: str
    party: Party
    addressee_id: uuid.UUID | None
    addressee: str
    issuer: str
    issued_at: AwareDatetime
    demand: str
    due_on: date
    provisional: bool
    state: RectificationState
    recurred: int
    findings: tuple[SentFinding, ...]
    replies: tuple[SentReply, ...]


class SentRectifications(_Sent):
    """What changed after an entry of headquarters' log: up to entry `n`, which has that hash.

    `more`: there is more. `anew`: the node was told by another log: what it keeps goes before this comes.
    """

    n: int = Field(ge=0)
    hash: str = ""
    anew: bool = False
    more: bool
    rectifications: tuple[SentRectification, ...]


def changed_after(session: Session, office_code: str, told: Head = BEGINNING) -> SentRectifications:
    """At headquarters: the office's notices that changed after an entry of the log, the earliest first.

    An office that was told by another log, since headquarters was lost or put back, is told all of it anew.
    """
    last = session.scalar(select(func.max(AuditEntry.n))) or 0
    anew = not goes_on(session, told)
    after = 0 if anew else told.n
    query = select(AuditEntry.n, AuditEntry.subject).where(
        AuditEntry.n > after, AuditEntry.act.in_(ACTS), AuditEntry.office_code == office_code
    )
    rows = session.execute(query.order_by(AuditEntry.n).limit(AT_ONCE + 1)).all()
    more, rows = len(rows) > AT_ONCE, rows[:AT_ONCE]
    ids = list(dict.fromkeys(uuid.UUID(subject.partition(":")[2]) for _, subject in rows))
    mine = Rectification.id.in_(ids), Rectification.office_code == office_code
    found = {one.id: one for one in session.scalars(select(Rectification).where(*mine).options(*WHOLE))}
    changed = tuple(_sent(found[one]) for one in ids if one in found)
    here = head_at(session, rows[-1].n if more else last)
    return SentRectifications(n=here.n, hash=here.hash, anew=anew, more=more, rectifications=changed)


def position(session: Session, office_code: str) -> Head:
    """On a node: up to which entry of headquarters' log it was told."""
    found = session.get(RectificationPosition, office_code)
    return Head(found.n, found.hash) if found is not None else BEGINNING


def apply_copies(session: Session, office_code: str, sent: SentRectifications) -> None:
    """On a node: keep what headquarters told, each notice as it stands now."""
    if sent.anew:
        session.execute(delete(RectificationCopy).where(RectificationCopy.office_code == office_code))
    for one in sent.rectifications:
        session.merge(
            RectificationCopy(
                rectification_id=one.id,
                office_code=office_code,
                issued_at=one.issued_at,
                due_on=one.due_on,
                state=one.state,
                addressee_id=one.addressee_id,
                told=one.model_dump(mode="json"),
            )
        )
    session.merge(RectificationPosition(office_code=office_code, n=sent.n, hash=sent.hash))
    session.flush()


def list_copies(session: Session, scope: Scope, cursor: Cursor | None = None) -> Page[RectificationCopy]:
    """On a node: one page of its notices, the latest first; an officer's are those addressed to him."""
    return read_page(session, select(RectificationCopy).where(*_within(scope)), COPIES, cursor)


def list_unfinished_copies(session: Session, scope: Scope) -> list[SentRectification]:
    """On a node: its notices that are not closed, by their due days; an officer's are those addressed to him."""
    query = select(RectificationCopy).where(*_within(scope), RectificationCopy.state.in_(UNFINISHED))
    return parsed(session.scalars(query.order_by(RectificationCopy.due_on, RectificationCopy.issued_at)).all())


def get_copy(session: Session, scope: Scope, rectification_id: uuid.UUID) -> SentRectification:
    """On a node: one notice as headquarters told it. Raises NotFound."""
    query = select(RectificationCopy).where(RectificationCopy.rectification_id == rectification_id)
    found = session.scalars(query.where(*_within(scope))).one_or_none()
    if found is None:
        raise NotFound(f"rectification {rectification_id}")
    return SentRectification.model_validate(found.told)


def parsed(copies: Sequence[RectificationCopy]) -> list[SentRectification]:
    """Copies as they were told."""
    return [SentRectification.model_validate(one.told) for one in copies]


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.office_code is not None:
        conditions.append(RectificationCopy.office_code == scope.office_code)
    if scope.own is not None:
        conditions.append(RectificationCopy.addressee_id == scope.own)
    return conditions


def _sent(one: Rectification) -> SentRectification:
    return SentRectification(
        id=one.id,
        number=one.number,
        party=one.party,
        addressee_id=one.addressee_id,
        addressee=one.addressee.name if one.addressee else "",
        issuer=one.issuer.name,
        issued_at=one.issued_at,
        demand=one.demand,
        due_on=one.due_on,
        provisional=one.provisional,
        state=one.state,
        recurred=one.recurred,
        findings=tuple(_finding(finding) for finding in one.findings),
        replies=tuple(_reply(reply) for reply in one.replies),
    )


def _finding(one: RectificationFinding) -> SentFinding:
    treatment = one.treatment
    return SentFinding(
        call_id=treatment.call_id, category=treatment.category, text=treatment.text, recurred=one.recurred
    )


def _reply(one: Reply) -> SentReply:
    return SentReply(
        n=one.n,
        author=one.author.name,
        at=one.at,
        now_done=one.now_done,
        prevention=one.prevention,
        files=len(one.attachments),
        verdict=one.verdict,
        note=one.note,
    )
