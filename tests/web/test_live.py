"""The live page and its stream: what they tell, to whom, for how long, on how many threads."""

import json
import re
import runpy
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import web
from supervision.actor import Role
from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.people.models import SignIn
from supervision.recordings.models import Recording, RecordingState
from supervision.settings import Mode
from tests.calls.samples import Town, make_town, seconds
from tests.factories import QUICK
from tests.web.conftest import Browser, People, leads_to
from web.live import stream as streaming
from web.live.stream import LEAVE, Streams, events
from web.unit import Application

GOING_ON: dict[str, Any] = {"ended_at": None, "disposition": None, "hung_up_by": None}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream looks again without a pause."""
    monkeypatch.setattr(streaming, "EVERY_S", 0.0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """gunicorn's configuration of the site."""
    monkeypatch.setenv("SUPERVISION_HOME", str(tmp_path))
    return runpy.run_path(str(Path(web.__file__).with_name("gunicorn.conf.py")))


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with database.transaction() as session:
        town = make_town(session)
        town.person("leader2", "东所长", town.people["leader"].role, "02")
        for person in town.people.values():
            person.password_hash = QUICK
        town.call(now() - seconds(30), **GOING_ON)
        town.call(now() - seconds(20), **GOING_ON, office_code="02", line_key="east")
    yield town


def news_in(text: str) -> list[dict[str, Any]]:
    """The scenes that a stream tells."""
    return [json.loads(data) for data in re.findall(r"^event: scene\ndata: (.*)$", text, re.M)]


def streamed(browser: Browser, app: Application, query: str = "", longest_s: float = 0.0) -> str:
    """One connection, that ends of itself."""
    app.extensions["streams"].longest_s = longest_s
    answer = browser.get(f"/live/stream{query}")
    assert answer.mimetype == "text/event-stream"
    return answer.text


def offices_of(page: str) -> set[str]:
    return {name for name in ("城关税务所", "东山税务所") if f">{name}</span>" in page}


def test_the_page_shows_the_calls_of_the_persons_scope(people: People, town: Town) -> None:
    for login, line, other in (("leader", "综合咨询", "东山咨询"), ("leader2", "东山咨询", "综合咨询")):
        page = people.admits(town.people[login]).get("/live/").text
        assert line in page
        assert other not in page
        assert "138****5678" in page
        assert "13812345678" not in page


@pytest.mark.parametrize("mode", [Mode.HQ], ids=str)
def test_headquarters_sees_all_offices_or_the_one_that_was_chosen(people: People, town: Town) -> None:
    browser = people.admits(town.people["supervisor"])
    assert offices_of(browser.get("/live/").text) == {"城关税务所", "东山税务所"}
    assert offices_of(browser.get("/live/?office=02").text) == {"东山税务所"}


@pytest.mark.parametrize("mode", [Mode.HQ], ids=str)
def test_a_leader_who_signs_in_at_headquarters_cannot_choose_another_office(
    people: People, town: Town, app: Application
) -> None:
    browser = people.admits(town.people["leader"])
    assert "东山咨询" not in browser.get("/live/?office=02").text
    (news,) = news_in(streamed(browser, app, "?office=02"))
    assert [call["line"] for call in news["calls"]] == ["综合咨询"]


@pytest.mark.parametrize("mode", [Mode.HQ], ids=str)
def test_a_call_of_an_office_that_has_gone_silent_says_since_when(
    people: People, town: Town, app: Application, database: Database
) -> None:
    with database.transaction() as session:
        for office, ago_s in (("01", 2), ("02", 300)):
            session.add(Inbox(office_code=office, epoch=town.people["wu"].id, heard_at=now() - seconds(ago_s)))
    (news,) = news_in(streamed(people.admits(town.people["supervisor"]), app))
    assert [(call["office"], call["state"], bool(call["note"])) for call in news["calls"]] == [
        ("城关税务所", "talking", False),
        ("东山税务所", "silent", True),
    ]


@pytest.mark.parametrize("mode", [Mode.HQ], ids=str)
def test_headquarters_without_offices_says_what_to_do(people: People) -> None:
    browser = people.enters(Role.SUPERVISOR)
    for path in ("/live/", "/offices/", "/calls/"):
        assert "SUPERVISION_HQ_URL" in browser.get(path).text, path


def test_the_stream_begins_with_the_clock_and_tells_the_calls(
    people: People, town: Town, app: Application
) -> None:
    text = streamed(people.admits(town.people["leader"]), app)
    assert text.startswith("retry: 200\nevent: clock\ndata: 20")
    (news,) = news_in(text)
    assert [call["line"] for call in news["calls"]] == ["综合咨询"]
    assert {"duration", "talk"}.isdisjoint(news["calls"][0]), "what only counts up is not reported"


def looks(*found: dict[str, Any] | None) -> Any:
    """A way to look that finds these things one after the other, then stops the stream's process."""
    rest = list(found)
    return lambda: rest.pop(0)


def test_only_what_differs_is_reported() -> None:
    found = looks({"a": 1, "b": [1]}, {"a": 1, "b": [1]}, {"a": 1, "b": [2]}, None)
    news_in = ["event: a\ndata: 1\n\n", "event: b\ndata: [1]\n\n", "event: b\ndata: [2]\n\n", LEAVE]
    assert list(events(Streams(), found, str))[1:] == news_in


def test_a_comment_is_sent_now_and_then_so_that_a_browser_that_left_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", 0.0)
    assert list(events(Streams(), looks({}, None), str))[1:] == [":\n\n", LEAVE]


