"""Early signs on the site: each point opens into its calls, and a sign is given a measure or dismissed."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from supervision.clock import now, today
from supervision.database import Database
from supervision.early_signs.models import EarlySign
from supervision.early_signs.rules import SignState, last_week
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category
from supervision.findings.service import open_treatments
from supervision.settings import Mode, Settings
from tests.evaluations.factories import Work, make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged
from tests.web.conftest import People

FIGURES = {"window_calls": 20, "window_found": 12, "before_calls": 60, "before_found": 0, "chance": 1e-9}


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def work(people: People, settings: Settings) -> Work:
    """The town's people, who can sign in, and a finding of a call that was evaluated last week."""
    with people.database.transaction() as session:
        made = make_work(session, settings.home)
        for person in made.town.people.values():
            person.password_hash = QUICK
        judged(made, breach(text="打断对方"))
        session.execute(update(Evaluation).values(submitted_at=now() - timedelta(days=7)))
        open_treatments(session)
    return made


@pytest.fixture
def sign(work: Work, database: Database) -> EarlySign:
    with database.transaction() as session:
        made = EarlySign(office_code="01", category=Category.MANNER, week=last_week(today()), **FIGURES)
        made.due_on = today() + timedelta(days=14)
        session.add(made)
    return made


def state_of(database: Database, sign: EarlySign) -> tuple[SignState, str, str]:
    with database.reading() as session:
        found = session.get_one(EarlySign, sign.id)
        return found.state, found.text, found.outcome


def test_each_point_of_a_tendency_opens_into_its_findings(people: People, work: Work) -> None:
    head = people.admits(work.town.people["head"])
    page = head.get("/early-signs/").text
    (address,) = re.findall(r'<a href="(/findings/[^"]*evaluated_from[^"]*)">1</a>', page)
    opened = html.unescape(address)
    assert "打断对方" in head.get(opened).text
    elsewhere = re.sub(r"evaluated_(from|to)=\d{4}", r"evaluated_\1=2020", opened)
    assert "打断对方" not in head.get(elsewhere).text


def test_a_sign_is_given_a_measure_and_is_done(
    people: People, work: Work, database: Database, sign: EarlySign
) -> None:
    head, leader = (people.admits(work.town.people[login]) for login in ("head", "leader"))
    page = head.get(f"/early-signs/{sign.id}").text
    assert f"{today() + timedelta(days=14)}" in page
    owner = work.town.people["leader"].id
    form = {"text": "专题培训", "owner": str(owner), "due_on": str(today() + timedelta(days=9)), "version": "1"}
    head.post(f"/early-signs/{sign.id}/measure", form)
    assert state_of(database, sign) == (SignState.MEASURE, "专题培训", "")
    head.post(f"/early-signs/{sign.id}/measure", {**form, "text": "改写"})
    assert state_of(database, sign) == (SignState.MEASURE, "专题培训", ""), "what it was written on has changed"
    assert "专题培训" in leader.get(f"/early-signs/{sign.id}").text
    leader.post(f"/early-signs/{sign.id}/finish", {"effect": "复查正常", "version": "2"})
    assert state_of(database, sign) == (SignState.DONE, "专题培训", "复查正常")


def test_a_sign_is_dismissed_with_its_reason_and_by_the_section_only(
    people: People, work: Work, database: Database, sign: EarlySign
) -> None:
    form = {"reason": "评分标准调整所致", "version": "1"}
    leader = people.admits(work.town.people["leader"])
    assert leader.post(f"/early-signs/{sign.id}/dismiss", form).status_code == 403
    people.admits(work.town.people["head"]).post(f"/early-signs/{sign.id}/dismiss", form)
    assert state_of(database, sign) == (SignState.DISMISSED, "评分标准调整所致", "")
