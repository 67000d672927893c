"""Audio by range, under a listening that is committed first; download; reports of the player."""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.database import Database
from supervision.listening.models import Listening
from supervision.paths import Paths
from supervision.people.models import Account
from supervision.recordings.models import Recording
from supervision.settings import Settings
from tests.calls.samples import NOON, make_town
from tests.factories import QUICK
from tests.recordings.sounds import seal
from tests.web.conftest import TOKEN, Browser, People


class Scene:
    """A call with a sealed recording of 20 s, and those who may hear it."""

    def __init__(self, people: People, settings: Settings) -> None:
        with people.database.transaction() as session:
            town = make_town(session)
            for person in town.people.values():
                person.password_hash = QUICK
            self.call: Call = town.call(caller_number="../../etc/passwd")
            self.recording: Recording = seal(session, Paths(settings.home), self.call, 20)
        self.accounts: dict[str, Account] = town.people
        self.people = people
        self.file: Path = Paths(settings.home).sealed(self.call.id, self.call.offered_at)
        self.whole: bytes = self.file.read_bytes()
        self.path = f"/recordings/{self.call.id}"

    def enters(self, login: str = "leader") -> Browser:
        return self.people.admits(self.accounts[login])

    def audio(
        self, browser: Browser, asked: str | None = None, query: str = "", if_range: str = ""
    ) -> TestResponse:
        headers = {"Range": asked} if asked is not None else {}
        headers |= {"If-Range": if_range} if if_range else {}
        return browser.get(f"{self.path}/audio{query}", headers=headers, buffered=True)

    def rows(self) -> list[Listening]:
        with self.people.database.reading() as session:
            return list(session.scalars(select(Listening).order_by(Listening.started_at)))

    def acts(self) -> list[str]:
        with self.people.database.reading() as session:
            acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.n))
            return [act for act in acts if not act.startswith("signed")]


@pytest.fixture
def scene(people: People, settings: Settings) -> Iterator[Scene]:
    yield Scene(people, settings)


def send(browser: Browser, path: str, body: Any) -> TestResponse:
    token = TOKEN.search(browser.get("/account/sessions").text)
    assert token
    return browser.client.post(path, json=body, headers={"X-CSRFToken": token[1]})


def test_the_whole_recording_is_sent_and_kept_by_no_cache(scene: Scene) -> None:
    answer = scene.audio(scene.enters())
    assert answer.status_code == 200
    assert answer.data == scene.whole
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["ETag"] == f'"{scene.recording.flac_sha256}"'
    assert answer.headers["Content-Type"] == "audio/flac"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=5-5", 5, 6)],
)
def test_a_range_is_sent_as_asked(scene: Scene, asked: str, start: int, end: int | None) -> None:
    answer = scene.audio(scene.enters(), asked)
    assert answer.status_code == 206
    assert answer.data == scene.whole[start:end]
    first = start if start >= 0 else len(scene.whole) + start
    last = (end or len(scene.whole)) - 1
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(scene.whole)}"
    assert int(answer.headers["Content-Length"]) == last - first + 1
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_range_that_ends_beyond_the_file_is_cut_to_it(scene: Scene) -> None:
    answer = scene.audio(scene.enters(), "bytes=10-99999999")
    assert (answer.status_code, answer.data) == (206, scene.whole[10:])


@pytest.mark.parametrize(
    ("asked", "start", "length"),
    [("bytes=0-", 0, 500), ("bytes=100-", 100, 500), ("bytes=7-99999999", 7, 500), ("bytes=-700", -700, 500)],
)
def test_a_long_range_is_sent_in_pieces(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, asked: str, start: int, length: int
) -> None:
    monkeypatch.setattr("web.recordings.sending.AT_ONCE", 500)
    answer = scene.audio(scene.enters(), asked)
    first = start if start >= 0 else len(scene.whole) + start
    assert answer.status_code == 206
    assert answer.data == scene.whole[first : first + length]
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + length - 1}/{len(scene.whole)}"


def test_what_was_sent_is_added_up_on_the_listening(scene: Scene) -> None:
    browser = scene.enters()
    scene.audio(browser, "bytes=0-99")
    scene.audio(browser, "bytes=100-149")
    scene.audio(browser, "bytes=99999999-")
    assert [row.served_bytes for row in scene.rows()] == [150]


def test_a_whole_recording_counts_as_served_only_as_far_as_it_left(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.recordings.sending.AT_ONCE", 10_000)
    answer = scene.enters().get(f"{scene.path}/audio")
    first = next(answer.iter_encoded())
    assert scene.whole.startswith(first)
    answer.close()
    assert len(scene.whole) > 20_000
    assert [row.served_bytes for row in scene.rows()] == [10_000]
    assert scene.audio(scene.enters()).data == scene.whole
    assert [row.served_bytes for row in scene.rows()] == [10_000, len(scene.whole)]


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999998-99999999"])
def test_a_range_outside_the_file_is_refused_with_its_length(scene: Scene, asked: str) -> None:
    answer = scene.audio(scene.enters(), asked)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(scene.whole)}"


