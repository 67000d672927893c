"""The review site, put together: one blueprint a room."""

from datetime import timedelta
from hashlib import blake2s
from types import ModuleType
from typing import Any

from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.middleware.proxy_fix import ProxyFix

from supervision.database import Database
from supervision.listening.queries import Levels
from supervision.parts.store import part_store
from supervision.paths import Paths
from supervision.people.attempts import Attempts
from supervision.settings import Mode, Settings
from web import access, arguments, language, problems, security, sign_ins, static_files, unit, uploads
from web.account import views as account_views
from web.account.sign_in_limit import SignInLimit
from web.accounts import views as accounts_views
from web.assessment import months as assessment_months  # noqa: F401 - one blueprint in two files
from web.assessment import views as assessment_views
from web.audit import views as audit_views
from web.caller_requests import views as caller_requests_views
from web.calls import views as calls_views
from web.checkpoints import views as checkpoints_views
from web.complaints import complaint as complaints_complaint  # noqa: F401 - one blueprint in two files
from web.complaints import views as complaints_views
from web.completeness import views as completeness_views
from web.design import navigation, shown
from web.desks import views as desks_views
from web.discipline import appeals as appeals_views
from web.discipline import record as discipline_record  # noqa: F401 - one blueprint in two files
from web.discipline import views as discipline_views
from web.draws import hq_views as hq_draws_views
from web.draws import views as draws_views
from web.drift import views as drift_views
from web.early_signs import views as early_signs_views
from web.evaluation_copies import views as evaluation_copies_views
from web.evaluations import views as evaluations_views
from web.findings import views as findings_views
from web.handover import views as handover_views
from web.incidents import views as incidents_views
from web.live import views as live_views
from web.live.sending import places_of
from web.live.stream import Streams
from web.machines import views as machines_views
from web.offices import views as offices_views
from web.quotas import views as quotas_views
from web.recordings import views as recordings_views
from web.rectification import copies as rectification_copies
from web.rectification import notice as rectification_notice  # noqa: F401 - one blueprint in two files
from web.rectification import views as rectification_views
from web.regulation import views as regulation_views
from web.resets import views as resets_views
from web.retention import keeping as keeping_views
from web.retention import views as retention_views
from web.review import views as review_views
from web.rosters import arrangements as rosters_arrangements  # noqa: F401 - one blueprint in two files
from web.rosters import views as rosters_views
from web.scorecards import views as scorecards_views
from web.secret import session_key
from web.today import counts
from web.today import views as today_views
from web.workdays import views as workdays_views

ROOMS = (
    today_views,
    calls_views,
    live_views,
    recordings_views,
    draws_views,
    incidents_views,
    machines_views,
    accounts_views,
    resets_views,
    desks_views,
    rosters_views,
    audit_views,
    checkpoints_views,
    account_views,
)
OFFICE_ROOMS = (evaluation_copies_views, rectification_copies)
HQ_ROOMS = (
    offices_views,
    hq_draws_views,
    quotas_views,
    completeness_views,
    retention_views,
    keeping_views,
    caller_requests_views,
    complaints_views,
    review_views,
    evaluations_views,
    findings_views,
    rectification_views,
    discipline_views,
    appeals_views,
    early_signs_views,
    handover_views,
    assessment_views,
    drift_views,
    scorecards_views,
    regulation_views,
    workdays_views,
)


def rooms_of(mode: Mode) -> tuple[ModuleType, ...]:
    """The rooms of the site on an office's node, or at headquarters."""
    return (*ROOMS, *(HQ_ROOMS if mode is Mode.HQ else OFFICE_ROOMS))


def make_site(settings: Settings, database: Database | None = None) -> unit.Application:
    """The site, as `web.create_app` gives it."""
    app = unit.Application("web", template_folder="design/templates", static_folder=None)
    app.config.from_mapping(_configuration(settings))
    app.extensions["settings"] = settings
    app.extensions["streams"] = Streams()
    app.extensions["listeners"] = Streams(most=10)
    app.extensions["listener_places"] = places_of(settings)
    app.extensions["parts"] = parts = part_store(settings.home, settings.mode)
    paths = Paths(settings.home)
    app.extensions["attempts"] = Attempts(paths.attempts, session_key(paths), settings.sign_in_per_address)
    app.extensions["levels"] = Levels(parts)
    unit.install(app, database or Database(settings.database()))
    language.install(app)
    sign_ins.install(app)
    access.install(app)
    uploads.install(app)
    arguments.install(app)
    CSRFProtect(app)
    security.install(app)
    static_files.install(app)
    problems.install(app)
    app.register_error_handler(CSRFError, problems.of_stale_form)
    shown.install(app)
    counts.install(app)
    rooms = rooms_of(settings.mode)
    for room in rooms:
        app.register_blueprint(room.bp)
    navigation.install(app, [item for room in rooms for item in getattr(room, "NAV", ())])
    access.declared(app)
    app.wsgi_app = SignInLimit(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _cookie_name(settings: Settings) -> str:
    """The name of the session's cookie: sites on one host have theirs apart, for a browser ignores their ports."""
    return f"supervision-{blake2s(bytes(settings.home.absolute()), digest_size=4).hexdigest()}"


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": session_key(Paths(settings.home)),
        "SESSION_COOKIE_NAME": _cookie_name(settings),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=settings.session_longest_s),
        "WTF_CSRF_TIME_LIMIT": settings.session_longest_s,
        "WTF_CSRF_SSL_STRICT": settings.secure_cookies,
        "MAX_CONTENT_LENGTH": 1_000_000,
    }
