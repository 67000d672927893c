"""Reminders by mail; what headquarters sends an office of its notices, and the copies that a node keeps of them.

Like evaluations (docs/decisions/0027): whole notices are sent, what changed is read from headquarters' log.
Replies are written at headquarters' site; the node shows what is asked and until when, also while that is away.
"""

import uuid
from collections.abc import Sequence
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.audit import messages as log
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
    Reply,
)
from supervision.rectification.queries import WHOLE
from supervision.rectification.rules import UNANSWERED, UNFINISHED, RectificationState, Verdict

AT_ONCE = 50
KIND = "rectifications"
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

    `more`: there is more. `anew`: the node has copies from another log: what it keeps goes before this comes.
    """

    n: int = Field(ge=0)
    hash: str = ""
    anew: bool = False
    more: bool
    copies: tuple[SentRectification, ...]


def changed_after(session: Session, office_code: str, known: Head = BEGINNING) -> SentRectifications:
    """At headquarters: the office's notices that changed after an entry of the log, the earliest first."""
    changed = log.changed_after(session, office_code, ACTS, known, AT_ONCE)
    mine = Rectification.id.in_(changed.ids), Rectification.office_code == office_code
    found = {one.id: one for one in session.scalars(select(Rectification).where(*mine).options(*WHOLE))}
    copies = tuple(_sent(found[one]) for one in changed.ids if one in found)
    return SentRectifications(
        n=changed.here.n, hash=changed.here.hash, anew=changed.anew, more=changed.more, copies=copies
    )


def apply_copies(session: Session, office_code: str, sent: SentRectifications) -> None:
    """On a node: keep what headquarters sent, each notice as it stands now."""
    if sent.anew:
        session.execute(delete(RectificationCopy).where(RectificationCopy.office_code == office_code))
    for one in sent.copies:
        session.merge(
            RectificationCopy(
                rectification_id=one.id,
                office_code=office_code,
                issued_at=one.issued_at,
                due_on=one.due_on,
                state=one.state,
                addressee_id=one.addressee_id,
                received=one.model_dump(mode="json"),
            )
        )
    log.note_copied(session, office_code, KIND, Head(sent.n, sent.hash))


def list_copies(session: Session, scope: Scope, cursor: Cursor | None = None) -> Page[RectificationCopy]:
    """On a node: one page of its notices, the latest first; an officer's are those addressed to him."""
    return read_page(session, select(RectificationCopy).where(*_within(scope)), COPIES, cursor)


def list_unfinished_copies(session: Session, scope: Scope) -> list[SentRectification]:
    """On a node: its notices that are not closed, by their due days; an officer's are those addressed to him."""
    query = select(RectificationCopy).where(*_within(scope), RectificationCopy.state.in_(UNFINISHED))
    return parsed(session.scalars(query.order_by(RectificationCopy.due_on, RectificationCopy.issued_at)).all())


def get_copy(session: Session, scope: Scope, rectification_id: uuid.UUID) -> SentRectification:
    """On a node: one notice as headquarters sent it. Raises NotFound."""
    query = select(RectificationCopy).where(RectificationCopy.rectification_id == rectification_id)
    found = session.scalars(query.where(*_within(scope))).one_or_none()
    if found is None:
        raise NotFound(f"rectification {rectification_id}")
    return SentRectification.model_validate(found.received)


def parsed(copies: Sequence[RectificationCopy]) -> list[SentRectification]:
    """Copies as they were received."""
    return [SentRectification.model_validate(one.received) for one in copies]


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
