"""The supervision section hears a call while it goes on, from Asterisk through the uplink to its own site (S3)."""

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from sqlalchemy import select

from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.processes import until
from supervision.actor import Role
from supervision.calls.models import Call
from supervision.listening.models import Listening
from tests.factories import PASSWORD, make_account
from tests.pbx.stories import bridged, hears, nobody_left, tone
from tests.web.conftest import TOKEN
from web.live.frames import Frame

pytestmark = pytest.mark.pbx

BLOCK = 32_768


@pytest.fixture
def hq(short_folder: Path) -> Iterator[LoopbackHeadquarters]:
    """Headquarters, with its site."""
    with LoopbackHeadquarters(short_folder / "hq") as running:
        running.start_site()
        yield running


@pytest.fixture
def office(make_office: Callable[..., LoopbackOffice], hq: LoopbackHeadquarters) -> LoopbackOffice:
    """An office that sends to it."""
    return make_office(hq=hq)


@pytest.fixture
def supervisor(hq: LoopbackHeadquarters) -> Iterator[httpx.Client]:
    """A supervisor's browser, signed in."""
    with hq.database.transaction() as session:
        login = make_account(session, Role.SUPERVISOR).login
    with httpx.Client(base_url=hq.site, trust_env=False, follow_redirects=True) as client:
        form = {"login": login, "password": PASSWORD, "csrf_token": token(client, "/account/sign-in")}
        assert client.post("/account/sign-in", data=form).status_code == 200
        yield client


def token(client: httpx.Client, path: str) -> str:
    found = TOKEN.search(client.get(path).text)
    assert found
    return found[1]


def going_on(hq: LoopbackHeadquarters) -> Call | None:
    """The call in progress, once the office has reported it."""
    with hq.database.reading() as session:
        return session.scalars(select(Call).where(Call.answered_at.is_not(None))).one_or_none()


def sound_of(client: httpx.Client, url: str, size: int) -> bytes:
    """So much sound, as it comes."""
    held, sound = b"", b""
    with client.stream("GET", url, timeout=10) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            held += piece
            while len(held) >= 8 and len(held) >= 8 + (length := struct.unpack_from("<B3xI", held)[1]):
                sound += held[8 : 8 + length] if held[0] == Frame.SOUND else b""
                held = held[8 + length :]
            if len(sound) >= size:
                break
    return sound


def test_a_supervisor_hears_both_sides_of_a_call_while_it_goes_on(
    hq: LoopbackHeadquarters, office: LoopbackOffice, supervisor: httpx.Client
) -> None:
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=9)
    until("people talking", lambda: bridged(office))
    call = until("the call at headquarters", lambda: going_on(hq))

    page = supervisor.get("/live/").text
    assert re.search(rf'data-url="/calls/{call.id}"', page)
    headers = {"X-CSRFToken": token(supervisor, "/account/sessions")}
    opened = supervisor.post(f"/live/calls/{call.id}/listenings", headers=headers).json()
    sound = sound_of(supervisor, opened["sound"], 3 * BLOCK)
    assert bridged(office), "the call goes on"

    late = np.frombuffer(sound, "<i2").reshape(-1, 2)[-8000:] / 32768
    assert (hears(late[:, 0]), hears(late[:, 1])) == (440, 880)
    heard_s = len(sound) / 32_000
    report = {"stretches": [[0, heard_s]], "ended": True}
    assert supervisor.post(opened["heard"], json=report, headers=headers).json()["seconds"] > 1
    with hq.database.reading() as session:
        listening = session.scalars(select(Listening)).one()
    assert listening.live
    assert listening.seconds <= listening.served_bytes / 32_000
    run.wait()
    nobody_left(office)
