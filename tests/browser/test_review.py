"""The leader reviews what was drawn in the review room, by keyboard only; and nothing that is typed is lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from supervision.database import Database
from supervision.draws.models import Ticket
from supervision.draws.rules import TicketState
from supervision.evaluations.models import Draft, Evaluation, SetAside
from supervision.evaluations.rules import Kind
from supervision.people import passwords
from supervision.settings import Mode, Settings
from tests.browser.inspecting import faults
from tests.browser.reviewer import PLAYED, begins, enters, reviews, types_in
from tests.browser.stage import PASSWORD, served
from tests.browser.waiting import until
from tests.evaluations.factories import make_work

pytestmark = pytest.mark.browser


@dataclass
class Room:
    """Headquarters with a drawn week of two short calls, not yet served."""

    settings: Settings
    database: Database
    ticket_ids: list[str]


@pytest.fixture
def drawn(tmp_path: Path, sqlite_url: str) -> Iterator[Room]:
    settings = Settings(home=tmp_path, database_url=sqlite_url, secure_cookies=False, mode=Mode.HQ)
    database = Database(sqlite_url)
    with database.transaction() as session:
        work = make_work(session, tmp_path)
        hashed = passwords.hashed(PASSWORD)
        for person in work.town.people.values():
            person.password_hash = hashed
        tickets = work.draw([work.call(3), work.call(3)])
        found = [str(one.id) for one in tickets]
    yield Room(settings, database, found)
    database.close()


def test_the_leader_reviews_what_was_drawn_by_keyboard_only_and_the_quota_is_met(
    chromium: Browser, drawn: Room
) -> None:
    with served(drawn.settings, drawn.database) as (address, _site):
        page = chromium.new_context(viewport={"width": 1360, "height": 900}).new_page()
        types_in(page, address, "leader")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/review/")
        expect(page.locator("[data-quota-done]")).to_have_attribute("data-quota-done", "0")
        begins(page)
        reviews(page, "语气急")
        expect(page.locator("[data-quota-done]")).to_have_attribute("data-quota-done", "1")
        assert faults(page) == []
        reviews(page, "答得好")
        page.wait_for_url(f"{address}/review/")
        assert page.locator(".queue-item").count() == 0
        page.goto(f"{address}/quotas/")
        expect(page.locator("progress").first).to_have_js_property("value", 2)
        page.context.close()
    assert complaints == []
    with drawn.database.reading() as session:
        assert {one.state for one in session.scalars(select(Ticket))} == {TicketState.DONE}
        query = select(Evaluation).where(Evaluation.kind == Kind.TICKET).order_by(Evaluation.opened_at)
        judged = [one.judgements[0] for one in session.scalars(query)]
        assert [one.score for one in judged] == [95, 95]
        assert [[found.text for found in one.findings] for one in judged] == [["语气急"], ["答得好"]]


def test_a_draft_survives_a_closed_browser_and_a_restarted_server(chromium: Browser, drawn: Room) -> None:
    with served(drawn.settings, drawn.database) as (address, _site):
        page = enters(chromium, address)
        page.goto(f"{address}/review/")
        begins(page)
        path = page.url.removeprefix(address)
        expect(page.locator("[data-points]").first).to_be_focused()
        with page.expect_response(lambda answer: answer.ok and "写到一半" in (answer.request.post_data or "")):
            page.keyboard.type("7")
            page.keyboard.press("r")
            page.keyboard.type("写到一半")
        page.context.close()
    with served(drawn.settings, drawn.database) as (address, _site):
        page = enters(chromium, address)
        page.goto(f"{address}{path}")
        expect(page.locator("[data-points]").first).to_have_value("7")
        expect(page.locator("[data-remark]").first).to_have_value("写到一半")
        page.context.close()


def test_two_windows_on_one_call_are_noticed_and_both_texts_are_kept(chromium: Browser, drawn: Room) -> None:
    with served(drawn.settings, drawn.database) as (address, _site):
        first = enters(chromium, address)
        first.goto(f"{address}/review/")
        begins(first)
        second = first.context.new_page()
        second.goto(first.url)
        for page, text in ((first, "甲的意见"), (second, "乙的意见")):
            page.bring_to_front()
            with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
                page.locator("[data-whole-remark]").fill(text)
        expect(second.locator("[data-part=notice]")).to_be_visible()
        with second.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            second.locator("[data-whole-remark]").press_sequentially("，又写了一句")
        expect(second.locator("[data-part=notice]")).to_be_visible()
        until(second, "!document.querySelector('[data-review]').review.saving.owes()")
        second.reload()
        expect(second.locator("[data-whole-remark]")).to_have_value("甲的意见")
        expect(second.locator("[data-part=aside]")).to_contain_text("乙的意见")
        first.context.close()
    with drawn.database.reading() as session:
        assert [one.content["remark"] for one in session.scalars(select(Draft))] == ["甲的意见"]
        assert [one.content["remark"] for one in session.scalars(select(SetAside))] == ["乙的意见，又写了一句"]


def test_a_session_that_ended_and_was_begun_anew_in_another_window_loses_nothing_that_was_typed(
    chromium: Browser, drawn: Room
) -> None:
    with served(drawn.settings, drawn.database) as (address, _site):
        page = enters(chromium, address)
        page.goto(f"{address}/review/")
        begins(page)
        page.context.clear_cookies()
        other = page.context.new_page()
        types_in(other, address, "leader")
        page.bring_to_front()
        page.keyboard.press("F2")
        until(page, "document.querySelector('audio').played.length > 0")
        with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
            page.locator("[data-whole-remark]").fill("午饭前写的")
        with page.expect_navigation(url="**/review/"):
            page.get_by_role("button", name="退回队列").click()
        page.context.close()
    with drawn.database.reading() as session:
        assert [one.content["remark"] for one in session.scalars(select(Draft))] == ["午饭前写的"]


def test_what_one_person_typed_is_not_sent_in_the_name_of_another_who_signed_in_meanwhile(
    chromium: Browser, drawn: Room
) -> None:
    with served(drawn.settings, drawn.database) as (address, _site):
        page = enters(chromium, address)
        page.goto(f"{address}/review/")
        begins(page)
        page.context.clear_cookies()
        types_in(page.context.new_page(), address, "deputy")
        page.locator("[data-whole-remark]").fill("陈所长写的")
        expect(page.locator("[data-part=state]")).to_contain_text("登录已失效")
        with page.expect_response(lambda answer: answer.url.endswith("/draft")) as again:
            pass
        assert again.value.status == 400
        until(page, "document.querySelector('[data-review]').review.saving.owes()")
        page.context.close()
    with drawn.database.reading() as session:
        assert session.scalars(select(Draft)).all() == []


def test_a_key_that_is_held_submits_nothing_past_the_warning(chromium: Browser, drawn: Room) -> None:
    with served(drawn.settings, drawn.database) as (address, _site):
        page = enters(chromium, address)
        page.goto(f"{address}/review/")
        begins(page)
        path = page.url
        page.keyboard.press("F8")
        for _ in range(5):
            page.keyboard.down("F9")  # the second and later ones are repeats
        expect(page.locator("[data-part=notice]")).to_be_visible()
        page.keyboard.up("F9")
        page.keyboard.down("F9")
        page.keyboard.up("F9")
        page.wait_for_url(path)
        expect(page.locator(".review-head + .notice")).to_be_visible()
        page.context.close()
    with drawn.database.reading() as session:
        assert session.scalars(select(Evaluation)).one().counted_at is None


def leaves_out(page: Page, n: int, reason: str) -> None:
    """By keyboard: a criterion does not apply, which needs its reason; Esc leads on to points that can be."""
    row, following = page.locator("[data-criterion]").nth(n), page.locator("[data-points]").nth(n + 1)
    row.locator("[data-points]").focus()
    page.keyboard.press("n")
    expect(row.locator("[data-points]")).to_be_disabled()
    expect(row.locator("[data-remark]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(following).to_be_focused()
    page.keyboard.press("F9")
    expect(page.locator("[data-part=notice]")).to_contain_text("不适用的项目也须写明理由")
    expect(row.locator("[data-remark]")).to_be_focused()
    page.keyboard.type(reason)
    page.keyboard.press("Enter")
    expect(following).to_be_focused()


def test_from_the_draws_page_to_the_officers_page_with_a_deduction_and_one_criterion_left_out(
    chromium: Browser, drawn: Room
) -> None:
    with drawn.database.reading() as session:
        draw_id = session.scalars(select(Ticket.draw_id)).first()
    with served(drawn.settings, drawn.database) as (address, _site):
        page = enters(chromium, address)
        page.goto(f"{address}/draws/{draw_id}")
        with page.expect_navigation(url="**/review/*"):
            page.get_by_role("button", name="去评价").click()
        expect(page.locator("[data-points]").first).to_be_focused()
        page.keyboard.press("F4")
        expect(page.locator('[data-field="kind"]')).to_have_value("breach")
        page.keyboard.type("未报单位")
        page.keyboard.press("Escape")
        notice, points = page.locator("[data-part=notice]"), page.locator("[data-points]").first
        page.keyboard.type("99")
        page.keyboard.press("F9")
        expect(notice).to_contain_text("分数超出满分")
        expect(points).to_be_focused()
        points.fill("10")
        expect(notice).to_be_hidden()
        page.keyboard.press("F8")
        page.keyboard.press("F9")
        expect(notice).to_contain_text("须写明理由")
        expect(page.locator("[data-remark]").first).to_be_focused()
        page.keyboard.type("未报单位名称")
        expect(notice).to_be_hidden()
        failure = page.locator("[data-failed]").first
        failure.check()
        expect(page.locator("[data-part=score]")).to_have_text("0")
        failure.uncheck()
        leaves_out(page, 4, "未涉及转办")
        expect(page.locator("[data-part=score]")).to_have_text("94")  # 85 of 90
        page.keyboard.press("F2")
        until(page, PLAYED)
        with page.expect_navigation():
            page.keyboard.press("F9")
        page.context.close()
        officer = enters(chromium, address, "zhang")
        officer.goto(f"{address}/evaluations/")
        row = officer.locator("tbody tr")
        expect(row).to_contain_text("94")
        row.get_by_role("link").first.click()
        for shown in ("未报单位名称", "不适用", "未涉及转办", "10 / 15"):
            expect(officer.locator("#main")).to_contain_text(shown)
        expect(officer.locator("[data-player]")).to_be_visible()
        officer.context.close()
    with drawn.database.reading() as session:
        evaluation = session.scalars(select(Evaluation).where(Evaluation.submitted_at.is_not(None))).one()
        assert (evaluation.judgements[0].score, evaluation.counted_at is not None) == (94, True)
