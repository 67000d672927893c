"""The audit log: who did what to which, when; and whether the chain is sound."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from supervision.audit.queries import list_acts, list_entries
from supervision.audit.service import note_verified, verify
from supervision.errors import InvalidInput
from supervision.people.rules import Act
from web.access import current_actor, needs
from web.audit import wording
from web.audit.forms import parse_filter, parse_head, parse_places, turns
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.unit import database, session

bp = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")

NAV = [NavItem(label=lazy_gettext("Audit"), endpoint="audit.index", act=Act.SEE_AUDIT, icon="shield")]


@bp.get("/")
@needs(Act.SEE_AUDIT)
def index() -> str:
    """The entries, filtered, page by page."""
    before, after = parse_places(request.args)
    page = list_entries(session(), parse_filter(request.args), before, after)
    acts = [(act, wording.act(act)) for act in list_acts(session())]
    return render_template("audit/index.html", page=page, acts=acts, wording=wording, **turns(page, request.args))


@bp.get("/verify")
@needs(Act.VERIFY_AUDIT)
def ask() -> str:
    """What verifying does, and the form to start it."""
    return render_template("audit/verify.html", verdict=None, wording=wording)


@bp.post("/verify")
@needs(Act.VERIFY_AUDIT)
def check() -> ResponseReturnValue:
    """Read the whole chain, say what is found, and write down that it was asked."""
    try:
        kept = parse_head(request.form)
    except InvalidInput:
        return render_template("audit/verify.html", verdict=None, wording=wording, refused=True), 422
    with database().reading() as looking:  # a long chain must not keep writers waiting
        verdict = verify(looking, kept)
    note_verified(session(), current_actor(), verdict)
    return render_template("audit/verify.html", verdict=verdict, kept=kept, wording=wording)
