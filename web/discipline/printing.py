"""A decided record and a decided appeal on paper, in Chinese, each under its own number in its register."""

from sqlalchemy.orm import Session

from supervision.calls.queries import office_names
from supervision.discipline.models import Appeal, Record
from supervision.discipline.queries import list_fallen
from supervision.discipline.rules import DECIDED, AppealState
from supervision.documents.rules import DocumentKind, DocumentNumber
from supervision.errors import NotFound
from supervision.regulation.rules import Side
from web.design.documents import make_document, written_number
from web.discipline import wording
from web.evaluations import wording as evaluation_wording
from web.language import Language, lazy_gettext

KINDS = {Side.DISCIPLINE: DocumentKind.DISCIPLINE, Side.COMMENDATION: DocumentKind.COMMENDATION}
TITLES = {
    Side.DISCIPLINE: lazy_gettext("Decision on discipline"),
    Side.COMMENDATION: lazy_gettext("Decision on a commendation"),
}


def is_printable(one: Record | Appeal) -> bool:
    """Whether there is a decision to print."""
    if isinstance(one, Appeal):
        return one.state in {AppealState.DISMISSED, AppealState.UPHELD}
    return one.state in DECIDED


def number_of(one: Record | Appeal) -> str:
    """The number that its paper bears."""
    kind = DocumentKind.APPEAL if isinstance(one, Appeal) else KINDS[one.side]
    return written_number(DocumentNumber(kind, one.year, one.n))


def print_record(session: Session, one: Record) -> bytes:
    """The notice of a decided record. Raises NotFound for one that is not decided."""
    if one.decided_at is None or not is_printable(one):
        raise NotFound(f"decision of {one.id}")
    return make_document(
        "discipline/record_document.html",
        title=TITLES[one.side],
        number=number_of(one),
        at=one.decided_at,
        language=Language.CHINESE,
        one=one,
        office=_office(session, one.office_code),
        wording=wording,
        evaluation_wording=evaluation_wording,
    )


def print_appeal(session: Session, one: Appeal) -> bytes:
    """The decision of an appeal. Raises NotFound for one that is not decided."""
    if one.ended_at is None or not is_printable(one):
        raise NotFound(f"decision of {one.id}")
    return make_document(
        "discipline/appeal_document.html",
        title=lazy_gettext("Decision on an appeal"),
        number=number_of(one),
        at=one.ended_at,
        language=Language.CHINESE,
        one=one,
        against=number_of(one.record) if one.record is not None else "",
        fallen=[number_of(record) for record in list_fallen(session, one)],
        office=_office(session, one.office_code),
        wording=wording,
    )


def _office(session: Session, code: str) -> str:
    return office_names(session).get(code, code)
