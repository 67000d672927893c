"""A supervisor hears a call in progress: from what grows at headquarters, through cuts, to its end."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.calls.rules import Disposition
from supervision.clock import now
from supervision.listening.models import Listening
from supervision.paths import HqPaths
from supervision.recordings.models import Part, Recording, RecordingState
from tests.browser.conftest import sign_in
from tests.browser.speaker import Speaker
from tests.browser.stage import Stage
from tests.browser.waiting import until
from tests.pbx.wires import Wire
from tests.recordings.sounds import seal

pytestmark = pytest.mark.browser

STATE = "document.querySelector('[data-listener]').dataset.state"


@pytest.fixture
def wire(hq_stage: Stage) -> Iterator[Wire]:
    """The supervisor's line to headquarters, which can be cut."""
    with Wire() as wire:
        wire.target = int(hq_stage.address.rpartition(":")[2])
        yield wire


@pytest.fixture
def call_id(hq_stage: Stage) -> uuid.UUID:
    """The call in progress that somebody has answered."""
    with hq_stage.database.reading() as session:
        talking = select(Call.id).where(Call.ended_at.is_(None), Call.answered_at.is_not(None))
        return session.scalars(talking).one()


@pytest.fixture
def supervisor(hq_stage: Stage, wire: Wire, context: BrowserContext) -> Iterator[Page]:
    """A supervisor, signed in over that line; his browser complains of nothing but the line."""
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, replace(hq_stage, address=f"http://127.0.0.1:{wire.port}"), "supervisor")
    yield page
    assert [text for text in complaints if "net::ERR_" not in text and "503" not in text] == []


def states(page: Page, wanted: str, longest_s: float = 10) -> None:
    until(page, f"{STATE} === '{wanted}'", longest_s)


def position(page: Page) -> int:
    minutes, seconds = page.locator("[data-listener] [data-part=position]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def moves_on(page: Page, seconds: int = 2) -> None:
    from_s = position(page)
    place = page.locator("[data-listener] [data-part=position]")
    expect(place).to_have_text(re.compile("|".join(f"0:{from_s + n:02}" for n in range(seconds, seconds + 8))))


def listening_of(stage: Stage) -> Listening:
    with stage.database.reading() as session:
        return session.scalars(select(Listening).where(Listening.live)).one()


def ends(stage: Stage, call_id: uuid.UUID, lengths: dict[str, int]) -> None:
    """The office tells that the call is over, and how long its parts are."""
    with stage.database.transaction() as session:
        call = session.get_one(Call, call_id)
        call.ended_at = ended_at = now()
        session.get_one(Recording, call_id).closed_at = ended_at
        for name, length in lengths.items():
            session.add(
                Part(name=name, call_id=call_id, started_at=ended_at, closed_at=ended_at, length_bytes=length)
            )


def is_sealed(stage: Stage, call_id: uuid.UUID) -> None:
    with stage.database.transaction() as session:
        session.query(Part).filter_by(call_id=call_id).delete()
        seal(session, stage.paths, session.get_one(Call, call_id), 10)


def test_a_call_is_heard_as_it_goes_and_goes_on_by_itself_after_every_cut(
    hq_stage: Stage, wire: Wire, call_id: uuid.UUID, supervisor: Page
) -> None:
    page = supervisor
    with Speaker(HqPaths(hq_stage.paths.home), "01", call_id) as speaker:
        page.goto(f"http://127.0.0.1:{wire.port}/calls/{call_id}")
        page.wait_for_selector("[data-listener]")
        page.keyboard.press(" ")
        states(page, "live")
        moves_on(page)
        lag = page.locator("[data-listener] [data-part=state]").inner_text()
        assert float(re.search(r"[\d.]+", lag)[0]) < 4, lag  # type: ignore[index]

        wire.cut()
        states(page, "lost")
        wire.mend()
        states(page, "live")
        moves_on(page)

        speaker.cut()
        states(page, "waiting")
        speaker.mend()
        states(page, "live")
        first, first_bytes = speaker.part, speaker.leave()
    ends(hq_stage, call_id, {str(first): first_bytes})
    states(page, "over")
    is_sealed(hq_stage, call_id)
    expect(page.locator("[data-listener] [data-part=recording]")).to_be_visible()
    expect(page.locator("[data-listener] [data-part=sealing]")).to_be_hidden()

    heard = listening_of(hq_stage)
    whole_s = first_bytes / 32_000
    assert heard.ended_at is not None
    assert heard.seconds == pytest.approx(sum(to - begun for begun, to in heard.stretches), abs=0.01)
    assert 5 < heard.seconds <= min(whole_s, heard.served_bytes / 32_000)
    assert heard.stretches[-1][1] == pytest.approx(whole_s, abs=0.2), "the end was heard"
    with hq_stage.database.reading() as session:
        acts = list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)))
    assert acts[-2:] == ["live_listening_started", "live_listening_ended"]

    with page.expect_navigation():
        page.click("[data-listener] [data-part=recording]")
    expect(page.locator("[data-player].is-live")).to_be_visible()


def test_the_page_of_a_call_notices_its_end_and_then_its_recording_by_itself(
    hq_stage: Stage, wire: Wire, call_id: uuid.UUID, supervisor: Page
) -> None:
    page = supervisor
    with hq_stage.database.transaction() as session:
        session.merge(Recording(call_id=call_id, state=RecordingState.GROWING))
    page.goto(f"http://127.0.0.1:{wire.port}/calls/{call_id}")
    expect(page.locator("[data-renew=state]")).to_have_text("进行中")
    page.locator("details.more summary").click()
    page.locator("[name=note]").fill("来电人申请保留")

    with hq_stage.database.transaction() as session:
        call = session.get_one(Call, call_id)
        call.ended_at, call.disposition = now(), Disposition.ANSWERED
        session.get_one(Recording, call_id).state = RecordingState.FINAL
    expect(page.locator("[data-renew=state]")).to_have_text("已接听")
    expect(page.locator("[data-renew=recording]")).to_contain_text("录音正在封存")
    is_sealed(hq_stage, call_id)
    player = page.locator("[data-player].is-live")
    expect(player).to_be_visible()
    expect(page.locator("[name=note]")).to_be_focused()
    expect(page.locator("[name=note]")).to_have_value("来电人申请保留")
    page.locator("[name=note]").blur()
    with page.expect_response(lambda answer: answer.url.endswith("/listenings")) as opened:
        page.keyboard.press(" ")  # the listener's key no longer, the player's
    assert "/recordings/" in opened.value.url


def test_a_call_is_listened_to_from_the_live_page_by_a_key(
    hq_stage: Stage, wire: Wire, call_id: uuid.UUID, supervisor: Page
) -> None:
    page = supervisor
    with Speaker(HqPaths(hq_stage.paths.home), "01", call_id):
        page.goto(f"http://127.0.0.1:{wire.port}/live/")
        row = page.locator(f'tr[data-url="/calls/{call_id}"]')
        expect(row.locator('[data-side="0"]')).not_to_have_attribute("data-level", "0")
        row.locator("a").focus()
        page.keyboard.press("l")
        states(page, "live")
        moves_on(page, 1)
        with page.expect_response(lambda answer: answer.url.endswith("/heard")):
            page.keyboard.press("Escape")
        states(page, "stopped")
    heard = listening_of(hq_stage)
    assert heard.ended_at is not None
    assert heard.seconds > 0.5
