"""The sound of a call in progress over HTTP: from a place on, only to whom it may be sent, only what counts."""

import json
import struct
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from supervision.actor import Actor, Role
from supervision.audit.models import AuditEntry
from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Database
from supervision.errors import Busy
from supervision.listening.live_rules import LEAD_BYTES
from supervision.listening.models import Listening
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths, PartName, Paths
from supervision.people.models import SignIn
from supervision.people.sign_ins import actor_of
from supervision.recordings.models import Part, Recording
from supervision.settings import Mode
from tests.calls.samples import Town, make_town, seconds
from tests.factories import QUICK
from tests.recordings.sounds import seal
from tests.web.conftest import Browser, People
from web.live import sound as sounding
from web.live.frames import Frame
from web.live.listener_limit import Places
from web.live.sending import places_of
from web.live.stream import STUCK_S, never_stuck
from web.unit import Application

GOING_ON: dict[str, Any] = {"ended_at": None, "disposition": None, "hung_up_by": None}
SOUND = bytes(n % 251 for n in range(400_000))


@pytest.fixture(params=list(Mode), ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    """An office's node, then headquarters."""
    return Mode(request.param)


@dataclass
class Heard:
    """What one connection brought."""

    places: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    sound: bytes = b""


@dataclass
class Talk:
    """A call in progress, with what is here of it."""

    people: People
    town: Town
    app: Application
    home: Path
    mode: Mode
    call_id: uuid.UUID

    def name(self, n: int = 1) -> PartName:
        return PartName(self.call_id, "a", n)

    def grows(self, n: int, sound: bytes) -> None:
        """More of a part is here, for good."""
        if self.mode is Mode.OFFICE:
            with Paths(self.home).part(self.name(n)).open("ab") as file:
                file.write(sound)
            return
        incoming = Incoming(HqPaths(self.home))
        incoming.create("01", self.name(n), None, 10)
        with incoming.open("01", self.name(n), 0) as upload:
            upload.write(sound)
            upload.keep()

    def is_over(self, **lengths: int) -> None:
        """The office has closed the recording; its parts are so long."""
        with self.people.database.transaction() as session:
            session.get_one(Call, self.call_id).ended_at = now()
            recording = session.get(Recording, self.call_id) or Recording(call_id=self.call_id)
            recording.closed_at = now()
            session.add(recording)
            session.flush()
            for name, length in lengths.items():
                path = f"{self.call_id}.{name}.raw"
                begun_at = now() + seconds(int(name[1:]))
                session.add(Part(name=path, call_id=self.call_id, started_at=begun_at, length_bytes=length))

    def opens(self, browser: Browser) -> dict[str, Any]:
        answer = browser.post(f"/live/calls/{self.call_id}/listenings")
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def hears(self, browser: Browser, url: str, **place: Any) -> Heard:
        more = "".join(f"&{name}={value}" for name, value in place.items())
        answer = browser.get(url + more, buffered=True)  # and closed, as a server does
        assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream"), answer.text
        return parse(answer.data)


def parse(data: bytes) -> Heard:
    """The frames of a body, read as the page's script reads them."""
    heard = Heard()
    while data:
        kind, length = struct.unpack_from("<B3xI", data)
        payload, data = data[8 : 8 + length], data[8 + length :]
        if kind == Frame.SOUND:
            heard.sound += payload
        else:
            (heard.places if kind == Frame.PLACE else heard.states).append(json.loads(payload))
    return heard


@pytest.fixture
def talk(people: People, database: Database, app: Application, tmp_path: Path, mode: Mode) -> Iterator[Talk]:
    app.extensions["listeners"].longest_s = 0.0
    with database.transaction() as session:
        town = make_town(session)
        town.person("leader2", "东所长", town.people["leader"].role, "02")
        for person in town.people.values():
            person.password_hash = QUICK
        call_id = town.call(now() - seconds(60), **GOING_ON).id
    Paths(tmp_path).spool.mkdir(exist_ok=True)
    yield Talk(people, town, app, tmp_path, mode, call_id)


@pytest.fixture
def leader(talk: Talk) -> Browser:
    return talk.people.admits(talk.town.people["leader"])


def listening(database: Database) -> Listening:
    with database.reading() as session:
        return session.scalars(select(Listening)).one()


def test_one_begins_near_the_end_of_what_is_here(talk: Talk, leader: Browser) -> None:
    talk.grows(1, SOUND)
    heard = talk.hears(leader, talk.opens(leader)["sound"])
    assert heard.places == [{"part": str(talk.name()), "at": 400_000 - LEAD_BYTES, "begins_s": 0.0}]
    assert heard.sound == SOUND[-LEAD_BYTES:]
    assert heard.states[-1] == {"state": "on", "edge_s": 12.5}


def test_one_goes_on_at_the_byte_where_one_was(talk: Talk, leader: Browser) -> None:
    talk.grows(1, SOUND)
    heard = talk.hears(leader, talk.opens(leader)["sound"], part=talk.name(), at=390_002)
    assert heard.places[0]["at"] == 390_000, "in whole frames"
    assert heard.sound == SOUND[390_000:]


def test_before_anything_is_here_one_waits(talk: Talk, leader: Browser) -> None:
    heard = talk.hears(leader, talk.opens(leader)["sound"])
    assert (heard.places, heard.sound, heard.states) == ([], b"", [{"state": "on", "edge_s": 0.0}])


def test_what_grows_meanwhile_and_a_second_part_follow_on_one_connection(
    talk: Talk, leader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.app.extensions["listeners"].longest_s = 60.0
    monkeypatch.setattr(sounding, "LOOK_EVERY_S", 0.0)
    talk.grows(1, SOUND[:8000])
    happens = [
        lambda: talk.grows(1, SOUND[8000:16_000]),
        lambda: talk.grows(2, SOUND[16_000:20_000]),
        lambda: talk.is_over(a1=16_000, a2=4000),
    ]
    monkeypatch.setattr(time, "sleep", lambda _seconds: happens.pop(0)())
    heard = talk.hears(leader, talk.opens(leader)["sound"])
    assert heard.sound == SOUND[:20_000]
    assert [(place["part"], place["at"]) for place in heard.places] == [
        (str(talk.name(1)), 0),
        (str(talk.name(2)), 0),
    ]
    assert heard.states[-1]["state"] == "over"


def test_far_behind_one_is_led_to_the_end_of_what_is_here(talk: Talk, leader: Browser) -> None:
    talk.grows(1, SOUND)
    heard = talk.hears(leader, talk.opens(leader)["sound"], part=talk.name(), at=0)
    assert heard.places[0]["at"] == 400_000 - LEAD_BYTES


@pytest.mark.parametrize("mode", [Mode.HQ], ids=str)
def test_at_headquarters_only_what_was_acknowledged_is_heard(talk: Talk, leader: Browser) -> None:
    talk.grows(1, SOUND[:8000])
    with HqPaths(talk.home).incoming_part("01", talk.name()).open("ab") as file:
        file.write(SOUND[8000:])
    assert talk.hears(leader, talk.opens(leader)["sound"]).sound == SOUND[:8000]


def test_it_is_written_down_before_it_leaves_and_no_more_counts_as_heard(
    talk: Talk, leader: Browser, database: Database
) -> None:
    talk.grows(1, SOUND)
    opened = talk.opens(leader)
    assert listening(database).live
    talk.hears(leader, opened["sound"])
    assert listening(database).served_bytes == LEAD_BYTES
    with database.transaction() as session:  # as if he had begun half a minute ago
        session.query(Listening).update({"started_at": now() - seconds(30)})
    token = leader.get("/account/sessions").text.split('name="csrf_token" value="')[1].split('"')[0]
    report = {"stretches": [[0, 60]], "ended": True}
    answer = leader.client.post(opened["heard"], json=report, headers={"X-CSRFToken": token})
    assert answer.get_json() == {"seconds": 1.3}
    with database.reading() as session:
        acts = list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)))
    assert acts[-2:] == ["live_listening_started", "live_listening_ended"]
    page = leader.get(f"/calls/{talk.call_id}").text
    assert "实时收听" in page
    assert leader.get(opened["sound"]).status_code == 409, "nothing leaves once it has ended"


