"""Who sees to a measure gives himself no other day, no day is out of sight, and no number breaks a page."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.early_signs import service
from supervision.early_signs.models import EarlySign
from supervision.early_signs.rules import LONGEST_MEASURE
from supervision.early_signs.service import Measure
from supervision.errors import InvalidInput, Refused
from supervision.evaluations.rules import Category
from supervision.mail.models import Mail
from tests.early_signs.test_service import AT, LAST, MONDAY
from tests.evaluations.factories import Work


@pytest.fixture
def sign(work: Work) -> EarlySign:
    return a_sign(work.session)


def a_sign(session: Session, chance: float = 1e-9) -> EarlySign:
    """A sign of office 01."""
    figures = {"window_calls": 20, "window_found": 12, "before_calls": 60, "before_found": 0, "chance": chance}
    sign = EarlySign(office_code="01", category=Category.MANNER, week=LAST, marked_at=AT, **figures)
    session.add(sign)
    session.flush()
    return sign


def takes(work: Work, login: str, sign: EarlySign, owner: str, day: date) -> EarlySign:
    measure = Measure("专题培训", work.town.people[owner].id, day)
    return service.take_measure(work.context(login, AT), sign.id, measure, version=sign.version)


def test_who_sees_to_a_measure_gives_himself_no_other_day(work: Work, sign: EarlySign) -> None:
    day = MONDAY + timedelta(days=10)
    takes(work, "supervisor", sign, "supervisor", day)
    with pytest.raises(Refused, match="sign_own_measure"):
        takes(work, "supervisor", sign, "supervisor", day + timedelta(days=90))
    assert takes(work, "head", sign, "supervisor", day + timedelta(days=9)).due_on == day + timedelta(days=9)


def test_no_measure_is_due_when_nobody_remembers_it(work: Work, sign: EarlySign) -> None:
    last = MONDAY + LONGEST_MEASURE
    with pytest.raises(InvalidInput, match="due_on"):
        takes(work, "head", sign, "leader", last + timedelta(days=1))
    assert takes(work, "head", sign, "leader", last).due_on == last


def test_who_left_is_not_written_to_but_the_next_level_is(work: Work, sign: EarlySign) -> None:
    takes(work, "head", sign, "leader", MONDAY + timedelta(days=3))
    work.town.people["leader"].active = False
    work.session.flush()
    service.remind_of_measure(work.session, sign.id, AT + timedelta(days=4), "tax.example")
    recipients = sorted(one.partition("@")[0] for one in work.session.scalars(select(Mail.recipient)))
    assert recipients == ["head", "supervisor", "supervisor2"]
