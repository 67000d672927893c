"""The branch recorder and the main recorder have every call at the same time, whatever fails (S1, S2)."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.people import are_copied, are_known, give_passwords
from demo.processes import until
from demo.report import Listener
from supervision.actor import Role
from supervision.calls.models import Call, CallEvent
from supervision.clock import now
from supervision.errors import NotFound
from supervision.exchange.models import OutboxHead
from supervision.parts.incoming import Incoming
from supervision.paths import PartName
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState
from tests.pbx.stories import (
    bridged,
    call_over,
    calls_of,
    hears,
    incidents_of,
    nobody_left,
    recording_of,
    seal_all,
    sealed_audio,
    tone,
)
from tests.pbx.wires import Wire

pytestmark = pytest.mark.pbx

OFFICE = "07"


@pytest.fixture
def hq(short_folder: Path) -> Iterator[LoopbackHeadquarters]:
    """Headquarters, running."""
    with LoopbackHeadquarters(short_folder / "hq") as running:
        yield running


@pytest.fixture
def wire(hq: LoopbackHeadquarters) -> Iterator[Wire]:
    """The link between office and headquarters, which can be cut."""
    with Wire() as wire:
        wire.target = hq.intake_port
        yield wire


@pytest.fixture
def office(make_office: Callable[..., LoopbackOffice], hq: LoopbackHeadquarters, wire: Wire) -> LoopbackOffice:
    """An office whose uplink goes through the wire."""
    return make_office(hq=hq, settings={"SUPERVISION_HQ_URL": f"https://127.0.0.1:{wire.port}"})


def growing(office: LoopbackOffice) -> Path:
    """The one file that grows in the spool."""
    (path,) = until("a part in the spool", lambda: list(office.paths.spool.iterdir()))
    return path


def incoming(hq: LoopbackHeadquarters) -> Path:
    """The one part at headquarters."""
    return until("a part at headquarters", lambda: next(hq.paths.incoming.glob("*/*.raw"), None))


def until_received(hq: LoopbackHeadquarters, office: LoopbackOffice, within_s: float = 30) -> Call:
    """The one call, once both copies are sealed and the office has headquarters' receipt for each part."""
    call = call_over(office, 30)
    seal_all(office)

    def sealed() -> Recording | None:
        with hq.database.reading() as session:
            found = session.get(Recording, call.id)
            copy = session.get(OfficeCopy, call.id)
            return found if found and copy and found.state is RecordingState.READY else None

    until("sealed at headquarters", sealed, within_s)
    until("the receipts", lambda: all(part.received_at for part in parts_of(office, call.id)))
    return call


def parts_of(where: LoopbackOffice | LoopbackHeadquarters, call_id: uuid.UUID) -> list[Part]:
    with where.database.reading() as session:
        return list(session.query(Part).where(Part.call_id == call_id).order_by(Part.name))


def expect_two_copies(hq: LoopbackHeadquarters, office: LoopbackOffice) -> Call:
    """Both have the same call, the same parts byte for byte, and the same sealed recording."""
    call = until_received(hq, office)
    with hq.database.reading() as there, office.database.reading() as here:
        ours, theirs = here.get_one(Recording, call.id), there.get_one(Recording, call.id)
        assert theirs.pcm_sha256 == ours.pcm_sha256 == there.get_one(OfficeCopy, call.id).pcm_sha256
        record = there.get_one(Call, call.id)
        # When the end became known is each side's own.
        columns = [column.name for column in Call.__table__.columns if column.name != "end_known_at"]
        assert {name: getattr(record, name) for name in columns} == {name: getattr(call, name) for name in columns}
        count = there.query(CallEvent).where(CallEvent.call_id == call.id).count()
        assert count == here.query(CallEvent).where(CallEvent.call_id == call.id).count()
    for part in parts_of(office, call.id):
        copy = hq.paths.incoming / call.office_code / part.name
        assert copy.read_bytes() == (office.paths.spool / part.name).read_bytes()
    audio = sealed_audio(office, call)
    assert hears(audio[-12000:-4000, 0]) == 440
    return call


def a_call(office: LoopbackOffice, deed: Callable[[], None], talks_s: float = 6) -> None:
    """A call from beginning to end, with a deed once there is audio of it at headquarters."""
    office.desk("801").answers(after_s=0.3, plays=tone(880))
    run = office.gateway("07-1").dials(office.number("07-1"), plays=tone(440), talks_s=talks_s)
    until("people talking", lambda: bridged(office))
    deed()
    run.wait()
    nobody_left(office)


def acknowledged(hq: LoopbackHeadquarters, part: Path) -> bytes:
    """The bytes of a part that headquarters has acknowledged; none if it has not heard of it."""
    name = PartName.parse(part.name)
    assert name is not None
    try:
        held = Incoming(hq.paths).state(OFFICE, name).offset
    except NotFound:
        return b""
    with hq.paths.incoming_part(OFFICE, name).open("rb") as file:
        return file.read(held)


