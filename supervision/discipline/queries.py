"""Looking at records, appeals and notices of judgements. Every query takes who looks, for each sees another part.

A person sees what is about himself once it is decided; an office's leader his office's; the section all; the
bureau leader what has an appeal that is, or was, his to decide. Headquarters sees nothing that it may judge again.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from supervision.actor import OFFICE_ROLES, Actor, Role, Scope, scope_of
from supervision.calls.models import Call
from supervision.calls.queries import officer_of_call
from supervision.clock import local
from supervision.discipline.models import Appeal, Ground, JudgementNotice, Record
from supervision.discipline.points import does_count
from supervision.discipline.rules import (
    APPEAL_IN_WORKING_DAYS,
    DECIDED,
    FALLIBLE,
    AppealState,
    Contest,
    Move,
    RecordState,
    Target,
    appeal_objection,
    objection,
)
from supervision.errors import NotFound
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.queries import is_judged_again, refuse_unjudged
from supervision.evaluations.rules import EvaluationState, Kind
from supervision.paging import Cursor, Order, Page, read_page
from supervision.people.models import Account
from supervision.people.rules import Act, may
from supervision.regulation.rules import Side
from supervision.workdays.queries import working_days_after
from supervision.workdays.rules import Counted

REGISTER: Order[Record] = Order(Record.proposed_at, Record.id)
APPEALS: Order[Appeal] = Order(Appeal.filed_at, Appeal.id)
NOTICES: Order[JudgementNotice] = Order(JudgementNotice.notified_at, JudgementNotice.judgement_id)
_HQ_SECTION = frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD})
MOST_OFFERED = 20


@dataclass(frozen=True)
class RecordFilter:
    """What the person looks for; None: all. `unfinished`: waits for somebody."""

    office_code: str | None = None
    side: Side | None = None
    person_id: uuid.UUID | None = None
    state: RecordState | None = None
    unfinished: bool = False


UNFINISHED = frozenset({RecordState.PROPOSED, RecordState.NOTIFIED, RecordState.APPEALED})


def appeal_deadline(session: Session, at: datetime) -> Counted:
    """The last day of an appeal against what a person is told of at that time (domain rule 7)."""
    return working_days_after(session, local(at).date(), APPEAL_IN_WORKING_DAYS)


def list_records(
    session: Session, actor: Actor, wanted: RecordFilter, cursor: Cursor | None = None
) -> Page[Record]:
    """One page of the register, the latest first."""
    query = select(Record).where(_records_of(actor), *_matching(wanted)).options(*_LISTED)
    return read_page(session, query, REGISTER, cursor)


def get_record(session: Session, actor: Actor, record_id: uuid.UUID, *, lock: bool = False) -> Record:
    """One record, whole. Raises NotFound for who does not see it."""
    query = select(Record).where(Record.id == record_id, _records_of(actor)).options(*_LISTED)
    found = session.scalars(query.with_for_update(of=Record) if lock else query).one_or_none()
    if found is None:
        raise NotFound(f"record {record_id}")
    return found


def records_of_call(session: Session, actor: Actor, call_id: uuid.UUID) -> Sequence[Record]:
    """The records that rest on a judgement of a call, as far as the person sees them."""
    on_it = select(Ground.record_id).where(Ground.call_id == call_id)
    query = select(Record).where(Record.id.in_(on_it), _records_of(actor)).options(*_LISTED)
    return session.scalars(query.order_by(Record.proposed_at)).all()


def offered_grounds(session: Session, person_id: uuid.UUID, chosen: Collection[uuid.UUID]) -> Sequence[Evaluation]:
    """What a record about a person can rest on: the latest judgements of his calls, and those that were chosen."""
    his = and_(Call.id == Evaluation.call_id, officer_of_call() == person_id)
    latest = (
        select(Evaluation.id)
        .where(select(Call.id).where(his).exists(), _fit())
        .order_by(Evaluation.submitted_at.desc())
        .limit(MOST_OFFERED)
    )
    query = select(Evaluation).where(or_(Evaluation.id.in_(latest), Evaluation.id.in_(chosen)), _fit())
    whole = selectinload(Evaluation.judgements), selectinload(Evaluation.call)
    return session.scalars(query.options(*whole).order_by(Evaluation.submitted_at.desc())).all()


def grounds_on_calls(
    session: Session, person_id: uuid.UUID, call_ids: Collection[uuid.UUID]
) -> Sequence[Evaluation]:
    """The judgements of these calls that a record about a person can rest on."""
    his = and_(Call.id == Evaluation.call_id, officer_of_call() == person_id)
    query = select(Evaluation).where(Evaluation.call_id.in_(call_ids), select(Call.id).where(his).exists(), _fit())
    return session.scalars(query.options(selectinload(Evaluation.call)).order_by(Evaluation.submitted_at)).all()


def person_of_call(session: Session, call_id: uuid.UUID) -> Account | None:
    """Who answered a call, as far as it is known."""
    query = select(Account).join(Call, Account.id == officer_of_call()).where(Call.id == call_id)
    return session.scalars(query).one_or_none()


def resting_on(session: Session, evaluation_id: uuid.UUID) -> Sequence[Record]:
    """The records that can still fall with an evaluation, locked."""
    on_it = select(Ground.record_id).where(Ground.evaluation_id == evaluation_id)
    query = select(Record).where(Record.id.in_(on_it), Record.state.in_(FALLIBLE)).order_by(Record.id)
    return session.scalars(query.with_for_update(of=Record)).all()


def open_against(session: Session, evaluation_id: uuid.UUID) -> Sequence[Appeal]:
    """The open appeals against any version of a judgement, locked."""
    query = select(Appeal).where(Appeal.evaluation_id == evaluation_id, Appeal.state == AppealState.OPEN)
    return session.scalars(query.order_by(Appeal.id).with_for_update(of=Appeal)).all()


def list_fallen(session: Session, appeal: Appeal) -> Sequence[Record]:
    """The records that an upheld appeal revoked: the one that it is against, or what rested on the judgement."""
    rests = select(Ground.record_id).where(Ground.evaluation_id == appeal.evaluation_id)
    of_it = or_(Record.id == appeal.record_id, Record.id.in_(rests))
    fell = Record.fell_by_appeal, Record.ended_why == appeal.number, Record.state == RecordState.REVOKED
    return session.scalars(select(Record).where(of_it, *fell).order_by(Record.year, Record.n)).all()


@dataclass(frozen=True)
class AppealFilter:
    """What the person looks for; None: all."""

    office_code: str | None = None
    state: AppealState | None = None
    target: Target | None = None


def list_appeals(
    session: Session, actor: Actor, wanted: AppealFilter, cursor: Cursor | None = None
) -> Page[Appeal]:
    """One page of the appeals that a person sees, the latest first."""
    conditions = [_appeals_of(actor)]
    if wanted.office_code is not None:
        conditions.append(Appeal.office_code == wanted.office_code)
    if wanted.state is not None:
        conditions.append(Appeal.state == wanted.state)
    if wanted.target is not None:
        conditions.append(
            (Appeal.record_id if wanted.target is Target.RECORD else Appeal.judgement_id).is_not(None)
        )
    return read_page(session, select(Appeal).where(*conditions).options(*_APPEALED), APPEALS, cursor)


def list_own_appeals(session: Session, actor: Actor, since: datetime) -> Sequence[Appeal]:
    """A person's own appeals that are open, or ended since then, the latest first."""
    recent = or_(Appeal.ended_at.is_(None), Appeal.ended_at >= since)
    query = select(Appeal).where(Appeal.person_id == actor.account_id, recent).options(*_APPEALED)
    return session.scalars(query.order_by(Appeal.filed_at.desc(), Appeal.id)).all()


