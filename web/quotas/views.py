"""The quotas page, and the norm."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.draws.party import norm_rate
from supervision.draws.rules import FLOOR_PERCENT, Tier
from supervision.draws.service import raise_norm
from supervision.errors import InvalidInput, Refused
from supervision.people.rules import Act
from supervision.quotas.queries import Quota, list_quotas
from supervision.quotas.rules import Urgency
from web.access import current_context, leaves_evidence, needs
from web.design.chart_files import send_csv
from web.design.navigation import NavItem
from web.draws import wording as draw_wording
from web.language import gettext, lazy_gettext
from web.quotas import wording
from web.quotas.forms import parse_norm
from web.quotas.presenters import review_charts
from web.site import chosen_office, chosen_scope, shows_offices
from web.unit import session
from web.wording import refusal

bp = Blueprint("quotas", __name__, url_prefix="/quotas", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Quotas"), endpoint="quotas.index", act=Act.SEE_DRAWS, icon="chart")]


@bp.get("/")
@needs(Act.SEE_DRAWS)
def index() -> str:
    """Every office's quotas: what is overdue first."""
    at, quotas = now(), _quotas()
    return render_template(
        "quotas/index.html",
        quotas=quotas,
        charts=review_charts(quotas, _asked_for()),
        overdue=sum(one.urgency is Urgency.OVERDUE for one in quotas),
        offices=office_names(session()),
        office=chosen_office(request.args),
        shows_offices=shows_offices(),
        norms=[(tier, norm_rate(session(), tier, at), FLOOR_PERCENT[tier]) for tier in Tier],
        tiers=[(tier.value, draw_wording.tier(tier)) for tier in Tier],
        draw_wording=draw_wording,
        wording=wording,
    )


@bp.get("/figures.csv")
@leaves_evidence
@needs(Act.SEE_DRAWS)
def figures() -> Response:
    """How much was reviewed of each period, as a file."""
    return send_csv(review_charts(_quotas(), _asked_for()), _asked_for())


@bp.post("/norm")
@needs(Act.SETTLE_DRAWS)
def norm() -> ResponseReturnValue:
    """Set how much is drawn of periods that begin from now on."""
    try:
        tier, percent = parse_norm(request.form)
        reason = request.form.get("reason", "")
        raise_norm(current_context(), tier=tier, percent=percent, reason=reason)
    except (InvalidInput, Refused) as error:
        flash(refusal(error), "bad")
    else:
        flash(gettext("The rate is set for periods that are opened from now on."))
    return redirect(url_for(".index"), 303)


def _quotas() -> list[Quota]:
    return list_quotas(session(), chosen_scope(request.args), now())


def _asked_for() -> dict[str, str]:
    office = chosen_office(request.args)
    return {"office": office} if office else {}
