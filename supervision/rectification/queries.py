"""Looking at rectifications. Every query takes the scope; an officer sees what is addressed to him."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from supervision.actor import Actor, Scope
from supervision.draws.rules import Party
from supervision.errors import NotFound
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import is_judged_again
from supervision.findings.models import Treatment
from supervision.paging import Cursor, Order, Page, read_page
from supervision.people.models import Account
from supervision.people.sign_ins import actor_of
from supervision.rectification.models import Attachment, Rectification, RectificationFinding, Reply
from supervision.rectification.rules import (
    UNANSWERED,
    UNFINISHED,
    Move,
    RectificationState,
    may_be_asked,
    objection,
)

MOST_SHOWN = 20  # open notices of each office on the board
REGISTER: Order[Rectification] = Order(Rectification.issued_at, Rectification.id)
_LISTED = selectinload(Rectification.issuer), selectinload(Rectification.addressee)
WHOLE = (
    selectinload(Rectification.replies).selectinload(Reply.attachments),
    selectinload(Rectification.replies).selectinload(Reply.author),
    selectinload(Rectification.replies).selectinload(Reply.judge),
    selectinload(Rectification.findings).selectinload(RectificationFinding.treatment).selectinload(Treatment.call),
    *_LISTED,
)


@dataclass(frozen=True)
class RectificationFilter:
    """What the person looks for; None: all. `unfinished`: what is open, `overdue`: late on that day."""

    office_code: str | None = None
    state: RectificationState | None = None
    unfinished: bool = False
    overdue: date | None = None


def list_rectifications(
    session: Session, scope: Scope, wanted: RectificationFilter, cursor: Cursor | None = None
) -> Page[Rectification]:
    """One page of the register, the latest first."""
    query = select(Rectification).where(*within(scope), *_matching(wanted)).options(*_LISTED)
    return read_page(session, query, REGISTER, cursor)


def get_rectification(session: Session, scope: Scope, rectification_id: uuid.UUID) -> Rectification:
    """One of them, whole. Raises NotFound outside the scope."""
    query = select(Rectification).where(Rectification.id == rectification_id, *within(scope))
    found = session.scalars(query.options(*WHOLE)).one_or_none()
    if found is None:
        raise NotFound(f"rectification {rectification_id}")
    return found


def get_attachment(session: Session, scope: Scope, attachment_id: uuid.UUID) -> Attachment:
    """A file of a reply to a notice that the person sees. Raises NotFound."""
    query = (
        select(Attachment)
        .join(Reply, Reply.id == Attachment.reply_id)
        .join(Rectification, Rectification.id == Reply.rectification_id)
        .where(Attachment.id == attachment_id, *within(scope))
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"attachment {attachment_id}")
    return found


def rectifications_of(session: Session, scope: Scope, treatment_id: uuid.UUID) -> Sequence[Rectification]:
    """The notices about a finding that the person sees."""
    about = select(RectificationFinding.rectification_id).where(RectificationFinding.treatment_id == treatment_id)
    query = select(Rectification).where(Rectification.id.in_(about), *within(scope))
    return session.scalars(query.order_by(Rectification.issued_at)).all()


def asked_by_none(session: Session, treatment_ids: Sequence[uuid.UUID]) -> Sequence[Treatment]:
    """Those of these findings about which no notice is that stands."""
    stands = (
        select(RectificationFinding.treatment_id)
        .join(Rectification, Rectification.id == RectificationFinding.rectification_id)
        .where(Rectification.state != RectificationState.WITHDRAWN)
    )
    mine = Treatment.id.in_(treatment_ids), Treatment.id.not_in(stands)
    return session.scalars(select(Treatment).where(*mine).order_by(Treatment.id)).all()


@dataclass(frozen=True)
class OfficeBoard:
    """One office's open notices: the oldest of them, how many there are, and how many are overdue."""

    office_code: str
    notices: Sequence[Rectification]
    number: int
    overdue: int

    @property
    def more(self) -> int:
        """How many there are besides."""
        return self.number - len(self.notices)


def board(session: Session, scope: Scope, today: date) -> Sequence[OfficeBoard]:
    """What is open, by office, the oldest of each; the office with the oldest first."""
    by_age = Rectification.issued_at, Rectification.id
    place = func.row_number().over(partition_by=Rectification.office_code, order_by=by_age).label("place")
    unfinished = *within(scope), Rectification.state.in_(UNFINISHED)
    placed = select(Rectification.id, place).where(*unfinished).subquery()
    query = select(Rectification).join(placed, placed.c.id == Rectification.id).where(placed.c.place <= MOST_SHOWN)
    groups: dict[str, list[Rectification]] = {}
    for one in session.scalars(query.order_by(*by_age).options(*_LISTED)):
        groups.setdefault(one.office_code, []).append(one)
    numbers = count_unfinished(session, scope, today)
    return [OfficeBoard(code, notices, *numbers.get(code, (len(notices), 0))) for code, notices in groups.items()]


