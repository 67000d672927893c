"""A whole site on a port of its own: a store with an office, calls and a sealed recording, and a live server."""

import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from werkzeug.serving import make_server

from supervision.actor import Role, Scope
from supervision.calls.caller_rules import clean_caller
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party, Witness
from supervision.clock import local, now
from supervision.context import Context
from supervision.database import Database, new_id
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import Unusable, week_of
from supervision.draws.service import finish_ticket, propose_unusable, take_ticket
from supervision.evaluations.drafts import take_again, take_call
from supervision.evaluations.messages import apply_copies, changed_after
from supervision.evaluations.models import Evaluation
from supervision.evaluations.service import amend, content_of
from supervision.exchange.models import Inbox
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.machines.messages import SentBackup
from supervision.machines.rules import Backlog, Volume
from supervision.machines.service import HEADQUARTERS, Limits, Seen, note_machine
from supervision.offices.models import Desk
from supervision.paths import Paths
from supervision.people import passwords
from supervision.people.resets import ask_reset
from supervision.recordings.models import Recording, RecordingState
from supervision.regulation import service as regulation
from supervision.regulation.queries import clauses_in_force
from supervision.scorecards import service as scorecards
from supervision.scorecards.queries import get_in_force
from supervision.settings import Mode, Settings
from tests.browser.complained import complain
from tests.browser.kept import keep
from tests.browser.put_right import put_right
from tests.calls.samples import Town, make_town, seconds
from tests.draws.made import make_committed, make_drawn
from tests.evaluations.factories import ALWAYS, Work
from tests.recordings.sounds import seal
from web import create_app
from web.unit import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PASSWORD = "correct horse battery"
HOSTILE = '"; rm -rf / ; ${SHELL(id)}<script>alert(1)</script>'


@dataclass(frozen=True)
class Stage:
    """A live site."""

    address: str
    site: Application
    database: Database
    paths: Paths
    call_id: str
    hostile_id: str
    incident_id: str
    account_id: str
    draw_id: str
    desk_id: str
    supervisor_id: str = ""
    evaluation_id: str = ""
    first_id: str = ""
    drafted_id: str = ""
    again_id: str = ""
    checked_id: str = ""
    directed_id: str = ""
    scorecard_id: str = ""
    scorecard_draft_id: str = ""
    regulation_id: str = ""
    regulation_draft_id: str = ""
    deletion_id: str = ""
    request_id: str = ""
    complaint_id: str = ""
    treatment_id: str = ""
    rectification_id: str = ""
    sign_id: str = ""
    officers_notice_id: str = ""
    record_id: str = ""
    ground_id: str = ""
    appeal_id: str = ""


@contextmanager
def staged(home: Path, url: str, mode: Mode = Mode.OFFICE) -> Iterator[Stage]:
    """The site over a migrated store, served until the block ends."""
    with opened(home, url, mode, furnish(home, url, mode)) as stage:
        yield stage


def furnish(home: Path, url: str, mode: Mode) -> Mapping[str, str]:
    """Fill a migrated store and its home; the records that are looked at."""
    database = Database(url)
    with database.transaction() as session:
        town = make_town(session)
        town.person("keeper", "何安全", Role.SECURITY_ADMINISTRATOR)
        town.person("head", "沈科长", Role.SUPERVISION_HEAD)
        town.person("auditor", "郑审计", Role.AUDITOR)
        town.person("bureau", "吴局长", Role.BUREAU_LEADER)
        hashed = passwords.hashed(PASSWORD)
        for person in town.people.values():
            person.password_hash = hashed
        ask_reset(Context(session, town.actor("keeper"), Scope()), town.people["auditor"].id)
        call, hostile = _fill(town, Paths(home))
        session.add(Inbox(office_code="01", epoch=new_id(), n=4321, taken=4321, heard_at=now(), fact_at=now()))
        incident_id = session.scalars(select(Incident.id).where(Incident.office_code == "01").limit(1)).one()
        draw_id = _draws(town, call)
        desk_id = session.scalars(select(Desk.id).where(Desk.extension == "801", Desk.office_code == "01")).one()
        found = {
            "call_id": str(call.id),
            "hostile_id": str(hostile.id),
            "incident_id": str(incident_id),
            "account_id": str(town.people["zhang"].id),
            "draw_id": str(draw_id),
            "desk_id": str(desk_id),
        }
        at_hq = mode is Mode.HQ
        found |= (
            {**_judged(town, Paths(home)), **keep(town, call), **complain(town, call)}
            if at_hq
            else _received(town, home)
        )
        found |= put_right(town, home, at_hq=at_hq)
    database.close()
    return found


