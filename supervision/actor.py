"""Who acts, in which role, and whose records he sees: every room may import it: a pure rule."""

import enum
import uuid
from dataclasses import dataclass, replace


class Role(enum.StrEnum):
    """What a person is in the system; each account has one."""

    OFFICER = "officer"
    OFFICE_LEADER = "office_leader"
    SUPERVISOR = "supervisor"
    SUPERVISION_HEAD = "supervision_head"
    BUREAU_LEADER = "bureau_leader"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDITOR = "auditor"


OFFICE_ROLES = frozenset({Role.OFFICER, Role.OFFICE_LEADER})


@dataclass(frozen=True)
class Actor:
    """The person on whose behalf something is done; passed to every service that writes."""

    account_id: uuid.UUID
    login: str
    name: str
    role: Role
    office_code: str | None = None


@dataclass(frozen=True)
class Scope:
    """Whose records a person sees. `office_code` None: all offices. `own` given: only calls he answered."""

    office_code: str | None = None
    own: uuid.UUID | None = None


def scope_of(actor: Actor) -> Scope:
    """The records the actor may see, where his role lets him see any."""
    if actor.role is Role.OFFICER:
        return Scope(office_code=actor.office_code, own=actor.account_id)
    if actor.role in OFFICE_ROLES:
        return Scope(office_code=actor.office_code)
    return Scope()


def narrowed(scope: Scope, office_code: str | None) -> Scope:
    """The part of a scope that one office is; a scope of one office stays what it is. Never wider."""
    return (
        scope if office_code is None or scope.office_code is not None else replace(scope, office_code=office_code)
    )
