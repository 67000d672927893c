"""The start page."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from web.access import current_actor, signed_in
from web.design.navigation import items_for

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
@signed_in
def index() -> str | Response:
    """Lead each person to the first page of his work; a friendly page for who has none yet."""
    items = items_for(current_actor().role)
    if items:
        return redirect(url_for(items[0].endpoint), 303)
    return render_template("home/index.html")