@contextmanager
def opened(home: Path, url: str, mode: Mode, found: Mapping[str, str]) -> Iterator[Stage]:
    """The site over a store that is furnished, served until the block ends."""
    settings = Settings(home=home, database_url=url, secure_cookies=False, mode=mode)
    database = Database(url)
    try:
        with served(settings, database) as (address, site):
            yield Stage(address, site, database, Paths(home), **found)
    finally:
        database.close()


@contextmanager
def served(settings: Settings, database: Database) -> Iterator[tuple[str, Application]]:
    """The site on a port of its own: its address and itself."""
    site = create_app(settings, database)
    server = make_server("127.0.0.1", 0, _closing(site), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _closing(site: Application) -> "WSGIApplication":
    """The site, each answer closed even if the browser hung up amid it: werkzeug forgets it then."""

    def answered(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        return _to_its_end(site(environ, start_response))

    return answered


def _to_its_end(answer: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from answer
    finally:
        getattr(answer, "close", lambda: None)()


def _fill(town: Town, paths: Paths) -> tuple[Call, Call]:
    at = now().replace(microsecond=0) - timedelta(minutes=10)
    call = town.call(at, rings_before_us=1)
    town.story(call)
    gaps = [{"at_ms": 32000, "length_ms": 2500}]
    seal(town.session, paths, call, 60, officer_on_ms=6000, gaps=gaps)
    hostile = town.missed(at - seconds(300), caller_number=clean_caller(HOSTILE, 64), caller_name=HOSTILE)
    town.session.add(Recording(call_id=hostile.id, state=RecordingState.EMPTY))
    _crowd(town, at)
    _incidents(town, call, at)
    _machines(town, at)
    return call, hostile


def _machines(town: Town, at: datetime) -> None:
    """Headquarters' own machine with room, an office's that is short of it and waits for headquarters."""
    limits = Limits((20, 10, 5), timedelta(minutes=15))
    roomy = Volume("home", 4 * 10**12, 31 * 10**11)
    disks = [Volume("home", 480 * 10**9, 62 * 10**9), Volume("spool", 120 * 10**9, 4 * 10**9)]
    made = SentBackup(number=41, at=at - timedelta(hours=9), size_bytes=214 * 10**9, recipient="age1hq")
    sound = {"log_at": at - timedelta(minutes=3), "verified_at": at - timedelta(days=3)}
    lost = f"objects/3f/{'3f0c' * 16}.age is missing"
    old = {"at": at - timedelta(days=3), "size_bytes": 18 * 10**9, "fault": lost}
    own = made.model_copy(update={**sound, "rehearsed_at": at - timedelta(days=40)})
    note_machine(town.session, Seen(HEADQUARTERS, [roomy], backup=own), limits, at)
    waiting = Backlog(37, 214_000_000, at - timedelta(hours=3))
    damaged = Seen("01", disks, waiting, made.model_copy(update=old))
    note_machine(town.session, damaged, limits, at)


def _crowd(town: Town, at: datetime) -> None:
    for n in range(70):
        when = at - timedelta(minutes=11 * n + 9)
        desk = "802" if n % 3 else "801"
        number = f"1{30 + n % 60}{(n * 7919) % 10**8:08d}" if n % 9 else ""
        line = "invoice" if n % 4 == 1 else "main"
        if n % 8 == 5:
            other = town.missed(when, line_key=line, caller_number=number)
        elif n % 8 == 7:
            abandoned = {"disposition": Disposition.ABANDONED, "rings": 1 + n % 4}
            other = town.missed(when, line_key=line, caller_number=number, **abandoned)
        else:
            talk = {"ended_at": when + seconds(20 + n * 13), "answered_at": when + seconds(3 + n % 17)}
            other = town.call(
                when, line_key=line, answered_desk=desk, rings=1 + (3 + n % 17) // 5, caller_number=number, **talk
            )
        state = RecordingState.READY if other.answered_at else RecordingState.EMPTY
        state = RecordingState.FAILED if n == 4 else RecordingState.FINAL if n == 0 else state
        town.session.add(Recording(call_id=other.id, state=state))
    for n, talking in enumerate((True, False)):
        when = now() - seconds(75 + n * 30)
        unfinished = {"ended_at": None, "disposition": None, "hung_up_by": None, "witness": Witness.ARI}
        answered = {"answered_at": when + seconds(4), "answered_desk": "801"}
        waiting = {"answered_at": None, "answered_desk": None, "rings": 0}
        town.call(when, **unfinished, **(answered if talking else waiting))
    town.session.flush()


def _draws(town: Town, spoken: Call) -> uuid.UUID:
    """A week that is drawn, with a ticket in every state, and one that goes on; the spoken call is never unusable.

    The week is that of six hours ago: on a Monday morning the calls are still those of the week before.
    """
    day = local(now() - timedelta(hours=6)).date()
    drawn = make_drawn(town.session, f"office:01:{week_of(day).name}", now())
    make_committed(town.session, f"office:01:{week_of(week_of(day).after).name}", now())
    tickets, leader = tickets_of_draw(town.session, Scope(), drawn.id), town.actor("leader")
    take_ticket(Context(town.session, leader, Scope(), now()), tickets[0].id)
    take_ticket(Context(town.session, leader, Scope(), now()), tickets[1].id)
    finish_ticket(Context(town.session, leader, Scope(), now()), tickets[1].id)
    silent = next(ticket for ticket in tickets[2:] if ticket.call_id != spoken.id)
    context = Context(town.session, leader, Scope())
    propose_unusable(context, silent.id, reason=Unusable.NO_SPEECH, note="接通后无人讲话")
    return drawn.id


def _judged(town: Town, paths: Paths) -> dict[str, str]:
    """Evaluations that were submitted, some that are being written, one judged twice; drafts of the norms."""
    work = Work(town, paths.home)
    head = town.actor("head")
    calls = [work.call(20, at=now() - timedelta(hours=n + 1)) for n in range(6)]
    tickets = work.draw(calls)
    noted = {"key": str(uuid.UUID(int=5)), "at_s": 7.5, "kind": "breach", "category": "manner", "text": "打断对方"}
    first = work.judges("leader", tickets[0], ALWAYS, failed="答复正确", findings=[noted], remark="需要复训")
    amended = replace(content_of(first.judgements[0]), remark="复听后补充")
    amend(
        Context(town.session, town.actor("leader"), Scope("01"), now()), first.id, amended, reason="漏记一处", n=1
    )
    second = work.judges("leader", tickets[1], ALWAYS, deduct=3)
    again = town.session.scalars(select(Evaluation).where(Evaluation.rescore_of == second.id)).one()
    take_again(Context(town.session, head, Scope(), now()), again.id)
    work.writes("head", again, work.content(deduct=12))
    work.submits("head", again)
    drafted = work.takes("leader", tickets[2], now())
    work.writes("leader", drafted, work.content(findings=[noted]))
    supervisor = town.actor("supervisor")
    checked, directed = (
        take_call(Context(town.session, supervisor, Scope(), now()), work.call(20).id) for _ in range(2)
    )
    work.writes("supervisor", checked, work.content())
    work.submits("supervisor", checked)
    card, text = (
        scorecards.begin_draft(Context(town.session, head, Scope())),
        regulation.begin_draft(Context(town.session, head, Scope())),
    )
    first_text = clauses_in_force(town.session)[0].regulation_id
    return {
        "evaluation_id": str(second.id),
        "supervisor_id": str(town.people["supervisor"].id),
        "first_id": str(first.id),
        "drafted_id": str(drafted.id),
        "again_id": str(again.id),
        "checked_id": str(checked.id),
        "directed_id": str(directed.id),
        "scorecard_id": str(get_in_force(town.session).id),
        "scorecard_draft_id": str(card.id),
        "regulation_id": str(first_text),
        "regulation_draft_id": str(text.id),
    }


def _received(town: Town, home: Path) -> dict[str, str]:
    """On a node: what headquarters reported a call that was judged there."""
    work = Work(town, home)
    judged = work.judges("leader", work.draw([work.call(20, at=now() - timedelta(hours=3))])[0], deduct=5)
    apply_copies(town.session, "01", changed_after(town.session, "01"))
    return {"evaluation_id": str(judged.id)}


def _incidents(town: Town, call: Call, at: datetime) -> None:
    for n, cause in enumerate(Cause):
        incident = open_incident(
            town.session,
            office_code="01",
            cause=cause,
            subject=str(call.id) if n % 2 else "asterisk",
            at=at - timedelta(minutes=n * 7),
            call_id=call.id if n in {7, 8} else None,
            detail={"expected_ms": 60000, "found_ms": 57500} if n == 8 else {},
        )
        if n % 3 == 0:
            incident.healed_at = at + seconds(5)
    assert call.hung_up_by is Party.CALLER
    town.session.flush()
