"""The draws page, one draw's page, and its transcript: at the office and at headquarters alike."""

import json
import uuid
from collections.abc import Callable

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import SILENT_AFTER, STANDS_AFTER, WHOLE_AFTER, DrawState
from supervision.draws.queries import get_draw, list_draws, progress_of
from supervision.draws.rules import Party, TicketState, Tier, Unusable
from supervision.draws.service import ask_for_dice, type_dice, withdraw_dice
from supervision.draws.transcript import transcript_of
from supervision.evaluations.queue import people_by_call
from supervision.people.rules import Act, may
from supervision.recordings.models import RecordingState
from supervision.recordings.queries import recording_states
from web import form_actions
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.draws import wording
from web.draws.forms import parse_dice, parse_filter, parse_reason
from web.draws.presenters import Shown, differing, is_overdue, present_draw
from web.incidents.wording import cause_explained
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_cursor
from web.site import at_headquarters, shows_offices
from web.unit import session

bp = Blueprint("draws", __name__, url_prefix="/draws", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Draws"), endpoint="draws.index", act=Act.SEE_DRAWS, icon="dice")]


@bp.get("/")
@needs(Act.SEE_DRAWS)
def index() -> str:
    """The draws, filtered, page by page."""
    scope, chosen, at = current_scope(), parse_filter(request.args), now()
    page = list_draws(session(), scope, chosen, parse_cursor(request.args))
    return render_template(
        "draws/index.html",
        page=page,
        chosen=chosen,
        progress=progress_of(session(), page.rows) if at_headquarters() else {},
        offices=office_names(session()),
        shows_offices=shows_offices(),
        tiers=[(one.value, wording.tier(one)) for one in Tier],
        states=[(one.value, wording.state(one)[0]) for one in DrawState],
        overdue=lambda draw, progress: is_overdue(draw, progress, at),
        differing=differing(session(), page.rows),
        wording=wording,
        **page_addresses("draws.index", page, request.args),
    )


@bp.get("/<uuid:draw_id>")
@needs(Act.SEE_DRAWS)
def show(draw_id: uuid.UUID) -> str:
    """One draw: what is to be reviewed, and how it came about."""
    scope = current_scope()
    shown = present_draw(session(), scope, get_draw(session(), scope, draw_id), at_hq=at_headquarters())
    return render_template(
        "draws/show.html",
        shown=shown,
        overdue=is_overdue(shown.draw, shown.progress, now()),
        at_hq=at_headquarters(),
        mine=_is_to_review(shown.draw),
        next_ticket=_next_ticket(shown),
        latest=shown.draw.ends_at + SILENT_AFTER + STANDS_AFTER + WHOLE_AFTER,
        explained=cause_explained,
        reasons=[(reason.value, wording.unusable(reason)) for reason in Unusable],
        wording=wording,
    )


def _is_to_review(draw: Draw) -> bool:
    """Whether the list is this person's side's to review."""
    side = Party.OFFICE if current_actor().office_code is not None else Party.HQ
    return draw.reviewer is side


def _next_ticket(shown: Shown) -> uuid.UUID | None:
    """What the person would review next of this draw: the first that waits, or that he has in hand already.

    A call on which he talked himself is passed over; one whose recording is deleted comes last. What others began
    meanwhile is for `take_ticket` to refuse.
    """
    actor = current_actor()
    if not (at_headquarters() and may(actor.role, Act.EVALUATE) and _is_to_review(shown.draw)):
        return None
    tickets = [row.ticket for row in shown.rows if row.ticket and _is_free(row.ticket, actor.account_id)]
    people = people_by_call(session(), [one.call_id for one in tickets])
    own = {call_id for call_id, talked in people.items() if actor.account_id in {one.id for one in talked}}
    states = recording_states(session(), [one.call_id for one in tickets])
    tickets.sort(key=lambda one: states.get(one.call_id) is RecordingState.DELETED)
    return next((one.id for one in tickets if one.call_id not in own), None)


def _is_free(ticket: Ticket, account_id: uuid.UUID) -> bool:
    mine = ticket.state is TicketState.TAKEN and ticket.taken_by == account_id
    return mine or ticket.state is TicketState.WAITING


@bp.get("/<uuid:draw_id>/transcript")
@needs(Act.SEE_DRAWS)
def transcript(draw_id: uuid.UUID) -> Response:
    """The transcript, to be kept or run again with `verify_draw.py`."""
    draw = get_draw(session(), current_scope(), draw_id)
    text = json.dumps(transcript_of(session(), draw), ensure_ascii=False, indent=1)
    name = draw.name.replace(":", "-").replace("+", "-late-")
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=headers)


def this_site() -> Party:
    """Whose site this is."""
    return Party.HQ if at_headquarters() else Party.OFFICE


@bp.post("/<uuid:draw_id>/ask")
@needs(Act.WORK_ON_DRAWS)
def ask(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Ask that the draw wait for dice."""
    get_draw(session(), current_scope(), draw_id)
    context, reason = current_context(), parse_reason(request.form)
    return carry_out(
        draw_id,
        lambda: ask_for_dice(context, draw_id, reason=reason, site=this_site()),
        gettext("The draw will wait for dice, for a day at most."),
    )


@bp.post("/<uuid:draw_id>/withdraw")
@needs(Act.WORK_ON_DRAWS)
def withdraw(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for dice no longer."""
    context = current_context()
    return carry_out(
        draw_id,
        lambda: withdraw_dice(context, draw_id, site=this_site()),
        gettext("The draw does not wait for your dice any more."),
    )


@bp.post("/<uuid:draw_id>/dice")
@needs(Act.WORK_ON_DRAWS)
def enter_dice(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm, as this side's witness, what was thrown."""

    def act() -> object:
        get_draw(session(), current_scope(), draw_id)
        return type_dice(current_context(), draw_id, dice=parse_dice(request.form), site=this_site())

    return carry_out(
        draw_id,
        act,
        gettext("The dice are written down. They count once the other side's witness types the same."),
    )


def carry_out(draw_id: uuid.UUID, act: Callable[[], object], said: str) -> ResponseReturnValue:
    """Do it and say so, or say why it was refused; either way the draw's page shows how things are."""
    return form_actions.carry_out(act, said, url_for("draws.show", draw_id=draw_id))
