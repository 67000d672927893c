"""Who may enter which route: each view declares it, and one check before each request holds it.

A route that declares nothing stops the application at start. The rules themselves are in
`supervision.people.rules`; nothing else on the site asks for a role.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from supervision.actor import Actor, Scope, scope_of
from supervision.clock import now
from supervision.context import Context
from supervision.errors import Refused
from supervision.people.reset_rules import is_barred
from supervision.people.rules import Act, may
from supervision.people.sign_ins import CurrentSignIn
from web.unit import session

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "access_declared"
_ASKED_HERE = frozenset({"same-origin", "none"})  # of Sec-Fetch-Site: by a page of ours, or by the person himself


class Everybody(enum.StrEnum):
    """Declarations that need no act: for anybody at all, or for whoever has signed in."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


Declaration = Act | Everybody


@dataclass(frozen=True)
class Declared:
    """One route with what it declares."""

    endpoint: str
    rule: str
    methods: tuple[str, ...]
    declaration: Declaration


class UndeclaredRoute(Exception):
    """A route says nothing about who may enter: the application must not start."""


def public(view: View) -> View:
    """For anybody, signed in or not."""
    return _declare(view, Everybody.PUBLIC)


def signed_in(view: View) -> View:
    """For whoever has signed in, whatever his role."""
    return _declare(view, Everybody.SIGNED_IN)


def needs(act: Act) -> Callable[[View], View]:
    """For those whose role allows the act; which records they see is for `current_scope` to say."""
    return lambda view: _declare(view, act)


def leaves_evidence(view: View) -> View:
    """A GET that is written down as the person's act: one that he did not ask for himself is refused."""
    view.access_leaves_evidence = True  # type: ignore[attr-defined]
    return view


def does_leave_evidence(endpoint: str) -> bool:
    """Whether a GET of this route is written down."""
    return bool(getattr(current_app.view_functions.get(endpoint), "access_leaves_evidence", False))


def refuse_unasked() -> None:
    """Refuse, before anything is written down, what the person did not ask for himself.

    Another site can have his browser send a GET with his cookie (a link, a window that it opens); browsers say so
    in `Sec-Fetch-Site`. A HEAD gives nothing away and must leave nothing behind.
    """
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET"])
    if request.headers.get("Sec-Fetch-Site", "none") not in _ASKED_HERE:
        abort(403)


def unattended(view: View) -> View:
    """Asked by a page on its own, without a person: it does not keep his session from ending when idle."""
    view.access_unattended = True  # type: ignore[attr-defined]
    return view


def is_unattended() -> bool:
    """Whether this request is one that a page makes on its own.

    By its route, or because the page says so, its script by a header, itself by its address; who says so falsely
    only shortens his own session.
    """
    if "1" in {request.headers.get("X-Unattended"), request.args.get("unattended")}:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "access_unattended", False))


def current_sign_in() -> CurrentSignIn | None:
    """Who is signed in, if anybody is."""
    return cast(CurrentSignIn, current_user.sign_in) if current_user.is_authenticated else None


def current_actor() -> Actor:
    """The person on whose behalf this request acts. 401 where nobody is signed in."""
    sign_in = current_sign_in()
    if sign_in is None:
        abort(401)
    return sign_in.actor


def current_scope() -> Scope:
    """The records that he may see."""
    return scope_of(current_actor())


def current_context(own: Session | None = None) -> Context:
    """What a service needs to act on his behalf now, in this request's transaction or in one of its `own`."""
    return Context(own or session(), current_actor(), current_scope(), now())


def declared(app: Flask) -> list[Declared]:
    """Every route with what it declares, in the order of the addresses. Raises UndeclaredRoute."""
    found = [
        Declared(rule.endpoint, rule.rule, _methods(rule.methods), _declaration(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        if not _is_static(rule.endpoint)
    ]
    return sorted(found, key=lambda one: (one.rule, one.methods))


def install(app: Flask) -> None:
    """Check before each request, ahead of everything else."""
    app.before_request(_check)


def _check() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or _is_static(endpoint):
        return None

    declaration = _declaration(current_app, endpoint)
    if declaration is Everybody.PUBLIC:
        return None
    sign_in = current_sign_in()
    if sign_in is None:
        abort(401)
    if sign_in.must_change_password and not endpoint.startswith("account."):
        return redirect(url_for("account.password"), 303)
    if isinstance(declaration, Act) and not may(sign_in.actor.role, declaration):
        abort(403)
    evident = does_leave_evidence(endpoint)
    if isinstance(declaration, Act) and is_barred(declaration, sign_in.barred_until, now(), exports=evident):
        raise Refused("barred_after_reset")
    if evident:
        refuse_unasked()
    return None


def _declare(view: View, declaration: Declaration) -> View:
    if hasattr(view, _ATTRIBUTE):
        raise UndeclaredRoute(f"{view.__module__}.{view.__qualname__} declares its access twice")
    setattr(view, _ATTRIBUTE, declaration)
    return view


def _declaration(app: Flask, endpoint: str) -> Declaration:
    declaration: Declaration | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    if declaration is None:
        raise UndeclaredRoute(f"{endpoint} does not say who may enter")
    return declaration


def _is_static(endpoint: str) -> bool:
    return endpoint == "static" or endpoint.endswith(".static")


def _methods(methods: set[str] | None) -> tuple[str, ...]:
    return tuple(sorted((methods or set()) - {"HEAD", "OPTIONS"}))
