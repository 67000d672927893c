"""What only headquarters' site does about a draw: confirm that no call came, judge a ticket."""

import uuid

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from supervision.draws.queries import get_draw, get_ticket
from supervision.draws.service import confirm_none, decide_unusable, propose_unusable
from supervision.people.rules import Act
from web.access import current_context, current_scope, needs
from web.draws.forms import parse_decision, parse_unusable
from web.draws.views import carry_out
from web.language import gettext
from web.unit import session

bp = Blueprint("hq_draws", __name__, url_prefix="/draws")


@bp.post("/<uuid:draw_id>/none")
@needs(Act.WORK_ON_DRAWS)
def confirm_no_call(draw_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm that no call was answered."""
    get_draw(session(), current_scope(), draw_id)
    context = current_context()
    return carry_out(
        draw_id, lambda: confirm_none(context, draw_id), gettext("Your confirmation is written down.")
    )


@bp.post("/tickets/<uuid:ticket_id>/unusable")
@needs(Act.WORK_ON_DRAWS)
def mark_unusable(ticket_id: uuid.UUID) -> ResponseReturnValue:
    """Propose that a recording cannot be reviewed."""
    ticket = get_ticket(session(), current_scope(), ticket_id)
    context = current_context()

    def act() -> object:
        reason, note = parse_unusable(request.form)
        return propose_unusable(context, ticket_id, reason=reason, note=note)

    return carry_out(ticket.draw_id, act, gettext("Proposed; another person of headquarters decides."))


@bp.post("/tickets/<uuid:ticket_id>/decision")
@needs(Act.JUDGE_TICKETS)
def decide(ticket_id: uuid.UUID) -> ResponseReturnValue:
    """Agree that a ticket is unusable, or not."""
    ticket = get_ticket(session(), current_scope(), ticket_id)
    context, agrees = current_context(), parse_decision(request.form)
    said = gettext("Agreed: the next recording takes its place.") if agrees else gettext("The ticket waits again.")
    return carry_out(ticket.draw_id, lambda: decide_unusable(context, ticket_id, agrees=agrees), said)
