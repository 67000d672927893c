"""A person signs in, finds a call, plays it, and what he heard is in the store."""

import re
import uuid

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from demo.processes import until as until_stored
from supervision.audit.models import AuditEntry
from supervision.clock import now
from supervision.listening.models import Listening
from tests.browser.conftest import sign_in
from tests.browser.reviewer import types_in
from tests.browser.stage import Stage
from tests.browser.waiting import until

pytestmark = pytest.mark.browser

POSITION = "document.querySelector('audio').currentTime"


def listenings(stage: Stage) -> list[Listening]:
    with stage.database.reading() as session:
        query = select(Listening).where(Listening.call_id == uuid.UUID(stage.call_id))
        return list(session.scalars(query.order_by(Listening.started_at)))


def acts(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)))


def open_player(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/calls/{stage.call_id}")
    page.wait_for_selector("[data-player].is-live")
    until(page, "document.querySelector('[data-part=waveform] > div')?.shadowRoot.querySelector('canvas')")


def test_a_call_is_found_opened_and_played_and_what_was_heard_is_written_down(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/calls/?disposition=answered")
    page.click(f'a.row-link[href="/calls/{stage.call_id}"]')
    page.wait_for_selector("[data-player].is-live")
    assert listenings(stage) == []

    page.keyboard.press(" ")
    until(page, f"{POSITION} > 0.6")
    expect(page.locator("[data-part=position]")).not_to_have_text("0:00")
    assert len(listenings(stage)) == 1

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, f"{POSITION} > 10.5 && !document.querySelector('audio').seeking")
    until(page, f"{POSITION} > 11.2")
    page.keyboard.press("ArrowLeft")
    until(page, f"{POSITION} < 8")
    until(page, f"{POSITION} > {page.evaluate(POSITION)} + 0.7")
    with page.expect_response(lambda answer: answer.url.endswith("/heard")):
        page.keyboard.press(" ")
    until(page, "document.querySelector('audio').paused")

    with page.expect_response(lambda answer: answer.url.endswith("/calls/")):
        page.goto(f"{stage.address}/calls/")
    until_stored("the end of the listening", lambda: listenings(stage)[0].ended_at)
    (listening,) = listenings(stage)
    assert 1.2 < listening.seconds < 12
    assert len(listening.stretches) >= 2
    assert acts(stage)[-2:] == ["listening_started", "listening_ended"]


def test_the_waveform_has_two_sides_and_a_click_seeks_before_anything_is_loaded(page: Page, stage: Stage) -> None:
    open_player(page, stage)
    box = page.locator("[data-part=waveform]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 40)
    expect(page.locator("[data-part=position]")).to_have_text(re.compile("0:(29|30)"))
    assert listenings(stage) == []
    page.click("[data-part=toggle]")
    until(page, f"{POSITION} > 30.1")
    assert page.locator("[data-part=waveform]").get_attribute("aria-valuenow") in {"29", "30", "31"}


def test_speed_and_sides_obey_the_keyboard(page: Page, stage: Stage) -> None:
    open_player(page, stage)
    page.keyboard.press(" ")
    until(page, f"{POSITION} > 0.2")
    page.focus("[data-part=waveform]")
    for _ in range(9):
        page.keyboard.press("+")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 2
    for _ in range(9):
        page.keyboard.press("-")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 0.75
    for key, side in (("2", "caller"), ("3", "officer"), ("1", "both")):
        page.keyboard.press(key)
        assert page.evaluate("document.querySelector('input[name=side]:checked').value") == side
    before = page.evaluate(POSITION)
    until(page, f"{POSITION} > {before} + 0.3")
    page.keyboard.press("End")
    until(page, "document.querySelector('audio').ended")
    page.keyboard.press("Home")
    until(page, f"{POSITION} < 1")


def test_the_sound_is_the_callers_on_the_left_and_the_officers_on_the_right(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.address}/calls/{stage.call_id}")
    loudest = page.evaluate(
        """async (url) => {
            const bytes = await (await fetch(url)).arrayBuffer();
            const sound = await new OfflineAudioContext(2, 8000, 8000).decodeAudioData(bytes);
            return [0, 1].map((side) => {
                const samples = sound.getChannelData(side).subarray(0, 8000 * 60);
                let crossings = 0, active = 0;
                for (let i = 1; i < samples.length; i++) {
                    if (Math.abs(samples[i]) > 0.02) active++;
                    if (samples[i - 1] < 0 && samples[i] >= 0) crossings++;
                }
                return crossings / (samples.length / 8000) * 2;
            });
        }""",
        f"/recordings/{stage.call_id}/audio",
    )
    assert loudest[0] == pytest.approx(440, rel=0.1)
    assert loudest[1] == pytest.approx(880, rel=0.1)


def test_without_scripts_the_plain_control_plays_under_a_listening(stage: Stage, context: BrowserContext) -> None:
    browser = context.browser
    assert browser is not None
    bare = browser.new_context(java_script_enabled=False, viewport={"width": 1360, "height": 900})
    page = bare.new_page()
    types_in(page, stage.address, "leader")
    page.goto(f"{stage.address}/calls/{stage.call_id}")
    assert not page.locator("[data-part=toggle]").is_visible()
    assert listenings(stage) == []
    with page.expect_response(lambda answer: "/audio" in answer.url):
        page.focus("audio[controls]")
        page.keyboard.press(" ")
    until_stored("what was sent", lambda: sum(one.served_bytes for one in listenings(stage)))
    bare.close()
    assert len(listenings(stage)) == 1
    assert acts(stage)[-1] == "listening_started"


def test_the_players_keys_work_wherever_the_focus_is(page: Page, stage: Stage) -> None:
    open_player(page, stage)
    page.focus(".back a")
    for key in ("2", "+", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("[data-part=position]")).to_have_text("0:05")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25
    assert page.evaluate("document.querySelector('input[name=side]:checked').value") == "caller"


def test_keys_that_are_somebody_elses_are_not_taken(page: Page, stage: Stage) -> None:
    open_player(page, stage)
    page.keyboard.press("End")  # moves the page
    page.focus("[tabindex='0'].table-wrap")
    page.keyboard.press("ArrowRight")  # moves the table
    page.focus(".person-menu summary")
    page.keyboard.press(" ")  # opens the menu
    page.focus("[data-part=waveform]")
    page.keyboard.press("ArrowUp")  # the player takes this one, and what it had taken before would show as well
    expect(page.locator("[data-part=position]")).to_have_text("0:05")
    assert listenings(stage) == []


def test_the_position_is_a_slider_for_the_keyboard(page: Page, stage: Stage) -> None:
    open_player(page, stage)
    slider = page.locator("[data-part=waveform]")
    slider.focus()
    for key, there in (("PageUp", "30"), ("ArrowUp", "35"), ("ArrowDown", "30"), ("End", "60"), ("Home", "0")):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuenow", there)


def test_a_recording_in_many_pieces_plays_seeks_and_pauses(
    page: Page, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.recordings.sending.AT_ONCE", 64 * 1024)
    sent: list[int] = []
    page.on("response", lambda answer: sent.append(answer.status) if "/audio" in answer.url else None)
    open_player(page, stage)
    page.keyboard.press(" ")
    until(page, f"{POSITION} > 0.5")
    page.focus("[data-part=waveform]")
    for key, there in (("PageUp", 30.6), ("ArrowUp", 36.2), ("Home", 0.3)):
        page.keyboard.press(key)
        until(page, f"{POSITION} > {there} && !document.querySelector('audio').seeking")
    page.keyboard.press("End")
    until(page, "document.querySelector('audio').ended")
    assert set(sent) == {206}
    assert len(sent) > 3
    assert len(listenings(stage)) == 1


def test_a_listening_that_the_server_ended_is_followed_by_another(stage: Stage, context: BrowserContext) -> None:
    page = context.new_page()  # the browser complains of the refusal, as it should
    sign_in(page, stage, "leader")
    open_player(page, stage)
    page.keyboard.press(" ")
    until(page, f"{POSITION} > 0.5")
    with stage.database.transaction() as session:
        for one in session.scalars(select(Listening).where(Listening.ended_at.is_(None))):
            one.ended_at = now()
    until_stored("another listening", lambda: len(listenings(stage)) > 1)
    at = page.evaluate(POSITION)
    assert at > 0.5
    until(page, f"{POSITION} > {at} + 0.5 && !document.querySelector('audio').paused")


def test_a_report_that_did_not_arrive_is_made_again(stage: Stage, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, stage, "leader")
    page.route("**/heard", lambda route: route.fulfill(status=503))
    open_player(page, stage)
    page.keyboard.press(" ")
    until(page, f"{POSITION} > 1")
    page.keyboard.press(" ")
    until(page, "document.querySelector('audio').paused")
    assert listenings(stage)[0].seconds == 0
    with page.expect_response(lambda answer: answer.url.endswith("/heard") and answer.ok, timeout=15_000):
        page.unroute("**/heard")
    assert listenings(stage)[0].seconds > 0.5


def test_who_does_not_listen_sees_no_player(stage: Stage, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, stage, "zhang")
    page.goto(f"{stage.address}/calls/{stage.call_id}")
    assert page.locator("audio").count() == 0
