"""The offices' WSGI application: it receives bytes and facts from nodes, and has no pages or people."""

from typing import Any

from supervision.certificates.trust import Trust
from supervision.database import Database
from supervision.parts.incoming import Incoming
from supervision.paths import HqPaths
from supervision.settings import Settings
from web import unit
from web.intake import (
    bodies,
    checkpoints,
    copies,
    database_away,
    draws,
    facts,
    faults,
    floods,
    identity,
    limits,
    orders,
    people,
    problems,
    renewals,
    rosters,
    tus,
)


def create_intake(settings: Settings) -> unit.Application:
    """The intake, ready to serve."""
    app = unit.Application(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    paths = HqPaths(settings.home)
    app.extensions["settings"] = settings
    app.extensions["incoming"] = Incoming(paths)
    unit.install(app, Database(settings.database()))
    problems.install(app)
    database_away.install(app)
    faults.install(app)
    identity.install(app, settings, Trust(paths))
    limits.install(app, settings)
    bodies.install(app)
    floods.install(app, settings)
    app.register_blueprint(tus.bp)
    app.register_blueprint(facts.bp)
    app.register_blueprint(draws.bp)
    app.register_blueprint(orders.bp)
    app.register_blueprint(people.bp)
    app.register_blueprint(rosters.bp)
    app.register_blueprint(checkpoints.bp)
    app.register_blueprint(copies.bp)
    app.register_blueprint(renewals.bp)
    app.wsgi_app = _overridden(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _overridden(inner: Any) -> Any:
    """PATCH sent as POST, for clients behind proxies that know no PATCH (tus 1.0.0, X-HTTP-Method-Override)."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST" and environ.get("HTTP_X_HTTP_METHOD_OVERRIDE") == "PATCH":
            environ["REQUEST_METHOD"] = "PATCH"
        return inner(environ, start_response)

    return call
