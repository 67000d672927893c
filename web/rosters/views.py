"""The week of an office: looked at by its people, edited by its leader and the section."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import now, today
from supervision.errors import NotFound
from supervision.people.queries import names_of
from supervision.people.rules import Act
from supervision.rosters import service
from supervision.rosters.queries import get_office, get_week, list_lines
from supervision.rosters.rules import Post, monday_of
from supervision.rosters.week_rules import MOST_ON_DUTY, LeftOut, Place
from web import arguments as given
from web.access import current_context, current_scope, needs
from web.design.navigation import NavItem
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext, ngettext
from web.people_copy import people_are_copied, refuse_change
from web.rosters import wording
from web.rosters.forms import (
    find_place,
    needed_day,
    parse_looked,
    parse_place,
    parse_post,
    parse_shift,
    parse_since,
    parse_week,
)
from web.rosters.page import gather_desks, gather_week
from web.site import shows_offices
from web.unit import session

bp = Blueprint("rosters", __name__, url_prefix="/rosters", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Rosters"), endpoint="rosters.index", act=Act.SEE_ROSTERS, icon="calendar")]

LEFT_OUT_SHOWN = 8


def office_code() -> str:
    """The office that is looked at: the one that is named, the person's own, or a node's. Raises NotFound."""
    arguments = request.form if request.method == "POST" else request.args
    code = given.text(arguments, "office") or current_scope().office_code
    if not code and not shows_offices():
        code = next(iter(office_names(session())), None)
    if not code:
        raise NotFound("no office")
    return code


def week_url(code: str, monday: date, anchor: str = "") -> str:
    """The address of a week's page, at one of its cells."""
    return url_for("rosters.index", office=code, week=monday.isoformat(), _anchor=anchor or None)


@bp.get("/")
@needs(Act.SEE_ROSTERS)
def index() -> str:
    """A week of an office; where there are several and none is chosen, the offices."""
    monday = parse_week(request.args, today())
    if not given.text(request.args, "office") and (shows_offices() or not office_names(session())):
        names = office_names(session())
        weeks = [(code, name, get_week(session(), code, monday)) for code, name in names.items()]
        return render_template("rosters/offices.html", weeks=weeks, monday=monday)
    office = get_office(session(), current_scope(), office_code())
    page = gather_week(session(), office, monday, now(), copied=people_are_copied())
    return render_template(
        "rosters/week.html",
        page=page,
        week=timedelta(days=7),
        shows_offices=shows_offices(),
        editable=not page.copied,
    )


@bp.get("/shift")
@needs(Act.EDIT_ROSTERS)
def edit_shift() -> str:
    """The form of one shift, which may be new."""
    code = office_code()
    office = get_office(session(), current_scope(), code)
    line = given.text(request.args, "line")
    day = needed_day(request.args, "day")
    place = parse_place(request.args) if given.text(request.args, "starts") else None
    monday = monday_of(day)
    week = get_week(session(), code, monday)
    shift = next((one for one in week.shifts if place and place.holds(one)), None)
    lines = {one.key: one.name for one in list_lines(session(), code)}
    if line not in lines:
        raise NotFound(f"line {line}")
    page = gather_week(session(), office, monday, now(), copied=people_are_copied())
    return render_template(
        "rosters/shift.html",
        page=page,
        line=line,
        line_name=lines[line],
        day=day,
        place=place,
        shift=shift,
        looked=week.looked,
        desks=gather_desks(session(), code, now()).desks,
        most=MOST_ON_DUTY,
        back=week_url(code, monday),
    )


@bp.post("/shift")
@needs(Act.EDIT_ROSTERS)
def set_shift() -> ResponseReturnValue:
    """Write one shift into the draft."""

    def act(code: str) -> None:
        desks = gather_desks(session(), code, now(), _posts_beside(code, parse_place(request.form)))
        shift = parse_shift(request.form, desks.of)
        replaces = find_place(request.form, "old_")
        service.set_shift(current_context(), code, parse_looked(request.form), shift, replaces)

    return _edit(act, gettext("The shift is written."))


@bp.post("/shift/remove")
@needs(Act.EDIT_ROSTERS)
def remove_shift() -> ResponseReturnValue:
    """Take one shift out of the draft."""

    def act(code: str) -> None:
        service.remove_shift(current_context(), code, parse_looked(request.form), parse_place(request.form))

    return _edit(act, gettext("The shift is taken out."))


