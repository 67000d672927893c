"""Whatever facts an office's certificate brings: they are taken or refused, pages open, and the worker goes on."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from supervision.actor import Role
from supervision.audit.queries import Chain
from supervision.calls.models import Call
from supervision.calls.rules import EventKind, Witness
from supervision.clock import now
from supervision.database import Database
from supervision.draws.models import AnsweredCall
from supervision.exchange.models import Inbox, RefusedFact
from supervision.exchange.rules import FactKind
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, IncidentKind
from supervision.ingest.messages import parse_batch
from supervision.ingest.service import receive_batch
from supervision.received_times import EARLIEST
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.settings import Mode, Settings
from tests.factories import make_passwords_cheap
from tests.run_once import run_once
from tests.web.conftest import People
from web import create_app

pytestmark = pytest.mark.thorough

EPOCH = uuid.UUID("0193a000-0000-7000-8000-000000000001")
YEAR_1, YEAR_9999 = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00"
PAGES = {
    Role.SUPERVISION_HEAD: (
        "/calls/",
        "/incidents/",
        "/live/",
        "/machines/",
        "/completeness/",
        "/draws/",
        "/offices/",
        "/quotas/",
    ),
    Role.SYSTEM_ADMINISTRATOR: ("/incidents/", "/machines/", "/offices/"),
    Role.AUDITOR: ("/audit/", "/completeness/", "/draws/", "/offices/", "/quotas/"),
}
OFFICE = {
    "name": "第一税务所",
    "lines": [
        {"key": "l1", "number": "1", "name": "一线", "rings_before_us": 0, "ring_s": 5.0}
        | {"announcement": True, "active": True}
    ],
    "desks": [{"extension": "801", "name": "一号台", "leader": False, "active": True, "officer": None}],
}


class Headquarters:
    """Headquarters' database, intake, site and worker, and an office that tells it of things."""

    def __init__(self, home: Path, database: Database) -> None:
        self.database = database
        self.n: dict[uuid.UUID, int] = {}
        self.settings = Settings(
            home=home, database_url=database.url, mode=Mode.HQ, secure_cookies=False, seal_every_s=0.01
        )
        self.people = People(create_app(self.settings, database), database)
        self.browsers = {role: self.people.enters(role) for role in PAGES}
        self.tell("office", OFFICE)

    def tell(self, kind: str, body: dict[str, Any], at: str = "", epoch: uuid.UUID = EPOCH) -> None:
        """One fact, as the intake takes it from the wire."""
        n = self.n[epoch] = self.n.get(epoch, 0) + 1
        fact = {"n": n, "kind": kind, "at": at or now().isoformat(), "body": body}
        batch = json.dumps({"epoch": str(epoch), "facts": [fact]}).encode()
        with self.database.transaction() as session:
            assert receive_batch(session, "3101", parse_batch(batch), now()) == n

    def opens(self) -> None:
        """Every page that shows what offices sent is there, for each who may see it."""
        with self.database.reading() as session:
            calls = session.scalars(select(Call.id).order_by(Call.id.desc()).limit(5)).all()
            incidents = session.scalars(select(Incident.id).order_by(Incident.id.desc()).limit(5)).all()
            logs = [Chain(one.office_code, one.epoch) for one in session.scalars(select(Inbox))]
        pages = {
            Role.SUPERVISION_HEAD: [
                *(f"/calls/{one}" for one in calls),
                *(f"/incidents/{one}" for one in incidents),
            ],
            Role.SYSTEM_ADMINISTRATOR: [f"/incidents/{one}" for one in incidents],
            Role.AUDITOR: [f"/audit/?log={one}" for one in logs],
        }
        for role, browser in self.browsers.items():
            for page in (*PAGES[role], *pages[role]):
                assert browser.get(page).status_code == 200, (role, page)

    def works(self) -> None:
        """All of the worker's tasks come to their end."""
        run_once(self.settings, self.database)


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, postgres: Any, migrated_postgres: str
) -> Iterator[Headquarters]:
    """A headquarters on PostgreSQL, whose calendar is another than Python's."""
    name = postgres.create_database(like=migrated_postgres)
    database = Database(postgres.url(name))
    with pytest.MonkeyPatch.context() as patch:
        make_passwords_cheap(patch)
        yield Headquarters(tmp_path_factory.mktemp("hq"), database)
    database.close()
    postgres.drop_database(name)


