"""Every route of the site × every role: computed from the rules, and kept as a table that shows each change."""

import re
import uuid

import pytest

from supervision.actor import Role
from supervision.people.rules import Act, may
from supervision.settings import Mode
from tests.web.conftest import Browser, People
from web.access import Declared, Everybody, declared
from web.unit import Application

VARIABLE = re.compile(r"<uuid:\w+>")
COLUMNS = {
    "of": Role.OFFICER,
    "le": Role.OFFICE_LEADER,
    "su": Role.SUPERVISOR,
    "he": Role.SUPERVISION_HEAD,
    "bu": Role.BUREAU_LEADER,
    "sy": Role.SYSTEM_ADMINISTRATOR,
    "se": Role.SECURITY_ADMINISTRATOR,
    "au": Role.AUDITOR,
}

TABLE = """
                                                              of le su he bu sy se au nobody
GET  /                                                        +  +  +  +  +  +  +  +  -
POST /account/language                                        +  +  +  +  +  +  +  +  +
GET  /account/password                                        +  +  +  +  +  +  +  +  -
POST /account/password                                        +  +  +  +  +  +  +  +  -
GET  /account/sessions                                        +  +  +  +  +  +  +  +  -
POST /account/sessions/<uuid:sign_in_id>/end                  +  +  +  +  +  +  +  +  -
GET  /account/sign-in                                         +  +  +  +  +  +  +  +  +
POST /account/sign-in                                         +  +  +  +  +  +  +  +  +
POST /account/sign-out                                        +  +  +  +  +  +  +  +  -
GET  /accounts/                                               -  +  -  -  -  -  +  -  -
GET  /accounts/<uuid:account_id>                              -  +  -  -  -  -  +  -  -
POST /accounts/<uuid:account_id>                              -  -  -  -  -  -  +  -  -
POST /accounts/<uuid:account_id>/password                     -  -  -  -  -  -  +  -  -
POST /accounts/<uuid:account_id>/sessions/end                 -  -  -  -  -  -  +  -  -
GET  /accounts/new                                            -  -  -  -  -  -  +  -  -
POST /accounts/new                                            -  -  -  -  -  -  +  -  -
GET  /audit/                                                  -  -  -  -  -  -  -  +  -
GET  /audit/export                                            -  -  -  -  -  -  -  +  -
GET  /audit/verify                                            -  -  -  -  -  -  -  +  -
POST /audit/verify                                            -  -  -  -  -  -  -  +  -
GET  /calls/                                                  +  +  +  +  -  -  -  -  -
GET  /calls/<uuid:call_id>                                    +  +  +  +  -  -  -  -  -
POST /calls/<uuid:call_id>                                    -  +  +  +  -  -  -  -  -
GET  /calls/export                                            -  +  +  +  -  -  -  -  -
GET  /calls/live                                              +  +  +  +  -  -  -  -  -
GET  /checkpoints/                                            -  +  -  -  -  -  -  +  -
GET  /checkpoints/heads                                       -  +  -  -  -  -  -  +  -
GET  /checkpoints/key                                         -  +  -  -  -  -  -  +  -
GET  /checkpoints/signature                                   -  +  -  -  -  -  -  +  -
GET  /checkpoints/text                                        -  +  -  -  -  -  -  +  -
GET  /rosters/                                                +  +  +  +  +  -  -  -  -
GET  /rosters/arrangements                                    -  +  +  +  -  -  -  -  -
POST /rosters/copy                                            -  +  +  +  -  -  -  -  -
POST /rosters/deputies                                        -  +  +  +  -  -  -  -  -
POST /rosters/deputies/<uuid:deputy_id>/withdraw              -  +  +  +  -  -  -  -  -
POST /rosters/discard                                         -  +  +  +  -  -  -  -  -
POST /rosters/hours                                           -  +  +  +  -  -  -  -  -
POST /rosters/leave                                           -  +  +  +  -  -  -  -  -
POST /rosters/leave/<uuid:leave_id>/withdraw                  -  +  +  +  -  -  -  -  -
POST /rosters/post                                            -  +  +  +  -  -  -  -  -
POST /rosters/put                                             -  +  +  +  -  -  -  -  -
GET  /rosters/shift                                           -  +  +  +  -  -  -  -  -
POST /rosters/shift                                           -  +  +  +  -  -  -  -  -
POST /rosters/shift/remove                                    -  +  +  +  -  -  -  -  -
POST /rosters/take-over                                       -  +  +  +  -  -  -  -  -
POST /rosters/ways                                            -  +  +  +  -  -  -  -  -
GET  /desks/                                                  -  +  +  +  -  -  +  -  -
GET  /desks/<uuid:desk_id>                                    -  +  +  +  -  -  +  -  -
POST /desks/<uuid:desk_id>                                    -  +  -  -  -  -  +  -  -
GET  /draws/                                                  -  +  +  +  +  -  -  +  -
GET  /draws/<uuid:draw_id>                                    -  +  +  +  +  -  -  +  -
POST /draws/<uuid:draw_id>/dice                               -  +  +  +  -  -  -  -  -
POST /draws/<uuid:draw_id>/ask                                -  +  +  +  -  -  -  -  -
POST /draws/<uuid:draw_id>/withdraw                           -  +  +  +  -  -  -  -  -
GET  /draws/<uuid:draw_id>/transcript                         -  +  +  +  +  -  -  +  -
GET  /incidents/                                              -  +  +  +  -  +  -  -  -
GET  /incidents/<uuid:incident_id>                            -  +  +  +  -  +  -  -  -
POST /incidents/<uuid:incident_id>                            -  +  +  +  -  +  -  -  -
POST /incidents/<uuid:incident_id>/content                    -  +  +  +  -  +  -  -  -
POST /incidents/comparison                                    -  +  +  +  -  +  -  -  -
GET  /live/                                                   +  +  +  +  -  -  -  -  -
GET  /live/calls/<uuid:call_id>/audio                         -  +  +  +  -  -  -  -  -
POST /live/calls/<uuid:call_id>/listenings                    -  +  +  +  -  -  -  -  -
GET  /live/calls/<uuid:call_id>/recording                     -  +  +  +  -  -  -  -  -
GET  /live/calls/<uuid:call_id>/stream                        +  +  +  +  -  -  -  -  -
GET  /live/stream                                             +  +  +  +  -  -  -  -  -
GET  /machines/                                               -  -  -  +  -  +  -  -  -
GET  /resets/                                                 -  -  -  +  +  -  +  -  -
POST /resets/<uuid:reset_id>/agree                            -  -  -  +  +  -  +  -  -
POST /resets/<uuid:reset_id>/refuse                           -  -  -  +  +  -  +  -  -
GET  /recordings/<uuid:call_id>/audio                         +  +  +  +  +  -  -  -  -
POST /recordings/<uuid:call_id>/content                       -  +  +  +  -  -  -  -  -
GET  /recordings/<uuid:call_id>/download                      -  +  +  +  -  -  -  -  -
POST /recordings/<uuid:call_id>/listenings                    +  +  +  +  +  -  -  -  -
GET  /recordings/<uuid:call_id>/peaks                         +  +  +  +  +  -  -  -  -
POST /recordings/listenings/<uuid:listening_id>/heard         +  +  +  +  +  -  -  -  -
"""

