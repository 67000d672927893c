"""What an office arranges besides its weeks: working hours, the ways of its lines, leave, deputies."""

import uuid
from collections.abc import Callable
from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.offices.seating import people_for
from supervision.people.rules import Act
from supervision.rosters import arrangements
from supervision.rosters.queries import (
    find_hours,
    get_office,
    list_deputies,
    list_leaves,
    list_lines,
    list_ways,
)
from supervision.rosters.rules import RingOrder, Way
from web import arguments as given
from web.access import current_context, current_scope, needs
from web.form_actions import carry_out
from web.language import gettext
from web.people_copy import refuse_change
from web.rosters import wording
from web.rosters.forms import needed_span, parse_absence, parse_deputy, parse_span, parse_ways
from web.rosters.views import bp, office_code
from web.unit import session


@bp.get("/arrangements")
@needs(Act.EDIT_ROSTERS)
def show_arrangements() -> str:
    """Working hours, lines, leave and deputies of an office, each with its form."""
    office = get_office(session(), current_scope(), office_code())
    elsewhere = {code: name for code, name in office_names(session()).items() if code != office.code}
    return render_template(
        "rosters/arrangements.html",
        office=office,
        hours=find_hours(session(), office.code),
        lines=list_lines(session(), office.code),
        ways={one.line_key: one for one in list_ways(session(), office.code)},
        elsewhere=elsewhere,
        orders=[(one.value, wording.ring_order(one)) for one in RingOrder],
        overflows=[(one.value, wording.way(one)) for one in Way if elsewhere or one is not Way.OTHER_OFFICE],
        closed_ways=[(one.value, wording.way(one)) for one in (Way.ANNOUNCEMENT, Way.VOICEMAIL)],
        leaves=list_leaves(session(), office.code, today()),
        deputies=list_deputies(session(), office.code, today()),
        people=people_for(session(), office.code),
    )


@bp.post("/hours")
@needs(Act.EDIT_ROSTERS)
def set_hours() -> ResponseReturnValue:
    """Say when the office works."""

    def act(code: str) -> None:
        morning = needed_span(request.form, "morning_starts", "morning_ends")
        afternoon = parse_span(request.form, "afternoon_starts", "afternoon_ends")
        version = given.version(request.form)
        arrangements.set_hours(current_context(), code, morning, afternoon, version=version)

    return _arrange(act, gettext("The working hours are set."))


@bp.post("/ways")
@needs(Act.EDIT_ROSTERS)
def set_ways() -> ResponseReturnValue:
    """Say how a line rings and where its calls go."""

    def act(code: str) -> None:
        line, version = given.text(request.form, "line"), given.version(request.form)
        arrangements.set_ways(current_context(), code, line, parse_ways(request.form), version=version)

    return _arrange(act, gettext("The line is set."))


@bp.post("/leave")
@needs(Act.EDIT_ROSTERS)
def enter_leave() -> ResponseReturnValue:
    """Enter that a person is on leave."""

    def act(code: str) -> None:
        reason = request.form.get("reason", "")
        arrangements.enter_leave(current_context(), code, parse_absence(request.form), reason)

    said = gettext("The leave is entered. Look at the rosters of these days: somebody may be missing.")
    return _arrange(act, said)


@bp.post("/leave/<uuid:leave_id>/withdraw")
@needs(Act.EDIT_ROSTERS)
def withdraw_leave(leave_id: uuid.UUID) -> ResponseReturnValue:
    """Take a leave back."""

    def act(code: str) -> None:
        arrangements.withdraw_leave(current_context(), code, leave_id, request.form.get("reason", ""))

    return _arrange(act, gettext("The leave is taken back."))


@bp.post("/deputies")
@needs(Act.EDIT_ROSTERS)
def name_deputy() -> ResponseReturnValue:
    """Say who stands in for a backup leader."""

    def act(code: str) -> None:
        arrangements.name_deputy(current_context(), code, parse_deputy(request.form))

    return _arrange(act, gettext("The deputy is named."))


@bp.post("/deputies/<uuid:deputy_id>/withdraw")
@needs(Act.EDIT_ROSTERS)
def withdraw_deputy(deputy_id: uuid.UUID) -> ResponseReturnValue:
    """Take back who stands in for a backup leader."""

    def act(code: str) -> None:
        arrangements.withdraw_deputy(current_context(), code, deputy_id)

    return _arrange(act, gettext("The deputy is taken back."))


def _arrange(act: Callable[[str], None], said: str) -> ResponseReturnValue:
    code = office_code()
    refuse_change()
    return carry_out(partial(act, code), said, url_for("rosters.show_arrangements", office=code))
