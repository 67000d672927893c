"""An office asks for its certificate, renewed for the same key before it runs out, and for the authority's."""

from flask import Blueprint, Response, current_app, jsonify

from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.certificates.reading import certificate_from
from supervision.certificates.service import authority_text, renewed_for_office
from supervision.clock import now
from supervision.paths import HqPaths
from supervision.settings import Settings
from web.intake.identity import certificate, office
from web.unit import session

bp = Blueprint("renewals", __name__, url_prefix="/v1")


@bp.post("/certificate")
def renew() -> Response:
    """The office's certificate, the one that it showed or its renewal; a renewal is written down."""
    settings: Settings = current_app.extensions["settings"]
    paths, shown = HqPaths(settings.home), certificate()
    found = renewed_for_office(paths, shown, now())
    before, after = certificate_from(shown), certificate_from(found)
    if before != after:
        detail = {"papers": ["office"], "serial": f"{after.serial_number:x}"}
        record(session(), None, "certificates_renewed", subject_of("certificate", office()), detail, office())
    body = {"certificate": found.decode("ascii"), "authority": authority_text(paths).decode("ascii")}
    answer = jsonify(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