def test_headquarters_has_every_acknowledged_byte_in_order_while_the_call_goes_on(
    hq: LoopbackHeadquarters, office: LoopbackOffice
) -> None:
    seen = [b""]

    def listen_at_headquarters() -> None:
        part = growing(office)

        def longer() -> bytes | None:
            held = acknowledged(hq, part)
            return held if len(held) > len(seen[-1]) else None

        while len(seen) < 4:
            held = until("more of it acknowledged", longer)
            assert part.read_bytes()[: len(held)] == held, "the beginning of what the office has, byte for byte"
            assert held.startswith(seen[-1]), "what was acknowledged stands"
            seen.append(held)
        assert hears_in(seen[-1][-32_768:]) == (440, 880), "what both say, within the last second that came"
        assert bridged(office), "the call goes on"

    a_call(office, listen_at_headquarters, talks_s=8)
    call = expect_two_copies(hq, office)
    (whole,) = [(office.paths.spool / part.name).read_bytes() for part in parts_of(office, call.id)]
    assert whole.startswith(seen[-1])
    assert len(whole) > len(seen[-1]) >= 3 * 32_768
    assert incidents_of(office) == []


def hears_in(raw: bytes) -> tuple[int, int]:
    """The strongest tone of each side in raw audio: the caller's, the desk's."""
    samples = np.frombuffer(raw, "<i2").reshape(-1, 2) / 32_768
    return hears(samples[:, 0]), hears(samples[:, 1])


def test_a_link_that_is_cut_in_mid_call_loses_nothing(
    hq: LoopbackHeadquarters, office: LoopbackOffice, wire: Wire
) -> None:
    def cut() -> None:
        until("a block of audio at headquarters", lambda: incoming(hq).stat().st_size > 0)
        wire.cut()

    a_call(office, cut)
    assert call_over(office).ended_at is not None, "the office needs no headquarters"
    wire.mend()
    expect_two_copies(hq, office)


@pytest.mark.parametrize("victim", ["uplink", "intake", "worker"])
def test_whoever_is_killed_in_mid_call_nothing_is_lost_and_nothing_doubled(
    hq: LoopbackHeadquarters, office: LoopbackOffice, victim: str
) -> None:
    def kill() -> None:
        until("a block of audio at headquarters", lambda: incoming(hq).stat().st_size > 0)
        process = {"uplink": office.uplink, "intake": hq.intake, "worker": hq.worker}[victim]
        process.kill()
        process.start()

    a_call(office, kill)
    expect_two_copies(hq, office)


PASSWORD = "correct horse battery"
AWAY = "起无法连接总系统"


def people_come_down(hq: LoopbackHeadquarters, office: LoopbackOffice) -> str:
    """The office's people get passwords at headquarters and come down to the node; the leader's login."""
    described = office.description
    until("the office's people known at headquarters", lambda: are_known(hq.database, described))
    logins = give_passwords(hq.database, described, PASSWORD)
    until("the office's people copied to its node", lambda: are_copied(office.database, described))
    return logins[Role.OFFICE_LEADER]


def a_minute_passes(office: LoopbackOffice) -> None:
    """Headquarters answered last two minutes ago."""
    with office.database.transaction() as session:
        session.execute(update(OutboxHead).values(reached_at=now() - timedelta(minutes=2)))


def test_the_nodes_site_answers_everything_while_headquarters_is_away_and_all_arrives_when_it_is_back(
    make_office: Callable[..., LoopbackOffice], short_folder: Path
) -> None:
    hq = LoopbackHeadquarters(short_folder / "hq")
    office = make_office(hq=hq)
    office.start_site()
    with ExitStack() as stack:
        stack.callback(hq.stop)
        hq.start_intake()
        hq.worker.start()
        leader = stack.enter_context(Listener(office, people_come_down(hq, office), PASSWORD))
        hq.worker.stop()
        hq.intake.stop()
        a_minute_passes(office)

        def page(path: str) -> str:
            answer = leader.client.get(path)
            assert answer.status_code == 200, path
            return answer.text

        def look_on() -> None:
            (call,) = calls_of(office)
            assert str(call.id) in page("/calls/")
            assert str(call.id) in page("/live/")

        a_call(office, look_on, talks_s=4)
        call = call_over(office)
        until("sealed by the office's worker", lambda: recording_of(office, call.id).state is RecordingState.READY)
        assert AWAY in page("/calls/"), "it says that headquarters is away"
        assert str(call.id) in page(f"/calls/?line={call.line_key}")
        assert "data-player" in page(f"/calls/{call.id}")
        assert page("/incidents/")
        assert leader.client.get(f"/recordings/{call.id}/peaks").status_code == 200
        assert leader.hears(call).startswith(b"fLaC")
        assert leader.client.get(f"/recordings/{call.id}/download").content.startswith(b"fLaC")
        hq.start_intake()
        hq.worker.start()
        expect_two_copies(hq, office)
        until("the notice gone", lambda: AWAY not in page("/calls/"))
