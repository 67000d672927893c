"""Both sides of a notice before the site, and a drawn call with a breach that it is about."""

import io
import re
import uuid
from typing import Any

from werkzeug.test import TestResponse

from supervision.actor import Scope
from supervision.database import Database
from supervision.findings.queries import FindingFilter, list_treatments
from supervision.findings.service import open_treatments
from supervision.settings import Settings
from tests.evaluations.factories import Work, make_work
from tests.factories import QUICK
from tests.findings.factories import breach, judged
from tests.rectification.factories import PDF
from tests.web.conftest import Browser, People, leads_to

VERSION = re.compile(r'name="version" value="(\d+)"')
REPLY = {"now_done": "已约谈", "prevention": "每周讲评"}


def a_file(data: bytes = PDF, name: str = "报告.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def make_town_with_a_breach(people: People, settings: Settings) -> Work:
    """The town's people, who can sign in, and a drawn call of Zhang's with a breach."""
    with people.database.transaction() as session:
        made = make_work(session, settings.home)
        for person in made.town.people.values():
            person.password_hash = QUICK
        judged(made, breach(text="<b>打断对方</b>"))
        open_treatments(session)
    return made


def the_finding(database: Database) -> uuid.UUID:
    """The first finding that headquarters sees."""
    with database.reading() as session:
        return list_treatments(session, Scope(), FindingFilter()).rows[0].id


class Sides:
    """Both sides of a notice, signed in."""

    def __init__(self, people: People, work: Work, finding: uuid.UUID) -> None:
        self.supervisor, self.leader, self.deputy = (
            people.admits(work.town.people[login]) for login in ("supervisor", "leader", "deputy")
        )
        form = {"finding": str(finding), "demand": "请立即整改", "days": "10"}
        self.path = leads_to(self.supervisor.post("/rectification/new", form))

    def acts(self, browser: Browser, step: str, version: str = "", **form: Any) -> TestResponse:
        """A step of the notice, on the version that its page shows."""
        known = version or self.version(browser)
        more = {"content_type": "multipart/form-data"} if step == "reply" else {}
        return browser.post(f"{self.path}/{step}", {"version": known, **form}, **more)

    def version(self, browser: Browser) -> str:
        found = VERSION.search(browser.get(self.path).text)
        assert found, "nothing to be done"
        return found[1]
