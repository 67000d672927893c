"""What holds for every route, taken from the url map: a new route is tested before anybody thinks of it."""

import functools
import io
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from supervision.actor import OFFICE_ROLES, Role, Scope
from supervision.caller_requests.rules import Channel, RequestKind
from supervision.caller_requests.service import Asked as CallerAsked
from supervision.caller_requests.service import register
from supervision.calls.models import Call
from supervision.complaints.rules import Channel as ComplaintChannel
from supervision.complaints.rules import ComplaintKind
from supervision.complaints.service import Received
from supervision.complaints.service import register as enter_complaint
from supervision.context import Context
from supervision.database import Database
from supervision.discipline.appeals import Objected, appeal_record
from supervision.discipline.models import JudgementNotice
from supervision.discipline.service import Proposed, decide, propose
from supervision.draws.models import Ticket
from supervision.early_signs.models import EarlySign
from supervision.evaluations.drafts import save_draft
from supervision.evaluations.messages import apply_copies, changed_after
from supervision.evaluations.models import Evaluation
from supervision.evaluations.rules import Category
from supervision.findings.models import Treatment
from supervision.findings.service import open_treatments
from supervision.incidents.rules import Cause
from supervision.incidents.service import open_incident
from supervision.listening.service import open_listening, open_live_listening
from supervision.offices.models import Desk
from supervision.paths import HqPaths, Paths
from supervision.people.models import SignIn
from supervision.people.rules import Act, may
from supervision.rectification.attachments import examine, keep_file
from supervision.rectification.messages import apply_copies as apply_notices
from supervision.rectification.messages import changed_after as notices_after
from supervision.rectification.service import Answer, Asked, answer, issue
from supervision.regulation.queries import clauses_in_force, consequences_in_force
from supervision.retention.models import Deletion, Hold
from supervision.retention.rules import DeletionCause, HoldReason
from supervision.scorecards.queries import get_in_force
from supervision.settings import Mode, Settings
from tests.calls.samples import NOON, Town, make_town
from tests.draws.made import ticket_of
from tests.evaluations.factories import WINDOW, Work
from tests.factories import QUICK, make_sign_in
from tests.findings.factories import breach
from tests.recordings.sounds import seal
from tests.rectification.factories import PDF
from tests.store_fixtures import make_store
from tests.web.conftest import TOKEN, Browser, People
from web.access import Declared, Everybody, declared

VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
LIVE = {"live.listen", "live.audio"}  # about a call in progress
EVERYBODYS = {"scorecard_id", "regulation_id"}  # these bind everybody alike and belong to no office
JSON: Mapping[str, Any] = {
    "recordings.heard": {"stretches": []},
    "review.draft": {"content": {}, "version": 0, "window": str(WINDOW)},
}
AMENDMENT = {
    f"{field}-01930000-0000-7000-8000-00020000000{n}": value
    for n in range(1, 8)
    for field, value in (("points", "5"), ("remark", "x"))
} | {"n": "1", "reason": "x"}
NUL = "a\x00b"
THEIR_CALLER, THEIR_LEADER = "13900009999", "东所长"

Ids = Mapping[str, uuid.UUID]