# An office's node has these besides.
OFFICE_TABLE = """
GET  /evaluation-copies/                                      +  +  +  +  -  -  -  -  -
GET  /evaluation-copies/<uuid:evaluation_id>                  +  +  +  +  -  -  -  -  -
GET  /rectification/                                          +  +  +  +  -  -  -  -  -
GET  /rectification/<uuid:rectification_id>                   +  +  +  +  -  -  -  -  -
"""

# Headquarters has these besides.
HQ_TABLE = """
POST /draws/<uuid:draw_id>/none                               -  +  +  +  -  -  -  -  -
POST /draws/tickets/<uuid:ticket_id>/decision                 -  -  +  +  -  -  -  -  -
POST /draws/tickets/<uuid:ticket_id>/unusable                 -  +  +  +  -  -  -  -  -
GET  /offices/                                                -  -  +  +  +  +  -  +  -
GET  /quotas/                                                 -  +  +  +  +  -  -  +  -
GET  /quotas/figures.csv                                      -  +  +  +  +  -  -  +  -
POST /quotas/norm                                             -  -  -  +  -  -  -  -  -
GET  /drift/                                                  -  -  +  +  +  -  -  -  -
GET  /drift/figures.csv                                       -  -  +  +  +  -  -  -  -
GET  /evaluations/                                            +  +  +  +  -  -  -  -  -
GET  /evaluations/<uuid:evaluation_id>                        +  +  +  +  -  -  -  -  -
GET  /evaluations/<uuid:evaluation_id>/amend                  -  +  +  +  -  -  -  -  -
POST /evaluations/<uuid:evaluation_id>/amend                  -  +  +  +  -  -  -  -  -
GET  /regulation/                                             +  +  +  +  +  +  +  +  -
GET  /regulation/<uuid:regulation_id>                         +  +  +  +  +  +  +  +  -
POST /regulation/<uuid:regulation_id>/confirm                 +  +  +  +  +  +  +  +  -
GET  /regulation/<uuid:regulation_id>/confirmations           -  +  +  +  -  -  -  -  -
GET  /regulation/<uuid:regulation_id>/edit                    -  -  -  +  -  -  -  -  -
POST /regulation/<uuid:regulation_id>/edit                    -  -  -  +  -  -  -  -  -
POST /regulation/<uuid:regulation_id>/publish                 -  -  -  +  -  -  -  -  -
POST /regulation/draft                                        -  -  -  +  -  -  -  -  -
GET  /review/                                                 -  +  +  +  -  -  -  -  -
GET  /review/<uuid:evaluation_id>                             -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/aside/<uuid:window_id>      -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/back                        -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/draft                       -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/hold                        -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/submit                      -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/take                        -  +  +  +  -  -  -  -  -
POST /review/<uuid:evaluation_id>/unusable                    -  +  +  +  -  -  -  -  -
POST /review/calls/<uuid:call_id>/take                        -  -  +  +  -  -  -  -  -
POST /review/tickets/<uuid:ticket_id>/take                    -  +  +  +  -  -  -  -  -
GET  /scorecards/                                             +  +  +  +  +  +  +  +  -
GET  /scorecards/<uuid:scorecard_id>                          +  +  +  +  +  +  +  +  -
GET  /scorecards/<uuid:scorecard_id>/edit                     -  -  -  +  -  -  -  -  -
POST /scorecards/<uuid:scorecard_id>/edit                     -  -  -  +  -  -  -  -  -
POST /scorecards/<uuid:scorecard_id>/publish                  -  -  -  +  -  -  -  -  -
POST /scorecards/draft                                        -  -  -  +  -  -  -  -  -
GET  /completeness/                                           -  +  +  +  +  -  -  +  -
GET  /completeness/certificate.pdf                            -  +  +  +  -  -  -  +  -
GET  /completeness/hashes.txt                                 -  +  +  +  -  -  -  +  -
GET  /caller-requests/                                        -  -  +  +  -  -  -  -  -
GET  /caller-requests/new                                     -  -  +  +  -  -  -  -  -
POST /caller-requests/new                                     -  -  +  +  -  -  -  -  -
GET  /caller-requests/<uuid:request_id>                       -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/calls                 -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/close                 -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/find                  -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/grant                 -  -  -  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/identity              -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/letters               -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/number                -  -  +  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/refuse                -  -  -  +  -  -  -  -  -
POST /caller-requests/<uuid:request_id>/withdraw              -  -  +  +  -  -  -  -  -
GET  /handover/                                               +  +  +  +  -  -  -  -  -
GET  /handover/<uuid:account_id>                              +  +  +  +  -  -  -  -  -
POST /handover/<uuid:account_id>                              +  +  +  +  -  -  -  -  -
GET  /complaints/                                             -  +  +  +  +  -  -  -  -
GET  /complaints/figures.csv                                  -  +  +  +  +  -  -  -  -
GET  /complaints/<uuid:complaint_id>                          -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/calls                    -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/calls/untie              -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/close                    -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/decision                 -  -  +  +  -  -  -  -  -
GET  /complaints/<uuid:complaint_id>/correct                  -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/correct                  -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/discipline               -  -  +  -  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/find                     -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/number                   -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/proposal                 -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/reopen                   -  -  -  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/return                   -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/take                     -  -  +  +  -  -  -  -  -
POST /complaints/<uuid:complaint_id>/withdraw                 -  -  +  +  -  -  -  -  -
GET  /complaints/new                                          -  -  +  +  -  -  -  -  -
POST /complaints/new                                          -  -  +  +  -  -  -  -  -
GET  /complaints/register                                     -  -  +  +  -  -  -  -  -
POST /complaints/zero                                         -  -  +  +  -  -  -  -  -
GET  /assessment/                                             +  +  +  +  +  -  -  -  -
GET  /assessment/entries                                      +  +  +  +  +  -  -  -  -
GET  /assessment/export                                       -  +  +  +  +  -  -  -  -
GET  /assessment/figures.csv                                  -  +  +  +  +  -  -  -  -
GET  /assessment/list.pdf                                     -  +  +  +  +  -  -  -  -
GET  /assessment/sheet.pdf                                    -  +  +  +  +  -  -  -  -
GET  /assessment/months                                       +  +  +  +  +  -  -  -  -
POST /assessment/months                                       -  -  -  +  -  -  -  -  -
GET  /assessment/office                                       +  +  +  +  +  -  -  -  -
GET  /assessment/people/<uuid:account_id>                     +  +  +  +  +  -  -  -  -
GET  /assessment/weights                                      +  +  +  +  +  -  -  -  -
POST /assessment/weights                                      -  -  -  +  -  -  -  -  -
GET  /retention/                                              -  -  +  +  -  -  -  +  -
POST /retention/calls/<uuid:call_id>/hold                     -  -  +  +  -  -  -  -  -
GET  /retention/deletions/<uuid:deletion_id>                  -  -  +  +  -  -  -  +  -
POST /retention/deletions/<uuid:deletion_id>/agree            -  -  +  +  -  -  -  -  -
POST /retention/deletions/<uuid:deletion_id>/decline          -  -  +  +  -  -  -  -  -
GET  /retention/holds                                         -  -  +  +  -  -  -  +  -
POST /retention/holds/<uuid:hold_id>/release                  -  -  +  +  -  -  -  -  -
GET  /retention/proofs                                        -  -  +  +  -  -  -  +  -
GET  /retention/term                                          -  -  +  +  -  -  -  +  -
POST /retention/term                                          -  -  -  +  -  -  -  -  -
GET  /early-signs/                                            -  +  +  +  +  -  -  -  -
GET  /early-signs/figures.csv                                 -  +  +  +  +  -  -  -  -
GET  /early-signs/<uuid:sign_id>                              -  +  +  +  +  -  -  -  -
POST /early-signs/<uuid:sign_id>/dismiss                      -  -  +  +  -  -  -  -  -
POST /early-signs/<uuid:sign_id>/finish                       -  +  +  +  -  -  -  -  -
POST /early-signs/<uuid:sign_id>/measure                      -  -  +  +  -  -  -  -  -
GET  /findings/                                               +  +  +  +  -  -  -  -  -
GET  /findings/<uuid:treatment_id>                            +  +  +  +  -  -  -  -  -
POST /findings/<uuid:treatment_id>/agree                      -  +  +  +  -  -  -  -  -
POST /findings/<uuid:treatment_id>/confirm                    +  +  +  +  -  -  -  -  -
POST /findings/<uuid:treatment_id>/decline                    -  +  +  +  -  -  -  -  -
POST /findings/<uuid:treatment_id>/person                     -  +  +  +  -  -  -  -  -
POST /findings/<uuid:treatment_id>/prevention                 -  +  +  +  -  -  -  -  -
GET  /rectification/                                          +  +  +  +  -  -  -  -  -
GET  /rectification/<uuid:rectification_id>                   +  +  +  +  -  -  -  -  -
POST /rectification/<uuid:rectification_id>/close             -  +  +  +  -  -  -  -  -
POST /rectification/<uuid:rectification_id>/reply             +  +  -  -  -  -  -  -  -
POST /rectification/<uuid:rectification_id>/return            -  +  +  +  -  -  -  -  -
POST /rectification/<uuid:rectification_id>/verify            -  +  +  +  -  -  -  -  -
POST /rectification/<uuid:rectification_id>/withdraw          -  +  +  +  -  -  -  -  -
GET  /rectification/attachments/<uuid:attachment_id>          +  +  +  +  -  -  -  -  -
GET  /rectification/new                                       -  +  +  +  -  -  -  -  -
POST /rectification/new                                       -  +  +  +  -  -  -  -  -
GET  /rectification/register                                  +  +  +  +  -  -  -  -  -
GET  /discipline/                                             +  +  +  +  +  -  -  -  -
GET  /discipline/<uuid:record_id>                             +  +  +  +  +  -  -  -  -
POST /discipline/<uuid:record_id>/appeal                      +  +  +  +  -  -  -  -  -
POST /discipline/<uuid:record_id>/confirm                     +  +  +  +  -  -  -  -  -
POST /discipline/<uuid:record_id>/decide                      -  -  -  +  -  -  -  -  -
GET  /discipline/<uuid:record_id>/decision.pdf                +  +  +  +  +  -  -  -  -
POST /discipline/<uuid:record_id>/decline                     -  -  -  +  -  -  -  -  -
GET  /discipline/<uuid:record_id>/evidence                    -  -  +  +  +  -  -  -  -
POST /discipline/<uuid:record_id>/withdraw                    -  -  +  -  -  -  -  -  -
GET  /discipline/judgements                                   +  +  +  +  -  -  -  -  -
POST /discipline/judgements/<uuid:evaluation_id>/appeal       +  +  +  +  -  -  -  -  -
POST /discipline/judgements/<uuid:evaluation_id>/read         +  +  +  +  -  -  -  -  -
GET  /discipline/new                                          -  -  +  -  -  -  -  -  -
POST /discipline/new                                          -  -  +  -  -  -  -  -  -
GET  /appeals/                                                +  +  +  +  +  -  -  -  -
GET  /appeals/<uuid:appeal_id>                                +  +  +  +  +  -  -  -  -
GET  /appeals/<uuid:appeal_id>/decision.pdf                   +  +  +  +  +  -  -  -  -
POST /appeals/<uuid:appeal_id>/dismiss                        -  -  -  +  +  -  -  -  -
GET  /appeals/<uuid:appeal_id>/evidence                       -  -  +  +  +  -  -  -  -
POST /appeals/<uuid:appeal_id>/retract                        +  +  +  +  -  -  -  -  -
POST /appeals/<uuid:appeal_id>/uphold                         -  -  -  +  +  -  -  -  -
GET  /workdays/                                               -  +  +  +  +  -  -  -  -
POST /workdays/days                                           -  -  -  +  -  -  -  -  -
POST /workdays/days/withdraw                                  -  -  -  +  -  -  -  -  -
POST /workdays/years                                          -  -  -  +  -  -  -  -  -
POST /workdays/years/withdraw                                 -  -  -  +  -  -  -  -  -
"""


