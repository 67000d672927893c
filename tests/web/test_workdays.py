"""The calendar on the site: read by who keeps deadlines, written by the head."""

import pytest

from supervision.actor import Role
from supervision.settings import Mode
from supervision.workdays.queries import published
from tests.web.conftest import People


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


def test_the_head_enters_a_day_takes_it_back_and_confirms_a_year(people: People) -> None:
    head, year = people.enters(Role.SUPERVISION_HEAD), max(published().years) + 1
    assert "尚不掌握" in head.get(f"/workdays/?year={year}").text
    form = {"year": year, "first": f"{year}-01-04", "worked": "worked", "reason": "国办发明电 <1> 号"}
    head.post("/workdays/days", form)
    page = head.get(f"/workdays/?year={year}").text
    assert "已录入" in page
    assert "国办发明电 &lt;1&gt; 号" in page
    head.post("/workdays/days/withdraw", {"year": year, "day": f"{year}-01-04", "reason": "误录"})
    assert "没有人工录入" in head.get(f"/workdays/?year={year}").text
    head.post("/workdays/years", {"year": year, "reason": "已全部录入"})
    leader = people.enters(Role.OFFICE_LEADER)
    page = leader.get(f"/workdays/?year={year}").text
    assert "尚不掌握" not in page
    assert "录入日期" not in page
    assert leader.get("/workdays/?year=1900").status_code == 422