def a_call(**said: Any) -> dict[str, Any]:
    """What an office tells of a call that was answered and is over."""
    at = now() - timedelta(minutes=5)
    call_body: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "line_key": "l1",
        "uniqueid": "1.1",
        "caller_number": "13812345678",
        "caller_name": "",
        "offered_at": at.isoformat(),
        "first_rang_at": at.isoformat(),
        "answered_at": (at + timedelta(seconds=4)).isoformat(),
        "ended_at": (at + timedelta(seconds=60)).isoformat(),
        "answered_desk": "801",
        "rings": 1,
        "rings_before_us": 0,
        "disposition": "answered",
        "hung_up_by": "caller",
        "interrupted": False,
        "witness": "ari",
        "seen_by": "ari",
        "segments": [],
        "events": [],
    }
    return call_body | said


def test_what_is_reported_of_a_call_after_its_sealing_counts_for_how_long_its_caller_waited(
    whole: Headquarters,
) -> None:
    body, at = a_call(), now() - timedelta(minutes=5)
    body |= {"offered_at": at.isoformat(), "answered_at": (at + timedelta(seconds=4)).isoformat()}
    whole.tell("call", body)
    with whole.database.transaction() as session:
        session.add(Recording(call_id=uuid.UUID(body["id"]), state=RecordingState.EMPTY, waited_ms=0))
    blank = {"desk": None, "party": None, "detail": "", "sequence": 0}
    happened = [("line_answered", 0, "1.1"), ("desk_rang", 3, "1.2"), ("desk_answered", 4, "1.2")]
    events = [
        blank | {"kind": kind, "at": (at + timedelta(seconds=second)).isoformat(), "channel": channel}
        for kind, second, channel in happened
    ]
    whole.tell("call", body | {"events": events})
    with whole.database.reading() as session:
        assert session.get_one(Recording, uuid.UUID(body["id"])).waited_ms == 3000


@pytest.mark.postgres
@pytest.mark.parametrize("moment", [YEAR_1, YEAR_9999])
def test_an_answered_call_of_no_calendar_is_taken_with_the_time_of_receipt_and_an_incident(
    whole: Headquarters, moment: str
) -> None:
    times = {"offered_at": moment, "first_rang_at": moment, "answered_at": moment, "ended_at": moment}
    body = a_call(**times, segments=[{"kind": "officer", "desk": "801", "started_at": moment, "ended_at": moment}])
    before = now()
    whole.tell("call", body, at=moment)
    whole.tell("call", body | {"hung_up_by": "officer"}, at=moment)
    with whole.database.reading() as session:
        call = session.get_one(Call, uuid.UUID(body["id"]))
        assert call.answered_at is not None
        assert before <= call.offered_at <= call.answered_at <= now()
        answered = session.get_one(AnsweredCall, call.id)
        assert (answered.began_at, answered.began_week) == (call.offered_at, "")
        found = session.scalars(select(Incident).where(Incident.call_id == call.id)).all()
        assert [(one.cause, one.times) for one in found] == [(Cause.TIME_IMPOSSIBLE, 2)]
    whole.works()
    whole.opens()


@pytest.mark.postgres
@pytest.mark.parametrize("moment", [YEAR_1, YEAR_9999, "2019-12-31T23:59:59+00:00"])
def test_any_other_fact_of_no_calendar_is_refused_as_a_fault_of_that_office(
    whole: Headquarters, moment: str
) -> None:
    missed = a_call(offered_at=moment, answered_at=None, disposition="missed", answered_desk=None)
    machine = {"seen_at": moment, "volumes": [], "waiting_parts": 0, "waiting_bytes": 0, "oldest_unsent_at": None}
    account: dict[str, Any] = {
        "call_id": str(uuid.uuid4()),
        "linkedid": "1",
        "offered_at": moment,
        "line_answered_at": None,
    }
    account |= {"ended_at": moment, "mixmonitor_started": True, "source": "cel"}
    for kind, body in (("call", missed), ("machine", machine), ("switch_record", account)):
        whole.tell(kind, body, at=moment)
    with whole.database.reading() as session:
        rows = session.scalars(select(RefusedFact).order_by(RefusedFact.n.desc()).limit(3)).all()
        assert [row.kind for row in rows] == ["switch_record", "machine", "call"]
        subjects = {f"fact:{EPOCH}:{row.n}" for row in rows}
        named = session.scalars(select(Incident).where(Incident.subject.in_(subjects))).all()
        assert {(one.cause, one.office_code) for one in named} == {(Cause.EVENT_REFUSED, "3101")}
        assert len(named) == 3
        assert session.get(Call, uuid.UUID(missed["id"])) is None
        (fact_at,) = session.scalars(select(Inbox.fact_at))
        assert fact_at is not None
        assert fact_at >= EARLIEST
    whole.works()
    whole.opens()