def get_appeal(session: Session, actor: Actor, appeal_id: uuid.UUID, *, lock: bool = False) -> Appeal:
    """One appeal with what it is against. Raises NotFound for who does not see it."""
    query = select(Appeal).where(Appeal.id == appeal_id, _appeals_of(actor)).options(*_APPEALED)
    found = session.scalars(query.with_for_update(of=Appeal) if lock else query).one_or_none()
    if found is None:
        raise NotFound(f"appeal {appeal_id}")
    return found


def appeal_against(session: Session, actor: Actor, judgement_id: uuid.UUID) -> Appeal | None:
    """The appeal against a judgement, for who sees it."""
    query = select(Appeal).where(Appeal.judgement_id == judgement_id, _appeals_of(actor))
    return session.scalars(query).one_or_none()


def contest_of(session: Session, appeal: Appeal) -> Contest:
    """An appeal as the rule of who decides it looks at it."""
    if appeal.record is not None:
        record = appeal.record
        grounds = [(one.evaluation_id, one.judgement.n) for one in record.grounds]
        decided_by = frozenset({record.proposed_by, *([record.decided_by] if record.decided_by else [])})
    else:
        judgement = session.get_one(Judgement, appeal.judgement_id)
        grounds, decided_by = [(judgement.evaluation_id, judgement.n)], frozenset[uuid.UUID]()
    up_to = [and_(Judgement.evaluation_id == one, Judgement.n <= n) for one, n in grounds]
    query = select(Judgement.author_id, Account.role).join(Account, Account.id == Judgement.author_id)
    authors = session.execute(query.where(or_(false(), *up_to))).all()
    head_judged = any(row[1] is Role.SUPERVISION_HEAD for row in authors)
    return Contest(appeal.target, appeal.person_id, frozenset(row[0] for row in authors), head_judged, decided_by)


