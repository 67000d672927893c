"""Deletions and their proofs: proposed by the system, agreed by two people, carried out by the worker."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.people.queries import names_of
from supervision.people.rules import Act
from supervision.retention import queries, service
from supervision.retention.queries import term_in_force
from supervision.retention.rules import DeletionState
from web import arguments as given
from web.access import current_actor, current_context, needs
from web.design.navigation import NavItem
from web.form_actions import carry_out
from web.language import gettext, lazy_gettext
from web.paging import address, page_addresses, parse_cursor
from web.retention import wording
from web.retention.forms import parse_deletions, parse_proofs
from web.unit import session

bp = Blueprint("retention", __name__, url_prefix="/retention", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Retention"),
        endpoint="retention.index",
        act=Act.SEE_RETENTION,
        icon="archive",
        also=("keeping",),
    )
]


@bp.get("/")
@needs(Act.SEE_RETENTION)
def index() -> str:
    """The deletions, the latest proposed first."""
    wanted = parse_deletions(request.args)
    page = queries.list_deletions(session(), wanted, parse_cursor(request.args))
    return render_template(
        "retention/index.html",
        page=page,
        wanted=wanted,
        counts=queries.counts_of(session(), [one.id for one in page.rows]),
        waiting=queries.count_open_deletions(session()),
        holding=queries.count_holding(session(), today()),
        term=term_in_force(session()),
        offices=office_names(session()),
        states=[(one.value, wording.state(one)[0]) for one in DeletionState],
        wording=wording,
        **page_addresses("retention.index", page, request.args),
    )


@bp.get("/deletions/<uuid:deletion_id>")
@needs(Act.SEE_RETENTION)
def show(deletion_id: uuid.UUID) -> str:
    """One deletion: who agreed, and each of its recordings."""
    deletion = service.get_deletion(session(), deletion_id)
    page = queries.items_of(session(), deletion.id, parse_cursor(request.args))
    here = url_for("retention.show", deletion_id=deletion.id)
    links = page_addresses("retention.index", page, request.args)
    return render_template(
        "retention/show.html",
        deletion=deletion,
        page=page,
        counts=queries.counts_of(session(), [deletion.id])[deletion.id],
        names=names_of(session(), [deletion.declined_by]),
        agreed_by_me=current_actor().account_id in {one.account_id for one in deletion.agreements},
        offices=office_names(session()),
        wording=wording,
        **{name: url and url.replace(address("retention.index", {}), here, 1) for name, url in links.items()},
    )


@bp.post("/deletions/<uuid:deletion_id>/agree")
@needs(Act.AGREE_DELETIONS)
def agree(deletion_id: uuid.UUID) -> ResponseReturnValue:
    """Take one of the two seats."""
    return carry_out(
        lambda: service.agree(current_context(), deletion_id, version=given.version(request.form)),
        gettext("Your agreement is written down."),
        url_for(".show", deletion_id=deletion_id),
    )


@bp.post("/deletions/<uuid:deletion_id>/decline")
@needs(Act.AGREE_DELETIONS)
def decline(deletion_id: uuid.UUID) -> ResponseReturnValue:
    """Say no, with a reason."""
    note = request.form.get("note", "")
    return carry_out(
        lambda: service.decline(current_context(), deletion_id, note, version=given.version(request.form)),
        gettext("The deletion is declined; everything stays."),
        url_for(".show", deletion_id=deletion_id),
    )


@bp.get("/proofs")
@needs(Act.SEE_RETENTION)
def proofs() -> str:
    """What was deleted, and the proof of each."""
    wanted = parse_proofs(request.args)
    page = queries.list_proofs(session(), wanted, parse_cursor(request.args))
    return render_template(
        "retention/proofs.html",
        page=page,
        wanted=wanted,
        offices=office_names(session()),
        wording=wording,
        **page_addresses("retention.proofs", page, request.args),
    )
