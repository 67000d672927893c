"""The figures of offices and people, one of them, and the workbook. Months, entries, weights: `months.py`."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from supervision.actor import Role, Scope
from supervision.assessment.queries import (
    Assessed,
    Wanted,
    assess,
    assess_one,
    closed_months,
    first_month,
    get_person,
    open_months,
    page_of,
)
from supervision.assessment.rules import OF_OFFICES, Figure
from supervision.assessment.service import note_exported
from supervision.calls.queries import office_names
from supervision.clock import now, today
from supervision.errors import NotFound
from supervision.people.queries import names_of
from supervision.people.rules import Act
from web.access import current_actor, current_scope, leaves_evidence, needs
from web.assessment import wording
from web.assessment.export import send_workbook, workbook
from web.assessment.forms import OFFICES, PEOPLE, list_periods, parse_of, parse_wanted_period
from web.design.navigation import NavItem
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import keep_first, session

bp = Blueprint("assessment", __name__, url_prefix="/assessment", template_folder="templates")
NAV = [
    NavItem(label=lazy_gettext("Assessment"), endpoint="assessment.index", act=Act.SEE_ASSESSMENT, icon="scales")
]


@bp.get("/")
@needs(Act.SEE_ASSESSMENT)
def index() -> str:
    """The offices or people of a period, the best first."""
    wanted = _wanted()
    page = page_of(assess(session(), chosen_scope(request.args), wanted), parse_cursor(request.args))
    return render_template(
        "assessment/index.html",
        rows=page.rows,
        names=_names(page.rows, offices=wanted.offices),
        figures=[one for one in Figure if wanted.offices or one not in OF_OFFICES],
        of=OFFICES if wanted.offices else PEOPLE,
        kinds=[(OFFICES, gettext("Offices")), (PEOPLE, gettext("People"))],
        ranks=current_actor().role is not Role.OFFICER,
        **_common(wanted),
        **page_addresses("assessment.index", page, request.args),
    )


@bp.get("/export")
@leaves_evidence
@needs(Act.EXPORT_ASSESSMENT)
def export() -> Response:
    """The same as a workbook; that it was taken away is written down first."""
    wanted, actor, office = _wanted(), current_actor(), chosen_office(request.args)
    rows = assess(session(), chosen_scope(request.args), wanted)
    noted = {"period": wanted.period.name, "of": OFFICES if wanted.offices else PEOPLE, "office": office or ""}
    keep_first(lambda fresh: note_exported(fresh, actor, noted, len(rows)))
    names = _names(rows, offices=wanted.offices)
    return send_workbook(workbook(rows, names, wanted.period, offices=wanted.offices), wanted.period)


@bp.get("/office")
@needs(Act.SEE_ASSESSMENT)
def office() -> str:
    """One office's figures."""
    scope = chosen_scope(request.args)
    code = scope.office_code
    names = office_names(session())
    if code is None or code not in names or scope.own is not None:
        raise NotFound(f"office {code}")
    return _one(code, scope, names[code], offices=True)


@bp.get("/people/<uuid:account_id>")
@needs(Act.SEE_ASSESSMENT)
def person(account_id: uuid.UUID) -> str:
    """One person's figures."""
    account = get_person(session(), current_scope(), account_id)
    return _one(str(account.id), current_scope(), account.name, offices=False)


def _one(key: str, scope: Scope, name: str, *, offices: bool) -> str:
    period = parse_wanted_period(request.args, today())
    wanted = Wanted(period, now(), offices)
    one = assess_one(session(), scope, wanted, key)
    return render_template(
        "assessment/one.html",
        one=one,
        name=name,
        key=key,
        figures=[figure for figure in Figure if offices or figure not in OF_OFFICES],
        **_common(wanted),
    )


def _wanted() -> Wanted:
    is_officer = current_actor().role is Role.OFFICER
    period = parse_wanted_period(request.args, today())
    return Wanted(period, now(), parse_of(request.args, people_only=is_officer))


def _names(rows: Sequence[Assessed], *, offices: bool) -> Mapping[str, str]:
    if offices:
        return office_names(session())
    named = names_of(session(), [uuid.UUID(one.key) for one in rows])
    return {str(account_id): name for account_id, name in named.items()}


def _common(wanted: Wanted) -> dict[str, Any]:
    closed = closed_months(session(), wanted.period)
    return {
        "period": wanted.period,
        "periods": [(one, one) for one in list_periods(first_month(session()), today())],
        "offices_shown": wanted.offices,
        "open": open_months(wanted.period, closed, wanted.at),
        "begun": [one for one in wanted.period.months if one <= today()],
        "closed": closed,
        "office": chosen_office(request.args),
        "offices": office_names(session()),
        "shows_offices": shows_offices(),
        "wording": wording,
    }
