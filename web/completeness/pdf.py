"""The certificate as PDF."""

from supervision.actor import Actor
from supervision.documents.rules import DocumentNumber
from supervision.reconcile.certificate_rules import canonical_list
from supervision.reconcile.completeness import Completeness
from web.completeness import wording
from web.design.documents import make_document, written_number
from web.language import gettext


def as_pdf(made: Completeness, number: DocumentNumber, office_name: str, actor: Actor) -> bytes:
    """The certificate: four sums, the verdict, room to sign, what is lacking and why, the hashes."""
    return make_document(
        "completeness/certificate.html",
        title=gettext("Completeness certificate of recordings"),
        number=written_number(number),
        at=made.at,
        made=made,
        office_name=office_name,
        actor=actor,
        hashes=canonical_list(made.found).decode().splitlines(),
        wording=wording,
    )