def test_a_stream_ends_after_its_time() -> None:
    assert len(list(events(Streams(longest_s=0), looks({"n": 1}), str))) == 2


def test_who_finds_no_place_is_notified_once_and_comes_back_later() -> None:
    streams = Streams(most=1)
    first = events(streams, looks({"n": 1}, None), str)
    next(first)
    second = list(events(streams, looks({"n": 1}), str))
    assert second[0].startswith(f"retry: {streaming.LATER_MS}\n")
    assert second[1:] == ["event: n\ndata: 1\n\n"]
    list(first)
    assert next(events(streams, looks({}), str)).startswith(f"retry: {streaming.AGAIN_MS}\n")


def test_a_place_is_free_again_when_the_browser_has_gone() -> None:
    streams = Streams(most=1)
    left = events(streams, looks({"n": 1}), str)
    next(left)
    left.close()
    assert streams.places.acquire(blocking=False)


def test_a_stream_ends_as_soon_as_its_process_is_asked_to_stop() -> None:
    streams = Streams(serving=lambda: False)
    assert len(list(events(streams, looks({"n": 1}), str))) == 2


def test_gunicorn_lets_streams_end_with_their_worker(server: dict[str, Any]) -> None:
    streams, listeners = Streams(), Streams()
    site = SimpleNamespace(extensions={"streams": streams, "listeners": listeners})
    worker = SimpleNamespace(wsgi=site, alive=True)
    server["post_worker_init"](worker)
    assert streams.serving()
    assert listeners.serving()
    worker.alive = False
    assert not streams.serving()
    assert not listeners.serving()


def test_streams_and_listeners_leave_threads_for_pages(app: Application, server: dict[str, Any]) -> None:
    held = sum(app.extensions[kind].most for kind in ("streams", "listeners"))
    assert server["threads"] - held >= 8


def test_a_store_that_is_away_ends_the_stream_without_a_word_of_it() -> None:
    def fails() -> None:
        raise OperationalError("select", None, Exception("secret"))

    text = "".join(events(Streams(), fails, str))
    assert text.endswith(f"retry: {streaming.LATER_MS}\n\n")
    assert "secret" not in text


def test_a_browser_that_is_signed_out_meanwhile_is_asked_to_leave(
    people: People, town: Town, app: Application, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = people.admits(town.people["leader"])
    turn = threading.Event()

    def signs_out(_seconds: float) -> None:
        if not turn.is_set():
            turn.set()
            with database.transaction() as session:
                session.query(SignIn).update({"ended_at": now()})

    monkeypatch.setattr(time, "sleep", signs_out)
    text = streamed(browser, app, longest_s=60)
    assert len(news_in(text)) == 1
    assert text.endswith(LEAVE)
    assert leads_to(browser.get("/live/")).startswith("/account/sign-in")


def test_a_stream_does_not_keep_an_idle_session_alive(
    people: People, town: Town, app: Application, database: Database
) -> None:
    browser = people.admits(town.people["leader"])
    long_ago = now() - seconds(600)
    with database.transaction() as session:
        session.query(SignIn).update({"last_seen_at": long_ago})
    streamed(browser, app)
    with database.reading() as session:
        assert session.query(SignIn).one().last_seen_at == long_ago
    browser.get("/live/")
    with database.reading() as session:
        assert session.query(SignIn).one().last_seen_at > long_ago


def test_a_call_that_ends_leaves_the_stream(
    people: People, town: Town, app: Application, database: Database
) -> None:
    browser = people.admits(town.people["leader"])
    with database.transaction() as session:
        session.query(Call).update({"ended_at": now()})
    (news,) = news_in(streamed(browser, app))
    assert news["calls"] == []


def follows(browser: Browser, call_id: object) -> dict[str, Any]:
    """What the stream of one call tells first."""
    text = browser.get(f"/live/calls/{call_id}/stream").text
    (news_in,) = re.findall(r"^event: call\ndata: (.*)$", text, re.M)
    return dict(json.loads(news_in))


def test_the_page_of_a_call_learns_of_its_end_and_that_its_recording_is_sealed(
    people: People, town: Town, app: Application, database: Database
) -> None:
    app.extensions["streams"].longest_s = 0.0
    browser = people.admits(town.people["leader"])
    with database.reading() as session:
        call_id = session.scalars(select(Call.id).where(Call.office_code == "01")).one()
    stamps = [follows(browser, call_id)]
    assert f'data-stamp="{stamps[0]["stamp"]}"' in browser.get(f"/calls/{call_id}").text
    for state in (RecordingState.FINAL, RecordingState.READY):
        with database.transaction() as session:
            session.get_one(Call, call_id).ended_at = now()
            session.merge(Recording(call_id=call_id, state=state, duration_ms=1000))
        stamps.append(follows(browser, call_id))
    assert len({one["stamp"] for one in stamps}) == 3
    assert [one["settled"] for one in stamps] == [False, False, True]
    assert "data-follow" not in browser.get(f"/calls/{call_id}").text


def test_nobody_follows_a_call_that_he_may_not_see_nor_one_that_is_over_for_long(
    people: People, town: Town, app: Application, database: Database
) -> None:
    app.extensions["streams"].longest_s = 0.0
    with database.transaction() as session:
        call = session.scalars(select(Call).where(Call.office_code == "01")).one()
        call.ended_at = now() - seconds(3600)
    assert people.admits(town.people["leader2"]).get(f"/live/calls/{call.id}/stream").status_code == 404
    assert follows(people.admits(town.people["leader"]), call.id)["settled"]