def may_hear_appealed(session: Session, actor: Actor, call_id: uuid.UUID) -> bool:
    """Whether a recording belongs to the evidence of an appeal that is, or was, the bureau leader's to decide."""
    calls = select(Ground.call_id).join(Appeal, Appeal.record_id == Ground.record_id).where(_appeals_of(actor))
    judged = (
        select(Evaluation.call_id).join(Appeal, Appeal.evaluation_id == Evaluation.id).where(_appeals_of(actor))
    )
    return bool(
        session.scalar(select(exists().where(or_(Call.id.in_(calls), Call.id.in_(judged)), Call.id == call_id)))
    )


def refuse_unheard(session: Session, actor: Actor, call_id: uuid.UUID) -> None:
    """Raises NotFound where the recording is not the person's to hear, as for a call that does not exist."""
    if actor.role is not Role.BUREAU_LEADER:
        refuse_unjudged(session, scope_of(actor), call_id)
    elif not may_hear_appealed(session, actor, call_id):
        raise NotFound(f"recording {call_id}")


@dataclass(frozen=True)
class NoticeFilter:
    """What the person looks for; `unread`: only what he has not read yet."""

    unread: bool = False


def list_notices(
    session: Session, actor: Actor, wanted: NoticeFilter, cursor: Cursor | None = None
) -> Page[JudgementNotice]:
    """One page of the judgements that a person was told of, the latest first."""
    his = [JudgementNotice.person_id == actor.account_id, *([_unread()] if wanted.unread else [])]
    query = select(JudgementNotice).where(*his).options(*_NOTICED)
    return read_page(session, query, NOTICES, cursor)