@bp.post("/post")
@needs(Act.EDIT_ROSTERS)
def move_post() -> ResponseReturnValue:
    """Put one person into a shift, out of it, into another, or one place earlier."""

    def act(code: str) -> None:
        move = given.needed_choice(request.form, "move", service.PostMove)
        place, to = parse_place(request.form), find_place(request.form, "to_")
        leader = given.text(request.form, "as") == "leader"
        desks = gather_desks(session(), code, now(), _posts_beside(code, to or place))
        post = parse_post(request.form, desks.of, leader=leader)
        looked = parse_looked(request.form)
        service.move_post(current_context(), code, looked, move, post, at_place=place, to=to, leader=leader)

    return _edit(act, gettext("The draft is changed."))


@bp.post("/copy")
@needs(Act.EDIT_ROSTERS)
def copy() -> ResponseReturnValue:
    """Write last week over the draft of this one, and say what was left out."""

    def act(code: str) -> None:
        monday = parse_week(request.form, today())
        left = service.copy_last_week(current_context(), code, monday, parse_looked(request.form))
        if left:
            flash(_said(left, code), "warn")

    return _edit(act, gettext("Last week is copied into the draft."))


@bp.post("/take-over")
@needs(Act.EDIT_ROSTERS)
def take_over() -> ResponseReturnValue:
    """Have one person's posts taken over by another."""

    def act(code: str) -> None:
        since = parse_since(request.form)
        service.take_over(
            current_context(),
            code,
            parse_looked(request.form),
            absent=given.needed_identity(request.form, "absent"),
            taker=given.needed_identity(request.form, "person"),
            since=since,
            last=given.day(request.form, "last") or since.date(),
        )

    return _edit(act, gettext("The posts are taken over in the draft. Put it in force for it to hold."))


@bp.post("/discard")
@needs(Act.EDIT_ROSTERS)
def discard() -> ResponseReturnValue:
    """Give up the draft."""

    def act(code: str) -> None:
        monday = parse_week(request.form, today())
        service.discard_draft(current_context(), code, monday, parse_looked(request.form))

    return _edit(act, gettext("The draft is given up; what is in force holds."))


@bp.post("/put")
@needs(Act.EDIT_ROSTERS)
def put() -> ResponseReturnValue:
    """Put the draft in force."""

    def act(code: str) -> None:
        monday, reason = parse_week(request.form, today()), request.form.get("reason", "")
        service.put_in_force(current_context(), code, monday, parse_looked(request.form), reason)

    return _edit(act, gettext("The roster is in force. The office's node has it within seconds."))


def _edit(act: Callable[[str], None], said: str) -> ResponseReturnValue:
    """Do it to the office that the form names, and go back to the week, at the cell that was changed."""
    code = office_code()
    refuse_change()
    monday = parse_week(request.form, today())
    anchor = given.text(request.form, "anchor")
    return carry_out(partial(act, code), said, week_url(code, monday, anchor))


def _posts_beside(code: str, place: Place) -> list[Post]:
    """Who is at a desk of the office while the shift of a place lasts, on any line."""
    shifts = get_week(session(), code, monday_of(place.day)).shifts
    beside = (one for one in shifts if one.day == place.day and one.span.overlaps(place.span))
    return [post for one in beside for post in one.posts]


def _said(left: tuple[LeftOut, ...], code: str) -> str:
    """What was not copied, the first of it by name."""
    lines = {line.key: line.name for line in list_lines(session(), code)}
    names = names_of(session(), [one.account_id for one in left if one.account_id])
    shown = []
    for one in left[:LEFT_OUT_SHOWN]:
        who = names.get(one.account_id, "") if one.account_id else ""
        place = f"{lines.get(one.line, one.line)} {one.day.isoformat()} {one.span.starts:%H:%M}"
        shown.append(f"{place} {who} ({wording.left_out(one.reason)})".replace("  ", " "))
    more = len(left) - len(shown)
    text = ngettext("%(num)s thing was not copied", "%(num)s things were not copied", len(left))
    return f"{text}: {'; '.join(shown)}{f' … (+{more})' if more > 0 else ''}"
