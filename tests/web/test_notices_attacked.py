"""Replies, files and texts of notices as somebody sends them who means harm."""

import io
import re
import uuid
from typing import Any

import pytest

from supervision.clock import today
from supervision.database import Database
from supervision.draws.rules import Party
from supervision.paths import HqPaths
from supervision.rectification.models import Rectification
from supervision.rectification.queries import MOST_SHOWN
from supervision.settings import Mode, Settings
from tests.early_signs.test_attacks import a_sign
from tests.evaluations.factories import Work
from tests.rectification.factories import PDF
from tests.web.conftest import Browser, People, leads_to
from tests.web.notices import REPLY, VERSION, Sides, a_file, make_town_with_a_breach, the_finding


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def work(people: People, settings: Settings) -> Work:
    return make_town_with_a_breach(people, settings)


@pytest.fixture
def finding(work: Work, database: Database) -> uuid.UUID:
    return the_finding(database)


@pytest.fixture
def sides(people: People, work: Work, finding: uuid.UUID) -> Sides:
    return Sides(people, work, finding)


def files_on(settings: Settings) -> list[str]:
    return [one.name for one in HqPaths(settings.home).attachments.rglob("*") if one.is_file()]


def test_a_refused_reply_leaves_no_file(sides: Sides, settings: Settings) -> None:
    """Each left up to five of 10 MB on headquarters' disk, and could be sent without end."""
    html = a_file(b"<html>", "a.pdf")
    wrong: tuple[dict[str, Any], ...] = (
        {**REPLY, "now_done": " "},
        {**REPLY, "version": "99"},
        {**REPLY, "attachment": [a_file(), html]},
        {**REPLY, "attachment": [a_file() for _ in range(6)]},
    )
    for form in wrong:
        answer = sides.acts(sides.leader, "reply", **{"attachment": a_file(), **form})
        assert answer.status_code in {409, 422}
    form = {**REPLY, "attachment": a_file()}
    answer = sides.leader.post(f"{sides.path}/reply", form, content_type="multipart/form-data")
    assert answer.status_code == 422, "without the version that was looked at"
    leads_to(sides.acts(sides.deputy, "reply", **REPLY))
    leads_to(sides.acts(sides.leader, "reply", "2", **REPLY, attachment=a_file()))
    assert files_on(settings) == []


def test_where_no_file_can_be_kept_it_is_said_and_what_was_typed_stays(sides: Sides, settings: Settings) -> None:
    paths = HqPaths(settings.home)
    paths.attachments.write_text("in the way")
    answer = sides.acts(sides.leader, "reply", **REPLY, attachment=a_file())
    assert answer.status_code == 503
    assert "附件" in answer.text
    assert ">每周讲评</textarea>" in answer.text
    assert "待答复" in sides.leader.get(sides.path).text


def attached(sides: Sides, **more: Any) -> str:
    leads_to(sides.acts(sides.leader, "reply", **REPLY, attachment=a_file(**more)))
    link = re.search(r'href="(/rectification/attachments/[0-9a-f-]+)"', sides.leader.get(sides.path).text)
    assert link
    return link[1]


def test_an_attachment_is_kept_by_no_browser_and_sent_in_parts_to_who_may_see_it(
    sides: Sides, people: People, work: Work
) -> None:
    path = attached(sides)
    answer = sides.leader.get(path, headers={"Range": "bytes=0-3"}, buffered=True)
    assert (answer.status_code, answer.data) == (206, PDF[:4])
    assert answer.headers["Cache-Control"] == "private, no-store"
    for asked in ("bytes=9999-", "bytes=3-1", "bytes=-0", "lines=1-2", "bytes=" + "0-1," * 999):
        whole = sides.leader.get(path, headers={"Range": asked}, buffered=True)
        assert whole.status_code in {200, 206, 416}
        assert whole.headers["X-Content-Type-Options"] == "nosniff"
    others = [people.admits(work.town.people[login]) for login in ("leader2", "wu", "li", "zhang")]
    known = {"If-None-Match": answer.headers["ETag"]}
    assert {one.get(path, headers=known).status_code for one in others} == {404}


