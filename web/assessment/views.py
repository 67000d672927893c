"""The figures of offices and people, one of them, and the workbook. Months, entries, weights: `months.py`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from supervision.actor import Role, Scope
from supervision.assessment.models import AssessmentMonth
from supervision.assessment.queries import (
    Assessed,
    Wanted,
    assess,
    assess_one,
    closed_months,
    corrections_within,
    figures_by_month,
    first_month,
    get_person,
    narrow,
    open_months,
    page_of,
)
from supervision.assessment.rules import OF_OFFICES, Figure, Period
from supervision.assessment.service import note_exported
from supervision.calls.queries import office_names
from supervision.clock import now, today
from supervision.documents.rules import DocumentKind
from supervision.documents.service import give_number
from supervision.errors import NotFound
from supervision.people.queries import names_of
from supervision.people.rules import Act, may
from web import arguments as given
from web.access import current_actor, current_scope, leaves_evidence, needs
from web.assessment import wording
from web.assessment.export import send_workbook, workbook
from web.assessment.forms import OFFICES, PEOPLE, list_periods, parse_of, parse_wanted_period
from web.assessment.pdf import Paper, list_as_pdf, sheet_as_pdf
from web.assessment.presenters import means_chart, month_charts, months_before
from web.design.chart_files import send_csv
from web.design.charts import Chart
from web.design.documents import check_ready, send_document, written_number
from web.design.navigation import NavItem
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import keep_first, own_transaction, session

bp = Blueprint("assessment", __name__, url_prefix="/assessment", template_folder="templates")
NAV = [
    NavItem(label=lazy_gettext("Assessment"), endpoint="assessment.index", act=Act.SEE_ASSESSMENT, icon="scales")
]


@bp.get("/")
@needs(Act.SEE_ASSESSMENT)
def index() -> str:
    """The offices or people of a period, the best first."""
    wanted = _wanted()
    rows = assess(session(), chosen_scope(request.args), wanted)
    page, ranks = page_of(rows, parse_cursor(request.args)), current_actor().role is not Role.OFFICER
    return render_template(
        "assessment/index.html",
        rows=page.rows,
        names=_names(page.rows, offices=wanted.offices),
        chart=_means(wanted, rows) if ranks else None,
        figures=[one for one in Figure if wanted.offices or one not in OF_OFFICES],
        of=OFFICES if wanted.offices else PEOPLE,
        kinds=[(OFFICES, gettext("Offices")), (PEOPLE, gettext("People"))],
        ranks=ranks,
        **_common(wanted),
        **page_addresses("assessment.index", page, request.args),
    )


@bp.get("/export")
@leaves_evidence
@needs(Act.EXPORT_ASSESSMENT)
def export() -> Response:
    """The same as a workbook; that it was taken away is written down first."""
    wanted, actor = _wanted(), current_actor()
    rows = assess(session(), chosen_scope(request.args), wanted)
    noted = _noted(wanted)
    keep_first(lambda fresh: note_exported(fresh, actor, noted, len(rows)))
    names = _names(rows, offices=wanted.offices)
    return send_workbook(workbook(rows, names, wanted.period, offices=wanted.offices), wanted.period)


@bp.get("/office")
@needs(Act.SEE_ASSESSMENT)
def office() -> str:
    """One office's figures."""
    return _one(_office())


@bp.get("/people/<uuid:account_id>")
@needs(Act.SEE_ASSESSMENT)
def person(account_id: uuid.UUID) -> str:
    """One person's figures."""
    return _one(_person(account_id))


@bp.get("/figures.csv")
@leaves_evidence
@needs(Act.EXPORT_ASSESSMENT)
def figures() -> Response:
    """The months of a person or an office as a file, or the means of all."""
    if "of" in request.args:
        wanted = _wanted()
        chart = _means(wanted, assess(session(), chosen_scope(request.args), wanted))
        return send_csv([chart] if chart else [], _asked(wanted))
    person = given.identity(request.args, "person")
    whose = _office() if person is None else _person(person)
    return send_csv(_charts(whose, parse_wanted_period(request.args, today())), whose.asked)


@bp.get("/list.pdf")
@leaves_evidence
@needs(Act.EXPORT_ASSESSMENT)
def list_pdf() -> Response:
    """The offices or people of a period on paper, under a number of its own."""
    wanted = _wanted()
    rows = assess(session(), chosen_scope(request.args), wanted)
    paper = _paper(wanted)
    content = list_as_pdf(paper, rows, _names(rows, offices=wanted.offices))
    _note_printed(paper, _noted(wanted), len(rows))
    return send_document(content, f"assessment-{wanted.period.name}.pdf")