def find_notice(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> JudgementNotice | None:
    """What a person was told last of an evaluation."""
    mine = JudgementNotice.person_id == actor.account_id, JudgementNotice.evaluation_id == evaluation_id
    query = select(JudgementNotice).join(Judgement, Judgement.id == JudgementNotice.judgement_id).where(*mine)
    return session.scalars(query.options(*_NOTICED).order_by(Judgement.n.desc()).limit(1)).one_or_none()


def get_notice(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> JudgementNotice:
    """The same. Raises NotFound where he was told of none."""
    found = find_notice(session, actor, evaluation_id)
    if found is None:
        raise NotFound(f"notice of {evaluation_id}")
    return found


def count_unread(session: Session, account_id: uuid.UUID) -> int:
    """How many judgements a person has not said that he has read; only the latest version of each."""
    mine = JudgementNotice.person_id == account_id
    return session.scalar(select(func.count()).select_from(JudgementNotice).where(mine, _unread())) or 0


def list_newly_notified(session: Session, since: datetime) -> Sequence[Account]:
    """Who was notified of a judgement since then and has not read it."""
    waiting = select(JudgementNotice.person_id).where(JudgementNotice.notified_at >= since, _unread())
    query = select(Account).where(Account.id.in_(waiting), Account.active).order_by(Account.login)
    return session.scalars(query).all()


def list_decided_appeals(session: Session, since: datetime) -> Sequence[Appeal]:
    """The appeals that were decided since then."""
    decided = Appeal.state.in_({AppealState.DISMISSED, AppealState.UPHELD}), Appeal.ended_at >= since
    return session.scalars(select(Appeal).where(*decided).order_by(Appeal.ended_at, Appeal.id)).all()


def to_confirm(session: Session, actor: Actor) -> Sequence[Record]:
    """The records that wait for the person's own confirmation."""
    his = Record.person_id == actor.account_id, Record.state == RecordState.NOTIFIED
    return session.scalars(select(Record).where(*his).order_by(Record.decided_at)).all()


def to_decide(session: Session, actor: Actor) -> Sequence[Record]:
    """The proposals that a person may decide, by their due days."""
    if actor.role is not Role.SUPERVISION_HEAD:
        return []
    query = select(Record).where(Record.state == RecordState.PROPOSED).order_by(Record.due_on, Record.id)
    return [one for one in session.scalars(query) if objection(actor, Move.DECIDE, one.case) is None]


def appeals_to_decide(session: Session, actor: Actor) -> Sequence[Appeal]:
    """The open appeals that a person may decide, by their due days."""
    if not may(actor.role, Act.DECIDE_APPEALS):
        return []
    query = select(Appeal).where(Appeal.state == AppealState.OPEN, _appeals_of(actor)).options(*_APPEALED)
    found = session.scalars(query.order_by(Appeal.due_on, Appeal.id)).all()
    return [one for one in found if appeal_objection(actor, Move.UPHOLD, contest_of(session, one)) is None]


def visible_evaluation(session: Session, scope: Scope, evaluation_id: uuid.UUID) -> Evaluation:
    """A judgement that a record may rest on. Raises NotFound for what is hidden, set aside or contested."""
    query = select(Evaluation).where(Evaluation.id == evaluation_id, _fit())
    if scope.office_code is not None:
        query = query.where(Evaluation.office_code == scope.office_code)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"evaluation {evaluation_id}")
    return found


def _fit() -> ColumnElement[bool]:
    """Submitted, no re-score, not to be judged once more, and neither contested nor set aside."""
    submitted = Evaluation.state != EvaluationState.DRAFT, Evaluation.kind != Kind.RESCORE
    return and_(*submitted, ~is_judged_again(), does_count())


def _unread() -> ColumnElement[bool]:
    noticed, newer = aliased(Judgement), aliased(Judgement)
    is_newer = exists().where(
        noticed.id == JudgementNotice.judgement_id,
        newer.evaluation_id == noticed.evaluation_id,
        newer.n > noticed.n,
    )
    return and_(JudgementNotice.read_at.is_(None), ~is_newer)


def _records_of(actor: Actor) -> ColumnElement[bool]:
    own = and_(Record.person_id == actor.account_id, Record.state.in_(DECIDED))
    if actor.role in _HQ_SECTION:
        about_him = Record.person_id == actor.account_id
        return or_(own, ~about_him)
    if actor.role is Role.OFFICE_LEADER:
        return or_(own, and_(Record.office_code == actor.office_code, Record.state.in_(DECIDED)))
    if actor.role is Role.BUREAU_LEADER:
        return exists().where(Appeal.record_id == Record.id, _appeals_of(actor)).correlate(Record)
    return own if actor.role in OFFICE_ROLES else false()


def _appeals_of(actor: Actor) -> ColumnElement[bool]:
    own = Appeal.person_id == actor.account_id
    if actor.role in _HQ_SECTION:
        again = exists().where(Evaluation.id == Appeal.evaluation_id, is_judged_again()).correlate(Appeal)
        return or_(own, ~again)
    if actor.role is Role.OFFICE_LEADER:
        return or_(own, Appeal.office_code == actor.office_code)
    if actor.role is Role.BUREAU_LEADER:
        return or_(Appeal.record_id.is_not(None), _head_judged())
    return own if actor.role in OFFICE_ROLES else false()


def _head_judged() -> ColumnElement[bool]:
    """Whether a head wrote the judgement that an appeal is against, or a version before it."""
    against, before = aliased(Judgement), aliased(Judgement)
    return (
        exists()
        .where(
            against.id == Appeal.judgement_id,
            before.evaluation_id == against.evaluation_id,
            before.n <= against.n,
            Account.id == before.author_id,
            Account.role == Role.SUPERVISION_HEAD,
        )
        .correlate(Appeal)
    )


def _matching(wanted: RecordFilter) -> list[ColumnElement[bool]]:
    equal = {
        Record.office_code: wanted.office_code,
        Record.side: wanted.side,
        Record.person_id: wanted.person_id,
        Record.state: wanted.state,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    return [*conditions, Record.state.in_(UNFINISHED)] if wanted.unfinished else conditions


_GROUNDS = selectinload(Record.grounds)
_LISTED = (
    selectinload(Record.person),
    selectinload(Record.proposer),
    selectinload(Record.decider),
    selectinload(Record.consequence),
    selectinload(Record.clause),
    selectinload(Record.appeal),
    _GROUNDS.selectinload(Ground.judgement),
    _GROUNDS.selectinload(Ground.call),
)
_AGAINST = selectinload(Appeal.record)
_APPEALED = (
    selectinload(Appeal.person),
    selectinload(Appeal.decider),
    selectinload(Appeal.judgement),
    selectinload(Appeal.evaluation).selectinload(Evaluation.call),
    _AGAINST.selectinload(Record.consequence),
    _AGAINST.selectinload(Record.grounds).selectinload(Ground.judgement),
)
_NOTICED = (
    selectinload(JudgementNotice.judgement),
    selectinload(JudgementNotice.evaluation).selectinload(Evaluation.call),
)
