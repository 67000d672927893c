"""The certificate's page, its PDF, and the list of hashes that the PDF's digest is of."""

from flask import Blueprint, Response, render_template, request

from supervision.clock import today
from supervision.documents.rules import DocumentKind
from supervision.documents.service import give_number
from supervision.people.rules import Act
from supervision.reconcile.certificate_rules import canonical_list
from supervision.reconcile.completeness import note_made
from web.access import current_actor, leaves_evidence, needs
from web.completeness import wording
from web.completeness.forms import parse_days, shortcuts
from web.completeness.page import MOST_SHOWN, asked_office, file_name, look, look_at_one, offices_here
from web.completeness.pdf import as_pdf
from web.design.documents import check_ready, send_document, written_number
from web.design.navigation import NavItem
from web.incidents import wording as incident_wording
from web.language import lazy_gettext
from web.site import at_headquarters, shows_offices
from web.unit import own_transaction, session

bp = Blueprint("completeness", __name__, url_prefix="/completeness", template_folder="templates")
NAV = [
    NavItem(
        label=lazy_gettext("Completeness"), endpoint="completeness.index", act=Act.SEE_CERTIFICATE, icon="shield"
    )
]


@bp.get("/")
@needs(Act.SEE_CERTIFICATE)
def index() -> str:
    """How complete the recordings of some days are: of each office, or of one with what is lacking."""
    days, code = parse_days(request.args, today()), asked_office(request.args)
    return render_template(
        "completeness/index.html",
        days=days,
        office=code,
        offices=offices_here(),
        shows_offices=shows_offices(),
        shortcuts=shortcuts(today()),
        found=look(session(), code, days),
        most_shown=MOST_SHOWN,
        wording=wording,
        incident_wording=incident_wording,
    )


@bp.get("/certificate.pdf")
@leaves_evidence
@needs(Act.MAKE_CERTIFICATE)
def pdf() -> Response:
    """The certificate of one office as PDF, under a number of its own."""
    made = look_at_one(session(), parse_days(request.args, today()))
    office_name = offices_here()[made.office_code]
    check_ready()
    with own_transaction() as own:  # the number before, so that nobody waits for it while the paper is written
        number = give_number(own, DocumentKind.CERTIFICATE, made.at, "" if at_headquarters() else made.office_code)
    content = as_pdf(made, number, office_name, current_actor())
    with own_transaction() as own:
        note_made(own, current_actor(), made, "pdf", written_number(number))
    return send_document(content, file_name(made, "pdf"))


@bp.get("/hashes.txt")
@leaves_evidence
@needs(Act.MAKE_CERTIFICATE)
def hashes() -> Response:
    """The list of calls and hashes whose SHA-256 the certificate states."""
    made = look_at_one(session(), parse_days(request.args, today()))
    content = canonical_list(made.found)
    with own_transaction() as own:  # nobody is kept from writing before; what is not written down is not given out
        note_made(own, current_actor(), made, "txt")
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(made, "txt")}"',
        "Cache-Control": "no-store",
    }
    return Response(content, mimetype="text/plain", headers=headers)
