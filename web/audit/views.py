"""The audit log: who did what to which, when; and whether the chain is sound."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from supervision.audit.checkpoints import SignedHeads, signed_heads
from supervision.audit.queries import exported, list_acts, list_entries, read_links
from supervision.audit.rules import parse_subject
from supervision.audit.service import note_exported, note_verified, verify
from supervision.errors import InvalidInput
from supervision.people.rules import Act
from web.access import current_actor, leaves_evidence, needs
from web.audit import details, wording
from web.audit.forms import page_links, parse_filter, parse_heads, parse_places
from web.audit.logs import chosen_log, logs
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.site import at_headquarters
from web.unit import database, give_up, keep_first, session

bp = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")

NAV = [NavItem(label=lazy_gettext("Audit"), endpoint="audit.index", act=Act.SEE_AUDIT, icon="shield")]


@bp.get("/")
@needs(Act.SEE_AUDIT)
def index() -> str:
    """The entries, filtered, page by page."""
    (before, after), chain = parse_places(request.args), chosen_log(request.args)
    page = list_entries(session(), parse_filter(request.args), before, after, chain=chain)
    acts = [(act, wording.act(act)) for act in list_acts(session(), chain)]
    shown = {"page": page, "acts": acts, "logs": logs(chain), "wording": wording, "details": details}
    return render_template(
        "audit/index.html", **shown, **page_links(page, request.args), parse_subject=parse_subject
    )


@bp.get("/export")
@leaves_evidence
@needs(Act.VERIFY_AUDIT)
def export() -> Response:
    """A whole log as a file for `verify_audit.py`; that it was taken away is written down first."""
    chain, actor, opened = chosen_log(request.args), current_actor(), database()
    keep_first(lambda fresh: note_exported(fresh, actor, chain))

    def lines() -> Iterator[str]:
        with opened.reading() as looking:
            yield from exported(read_links(looking, chain))

    answer = Response(lines(), mimetype="application/jsonl")
    name = f"audit-{chain.node_code}.jsonl" if chain else "audit.jsonl"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/verify")
@needs(Act.VERIFY_AUDIT)
def ask() -> str:
    """What verifying does, and the form to start it."""
    return render_template("audit/verify.html", verdict=None, logs=logs(chosen_log(request.args)), wording=wording)


@bp.post("/verify")
@needs(Act.VERIFY_AUDIT)
def check() -> ResponseReturnValue:
    """Read the whole chain, say what is found, and write down that it was asked."""
    chain = chosen_log(request.form)
    shown = {"verdict": None, "logs": logs(chain), "wording": wording}
    try:
        kept = parse_heads(request.form)
    except InvalidInput:
        return render_template("audit/verify.html", **shown, refused=True), 422
    give_up()
    with database().reading() as looking:  # a long chain must not keep writers waiting
        signed = signed_heads(looking) if chain is None and at_headquarters() else SignedHeads()
        verdict = verify(looking, *kept, *signed.heads, chain=chain)
    note_verified(session(), current_actor(), verdict, chain)
    found = {"verdict": verdict, "kept": kept, "signed": signed}
    return render_template("audit/verify.html", **shown | found)
