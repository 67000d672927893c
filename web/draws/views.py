"""The draws page, one draw's page, and its transcript: at the office and at headquarters alike."""

import json
import uuid
from collections.abc import Callable

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.draws.protocol_rules import DrawState
from supervision.draws.queries import get_draw, list_draws, progress_of
from supervision.draws.rules import Tier
from supervision.draws.service import hold_for_dice, type_dice
from supervision.draws.ticket_rules import Unusable
from supervision.draws.transcript import transcript_of
from supervision.people.rules import Act
from web import doing
from web.access import current_actor, current_scope, needs
from web.design.navigation import NavItem
from web.draws import wording
from web.draws.forms import parse_dice, parse_filter
from web.draws.page import is_overdue, show
from web.language import gettext, lazy_gettext
from web.paging import page_addresses, parse_turn
from web.place import at_headquarters, shows_offices
from web.unit import session

bp = Blueprint("draws", __name__, url_prefix="/draws", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Draws"), endpoint="draws.index", act=Act.SEE_DRAWS, icon="dice")]


@bp.get("/")
@needs(Act.SEE_DRAWS)
def index() -> str:
    """The draws, filtered, page by page."""
    scope, chosen, at = current_scope(), parse_filter(request.args), now()
    page = list_draws(session(), scope, chosen, parse_turn(request.args))
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
        wording=wording,
        **page_addresses("draws.index", page, request.args),
    )


@bp.get("/<uuid:draw_id>")
@needs(Act.SEE_DRAWS)
def one(draw_id: uuid.UUID) -> str:
    """One draw, step by step."""
    scope = current_scope()
    shown = show(session(), scope, get_draw(session(), scope, draw_id), at_hq=at_headquarters())
    return render_template(
        "draws/show.html",
        shown=shown,
        overdue=is_overdue(shown.draw, shown.progress, now()),
        at_hq=at_headquarters(),
        reasons=[(reason.value, wording.unusable(reason)) for reason in Unusable],
        wording=wording,
    )


@bp.get("/<uuid:draw_id>/transcript")
@needs(Act.SEE_DRAWS)
def transcript(draw_id: uuid.UUID) -> Response:
    """The transcript, to be kept or run again with `verify_draw.py`."""
    draw = get_draw(session(), current_scope(), draw_id)
    text = json.dumps(transcript_of(session(), draw), ensure_ascii=False, indent=1)
    name = draw.name.replace(":", "-").replace("+", "-late-")
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=headers)


@bp.post("/<uuid:draw_id>/hold")
@needs(Act.WORK_ON_DRAWS)
def hold(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Have the draw wait for dice."""
    return done(
        draw_id,
        lambda: hold_for_dice(session(), current_actor(), current_scope(), draw_id, now()),
        gettext("The draw will wait for dice, for a day at most."),
    )


@bp.post("/<uuid:draw_id>/dice")
@needs(Act.WORK_ON_DRAWS)
def dice(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Type in dice that were thrown before two witnesses."""

    def act() -> object:
        get_draw(session(), current_scope(), draw_id)
        thrown, place = parse_dice(request.form), at_headquarters()
        who = session(), current_actor(), current_scope()
        return type_dice(*who, draw_id, dice=thrown.dice, witnesses=thrown.witnesses, at=now(), at_hq=place)

    return done(draw_id, act, gettext("The dice are written down."))


def done(draw_id: uuid.UUID, act: Callable[[], object], said: str) -> ResponseReturnValue:
    """Do it and say so, or say why it was refused; either way the draw's page shows how things are."""
    return doing.done(act, said, url_for("draws.one", draw_id=draw_id))
