"""The register of callers' requests: the list, a new one, what is entered about one, and how it ends."""

import uuid
from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.caller_requests import service
from supervision.caller_requests.queries import count_open, list_requests
from supervision.caller_requests.rules import Channel, RequestKind, RequestState, is_overdue
from supervision.calls.caller_rules import mask_number
from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.errors import InvalidInput
from supervision.people.rules import Act
from web import arguments as given
from web.access import current_context, needs
from web.caller_requests import wording
from web.caller_requests.forms import (
    OPEN,
    OVERDUE,
    parse_asked,
    parse_call,
    parse_filter,
    parse_identity,
    parse_letter,
)
from web.caller_requests.page import present_request
from web.design.navigation import NavItem
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.unit import give_up, session
from web.wording import refusal

bp = Blueprint("caller_requests", __name__, url_prefix="/caller-requests", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Callers' requests"),
        endpoint="caller_requests.index",
        act=Act.HANDLE_REQUESTS,
        icon="letter",
    )
]


@bp.get("/")
@needs(Act.HANDLE_REQUESTS)
def index() -> str:
    """The register, the latest entry first; numbers only masked."""
    wanted = parse_filter(request.args, today())
    page = list_requests(session(), wanted, parse_cursor(request.args))
    more = [(OPEN, gettext("Open")), (OVERDUE, gettext("Overdue"))]
    return render_template(
        "caller_requests/index.html",
        page=page,
        wanted=wanted,
        state=request.args.get("state", ""),
        standing=wording.standing(*count_open(session(), today())),
        late=lambda one: is_overdue(one.state, one.due_on, wanted.today),
        masked=mask_number,
        offices=office_names(session()),
        kinds=[(one.value, wording.kind(one)) for one in RequestKind],
        states=more + [(one.value, wording.state(one)[0]) for one in RequestState],
        wording=wording,
        **page_addresses("caller_requests.index", page, request.args),
    )


@bp.get("/new")
@needs(Act.HANDLE_REQUESTS)
def new() -> str:
    """The form for a new request."""
    return _new({"received_on": today().isoformat()})


@bp.post("/new")
@needs(Act.HANDLE_REQUESTS)
def register() -> ResponseReturnValue:
    """Enter a request."""
    try:
        asked = parse_asked(request.form, office_names(session()), today())
        entered = service.register(current_context(), asked)
    except InvalidInput as error:
        give_up()
        return _new(request.form, refusal(error)), 422
    flash(gettext("The request is entered as %(number)s.", number=entered.number))
    return redirect(url_for(".show", request_id=entered.id), 303)


@bp.get("/<uuid:request_id>")
@needs(Act.HANDLE_REQUESTS)
def show(request_id: uuid.UUID) -> str:
    """One request: who asks, about which calls, what is to be done next."""
    return present_request(request_id)


@bp.post("/<uuid:request_id>/number")
@needs(Act.HANDLE_REQUESTS)
def show_number(request_id: uuid.UUID) -> str:
    """The same page with the whole number, which is written down."""
    return present_request(request_id, service.reveal_number(current_context(), request_id))


@bp.post("/<uuid:request_id>/find")
@needs(Act.HANDLE_REQUESTS)
def find(request_id: uuid.UUID) -> str:
    """The same page with the calls that came from the number, which is written down."""
    return present_request(request_id, candidates=service.find_calls(current_context(), request_id))


@bp.post("/<uuid:request_id>/calls")
@needs(Act.HANDLE_REQUESTS)
def tie(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say that the request is about a call."""

    def act() -> None:
        call_id, version = parse_call(request.form), given.version(request.form)
        service.tie_call(current_context(), request_id, call_id, version=version)

    return carry_out(act, gettext("The call belongs to the request; its recording is held."), _here(request_id))


@bp.post("/<uuid:request_id>/identity")
@needs(Act.HANDLE_REQUESTS)
def note_identity(request_id: uuid.UUID) -> ResponseReturnValue:
    """Write down how it was made sure who asks."""

    def act() -> None:
        check, note = parse_identity(request.form)
        service.identify(current_context(), request_id, check, note, version=given.version(request.form))

    return carry_out(act, gettext("It is written down who asks."), _here(request_id))


@bp.post("/<uuid:request_id>/letters")
@needs(Act.HANDLE_REQUESTS)
def add_letter(request_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a letter."""

    def act() -> None:
        service.add_letter(current_context(), request_id, parse_letter(request.form, today()))

    return carry_out(act, gettext("The letter is kept."), _here(request_id))


@bp.post("/<uuid:request_id>/grant")
@needs(Act.DECIDE_REQUESTS)
def grant(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say yes."""
    return _ends(request_id, service.grant, gettext("The request is granted."))


@bp.post("/<uuid:request_id>/refuse")
@needs(Act.DECIDE_REQUESTS)
def refuse(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say no, with a reason."""
    return _ends(request_id, service.refuse, gettext("The request is refused."))


@bp.post("/<uuid:request_id>/withdraw")
@needs(Act.HANDLE_REQUESTS)
def withdraw(request_id: uuid.UUID) -> ResponseReturnValue:
    """The caller took it back."""
    return _ends(request_id, service.withdraw, gettext("The request is withdrawn."))


@bp.post("/<uuid:request_id>/close")
@needs(Act.HANDLE_REQUESTS)
def close(request_id: uuid.UUID) -> ResponseReturnValue:
    """What was granted has been done, and the caller was informed."""
    return carry_out(
        lambda: service.close(current_context(), request_id, version=given.version(request.form)),
        gettext("The request is closed."),
        _here(request_id),
    )


def _ends(request_id: uuid.UUID, end: Callable[..., object], said: str) -> ResponseReturnValue:
    words = request.form.get("outcome", "")
    return carry_out(
        lambda: end(current_context(), request_id, words, version=given.version(request.form)),
        said,
        _here(request_id),
    )


def _here(request_id: uuid.UUID) -> str:
    return url_for("caller_requests.show", request_id=request_id)


def _new(typed: Mapping[str, str], refused: str = "") -> str:
    return render_template(
        "caller_requests/new.html",
        typed=typed,
        refused=refused,
        offices=office_names(session()),
        kinds=[(one.value, wording.kind(one)) for one in RequestKind],
        channels=[(one.value, wording.channel(one)) for one in Channel],
        longest=service.LONGEST_WISH,
    )
