"""How discipline records, commendations and appeals go from state to state, and who may move them (domain rule 7).

A supervisor proposes, the head decides, and is another person. The person concerned confirms, and may appeal in
time. An appeal against a judgement is the head's to decide, or the bureau leader's where a head judged; one
against a record is the bureau leader's. Nobody decides on what he did himself, or touches a record about himself
but to confirm it or to appeal. While an appeal is open nothing of it counts, and what is upheld takes with it what
rests on it.
"""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from supervision.actor import Actor, Role
from supervision.regulation.rules import Side

APPEAL_IN_WORKING_DAYS = 5
DECIDE_IN_WORKING_DAYS = 10
MOST_GROUNDS = 20


class RecordState(enum.StrEnum):
    """Where a record stands. Notified: decided, and the person was told of it."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    NOTIFIED = "notified"
    CONFIRMED = "confirmed"
    APPEALED = "appealed"
    MAINTAINED = "maintained"
    REVOKED = "revoked"


class Move(enum.StrEnum):
    """What happens to a record. It falls by itself, when a judgement that it rests on does not stand."""

    WITHDRAW = "withdraw"
    DECLINE = "decline"
    DECIDE = "decide"
    CONFIRM = "confirm"
    APPEAL = "appeal"
    RETRACT = "retract"
    DISMISS = "dismiss"
    UPHOLD = "uphold"
    FALL = "fall"


MOVES: Mapping[tuple[RecordState, Move], RecordState] = MappingProxyType(
    {
        (RecordState.PROPOSED, Move.WITHDRAW): RecordState.WITHDRAWN,
        (RecordState.PROPOSED, Move.DECLINE): RecordState.DECLINED,
        (RecordState.PROPOSED, Move.DECIDE): RecordState.NOTIFIED,
        (RecordState.PROPOSED, Move.FALL): RecordState.WITHDRAWN,
        (RecordState.NOTIFIED, Move.CONFIRM): RecordState.CONFIRMED,
        (RecordState.NOTIFIED, Move.APPEAL): RecordState.APPEALED,
        (RecordState.NOTIFIED, Move.FALL): RecordState.REVOKED,
        (RecordState.CONFIRMED, Move.APPEAL): RecordState.APPEALED,
        (RecordState.CONFIRMED, Move.FALL): RecordState.REVOKED,
        (RecordState.APPEALED, Move.RETRACT): RecordState.CONFIRMED,
        (RecordState.APPEALED, Move.DISMISS): RecordState.MAINTAINED,
        (RecordState.APPEALED, Move.UPHOLD): RecordState.REVOKED,
        (RecordState.APPEALED, Move.FALL): RecordState.REVOKED,
        (RecordState.MAINTAINED, Move.FALL): RecordState.REVOKED,
    }
)
STANDING = frozenset({RecordState.NOTIFIED, RecordState.CONFIRMED, RecordState.MAINTAINED})
DECIDED = STANDING | {RecordState.APPEALED, RecordState.REVOKED}
ENDED = frozenset({RecordState.WITHDRAWN, RecordState.DECLINED, RecordState.REVOKED})
FALLIBLE = frozenset(state for state, move in MOVES if move is Move.FALL)


def after(state: RecordState, move: Move) -> RecordState | None:
    """The state after a move; None where there is no such move."""
    return MOVES.get((state, move))


class AppealState(enum.StrEnum):
    """Where an appeal stands. Moot: what it was against fell with a judgement that did not stand."""

    OPEN = "open"
    RETRACTED = "retracted"
    DISMISSED = "dismissed"
    UPHELD = "upheld"
    MOOT = "moot"


_ENDS: Mapping[Move, AppealState] = MappingProxyType(
    {
        Move.RETRACT: AppealState.RETRACTED,
        Move.DISMISS: AppealState.DISMISSED,
        Move.UPHOLD: AppealState.UPHELD,
        Move.FALL: AppealState.MOOT,
    }
)


def appeal_after(state: AppealState, move: Move) -> AppealState | None:
    """The state of an appeal after a move; None where there is no such move. What has ended stays as it is."""
    return _ENDS.get(move) if state is AppealState.OPEN else None


class Remedy(enum.StrEnum):
    """How an upheld appeal against a judgement is put right: amended already, or the judgement does not stand."""

    AMENDED = "amended"
    SET_ASIDE = "set_aside"


class Target(enum.StrEnum):
    """What an appeal is against."""

    JUDGEMENT = "judgement"
    RECORD = "record"


class Objection(enum.StrEnum):
    """Why a person may not: it is not his, is about himself, or he was on the other side of it."""

    NOT_YOURS = "not_yours"
    ABOUT_YOURSELF = "about_yourself"
    PROPOSED_YOURSELF = "proposed_yourself"
    DECIDED_YOURSELF = "decided_yourself"
    JUDGED_YOURSELF = "judged_yourself"


@dataclass(frozen=True)
class Case:
    """A record, as far as the rule of who may what looks at it."""

    side: Side
    person: uuid.UUID
    proposed_by: uuid.UUID


def may_propose(actor: Actor, person: uuid.UUID) -> Objection | None:
    """What stands against a person's proposing a record about somebody, or None."""
    if actor.role is not Role.SUPERVISOR:
        return Objection.NOT_YOURS
    return Objection.ABOUT_YOURSELF if actor.account_id == person else None


