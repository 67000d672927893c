"""The scorecards' pages."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.errors import Conflict, InvalidInput, Refused
from supervision.people.queries import names_of
from supervision.people.rules import Act, may
from supervision.regulation.queries import clauses_in_force
from supervision.regulation.rules import VersionState
from supervision.scorecards import service
from supervision.scorecards.queries import get_version, list_versions
from supervision.scorecards.rules import LOWEST_HEARD_PERCENT, MOST_CRITERIA, card_fault
from web import arguments as given
from web.access import current_actor, current_context, needs
from web.design.navigation import NavItem
from web.language import gettext, lazy_gettext
from web.regulation import wording
from web.scorecards.forms import ROW, chosen, differing, fields_of, last_row, parse_card, sum_of, typed_fields
from web.unit import anew, session

bp = Blueprint("scorecards", __name__, url_prefix="/scorecards", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Scorecards"), endpoint="scorecards.index", act=Act.SEE_NORMS, icon="check")]
EMPTY_ROWS = 3
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})
NO_FIELDS = {f"{one}-0": "" for one in ROW}


@bp.get("/")
@needs(Act.SEE_NORMS)
def index() -> str:
    """All versions."""
    return render_template(
        "scorecards/index.html",
        versions=list_versions(session(), drafts=may(current_actor().role, Act.WRITE_NORMS)),
        wording=wording,
    )


@bp.get("/<uuid:scorecard_id>")
@needs(Act.SEE_NORMS)
def show(scorecard_id: uuid.UUID) -> str:
    """One version."""
    writes = may(current_actor().role, Act.WRITE_NORMS)
    card = get_version(session(), scorecard_id, drafts=writes)
    return render_template("scorecards/show.html", card=card, wording=wording)


@bp.post("/draft")
@needs(Act.WRITE_NORMS)
def draft() -> ResponseReturnValue:
    """Begin the next version, or go on with it."""
    return redirect(url_for(".edit", scorecard_id=service.begin_draft(current_context()).id), 303)


@bp.get("/<uuid:scorecard_id>/edit")
@needs(Act.WRITE_NORMS)
def edit(scorecard_id: uuid.UUID) -> str:
    """The editor of a draft."""
    return _edit(scorecard_id)


@bp.post("/<uuid:scorecard_id>/edit")
@needs(Act.WRITE_NORMS)
def change(scorecard_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a draft as it was written, or say why not, with what was typed."""
    typed = typed_fields(request.form)
    try:
        card, version = parse_card(typed)
        service.change_draft(current_context(), scorecard_id, card, version)
    except (InvalidInput, Conflict) as error:
        if isinstance(error, Conflict):
            return _edit(scorecard_id, wording.fault(error), typed, overtaken=True), 409
        return _edit(scorecard_id, wording.fault(error), typed), 422
    flash(gettext("The draft is saved."))
    return redirect(url_for(".edit", scorecard_id=scorecard_id), 303)


@bp.post("/<uuid:scorecard_id>/publish")
@needs(Act.WRITE_NORMS)
def publish(scorecard_id: uuid.UUID) -> ResponseReturnValue:
    """Put a draft into force, or say what it lacks, with the draft as it is saved."""
    try:
        service.publish(current_context(), scorecard_id, given.count(request.form, "version") or 0)
    except InvalidInput as error:
        refused = gettext("The draft was not put into force. %(why)s", why=wording.fault(error))
        return _edit(scorecard_id, refused), 422
    flash(gettext("The new version is in force. What was judged before keeps the version that it was judged by."))
    return redirect(url_for(".index"), 303)


def _edit(
    scorecard_id: uuid.UUID,
    refused: str = "",
    typed: Mapping[str, str] = NOTHING_TYPED,
    *,
    overtaken: bool = False,
) -> str:
    fresh = anew()
    scorecard = get_version(fresh, scorecard_id)
    if scorecard.state is not VersionState.DRAFT:
        raise Refused("version_published")
    card = service.card_of(scorecard)
    stored = fields_of(card)
    fields = {name: typed.get(name, "") for name in stored} if typed else stored
    return render_template(
        "scorecards/edit.html",
        scorecard=scorecard,
        rows=min(MOST_CRITERIA, max(last_row(typed), len(card.criteria)) + EMPTY_ROWS),
        most=MOST_CRITERIA,
        fields=fields,
        no_fields=NO_FIELDS,
        sum=sum_of(fields),
        chosen=chosen,
        clauses=clauses_in_force(fresh),
        version=scorecard.version if overtaken or not typed else typed.get("version", ""),
        others=differing(stored, typed) if overtaken else {},
        saved_by=names_of(fresh, [scorecard.made_by]).get(scorecard.made_by, "–") if scorecard.made_by else "–",
        gone=service.gone_citations(fresh),
        lowest=LOWEST_HEARD_PERCENT,
        refusal=refused,
        keeps_typed=bool(typed),
        unfit=wording.card_fault(card_fault(card)),
    )
