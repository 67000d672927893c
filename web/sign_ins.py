"""Who is asking: the signed cookie holds the sign-in's token, the database says who that is (Flask-Login).

That a session was used is written down after the request's unit of work has ended, if the store is free: a
page that only looks waits for no writer, and none is refused for that note.
"""

import logging
import uuid
from typing import cast

from flask import Flask, Response, abort, current_app, g, request
from flask import session as cookie
from flask_login import AnonymousUserMixin, LoginManager, UserMixin
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from supervision.clock import now
from supervision.people.sign_ins import SEEN_EVERY, CurrentSignIn, Origin, find_sign_in, note_seen
from supervision.settings import Settings
from web.access import current_sign_in, is_unattended
from web.unit import database

_TOKEN = "token"  # noqa: S105 - the name of a cookie entry
_WAIT_S = 0.2

log = logging.getLogger(__name__)


class SignedIn(UserMixin):  # type: ignore[misc]
    """Flask-Login's idea of a signed-in person."""

    def __init__(self, sign_in: CurrentSignIn) -> None:
        self.sign_in = sign_in

    def get_id(self) -> str:
        """The sign-in, not the account: one person may be signed in on several machines."""
        return str(self.sign_in.id)


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    """Flask-Login's idea of somebody who has not signed in."""

    sign_in: CurrentSignIn | None = None


def install(app: Flask) -> None:
    """Let Flask-Login find out who is asking."""
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None  # the session is a row of ours, ended by us
    manager.request_loader(_load)
    app.after_request(_note_seen)


def site_settings() -> Settings:
    """The settings of this process."""
    return cast(Settings, current_app.extensions["settings"])


def remember(token: str) -> None:
    """Give the browser the token of a sign-in that has begun; whatever it held before is dropped."""
    language = cookie.get("language")
    cookie.clear()
    cookie[_TOKEN] = token
    cookie.permanent = False
    if language:
        cookie["language"] = language


def forget() -> None:
    """Take the token from the browser again."""
    cookie.pop(_TOKEN, None)


def current_sign_in_id() -> uuid.UUID:
    """The sign-in of this request. 401 where nobody is signed in."""
    sign_in = current_sign_in()
    if sign_in is None:
        abort(401)
    return sign_in.id


def look_again(looking: Session) -> CurrentSignIn | None:
    """Who is asking, looked up anew: in an answer that takes long, he may have been signed out meanwhile."""
    token = cookie.get(_TOKEN)
    sign_in = find_sign_in(looking, token, site_settings(), now()) if isinstance(token, str) else None
    return None if sign_in is None or sign_in.must_change_password else sign_in


def origin() -> Origin:
    """Where this request comes from."""
    return Origin(request.remote_addr or "", request.user_agent.string[:256])


def _load(_request: object) -> SignedIn | None:
    token = cookie.get(_TOKEN)
    if not isinstance(token, str):
        return None
    at, settings = now(), site_settings()
    with database().reading() as looking:
        sign_in = find_sign_in(looking, token, settings, at)
    if sign_in is None:
        return None
    if request.method != "HEAD" and at - sign_in.last_seen_at >= SEEN_EVERY and not is_unattended():
        g.seen = sign_in.id, at
    return SignedIn(sign_in)


def _note_seen(response: Response) -> Response:
    seen = g.pop("seen", None)
    if seen is not None:
        try:
            with database().transaction(wait_s=_WAIT_S) as session:
                note_seen(session, *seen)
        except SQLAlchemyError as error:
            log.warning("a session's use was not written down: %s", type(error).__name__)
    return response