@pytest.fixture(params=list(Mode), ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    """An office's node, then headquarters."""
    return Mode(request.param)


@dataclass
class Offices:
    """Two offices, each with one record of every kind."""

    people: People
    town: Town
    here: Ids
    there: Ids


def records(town: Town, settings: Settings, leader: str, **facts: Any) -> Ids:
    """One record of every kind whose id occurs in an address, each of one office."""
    call = town.call(**facts)
    seal(town.session, Paths(settings.home), call, 2)
    incident = open_incident(
        town.session, office_code=call.office_code, cause=Cause.NO_BYTES, subject="x", at=NOON, call_id=call.id
    )
    listening = open_listening(Context(town.session, town.actor(leader), town.scope(leader)), call.id)
    ticket = ticket_of(town.session, call, NOON)
    going_on = town.call(**{**facts, "ended_at": None, "disposition": None})
    hearing = open_live_listening(Context(town.session, town.actor(leader), town.scope(leader)), going_on.id)
    work = Work(town, settings.home)
    drafted, submitted, begun = judged(work, leader, ticket, facts)
    desk = town.session.query(Desk).filter_by(office_code=call.office_code).first()
    return {
        "desk_id": desk.id if desk else uuid.uuid4(),
        "call_id": call.id,
        "incident_id": incident.id,
        "listening_id": listening.id,
        "account_id": town.people[leader].id,
        "draw_id": ticket.draw_id,
        "ticket_id": ticket.id,
        "evaluation_id": drafted,
        "submitted_id": submitted,
        "begun_id": begun,
        "window_id": WINDOW,
        "scorecard_id": get_in_force(town.session).id,
        "regulation_id": clauses_in_force(town.session)[0].regulation_id,
        **kept(town, call),
        **put_right(work, leader, submitted),
        **disciplined(work, leader, submitted),
        "call_in_progress": going_on.id,
        "live_listening": hearing.id,
    }


def judged(
    work: Work, leader: str, ticket: Ticket, facts: Mapping[str, Any]
) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """An evaluation that is being written, with a text set aside, one that was submitted, and one just begun."""
    drafted = work.takes(leader, ticket)
    work.writes(leader, drafted, work.content())
    who = work.session, work.town.actor(leader), work.town.scope(leader)
    save_draft(Context(*who, NOON), drafted.id, work.content(remark="x"), version=0, window=WINDOW)
    other, third = work.draw([work.call(2, **facts), work.call(2, **facts)], office=drafted.office_code)
    submitted = work.judges(leader, other, findings=[breach(), breach(2)])
    apply_copies(work.session, drafted.office_code, changed_after(work.session, drafted.office_code))
    return drafted.id, submitted.id, work.takes(leader, third).id


def kept(town: Town, call: Call) -> dict[str, uuid.UUID]:
    """A hold, a deletion, a caller's request about a call, a complaint; of headquarters, so of no office."""
    person = town.people["leader"].id
    hold = Hold(call_id=call.id, reason=HoldReason.OTHER, note="x", placed_by=person)
    day = NOON.date()
    deletion = Deletion(
        cause=DeletionCause.AGE, office_code=call.office_code, from_day=day, to_day=day, term_days=730
    )
    asked = CallerAsked(RequestKind.SEE, call.office_code, Channel.VISIT, "王五", "13812345678", "x", day)
    request = register(Context(town.session, town.actor("leader"), Scope()), asked)
    supervisor = Context(town.session, town.actor("supervisor"), Scope(), NOON)
    received = Received(ComplaintKind.MANNER, ComplaintChannel.VISIT, call.office_code, "x", day)
    complaint = enter_complaint(supervisor, received)
    town.session.add_all([hold, deletion])
    town.session.flush()
    return {"hold_id": hold.id, "deletion_id": deletion.id, "request_id": request.id, "complaint_id": complaint.id}


def put_right(work: Work, leader: str, evaluation_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A finding with its treatment, a notice that is open, and a file of another that was answered."""
    session, supervisor = work.session, work.context("supervisor", NOON)
    open_treatments(session)
    found = session.query(Treatment).filter_by(evaluation_id=evaluation_id).all()
    asked = [issue(supervisor, Asked((one.id,), "x", 10)) for one in found]
    kept_file = examine(io.BytesIO(PDF), "x")
    keep_file(HqPaths(work.home), io.BytesIO(PDF), kept_file)
    given = Answer("x", "x", (kept_file,))
    replied = answer(work.context(leader, NOON), asked[1].id, given, version=asked[1].version)
    code = found[0].office_code
    apply_notices(session, code, notices_after(session, code))
    file_id = replied.replies[0].attachments[0].id
    sign = EarlySign(
        office_code=code,
        category=Category.MANNER,
        week=date(2026, 3, 2),
        window_calls=300,
        window_found=70,
        before_calls=1900,
        before_found=230,
        chance=1e-6,
    )
    session.add(sign)
    session.flush()
    ids = {"treatment_id": found[0].id, "rectification_id": asked[0].id}
    return {**ids, "attachment_id": file_id, "sign_id": sign.id}


def disciplined(work: Work, leader: str, evaluation_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A record about the office's leader that can be confirmed, and an appeal of his against another.

    The leader is told of the evaluation, as if he had answered the call.
    """
    session, his = work.session, work.town.people[leader]
    evaluation = session.get_one(Evaluation, evaluation_id)
    told = {"judgement_id": evaluation.judgements[-1].id, "evaluation_id": evaluation_id, "person_id": his.id}
    session.add(JudgementNotice(**told, appeal_until=date(2999, 1, 1)))
    kind, clause = consequences_in_force(session)[0], clauses_in_force(session)[0]
    found = []
    for _ in range(2):
        asked = Proposed(kind.id, clause.id, (evaluation_id,), "x")
        record = propose(work.context("supervisor", NOON), asked)
        record.person_id = his.id
        session.flush()
        decide(work.context("decider", NOON), record.id, "", version=record.version)
        record.appeal_until = date(2999, 1, 1)
        session.flush()
        found.append(record)
    own = Context(session, work.town.actor(leader), Scope(office_code=his.office_code), NOON)
    appeal = appeal_record(own, found[1].id, Objected("x"), version=found[1].version)
    return {"record_id": found[0].id, "appeal_id": appeal.id}


@dataclass(frozen=True)
class Furnished:
    """A home with its database, in which both offices have their records; made once for a mode, to be copied."""

    home: Path
    town: Town
    here: Ids
    there: Ids


@functools.cache
def furnished(mode: Mode) -> Furnished:
    home = Path(tempfile.mkdtemp(prefix="two-offices-"))
    settings = Settings(home=home, database_url=make_store(home / "office.db"), mode=mode)
    database = Database(settings.database())
    with database.transaction() as session:
        town = make_town(session)
        town.person("leader2", THEIR_LEADER, Role.OFFICE_LEADER, "02")
        town.person("decider", "沈科长", Role.SUPERVISION_HEAD)
        for person in town.people.values():
            person.password_hash = QUICK
        here = records(town, settings, "leader")
        facts = {"office_code": "02", "line_key": "east", "caller_number": THEIR_CALLER}
        there = records(town, settings, "leader2", **facts)
    database.close()
    return Furnished(home, town, here, there)


@pytest.fixture
def offices(people: People, settings: Settings, mode: Mode) -> Offices:
    made = furnished(mode)
    shutil.copytree(made.home, settings.home, dirs_exist_ok=True)
    signed_in = {}
    with people.database.transaction() as session:
        for login in ("leader", "leader2"):
            account = made.town.people[login]
            make_sign_in(session, account)
            signed_in[login] = {"sign_in_id": session.query(SignIn).filter_by(account_id=account.id).one().id}
    for kind in ("streams", "listeners"):  # one look, and no waiting for what may come
        people.app.extensions[kind].longest_s = 0.0
    town = replace(made.town, people=dict(made.town.people))
    return Offices(people, town, {**made.here, **signed_in["leader"]}, {**made.there, **signed_in["leader2"]})


def lets_in(route: Declared, role: Role) -> bool:
    return route.declaration in set(Everybody) or may(role, Act(route.declaration))


def ask(browser: Browser, route: Declared, ids: Ids, form: Mapping[str, str] | None = None) -> TestResponse:
    """Ask a route about records, with a form that is good enough to get as far as the record."""
    if route.endpoint in LIVE:
        ids = {**ids, "call_id": ids["call_in_progress"]}
    if route.endpoint.startswith(("evaluations.", "evaluation_copies.", "discipline.")):
        ids = {**ids, "evaluation_id": ids["submitted_id"]}
    if route.endpoint == "review.unusable":
        ids = {**ids, "evaluation_id": ids["begun_id"]}
    path = VARIABLE.sub(lambda found: str(ids[found[1]]), route.rule)
    if route.endpoint == "live.audio":
        path += f"?listening={ids['live_listening']}"
    if route.methods == ("GET",):
        return browser.get(path, buffered=True)
    if route.endpoint in JSON:
        token = TOKEN.search(browser.get("/account/sessions").text)
        assert token
        return browser.client.post(path, json=JSON[route.endpoint], headers={"X-CSRFToken": token[1]})
    if route.endpoint == "desks.assign":
        form = {"person": "nobody"}
    if route.endpoint.startswith("findings."):
        form = {"measure": "education", "needed": "needed", "text": "x"}
    if route.endpoint.startswith("early_signs."):
        form = {"effect": "x"}
    if route.endpoint.startswith(("discipline.", "appeals.")):
        form = {"text": "x", "reason": "x"}
    if route.endpoint.startswith("rectification."):
        form = {"now_done": "x", "prevention": "x", "note": "x", "reason": "x"}
    if route.endpoint == "review.unusable":
        form = {"reason": "no_speech", "note": "x"}
    return browser.post(path, {"version": "1", "note": "", **AMENDMENT, **(form or {})})


@pytest.mark.parametrize("login", ["leader", "zhang"])
def test_a_record_of_another_office_is_not_there_whatever_is_asked_of_it(offices: Offices, login: str) -> None:
    account = offices.town.people[login]
    assert account.role in OFFICE_ROLES
    browser, asked = offices.people.admits(account), 0
    for route in declared(offices.people.app):
        if set(VARIABLE.findall(route.rule)) - EVERYBODYS and lets_in(route, account.role):
            assert ask(browser, route, offices.there).status_code == 404, route
            asked += 1
    assert asked >= (9 if login == "leader" else 2)


def test_the_same_is_there_for_who_belongs_to_the_office(offices: Offices) -> None:
    account = offices.town.people["leader"]
    browser = offices.people.admits(account)
    for route in declared(offices.people.app):
        if VARIABLE.search(route.rule) and lets_in(route, account.role):
            assert ask(browser, route, offices.here).status_code < 400, route


def sought(ids: Ids) -> list[str]:
    """What somebody asks who wants to see what another office has."""
    by_id = [f"?call={ids['call_id']}", f"?officer={ids['account_id']}&reviewer={ids['account_id']}"]
    return ["", "?office=02", f"?number={THEIR_CALLER}", f"?text={THEIR_LEADER}", "?desk=801&line=east", *by_id]


@pytest.mark.parametrize("login", ["leader", "zhang"])
def test_no_page_search_or_export_shows_anything_of_another_office(offices: Offices, login: str) -> None:
    account = offices.town.people[login]
    browser = offices.people.admits(account)
    ours = {str(one) for one in offices.here.values()}
    secrets = {str(one) for one in offices.there.values()} - ours | {THEIR_CALLER, THEIR_LEADER}
    for route in declared(offices.people.app):
        if route.methods != ("GET",) or not lets_in(route, account.role) or route.endpoint in LIVE:
            continue
        path = VARIABLE.sub(lambda found: str(offices.here[found[1]]), route.rule)
        for query in sought(offices.there):
            answer = browser.get(path + query)
            shown = next(answer.iter_encoded()) if route.endpoint == "live.stream" else answer.get_data()
            answer.close()
            asked = {one for one in secrets if one in query}
            assert not [one for one in secrets - asked if one.encode() in shown], (route, query)


def everywhere(people: People) -> Iterator[tuple[Browser, Declared, str]]:
    """Every route with somebody whom it lets in, about a record that does not exist."""
    browsers: dict[Role | None, Browser] = {None: people.stranger()}
    for route in declared(people.app):
        role = None if route.declaration is Everybody.PUBLIC else next(r for r in Role if lets_in(route, r))
        browser = browsers.setdefault(role, browsers.get(role) or people.enters(role or Role.AUDITOR))
        yield browser, route, VARIABLE.sub(str(uuid.uuid4()), route.rule)


def test_control_characters_in_an_address_are_refused_by_every_route(people: People) -> None:
    for browser, route, path in everywhere(people):
        for query in ("?anything=a%00b", "?text=%1b[2J", "?a%00b=1"):
            asked = browser.get if route.methods == ("GET",) else browser.post
            assert asked(path + query).status_code == 422, (route, query)


def test_control_characters_in_a_form_are_refused_by_every_route(people: People) -> None:
    for browser, route, path in everywhere(people):
        if route.methods == ("POST",):
            for form in ({"anything": NUL}, {"note": "\x1b[2J"}, {NUL: "1"}):
                assert browser.post(path, form).status_code == 422, (route, form)


def test_json_that_lies_too_deep_in_itself_is_refused(people: People) -> None:
    asked = 0
    for browser, route, path in everywhere(people):
        if route.endpoint in JSON:
            token = TOKEN.search(browser.get("/account/sessions").text)
            assert token
            headers = {"X-CSRFToken": token[1], "Content-Type": "application/json"}
            for body in ("[" * 50_000, '{"stretches":' * 50_000):
                assert browser.client.post(path, data=body, headers=headers).status_code == 422, route
            asked += 1
    assert asked == len(JSON) or people.app.extensions["settings"].mode is Mode.OFFICE


FIELD = re.compile(r"<(?:input|textarea)\b[^>]*>")
SHORT_BY_KIND = re.compile(r'type="(?:hidden|file|date|datetime-local|number|radio|checkbox|submit)"|\breadonly\b')


def test_every_field_says_how_much_it_takes(offices: Offices) -> None:
    offices.town.people["keeper"] = offices.people.account(Role.SECURITY_ADMINISTRATOR)
    offices.town.people["auditor"] = offices.people.account(Role.AUDITOR)
    offices.town.people["head"] = offices.people.account(Role.SUPERVISION_HEAD)
    seen = 0
    for login in ("leader", "keeper", "auditor", "head", None):
        account = offices.town.people[login] if login else None
        browser = offices.people.admits(account) if account else offices.people.stranger()
        for route in declared(offices.people.app):
            open_to = lets_in(route, account.role) if account else route.declaration is Everybody.PUBLIC
            if route.methods != ("GET",) or not open_to:
                continue
            answer = ask(browser, route, offices.here)
            if answer.mimetype != "text/html":
                continue
            fields = [field for field in FIELD.findall(answer.text) if not SHORT_BY_KIND.search(field)]
            assert [field for field in fields if "maxlength=" not in field] == [], route
            seen += len(fields)
    assert seen > 10