@pytest.fixture(params=list(Mode), ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    """An office's node, then headquarters."""
    return Mode(request.param)


def table(mode: Mode) -> list[str]:
    more = HQ_TABLE if mode is Mode.HQ else OFFICE_TABLE
    lines = [*TABLE.strip("\n").splitlines()[1:], *more.strip("\n").splitlines()]
    return sorted(lines, key=lambda line: (line[5:61].rstrip(), line[:4]))


def enters(declaration: Act | Everybody, role: Role | None) -> bool:
    """Whether the rules let somebody in; None is a person who has not signed in."""
    if declaration is Everybody.PUBLIC:
        return True
    if role is None:
        return False
    return declaration is Everybody.SIGNED_IN or may(role, Act(declaration))


def row(route: Declared) -> str:
    marks = ["+" if enters(route.declaration, role) else "-" for role in (*COLUMNS.values(), None)]
    return f"{route.methods[0]:4} {route.rule:56} " + "  ".join(marks)


def routes(app: Application) -> list[Declared]:
    return declared(app)


def test_who_may_enter_is_as_written_in_the_table(app: Application, mode: Mode) -> None:
    assert "\n".join(row(route) for route in routes(app)) == "\n".join(table(mode))


def test_each_route_takes_one_method(app: Application) -> None:
    assert all(len(route.methods) == 1 for route in routes(app))


def ask(browser: Browser, route: Declared) -> int:
    """What a route answers, for records that do not exist; 0 where it lets in."""
    path = VARIABLE.sub(str(uuid.UUID(int=7)), route.rule)
    answer = browser.get(path) if route.methods == ("GET",) else browser.post(path)
    if answer.status_code == 303 and "/account/sign-in" in answer.headers["Location"] and browser.account is None:
        return 401
    return answer.status_code if answer.status_code in {401, 403, 405, 500, 503} else 0


@pytest.mark.parametrize("role", [*COLUMNS.values(), None], ids=str)
def test_each_route_lets_in_exactly_those_whom_the_rules_let_in(people: People, role: Role | None) -> None:
    browser = people.enters(role) if role else people.stranger()
    for route in sorted(routes(people.app), key=lambda one: one.endpoint == "account.sign_out"):
        expected = 0 if enters(route.declaration, role) else 403 if role else 401
        assert ask(browser, route) == expected, route
