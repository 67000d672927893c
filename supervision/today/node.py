"""Gathering what a person has to do at an office's site, as far as the node received it from headquarters.

Of a decision about a person a node receives only that there is one. Not sent are: whether a finding is treated and
confirmed, who gave his word that there were no calls, signs, the regulation's confirmations. That is done at
headquarters' site, whose start page shows it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.actor import Actor, scope_of
from supervision.clock import local
from supervision.discipline.messages import list_to_confirm
from supervision.draws.node_work import list_work_received
from supervision.draws.rules import Party
from supervision.people.rules import Act, may
from supervision.rectification.messages import SentRectification, list_unfinished_copies
from supervision.rectification.rules import UNANSWERED, Move, Notice, objection
from supervision.today.queries import AT_ONCE, list_everywhere
from supervision.today.rules import Subject, Todo, in_order


def list_node_todos(session: Session, actor: Actor, at: datetime) -> list[Todo]:
    """What is the person's to do, in order of urgency."""
    own = [*_reviews(session, actor), *_put_right(session, actor), *_decided(session, actor)]
    return in_order([*own, *list_everywhere(session, actor, at, own)])


def _reviews(session: Session, actor: Actor) -> Iterator[Todo]:
    """The draws that are his side's to review, each with its day; headquarters' site is where it is done."""
    if not may(actor.role, Act.EVALUATE):
        return
    side = Party.OFFICE if actor.office_code is not None else Party.HQ
    for draw, progress in list_work_received(session, scope_of(actor), side):
        due_on = local(draw.due_at - AT_ONCE).date() if draw.due_at else None
        yield Todo(Subject.REVIEW, progress.left, due_on, draw.name, str(draw.id))


def _put_right(session: Session, actor: Actor) -> Iterator[Todo]:
    """The notices that wait for him."""
    if not may(actor.role, Act.SEE_RECTIFICATIONS):
        return
    for one in list_unfinished_copies(session, scope_of(actor)):
        if one.state in UNANSWERED:
            if _may_do(actor, Move.ANSWER, one):
                yield Todo(Subject.ANSWER, 1, one.due_on, one.number, str(one.id), provisional=one.provisional)
        elif _may_do(actor, Move.CLOSE, one):
            yield Todo(Subject.VERIFY, 1, one.due_on, one.number, str(one.id), provisional=one.provisional)


def _decided(session: Session, actor: Actor) -> Iterator[Todo]:
    """The decisions about himself that wait for his confirmation at headquarters."""
    if may(actor.role, Act.APPEAL):
        for one in list_to_confirm(session, actor.account_id):
            yield Todo(Subject.CONFIRM_RECORD, 1, None, one.number, str(one.id))


def _may_do(actor: Actor, move: Move, one: SentRectification) -> bool:
    """By whom it is and to whom: who wrote and judged its replies, a node does not receive by their accounts."""
    return objection(actor, move, Notice(one.party, actor.office_code or "", one.addressee_id)) is None
