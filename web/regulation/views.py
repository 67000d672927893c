"""The regulation's pages."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supervision.errors import Conflict, InvalidInput, Refused
from supervision.people.queries import names_of
from supervision.people.rules import Act, may
from supervision.regulation import service
from supervision.regulation.queries import (
    confirmed_at,
    count_confirmed,
    get_version,
    in_force,
    list_people,
    list_versions,
)
from supervision.regulation.rules import Side, VersionState
from web import arguments as given
from web.access import current_actor, current_context, current_scope, needs
from web.design.navigation import NavItem
from web.language import gettext, lazy_gettext
from web.regulation import wording
from web.regulation.forms import consequences_of, parse_consequences, parse_regulation, text_of
from web.unit import anew, session

bp = Blueprint("regulation", __name__, url_prefix="/regulation", template_folder="templates")
NAV = [NavItem(label=lazy_gettext("Regulation"), endpoint="regulation.index", act=Act.SEE_NORMS, icon="book")]


@bp.get("/")
@needs(Act.SEE_NORMS)
def index() -> str:
    """The version in force, with the button that confirms it."""
    regulation = in_force(session())
    return _show(regulation.id) if regulation else render_template("regulation/show.html", regulation=None)


@bp.get("/<uuid:regulation_id>")
@needs(Act.SEE_NORMS)
def show(regulation_id: uuid.UUID) -> str:
    """One version."""
    return _show(regulation_id)


@bp.post("/<uuid:regulation_id>/confirm")
@needs(Act.SEE_NORMS)
def confirm(regulation_id: uuid.UUID) -> ResponseReturnValue:
    """One's word that one has read it."""
    service.confirm(current_context(), regulation_id)
    flash(gettext("You have confirmed this version."))
    return redirect(url_for(".index"), 303)


@bp.get("/<uuid:regulation_id>/confirmations")
@needs(Act.SEE_CONFIRMATIONS)
def confirmations(regulation_id: uuid.UUID) -> str:
    """Who has not confirmed, and who has."""
    regulation = get_version(session(), regulation_id, drafts=False)
    people = list_people(session(), current_scope(), regulation_id)
    return render_template("regulation/confirmations.html", regulation=regulation, people=people)


@bp.post("/draft")
@needs(Act.WRITE_NORMS)
def draft() -> ResponseReturnValue:
    """Begin the next version, or go on with it."""
    return redirect(url_for(".edit", regulation_id=service.begin_draft(current_context()).id), 303)


@bp.get("/<uuid:regulation_id>/edit")
@needs(Act.WRITE_NORMS)
def edit(regulation_id: uuid.UUID) -> str:
    """The editor of a draft."""
    return _edit(regulation_id)


@bp.post("/<uuid:regulation_id>/edit")
@needs(Act.WRITE_NORMS)
def change(regulation_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a draft as it was written, or say why not, with what was typed."""
    try:
        title, clauses, version = parse_regulation(request.form)
        service.change_draft(
            current_context(),
            regulation_id,
            title=title,
            clauses=clauses,
            version=version,
            consequences=parse_consequences(request.form),
        )
    except (InvalidInput, Conflict) as error:
        if isinstance(error, Conflict):
            return _edit(regulation_id, wording.fault(error), overtaken=True), 409
        return _edit(regulation_id, wording.fault(error)), 422
    flash(gettext("The draft is saved."))
    return redirect(url_for(".edit", regulation_id=regulation_id), 303)


@bp.post("/<uuid:regulation_id>/publish")
@needs(Act.WRITE_NORMS)
def publish(regulation_id: uuid.UUID) -> ResponseReturnValue:
    """Put a draft into force."""
    version = given.count(request.form, "version") or 0
    service.publish(current_context(), regulation_id, version)
    flash(gettext("The new version is in force. Everybody is asked to confirm it."))
    return redirect(url_for(".index"), 303)


def _show(regulation_id: uuid.UUID) -> str:
    writes = may(current_actor().role, Act.WRITE_NORMS)
    regulation = get_version(session(), regulation_id, drafts=writes)
    return render_template(
        "regulation/show.html",
        regulation=regulation,
        versions=list_versions(session(), drafts=writes),
        sides=[(side, [one for one in regulation.consequences if one.side is side]) for side in Side],
        confirmed_at=confirmed_at(session(), current_actor(), regulation.id),
        confirmed=count_confirmed(session(), regulation.id),
        wording=wording,
    )


def _edit(regulation_id: uuid.UUID, refused: str = "", *, overtaken: bool = False) -> str:
    fresh = anew()
    regulation = get_version(fresh, regulation_id, drafts=True)
    if regulation.state is not VersionState.DRAFT:
        raise Refused("version_published")
    stored, typed = text_of(regulation.clauses), request.form
    return render_template(
        "regulation/edit.html",
        regulation=regulation,
        text=typed.get("text", stored),
        title=typed.get("title", regulation.title),
        version=regulation.version if overtaken or not typed else typed.get("version", ""),
        stored=stored,
        consequences=typed.get("consequences", consequences_of(regulation.consequences)),
        overtaken=overtaken,
        saved_by=names_of(fresh, [regulation.made_by]).get(regulation.made_by, "–") if regulation.made_by else "–",
        refusal=refused,
    )