def test_several_ranges_at_once_are_answered_with_the_whole(scene: Scene) -> None:
    answer = scene.audio(scene.enters(), "bytes=0-9,20-29")
    assert (answer.status_code, answer.data) == (200, scene.whole)


def test_a_range_of_another_version_is_answered_with_the_whole(scene: Scene) -> None:
    browser = scene.enters()
    own = f'"{scene.recording.flac_sha256}"'
    assert scene.audio(browser, "bytes=0-9", if_range=own).status_code == 206
    assert scene.audio(browser, "bytes=0-9", if_range='"another"').status_code == 200


def test_the_listening_is_in_the_store_before_the_first_byte_is_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(*_: Any) -> Any:
        other = threading.Thread(target=lambda: seen.append(len(scene.rows())))
        other.start()
        other.join()
        raise RuntimeError("no byte was sent")

    monkeypatch.setattr("web.recordings.views.send_audio", look)
    with pytest.raises(RuntimeError):
        scene.audio(scene.enters())
    assert seen == [1]
    assert scene.acts() == ["listening_started"]


def test_a_player_opens_one_listening_and_its_ranges_share_it(scene: Scene) -> None:
    browser = scene.enters()
    opened = send(browser, f"{scene.path}/listenings", {})
    assert opened.status_code == 201
    addresses = opened.get_json()
    for asked in ("bytes=0-", "bytes=1000-", "bytes=0-5"):
        assert browser.get(addresses["audio"], headers={"Range": asked}, buffered=True).status_code == 206
    assert send(browser, addresses["heard"], {"stretches": [[0, 0.001]]}).status_code == 200
    assert len(scene.rows()) == 1
    answer = send(browser, addresses["heard"], {"stretches": [[0, 0.001]], "ended": True})
    assert answer.status_code == 200
    assert scene.rows()[0].ended_at is not None
    assert scene.acts() == ["listening_started", "listening_ended"]
    assert send(browser, addresses["heard"], {"stretches": []}).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"stretches": "all"},
        {"stretches": [[1]]},
        {"stretches": [[2, 1]]},
        {"stretches": [["0", "9"]]},
        {"stretches": [[-1, 5]]},
        {"stretches": [[0, 10**400]]},
        {"stretches": [None]},
        {"stretches": [[0, 1]] * 2001},
    ],
)
def test_a_nonsense_report_is_refused(scene: Scene, body: Any) -> None:
    browser = scene.enters()
    heard = send(browser, f"{scene.path}/listenings", {}).get_json()["heard"]
    assert send(browser, heard, body).status_code == 422
    assert scene.rows()[0].stretches == []


def test_a_report_without_the_token_is_refused(scene: Scene) -> None:
    browser = scene.enters()
    heard = send(browser, f"{scene.path}/listenings", {}).get_json()["heard"]
    assert browser.client.post(heard, json={"stretches": []}).status_code == 400
    assert browser.client.post(f"{scene.path}/listenings", json={}).status_code == 400


def test_only_the_listener_reports_to_his_listening(scene: Scene) -> None:
    heard = send(scene.enters(), f"{scene.path}/listenings", {}).get_json()["heard"]
    assert send(scene.enters("supervisor"), heard, {"stretches": [[0, 1]]}).status_code == 404


def test_the_waveform_is_sent_to_who_may_listen(scene: Scene) -> None:
    answer = scene.enters().get(f"{scene.path}/peaks", buffered=True)
    assert answer.get_json()["channels"] == 2
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert scene.enters("zhang").get(f"{scene.path}/peaks").status_code == 404
    assert scene.rows() == []


def test_a_download_has_a_name_of_ours_and_is_written_down(scene: Scene) -> None:
    answer = scene.enters().get(f"{scene.path}/download", buffered=True)
    assert answer.data == scene.whole
    assert answer.headers["Content-Disposition"] == "attachment; filename=main_2026-03-10_12-00-00.flac"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert scene.call.offered_at == NOON
    assert scene.rows()[0].downloaded
    assert scene.acts() == ["recording_downloaded"]


def test_a_recording_outside_the_scope_is_not_there(scene: Scene, database: Database) -> None:
    with database.transaction() as session:
        call = session.get_one(Call, scene.call.id)
        call.office_code, call.line_key = "02", "east"
    browser = scene.enters()
    for rest in ("audio", "peaks", "download"):
        assert browser.get(f"{scene.path}/{rest}").status_code == 404
    assert send(browser, f"{scene.path}/listenings", {}).status_code == 404
    assert scene.acts() == []


def test_a_file_that_is_gone_is_said_to_be_away(scene: Scene) -> None:
    scene.file.unlink()
    assert scene.audio(scene.enters()).status_code == 503


def test_a_listening_that_is_no_identity_is_refused(scene: Scene) -> None:
    browser = scene.enters()
    assert scene.audio(browser, query=f"?listening={uuid.uuid4()}").status_code == 404
    assert scene.audio(browser, query="?listening=1%27").status_code == 422