@pytest.mark.postgres
def test_audio_of_no_calendar_is_taken_too(whole: Headquarters) -> None:
    body = a_call()
    whole.tell("call", body)
    part: dict[str, Any] = {"name": f"{body['id']}.a1.raw", "started_at": YEAR_9999, "closed_at": YEAR_1}
    part |= {"length_bytes": 0, "sha256": "ab" * 32}
    whole.tell(
        "recording",
        {
            "call_id": body["id"],
            "closed_at": YEAR_1,
            "interrupted": False,
            "parts": [part],
            "copy_of_office": None,
        },
    )
    with whole.database.reading() as session:
        found = session.get_one(Part, part["name"])
        assert abs(found.started_at - now()) < timedelta(minutes=5)
        causes = session.scalars(select(Incident.cause).where(Incident.call_id == found.call_id)).all()
        assert causes == [Cause.TIME_IMPOSSIBLE]
    whole.works()


# Hypothesis: times, sizes and texts that no honest node tells, in every kind of fact.
ZONES = ("+00:00", "+14:00", "-12:00", "+08:00")
EDGES = ("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "1970-01-01T00:00:00", "2020-01-01T00:00:00")
START = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = (
    st.builds(lambda edge, zone: edge + zone, st.sampled_from(EDGES), st.sampled_from(ZONES))
    | st.integers(-730_000, 2_900_000).map(lambda days: (START + timedelta(days=days)).isoformat())
    | st.integers(-400, 4000).map(lambda days: (START + timedelta(days=days)).isoformat())
    | st.timedeltas(timedelta(days=-2), timedelta(days=2)).map(lambda off: (now() + off).isoformat())
    | st.sampled_from([0, 1e12, -1, "now", ""])
)
MAYBE = st.none() | MOMENTS
SIZES = st.sampled_from([-1, 0, 1, 320, 2**31 - 1, 2**31, 2**40, 2**53, 2**63 - 1, 2**63, 10**400])
TEXTS = st.sampled_from(["", "801", "l1", "a\x00b", "<script>", "%(line)s {x}", "\u202e中", "z" * 300, "😀"])
JUNK = st.recursive(
    st.none() | st.booleans() | SIZES | TEXTS | st.floats(),
    lambda one: st.lists(one, max_size=2) | st.dictionaries(TEXTS, one, max_size=3),
    max_leaves=6,
)
IDS = st.sampled_from([str(uuid.UUID(int=n)) for n in range(1, 6)])


def call_body(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


EVENTS = call_body(
    kind=st.sampled_from([one.value for one in EventKind]),
    at=MOMENTS,
    channel=TEXTS,
    desk=st.none() | TEXTS,
    party=st.none(),
    detail=TEXTS,
    sequence=SIZES,
)
SEGMENTS = call_body(kind=st.just("officer"), desk=TEXTS, started_at=MOMENTS, ended_at=MAYBE)
WITNESSES = st.sampled_from([one.value for one in Witness])
CALLS = st.builds(
    lambda base, said: a_call() | base | said,
    call_body(
        id=IDS, offered_at=MOMENTS, answered_at=MAYBE, ended_at=MAYBE, first_rang_at=MAYBE, witness=WITNESSES
    ),
    st.just({})
    | call_body(rings=SIZES, caller_number=TEXTS, caller_name=TEXTS, answered_desk=TEXTS, uniqueid=TEXTS)
    | call_body(events=st.lists(EVENTS, max_size=4), segments=st.lists(SEGMENTS, max_size=2), seen_by=WITNESSES),
)
RECORDINGS = st.builds(
    lambda call, parts, closed, copy: {
        "call_id": call,
        "closed_at": closed,
        "interrupted": False,
        "parts": [one | {"name": f"{call}.a{n}.raw"} for n, one in enumerate(parts, start=1)],
        "copy_of_office": copy,
    },
    IDS,
    st.lists(
        call_body(started_at=MOMENTS, closed_at=MAYBE, length_bytes=st.just(0) | SIZES, sha256=st.just("ab" * 32)),
        max_size=3,
    ),
    MAYBE,
    st.none()
    | call_body(
        state=st.just("ready"), pcm_sha256=st.none(), duration_ms=SIZES, speech_ms=SIZES, sealed_at=MOMENTS
    ),
)
ACCOUNTS = call_body(
    call_id=IDS,
    linkedid=TEXTS,
    offered_at=MOMENTS,
    line_answered_at=MAYBE,
    ended_at=MAYBE,
    mixmonitor_started=st.booleans(),
    source=st.sampled_from(["cel", "cdr"]),
    muted_ms=SIZES,
    caller_packets=SIZES,
    rings_least=SIZES,
    rings_most=SIZES,
)
INCIDENTS = call_body(
    id=IDS,
    kind=st.sampled_from([one.value for one in IncidentKind]),
    cause=st.sampled_from([one.value for one in Cause]),
    subject=TEXTS,
    call_id=st.none() | IDS,
    detail=st.dictionaries(
        st.sampled_from(["expected_ms", "found_ms", "status", "line", "reason", "muted_ms", "waited_s", "times"]),
        JUNK,
        max_size=6,
    ),
    first_seen_at=MOMENTS,
    last_seen_at=MOMENTS,
    times=SIZES,
    healed_at=MAYBE,
)
MACHINES = call_body(
    seen_at=MOMENTS,
    volumes=st.lists(
        call_body(
            name=TEXTS, total_bytes=SIZES, free_bytes=SIZES, read_only=st.booleans(), level=st.none() | SIZES
        ),
        max_size=2,
    ),
    waiting_parts=SIZES,
    waiting_bytes=SIZES,
    oldest_unsent_at=MAYBE,
)
AUDIT = call_body(
    n=SIZES,
    at=MOMENTS,
    actor_id=st.none(),
    actor=TEXTS,
    act=TEXTS,
    subject=TEXTS,
    office_code=st.none(),
    detail=st.dictionaries(TEXTS, JUNK, max_size=2),
    previous=st.just("0" * 64),
    hash=st.just("ab" * 32),
)
DRAWS = call_body(
    draw=st.sampled_from(
        ["office:3101:9999-W52", "office:3101:0001-W01", "hq:3101:9999-12", "hq:3101:2026-11+999"]
    ),
    office_commitment=st.none(),
    hq_commitment=st.none(),
    rate=TEXTS,
)
FACTS = st.one_of(
    st.tuples(st.just("call"), CALLS),
    st.tuples(st.just("recording"), RECORDINGS),
    st.tuples(st.just("switch_record"), ACCOUNTS),
    st.tuples(st.just("incident"), INCIDENTS),
    st.tuples(st.just("machine"), MACHINES),
    st.tuples(st.just("audit"), AUDIT),
    st.tuples(st.just("draw_closed"), DRAWS),
    st.tuples(st.sampled_from([one.value for one in FactKind]), st.dictionaries(TEXTS, JUNK, max_size=3)),
    st.tuples(TEXTS.map(lambda text: text[:32]), st.just({})),
)
STAMPS = MOMENTS.filter(lambda one: isinstance(one, str) and one not in {"now", ""})
EPOCHS = st.sampled_from([uuid.UUID(int=(2**48 - 1 << 80) | (7 << 76) | (8 << 60) | n) for n in range(2)])


@pytest.mark.postgres
@given(facts=st.lists(st.tuples(FACTS, STAMPS), min_size=1, max_size=12), epoch=EPOCHS)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_whatever_an_office_sends_the_worker_goes_on_and_the_pages_open(
    whole: Headquarters, facts: list[tuple[tuple[str, dict[str, Any]], str]], epoch: uuid.UUID
) -> None:
    for (kind, body), at in facts:
        whole.tell(kind, body, at, epoch)
    whole.works()
    whole.opens()
    # An office may send an incident of such a cause.
    own = (Incident.cause == Cause.WORK_SET_ASIDE) & Incident.received.is_(False)
    with whole.database.reading() as session:
        assert session.scalars(select(Incident).where(own)).all() == []
