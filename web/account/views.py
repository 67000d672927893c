"""Signing in and out, and what everybody does with his own account."""

import uuid
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from supervision.errors import Busy, InvalidInput, Refused
from supervision.people.service import change_own_password, check_own_change, get_account, note_wrong_current
from supervision.people.sign_ins import begin_sign_in, end_own, list_open
from web import wording
from web.access import current_actor, current_context, current_sign_in, public, signed_in
from web.account.attempts import check_claim, counted, forget_failures, note_failure
from web.account.forms import parse_new_password, parse_sign_in
from web.language import Language, choose, gettext
from web.people_copy import people_are_copied, refuse_change, why_nobody_enters
from web.problems import busy_status, safe_next
from web.sign_ins import current_sign_in_id, forget, origin, remember, site_settings
from web.unit import after_rollback, database, session
from web.wording import NOTHING_WRONG

bp = Blueprint("account", __name__, url_prefix="/account", template_folder="templates")


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The form to sign in, or on to the site for who has done so."""
    following = safe_next(request.args.get("next"))
    if current_sign_in() is not None:
        return redirect(following or url_for("today.index"), 303)
    barred = why_nobody_enters()
    return _sign_in_page(following, barred)


@bp.post("/sign-in")
@public
def begin() -> ResponseReturnValue:
    """Check name and password. A refusal is counted and written down after the rollback."""
    following, barred = safe_next(request.form.get("next")), why_nobody_enters()
    try:
        claim = parse_sign_in(request.form)
    except InvalidInput as error:
        return _sign_in_page(following, barred, wording.by_field(error)), 422
    if barred:
        return _sign_in_page(following, barred), 422
    try:
        checked, attempt = check_claim(claim.login, claim.password)
    except Busy as error:
        again = {"Retry-After": str(error.retry_after_s)}
        return _sign_in_page(following, wording.refusal(error)), busy_status(error), again
    try:
        remember(begin_sign_in(session(), checked, origin(), settings=site_settings()))
    except Refused as error:
        note_failure(checked, attempt)
        return _sign_in_page(following, wording.refusal(error)), 422
    forget_failures(checked.login)
    if following and request.form.get("unsent"):
        said = gettext("Your session had ended: nothing was sent. Check what you typed and send it again.")
        flash(said, "bad")
    return redirect(following or url_for("today.index"), 303)


def _sign_in_page(following: str | None, refusal: str = "", wrong: Mapping[str, str] = NOTHING_WRONG) -> str:
    return render_template(
        "account/sign_in.html",
        typed=request.form,
        following=following,
        refusal=refusal,
        wrong=wrong,
        unsent=bool(request.values.get("unsent")),
    )


@bp.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this session."""
    end_own(session(), current_actor(), current_sign_in_id())
    forget()
    return redirect(url_for(".sign_in"), 303)


@bp.get("/password")
@signed_in
def password() -> str:
    """The form to change one's own password."""
    return render_template("account/password.html", wrong={}, copied=people_are_copied())


@bp.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change one's own password; one's other sessions end. A wrong one is counted after the rollback."""
    refuse_change()
    actor, settings = current_actor(), site_settings()
    try:
        typed = parse_new_password(request.form)
    except InvalidInput as error:
        return render_template("account/password.html", wrong=wording.by_field(error)), 422
    with database().reading() as looking:
        stored = get_account(looking, actor.account_id).password_hash
    try:
        checked, attempt = counted(
            actor.login, lambda: check_own_change(actor, stored, typed.current, typed.password)
        )
        if checked.wanted is None and attempt.worth_writing:
            after_rollback(lambda fresh: note_wrong_current(current_context(fresh), attempt.number))
        change_own_password(current_context(), checked, keep=current_sign_in_id(), settings=settings)
    except InvalidInput as error:
        if error.where != "current":
            forget_failures(actor.login)
        return render_template("account/password.html", wrong=wording.by_field(error)), 422
    forget_failures(actor.login)
    flash(gettext("Your password is changed. Your other sessions have ended."))
    return redirect(url_for("today.index"), 303)


@bp.get("/sessions")
@signed_in
def sessions() -> str:
    """Where one is signed in."""
    rows = list_open(session(), current_actor().account_id, site_settings())
    return render_template("account/sessions.html", rows=rows, here=current_sign_in_id())


@bp.post("/sessions/<uuid:sign_in_id>/end")
@signed_in
def end_session(sign_in_id: uuid.UUID) -> Response:
    """End one of one's sessions."""
    end_own(session(), current_actor(), sign_in_id)
    flash(gettext("The session has ended."))
    return redirect(url_for(".sessions"), 303)


@bp.post("/language")
@public
def language() -> Response:
    """Speak another language in this browser from now on."""
    given = request.form.get("language", "")
    if given in set(Language):
        choose(Language(given))
    return redirect(safe_next(request.form.get("next")) or url_for("today.index"), 303)