def test_what_could_not_be_written_down_does_not_leave(
    talk: Talk, leader: Browser, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    talk.grows(1, SOUND)
    opened = talk.opens(leader)
    with database.transaction() as session:
        session.query(Listening).update({"ended_at": now()})

    def nothing(*_: Any) -> None:
        """Between the check at the beginning and the first byte the listening has ended."""

    monkeypatch.setattr("web.live.sending.continue_live_listening", nothing)
    assert talk.hears(leader, opened["sound"]).sound == b""


def test_another_office_finds_neither_call_nor_sound(talk: Talk, leader: Browser) -> None:
    opened = talk.opens(leader)
    other = talk.people.admits(talk.town.people["leader2"])
    assert other.post(f"/live/calls/{talk.call_id}/listenings").status_code == 404
    assert other.get(opened["sound"]).status_code == 404
    assert other.get(f"/live/calls/{talk.call_id}/recording").status_code == 404


def test_an_officer_hears_no_call_not_even_his_own(talk: Talk) -> None:
    officer = talk.people.admits(talk.town.people["zhang"])
    assert officer.get(f"/calls/{talk.call_id}").status_code == 200
    assert "data-listener" not in officer.get(f"/calls/{talk.call_id}").text
    assert "data-listener" not in officer.get("/live/").text
    assert officer.post(f"/live/calls/{talk.call_id}/listenings").status_code == 403


def test_nobody_hears_on_the_listening_of_another(talk: Talk, leader: Browser) -> None:
    opened = talk.opens(leader)
    supervisor = talk.people.admits(talk.town.people["supervisor"])
    assert supervisor.get(opened["sound"]).status_code == 404


def test_a_place_must_be_a_part_of_this_call(talk: Talk, leader: Browser) -> None:
    url = talk.opens(leader)["sound"]
    for part in (PartName(uuid.uuid4(), "a", 1), "../../etc/passwd", "x"):
        assert leader.get(f"{url}&part={part}&at=0").status_code == 422
    assert leader.get(f"{url}&part={talk.name()}&at=-4").status_code == 422
    assert leader.get(f"/live/calls/{talk.call_id}/audio").status_code == 422


def test_a_call_that_is_over_is_refused_and_its_recording_offered_once_it_is_sealed(
    talk: Talk, leader: Browser, database: Database
) -> None:
    talk.is_over()
    assert leader.post(f"/live/calls/{talk.call_id}/listenings").status_code == 409
    ready = f"/live/calls/{talk.call_id}/recording"
    assert leader.get(ready).get_json() == {"ready": False}
    with database.transaction() as session:
        seal(session, Paths(talk.home), session.get_one(Call, talk.call_id), 2)
    assert leader.get(ready).get_json() == {"ready": True}


def test_who_is_signed_out_meanwhile_hears_no_more(
    talk: Talk, leader: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.app.extensions["listeners"].longest_s = 60.0
    monkeypatch.setattr(sounding, "LOOK_EVERY_S", 0.0)
    talk.grows(1, SOUND[:8000])

    def signs_out(_seconds: float) -> None:
        with database.transaction() as session:
            session.query(SignIn).update({"ended_at": now()})
        talk.grows(1, SOUND[8000:])

    url = talk.opens(leader)["sound"]
    monkeypatch.setattr(time, "sleep", signs_out)
    heard = talk.hears(leader, url)
    assert heard.sound == SOUND[:8000]
    assert heard.states[-1]["state"] == "leave"


def test_who_finds_no_place_is_asked_to_come_back_and_a_place_is_given_back(talk: Talk, leader: Browser) -> None:
    places, url = talk.app.extensions["listener_places"], talk.opens(leader)["sound"]
    for _ in range(places.most + 1):
        talk.hears(leader, url)
    taken = [places.everybodys.acquire(blocking=False) for _ in range(places.most)]
    assert all(taken)
    answer = leader.get(url, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert answer.get_json()["detail"] == "当前监听人数已满，正在重试。"
    places.everybodys.release()
    talk.hears(leader, url)


def test_a_third_connection_of_one_person_is_refused_with_the_reason_whatever_process_has_the_others(
    talk: Talk, leader: Browser
) -> None:
    talk.app.extensions["listener_places"].patience_s = 0.0
    url, actor = talk.opens(leader)["sound"], actor_of(talk.town.people["leader"])
    other_process = places_of(talk.app.extensions["settings"])
    leave = [other_process.take(actor) for _ in range(2)]
    answer = leader.get(url, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert answer.get_json()["detail"].startswith("您已在两处收听")
    supervisor = talk.people.admits(talk.town.people["supervisor"])
    talk.hears(supervisor, talk.opens(supervisor)["sound"])
    leave[0]()
    talk.hears(leader, url)


def test_offices_cannot_take_the_places_that_are_kept_for_headquarters(talk: Talk, leader: Browser) -> None:
    places = talk.app.extensions["listener_places"]
    url = talk.opens(leader)["sound"]
    office = [Actor(uuid.uuid4(), "x", "x", Role.OFFICE_LEADER, "01") for _ in range(places.most)]
    taken = [places.take(actor) for actor in office[: places.most - places.kept]]
    with pytest.raises(Busy):
        places.take(office[-1])
    assert leader.get(url).status_code == 503
    supervisor = talk.people.admits(talk.town.people["supervisor"])
    talk.hears(supervisor, talk.opens(supervisor)["sound"])
    for leave in taken:
        leave()
    talk.hears(leader, url)


def test_a_connection_that_is_refused_takes_no_place_of_others(tmp_path: Path) -> None:
    places = Places(lambda actor, n: tmp_path / f"{actor.account_id}.{n}", most=4, kept=1, patience_s=0.0)
    actor = Actor(uuid.uuid4(), "x", "x", Role.OFFICE_LEADER, "01")
    for _ in range(2):
        places.take(actor)
    for _ in range(5):
        with pytest.raises(Busy) as refusal:
            places.take(actor)
        assert refusal.value.own
    places.take(Actor(uuid.uuid4(), "y", "y", Role.OFFICE_LEADER, "01"))


def test_a_connection_ends_with_its_process(talk: Talk, leader: Browser) -> None:
    listeners = talk.app.extensions["listeners"]
    listeners.longest_s, listeners.serving = 60.0, lambda: False
    assert talk.hears(leader, talk.opens(leader)["sound"]).states[-1]["state"] == "on"


def test_a_browser_that_has_stopped_reading_holds_no_thread_for_long() -> None:
    class Socket:
        timeout: float | None = None

        def settimeout(self, value: float) -> None:
            self.timeout = value

    connection = Socket()
    never_stuck({"gunicorn.socket": connection})
    assert connection.timeout == STUCK_S
    never_stuck({})


def test_the_page_of_a_call_in_progress_has_a_listener_and_later_a_player(talk: Talk, leader: Browser) -> None:
    page = leader.get(f"/calls/{talk.call_id}").text
    assert f'data-listen-url="/live/calls/{talk.call_id}/listenings"' in page
    assert "js/listen/main.js" in page
    talk.is_over()
    assert "data-listener" not in leader.get(f"/calls/{talk.call_id}").text