def objection(actor: Actor, move: Move, case: Case) -> Objection | None:
    """What stands against a person's moving a record, or None. How an appeal ends: `appeal_objection`."""
    his = actor.account_id == case.person
    if move is Move.CONFIRM:
        return None if his else Objection.NOT_YOURS
    if move is Move.APPEAL:
        return None if his and case.side is Side.DISCIPLINE else Objection.NOT_YOURS
    if his:
        return Objection.ABOUT_YOURSELF
    if move is Move.WITHDRAW:
        return None if actor.account_id == case.proposed_by else Objection.NOT_YOURS
    if move not in {Move.DECIDE, Move.DECLINE} or actor.role is not Role.SUPERVISION_HEAD:
        return Objection.NOT_YOURS
    return Objection.PROPOSED_YOURSELF if actor.account_id == case.proposed_by else None


@dataclass(frozen=True)
class Contest:
    """An appeal, as far as the rule looks at it.

    `judged_by`: who wrote any version of the judgements that it is about, up to the one appealed. `head_judged`:
    a head is among them. `decided_by`: who proposed and who decided the record that it is against.
    """

    target: Target
    person: uuid.UUID
    judged_by: frozenset[uuid.UUID] = frozenset()
    head_judged: bool = False
    decided_by: frozenset[uuid.UUID] = frozenset()


def appeal_objection(actor: Actor, move: Move, contest: Contest) -> Objection | None:
    """What stands against a person's ending an appeal, or None."""
    his = actor.account_id == contest.person
    if move is Move.RETRACT:
        return None if his else Objection.NOT_YOURS
    if move not in {Move.DISMISS, Move.UPHOLD} or actor.role not in deciding_roles(contest):
        return Objection.NOT_YOURS
    if his:
        return Objection.ABOUT_YOURSELF
    if actor.account_id in contest.judged_by:
        return Objection.JUDGED_YOURSELF
    return Objection.DECIDED_YOURSELF if actor.account_id in contest.decided_by else None


def deciding_roles(contest: Contest) -> frozenset[Role]:
    """Whose an appeal is to decide: the bureau leader's where the head cannot."""
    if contest.target is Target.RECORD:
        return frozenset({Role.BUREAU_LEADER})
    heads = frozenset({Role.SUPERVISION_HEAD})
    return heads | {Role.BUREAU_LEADER} if contest.head_judged else heads


def is_in_time(until: date, today: date) -> bool:
    """Whether an appeal can still be made: on the last day it can."""
    return today <= until
