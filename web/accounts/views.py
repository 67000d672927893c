"""Accounts and roles: the list, a new one, and all that can be done with one."""

import uuid
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from supervision.actor import Role, Scope
from supervision.calls.queries import office_names
from supervision.errors import InvalidInput, Refused
from supervision.handover.queries import list_held
from supervision.people.passwords import prepared, temporary
from supervision.people.queries import list_accounts
from supervision.people.resets import ask_reset
from supervision.people.rules import Act
from supervision.people.service import change_account, create_account, end_sessions, issue_password
from web import wording
from web.access import current_actor, current_context, current_scope, needs
from web.accounts.forms import offices_to_choose, parse_filter, parse_person, parse_version, roles_to_choose
from web.accounts.page import gather_account, must_ask_first
from web.design.navigation import NavItem
from web.language import gettext, lazy_gettext, ngettext
from web.paging import page_addresses, parse_cursor
from web.people_copy import people_are_copied, refuse_change
from web.sign_ins import site_settings
from web.unit import session
from web.wording import NOTHING_WRONG

bp = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")

NAV = [NavItem(label=lazy_gettext("Accounts"), endpoint="accounts.index", act=Act.SEE_ACCOUNTS, icon="people")]


@bp.before_request
def _leave_copies_alone() -> None:
    """Where accounts are headquarters', nothing of them is made or changed here, and no form for it is shown."""
    if request.method == "POST" or request.endpoint == "accounts.new":
        refuse_change()


@bp.get("/")
@needs(Act.SEE_ACCOUNTS)
def index() -> str:
    """The accounts, filtered, page by page."""
    scope = current_scope()
    page = list_accounts(session(), scope, parse_filter(request.args), parse_cursor(request.args))
    offices = office_names(session(), None if scope.office_code is None else [scope.office_code])
    roles = roles_to_choose()
    links = page_addresses("accounts.index", page, request.args)
    copied = people_are_copied()
    return render_template("accounts/index.html", page=page, offices=offices, roles=roles, copied=copied, **links)


@bp.get("/new")
@needs(Act.CHANGE_ACCOUNTS)
def new() -> str:
    """The form for a new account."""
    return _new(office_names(session()), {"role": Role.OFFICER.value})


@bp.post("/new")
@needs(Act.CHANGE_ACCOUNTS)
def create() -> ResponseReturnValue:
    """Make an account; its temporary password is shown once."""
    password = prepared("", temporary())  # hashed before the transaction begins
    offices = office_names(session())
    try:
        account = create_account(
            session(),
            current_actor(),
            request.form.get("login", ""),
            parse_person(request.form, offices),
            password=password,
            settings=site_settings(),
        )
    except InvalidInput as error:
        return _new(offices, request.form, wording.by_field(error)), 422
    return render_template("accounts/password.html", account=account, password=password.text, fresh=True)


def _new(offices: Mapping[str, str], typed: Mapping[str, str], wrong: Mapping[str, str] = NOTHING_WRONG) -> str:
    choices = {"roles": roles_to_choose(), "offices": offices_to_choose(offices)}
    return render_template("accounts/new.html", typed=typed, wrong=wrong, **choices)


@bp.get("/<uuid:account_id>")
@needs(Act.SEE_ACCOUNTS)
def show(account_id: uuid.UUID) -> str:
    """One account."""
    return render_template("accounts/show.html", shown=gather_account(session(), current_actor(), account_id))


@bp.post("/<uuid:account_id>")
@needs(Act.CHANGE_ACCOUNTS)
def change(account_id: uuid.UUID) -> ResponseReturnValue:
    """Change name, role, office, or switch the account off."""
    shown, status = gather_account(session(), current_actor(), account_id), 422
    shown.typed, version = request.form, parse_version(request.form)
    try:
        wanted = parse_person(request.form, dict(shown.offices))
        account = change_account(current_context(), account_id, wanted, version=version, settings=site_settings())
        if (account.role, account.active) == (wanted.role, wanted.active):
            flash(gettext("The account is changed."))
            _say_what_is_stranded(account_id)
        else:
            flash(gettext("Asked for: a second person must agree within 24 hours; nothing changes until then."))
        return redirect(url_for(".show", account_id=account_id), 303)
    except InvalidInput as error:
        shown.wrong = wording.by_field(error)
    except Refused as error:
        shown.refusal, status = wording.refusal(error), 409
    return render_template("accounts/show.html", shown=shown), status


def _say_what_is_stranded(account_id: uuid.UUID) -> None:
    held = [one for one in list_held(session(), Scope(), account_id) if one.is_stranded]
    if held:
        said = ngettext(
            "%(num)s thing waits for this person by name and must be handed over: it is on the start page of "
            "the office's leader and of the supervision head.",
            "%(num)s things wait for this person by name and must be handed over: they are on the start page of "
            "the office's leader and of the supervision head.",
            len(held),
        )
        flash(said, "warn")


@bp.post("/<uuid:account_id>/password")
@needs(Act.CHANGE_ACCOUNTS)
def reset_password(account_id: uuid.UUID) -> ResponseReturnValue:
    """Give a temporary password, shown once; the account's sessions end. Of a guarded account two people do it."""
    if must_ask_first(account_id):
        ask_reset(current_context(), account_id, site_settings())
        flash(gettext("The reset is asked for. A second person must agree within 24 hours; then issue it here."))
        return redirect(url_for(".show", account_id=account_id), 303)
    ready = prepared("", temporary())  # hashed before the transaction begins
    password = issue_password(current_context(), account_id, password=ready, settings=site_settings())
    account = gather_account(session(), current_actor(), account_id).account
    return render_template("accounts/password.html", account=account, password=password, fresh=False)


@bp.post("/<uuid:account_id>/sessions/end")
@needs(Act.CHANGE_ACCOUNTS)
def end(account_id: uuid.UUID) -> Response:
    """End all sessions of an account."""
    ended = end_sessions(current_context(), account_id, settings=site_settings())
    flash(ngettext("%(num)s session has ended.", "%(num)s sessions have ended.", ended))
    return redirect(url_for(".show", account_id=account_id), 303)