def count_unfinished(session: Session, scope: Scope, today: date) -> Mapping[str, tuple[int, int]]:
    """By office: how many notices are open, and how many of them are overdue."""
    late = func.count().filter(Rectification.due_on < today)
    query = select(Rectification.office_code, func.count(), late).where(
        *within(scope), Rectification.state.in_(UNFINISHED)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query.group_by(Rectification.office_code))}


def to_answer(session: Session, actor: Actor) -> Sequence[Rectification]:
    """The notices that a person may answer and that wait for it, by their due days."""
    if actor.office_code is None:
        return []
    mine = Rectification.office_code == actor.office_code, Rectification.state.in_(UNANSWERED)
    found = _waiting(session, *mine)
    return [one for one in found if objection(actor, Move.ANSWER, one.notice) is None]


def to_judge(session: Session, actor: Actor, scope: Scope) -> Sequence[Rectification]:
    """The answered notices that a person may verify or return, and the verified ones that he may close."""
    waiting = Rectification.state.in_((RectificationState.ANSWERED, RectificationState.VERIFIED))
    found = _waiting(session, *within(scope), waiting)
    return [one for one in found if objection(actor, Move.CLOSE, one.notice) is None]


def _waiting(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Rectification]:
    concerned = selectinload(Rectification.findings).selectinload(RectificationFinding.treatment)
    query = select(Rectification).where(*conditions).options(selectinload(Rectification.replies), concerned)
    return session.scalars(query.order_by(Rectification.due_on, Rectification.id)).all()


def list_addressees(session: Session, actor: Actor) -> Sequence[Account]:
    """Whom an office's leader may address a notice to."""
    query = select(Account).where(Account.office_code == actor.office_code, Account.active)
    everybody = session.scalars(query.order_by(Account.name)).all()
    return [one for one in everybody if may_be_asked(actor, one.id, one.role, one.office_code)]


def list_addressed(
    session: Session, scope: Scope, addressee_id: uuid.UUID | None = None
) -> Sequence[tuple[Rectification, Account]]:
    """The notices that wait for one person's reply, each with that person; of one person, or of all."""
    query = select(Rectification, Account).join(Account, Account.id == Rectification.addressee_id)
    query = query.where(*within(scope), Rectification.state.in_(UNANSWERED)).options(*WHOLE)
    if addressee_id is not None:
        query = query.where(Account.id == addressee_id)
    return [(row[0], row[1]) for row in session.execute(query)]


def takers_of(session: Session, notices: Sequence[Rectification]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Who could answer each of these notices to one person, by their ids: the office's people, not the issuer."""
    offices = {one.office_code for one in notices}
    query = select(Account).where(Account.office_code.in_(offices), Account.active)
    people = [actor_of(one) for one in session.scalars(query)] if notices else []
    return {notice.id: frozenset(one.account_id for one in people if _could(one, notice)) for notice in notices}


def _could(actor: Actor, notice: Rectification) -> bool:
    """Answer it, if it were addressed to him."""
    if actor.office_code != notice.office_code:
        return False
    return objection(actor, Move.ANSWER, replace(notice.notice, addressee=actor.account_id)) is None


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """What a person sees: his office's notices, an officer those addressed to him, others all.

    But headquarters' people see no notice of an office's own about a finding that is hidden from them.
    """
    conditions: list[ColumnElement[bool]] = []
    if scope.office_code is not None:
        conditions.append(Rectification.office_code == scope.office_code)
    else:
        conditions.append((Rectification.party == Party.HQ) | ~_is_hidden())
    if scope.own is not None:
        conditions.append(Rectification.addressee_id == scope.own)
    return conditions


def _is_hidden() -> ColumnElement[bool]:
    hidden = (
        select(Treatment.id)
        .join(RectificationFinding, RectificationFinding.treatment_id == Treatment.id)
        .join(Evaluation, Evaluation.id == Treatment.evaluation_id)
        .where(RectificationFinding.rectification_id == Rectification.id, is_judged_again())
    )
    return hidden.correlate(Rectification).exists()


def _matching(wanted: RectificationFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.office_code is not None:
        conditions.append(Rectification.office_code == wanted.office_code)
    if wanted.state is not None:
        conditions.append(Rectification.state == wanted.state)
    if wanted.unfinished:
        conditions.append(Rectification.state.in_(UNFINISHED))
    if wanted.overdue is not None:
        conditions += [Rectification.state.in_(UNFINISHED), Rectification.due_on < wanted.overdue]
    return conditions