@bp.get("/sheet.pdf")
@leaves_evidence
@needs(Act.EXPORT_ASSESSMENT)
def sheet_pdf() -> Response:
    """One person or office of a period on paper, with its corrections."""
    person = given.identity(request.args, "person")
    whose = _office() if person is None else _person(person)
    wanted = Wanted(parse_wanted_period(request.args, today()), now(), whose.offices)
    one = assess_one(session(), whose.scope, wanted, whose.key)
    scope = narrow(whose.scope, whose.key, offices=whose.offices)
    entries = [one for month in wanted.period.months for one in corrections_within(session(), scope, month)]
    people = names_of(session(), [entry.item.person for entry in entries])
    paper = _paper(wanted)
    content = sheet_as_pdf(paper, one, whose.name, entries, people)
    asked = {"period": wanted.period.name, "of": whose.key, "office": whose.key if whose.offices else ""}
    _note_printed(paper, asked, 1)
    return send_document(content, f"assessment-{wanted.period.name}-{whose.key}.pdf")


def _paper(wanted: Wanted) -> Paper:
    check_ready()
    closed = closed_months(session(), wanted.period)
    with own_transaction() as own:  # the number before, so that nobody waits for it while the paper is written
        number = written_number(give_number(own, DocumentKind.ASSESSMENT, wanted.at))
    return Paper(wanted, number, current_actor(), _standing(closed, wanted))


def _note_printed(paper: Paper, asked: Mapping[str, str], rows: int) -> None:
    with own_transaction() as own:  # what is not written down is not given out
        note_exported(own, paper.actor, {**asked, "number": paper.number}, rows)


@dataclass(frozen=True)
class _Whose:
    """Whose figures are looked at, and within which scope."""

    key: str
    name: str
    scope: Scope
    offices: bool

    @property
    def asked(self) -> dict[str, str]:
        """What an address asks for."""
        return {"office" if self.offices else "person": self.key}


def _office() -> _Whose:
    scope = chosen_scope(request.args)
    code = scope.office_code
    names = office_names(session())
    if code is None or code not in names or scope.own is not None:
        raise NotFound(f"office {code}")
    return _Whose(code, names[code], scope, offices=True)


def _person(account_id: uuid.UUID) -> _Whose:
    account = get_person(session(), current_scope(), account_id)
    return _Whose(str(account.id), account.name, current_scope(), offices=False)


def _one(whose: _Whose) -> str:
    period = parse_wanted_period(request.args, today())
    wanted = Wanted(period, now(), whose.offices)
    return render_template(
        "assessment/one.html",
        one=assess_one(session(), whose.scope, wanted, whose.key),
        name=whose.name,
        key=whose.key,
        figures=[figure for figure in Figure if whose.offices or figure not in OF_OFFICES],
        charts=_charts(whose, period),
        **_common(wanted),
    )


def _noted(wanted: Wanted) -> dict[str, str]:
    """The same as the audit log has it."""
    of_whom = OFFICES if wanted.offices else PEOPLE
    return {"period": wanted.period.name, "of": of_whom, "office": chosen_office(request.args) or ""}


def _asked(wanted: Wanted) -> dict[str, str]:
    office = chosen_office(request.args)
    of_whom = {"period": wanted.period.name, "of": OFFICES if wanted.offices else PEOPLE}
    return {**of_whom, **({"office": office} if office else {})}


def _means(wanted: Wanted, rows: list[Assessed]) -> Chart | None:
    exports = may(current_actor().role, Act.EXPORT_ASSESSMENT)
    return means_chart(rows, _names(rows, offices=wanted.offices), _asked(wanted), exports=exports)


def _charts(whose: _Whose, period: Period) -> list[Chart]:
    months = months_before(min(period.months[-1], today().replace(day=1)))
    by_month = figures_by_month(session(), whose.scope, Wanted(months, now(), whose.offices), whose.key)
    asked = {**whose.asked, "period": period.name}
    exports = may(current_actor().role, Act.EXPORT_ASSESSMENT)
    first = first_month(session())
    begun = [one for one in months.months if one in by_month and first is not None and one >= first]
    return month_charts({one: by_month[one] for one in begun}, whose.name, asked, exports=exports)


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
        "stands": _standing(closed, wanted),
        "wording": wording,
    }


def _standing(closed: Mapping[date, AssessmentMonth], wanted: Wanted) -> str:
    still_open = open_months(wanted.period, closed, wanted.at)
    return wording.standing(closed=bool(closed), still_open=bool(still_open))