def test_the_same_bytes_of_another_office_open_nothing(sides: Sides, settings: Settings) -> None:
    """A hash is no address: an attachment is found by its own id only."""
    attached(sides)
    (digest,) = files_on(settings)
    for path in (digest, f"{digest[:32]}", f"../attachments/{digest}", "%2e%2e/" + digest):
        assert sides.leader.get(f"/rectification/attachments/{path}").status_code == 404


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what was read so far is let go
def test_a_body_without_a_length_or_with_a_false_one_is_cut_off(sides: Sides, settings: Settings) -> None:
    begun = b'--x\r\nContent-Disposition: form-data; name="attachment"; filename="a.pdf"\r\n\r\n' + PDF
    kind = "multipart/form-data; boundary=x"
    endless = {"wsgi.input": Endless(begun), "wsgi.input_terminated": True}
    answer = sides.leader.client.post(f"{sides.path}/reply", content_type=kind, environ_overrides=endless)
    assert answer.status_code == 413
    for length in ("0", "5", str(len(begun) + 1000), "-1", "x", "9" * 30):
        answer = sides.leader.client.post(
            f"{sides.path}/reply",
            content_type=kind,
            input_stream=io.BytesIO(begun),
            environ_overrides={"CONTENT_LENGTH": length},
        )
        assert 400 <= answer.status_code < 500, length
    assert files_on(settings) == []


class Endless(io.RawIOBase):
    """A body that never ends."""

    def __init__(self, begun: bytes) -> None:
        self.rest = begun

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        given, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(given) or len(buffer)] = given or bytes(len(buffer))
        return len(given) or len(buffer)


SCRIPT = '"><script>alert(1)</script>{{7*7}}%(n)s=1+1'


def test_what_people_write_is_text_on_every_page(
    sides: Sides, people: People, work: Work, finding: uuid.UUID
) -> None:
    leader, head, supervisor = sides.leader, people.admits(work.town.people["head"]), sides.supervisor
    leads, zhang = (str(work.town.people[login].id) for login in ("leader", "zhang"))
    path = f"/findings/{finding}"

    def acts(browser: Browser, step: str, **form: str) -> None:
        version = VERSION.search(browser.get(path).text)
        assert version
        leads_to(browser.post(f"{path}/{step}", {"version": version[1], **form}))

    acts(head, "person", measure="education", text=SCRIPT)
    leads_to(sides.acts(leader, "reply", now_done=SCRIPT, prevention=SCRIPT, attachment=a_file(name=SCRIPT)))
    leads_to(sides.acts(supervisor, "return", note=SCRIPT, days="5"))
    head.post("/workdays/days", {"first": "2026-03-23", "worked": "free", "reason": SCRIPT, "year": "2026"})
    with people.database.transaction() as session:
        sign = a_sign(session, 1e-300)
    form = {"version": "1", "text": SCRIPT, "owner": leads, "due_on": today().isoformat()}
    leads_to(head.post(f"/early-signs/{sign.id}/measure", form))
    form = {"finding": str(finding), "demand": SCRIPT, "days": "10", "addressee": zhang}
    issued = leads_to(leader.post("/rectification/new", form))
    pages = [path, sides.path, issued, f"/early-signs/{sign.id}", "/rectification/", "/rectification/register"]
    for page in (*pages, "/findings/", "/workdays/?year=2026", "/early-signs/", "/"):
        for browser in (leader, head, supervisor):
            answer = browser.get(page)
            assert answer.status_code == 200, page
            assert "<script>alert" not in answer.text
            assert not re.search(r"[\d,]{30}", answer.text), page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}%(n)s=1+1" in leader.get(sides.path).text


def test_a_flood_of_notices_of_one_office_hides_no_others(sides: Sides, people: People, work: Work) -> None:
    with people.database.transaction() as session:
        first = session.query(Rectification).one()
        same = "days", "counted_from", "due_on", "issued_by", "issued_at"
        facts = {name: getattr(first, name) for name in same}
        for n in range(MOST_SHOWN + 5):
            session.add(
                Rectification(
                    party=Party.HQ, office_code="02", year=first.year, n=100 + n, demand=f"灌水{n}", **facts
                )
            )
    page = sides.supervisor.get("/rectification/").text
    assert page.count("灌水") == MOST_SHOWN
    assert "请立即整改" in page
    assert "其余 5 件" in page
    assert "未办结 25 件" in page
