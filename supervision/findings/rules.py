"""What a finding needs, who gives it, and by when (S6, S15).

A breach has two halves: education or criticism of the person, recorded and confirmed by him; and a measure that
keeps it from happening again (his office's, or a rectification), or a reasoned "none needed" to which another
person agrees. Untreated after ten working days it is overdue to the next level. What headquarters wrote or did not
agree to, its offices do not decide otherwise.
"""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from supervision.actor import Actor, Role

DUE_IN_WORKING_DAYS = 10


class Measure(enum.StrEnum):
    """What is done with the person."""

    EDUCATION = "education"
    CRITICISM = "criticism"


class Prevention(enum.StrEnum):
    """What keeps it from happening again."""

    MEASURE = "measure"
    RECTIFICATION = "rectification"
    NONE_NEEDED = "none_needed"


class Standing(enum.StrEnum):
    """How far the treatment of a finding is. Gone: an amendment of the evaluation took the finding back."""

    OPEN = "open"
    AWAITING_AGREEMENT = "awaiting_agreement"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    TREATED = "treated"
    GONE = "gone"


UNTREATED = frozenset({Standing.OPEN, Standing.AWAITING_AGREEMENT})
UNFINISHED = UNTREATED | {Standing.AWAITING_CONFIRMATION}


@dataclass(frozen=True)
class Given:
    """What was done about a finding so far; no person: nobody sat at the desk that answered.

    `by_hq`: what of it is headquarters' word: the acts by which it was written, or declined.
    """

    person: uuid.UUID | None
    measure: Measure | None = None
    confirmed: bool = False
    prevention: Prevention | None = None
    prevention_by: uuid.UUID | None = None
    agreed: bool = False
    by_hq: frozenset["TreatmentAct"] = frozenset()


def standing(given: Given) -> Standing:
    """How far it is. Where nobody is known to have talked, there is nobody to educate and nobody to confirm."""
    if given.prevention is None or (given.person is not None and given.measure is None):
        return Standing.OPEN
    if given.prevention is Prevention.NONE_NEEDED and not given.agreed:
        return Standing.AWAITING_AGREEMENT
    if given.person is not None and not given.confirmed:
        return Standing.AWAITING_CONFIRMATION
    return Standing.TREATED


class TreatmentAct(enum.StrEnum):
    """What a person does about a finding."""

    TREAT_PERSON = "treat_person"
    PREVENT = "prevent"
    AGREE = "agree"
    DECLINE = "decline"
    CONFIRM = "confirm"


def lacking(given: Given) -> frozenset[TreatmentAct]:
    """What is to be done next about a finding: any of these acts."""
    state = standing(given)
    if state is Standing.OPEN:
        person = {TreatmentAct.TREAT_PERSON} if given.person is not None and given.measure is None else set()
        return frozenset(person | ({TreatmentAct.PREVENT} if given.prevention is None else set()))
    return {
        Standing.AWAITING_AGREEMENT: frozenset({TreatmentAct.AGREE}),
        Standing.AWAITING_CONFIRMATION: frozenset({TreatmentAct.CONFIRM}),
    }.get(state, frozenset())


class Objection(enum.StrEnum):
    """Why a person may not: not his, about himself, his own proposal, or there is nothing to be done."""

    NOT_YOURS = "not_yours"
    ABOUT_YOURSELF = "about_yourself"
    SAME_PERSON = "same_person"
    NOT_AT_THIS_STEP = "not_at_this_step"


# Whoever does the one would decide otherwise than who did the other: agreeing undoes that it was declined.
_DECIDES: Mapping[TreatmentAct, TreatmentAct] = MappingProxyType(
    {
        TreatmentAct.TREAT_PERSON: TreatmentAct.TREAT_PERSON,
        TreatmentAct.PREVENT: TreatmentAct.PREVENT,
        TreatmentAct.AGREE: TreatmentAct.DECLINE,
        TreatmentAct.DECLINE: TreatmentAct.DECLINE,
    }
)
TREATING = frozenset({Role.OFFICE_LEADER, Role.SUPERVISOR, Role.SUPERVISION_HEAD})


def objection(actor: Actor, act: TreatmentAct, given: Given, office_code: str) -> Objection | None:
    """What stands against a person's act, or None. The steps that have their time only are looked at last."""
    his = given.person is not None and given.person == actor.account_id
    if act is TreatmentAct.CONFIRM:
        if not his:
            return Objection.NOT_YOURS
        return None if given.measure is not None and not given.confirmed else Objection.NOT_AT_THIS_STEP
    if actor.role not in TREATING or actor.office_code not in {None, office_code}:
        return Objection.NOT_YOURS
    if his:
        return Objection.ABOUT_YOURSELF
    if actor.office_code is not None and _DECIDES[act] in given.by_hq:
        return Objection.NOT_YOURS
    return _at_its_time(actor, act, given)


def acts_of(actor: Actor, given: Given, office_code: str) -> frozenset[TreatmentAct]:
    """What of that is this person's to do."""
    return frozenset(act for act in lacking(given) if objection(actor, act, given, office_code) is None)


def _at_its_time(actor: Actor, act: TreatmentAct, given: Given) -> Objection | None:
    if act in {TreatmentAct.AGREE, TreatmentAct.DECLINE}:
        if given.prevention is not Prevention.NONE_NEEDED or given.agreed:
            return Objection.NOT_AT_THIS_STEP
        return Objection.SAME_PERSON if given.prevention_by == actor.account_id else None
    if act is TreatmentAct.PREVENT and given.prevention is Prevention.RECTIFICATION:
        return Objection.NOT_AT_THIS_STEP
    if act is TreatmentAct.TREAT_PERSON and (given.person is None or given.confirmed):
        return Objection.NOT_AT_THIS_STEP
    return Objection.NOT_AT_THIS_STEP if standing(given) is Standing.TREATED else None


def is_overdue(state: Standing, due_on: date, today: date) -> bool:
    """Whether the treatment is late: on its last day it is not yet. His confirmation alone is not waited for."""
    return state in UNTREATED and today > due_on
