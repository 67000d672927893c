"""Who must be the second when a password is reset or a role given, and what the account may not do afterwards.

Whoever can give somebody a new password can be that person, and who can make an account of any role can be
anybody. For accounts that hear all offices, decide or administer (`is_guarded`), both take two: a security
administrator who asks and another person who agrees.
"""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.people.rules import Act

VALID_FOR = timedelta(hours=24)
BARRED_FOR = timedelta(hours=24)
SHOWN_FOR = timedelta(days=30)  # so long who asked sees what came to nothing
LONGEST_REFUSAL = 200

SUPERIOR: Mapping[Role, Role] = MappingProxyType(
    {
        Role.SUPERVISOR: Role.SUPERVISION_HEAD,
        Role.SUPERVISION_HEAD: Role.BUREAU_LEADER,
        Role.SYSTEM_ADMINISTRATOR: Role.BUREAU_LEADER,
        Role.SECURITY_ADMINISTRATOR: Role.BUREAU_LEADER,
        Role.AUDITOR: Role.BUREAU_LEADER,
    }
)

# What an account with a reset password does not do for a day: agree, listen, export, judge, move deadlines.
BARRED_ACTS = frozenset(
    {
        Act.LISTEN,
        Act.HEAR,
        Act.DOWNLOAD,
        Act.UNMASK,
        Act.WORK_ON_DRAWS,
        Act.JUDGE_TICKETS,
        Act.SETTLE_DRAWS,
        Act.EVALUATE,
        Act.CHECK_DIRECTLY,
        Act.AGREE_DELETIONS,
        Act.SET_RETENTION,
        Act.DECIDE_REQUESTS,
        Act.WRITE_NORMS,
        Act.MAKE_CERTIFICATE,
        Act.AGREE_RESETS,
        Act.PROPOSE_DISCIPLINE,
        Act.DECIDE_DISCIPLINE,
        Act.DECIDE_APPEALS,
        Act.TAKE_EVIDENCE,
        Act.TREAT_FINDINGS,
        Act.ISSUE_RECTIFICATIONS,
        Act.HANDLE_SIGNS,
        Act.FINISH_SIGNS,
        Act.ENTER_WORKDAYS,
    }
)


class ResetState(enum.StrEnum):
    """Where a reset stands."""

    ASKED = "asked"
    AGREED = "agreed"
    ENDED = "ended"


@dataclass(frozen=True)
class Asked:
    """What was asked for: for whom, of what role or to be of it, by whom, until when it can be agreed to."""

    owner: uuid.UUID
    owner_role: Role
    asked_by: uuid.UUID
    ends_at: datetime
    state: ResetState = ResetState.ASKED


class Objection(enum.StrEnum):
    """Why somebody cannot be the second."""

    NOT_OPEN = "reset_not_open"
    SAME_PERSON = "reset_same_person"
    NOT_SUPERIOR = "reset_not_superior"
    TOO_NEW = "reset_too_new"


def is_guarded(role: Role) -> bool:
    """Whether nobody alone resets the password of such an account, or makes one."""
    return role not in OFFICE_ROLES


def needs_second(role: Role, *, active: bool, before: Role | None = None, was_active: bool = False) -> bool:
    """Whether this makes an account able to act in a guarded role in which it could not before.

    `before` is its role until now, None for a new account. Switching off, and what does not change who may act as
    what, one administrator does alone.
    """
    return active and is_guarded(role) and not (was_active and before is role)


def objection(asked: Asked, second: Actor, established_at: datetime, at: datetime) -> Objection | None:
    """Why the second person cannot agree; None where he can.

    `established_at`: since when he has had his role. An account that was made or changed within a day agrees to
    nothing, so that nobody makes himself a second person on the spot.
    """
    if asked.state is not ResetState.ASKED or at >= asked.ends_at:
        return Objection.NOT_OPEN
    if second.account_id in {asked.asked_by, asked.owner}:
        return Objection.SAME_PERSON
    if second.role not in {Role.SECURITY_ADMINISTRATOR, SUPERIOR.get(asked.owner_role)}:
        return Objection.NOT_SUPERIOR
    if at < established_at + BARRED_FOR:
        return Objection.TOO_NEW
    return None


def is_barred(act: Act, barred_until: datetime | None, at: datetime, *, exports: bool = False) -> bool:
    """Whether an account does not do this yet, since its password was reset; any export is barred."""
    return (exports or act in BARRED_ACTS) and barred_until is not None and at < barred_until
