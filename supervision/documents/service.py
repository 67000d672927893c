"""Giving a document its number."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.clock import local
from supervision.documents.models import DocumentCounter
from supervision.documents.rules import DocumentKind, DocumentNumber


def give_number(session: Session, kind: DocumentKind, at: datetime, office_code: str = "") -> DocumentNumber:
    """The next number of a kind in the bureau's year. It is given once this transaction is committed.

    Whoever asks at the same time waits for that, so keep the transaction short: make the document afterwards.
    """
    year, n = local(at).year, None
    while n is None:
        n = _count_on(session, kind, year) or _begin(session, kind, year)
    return DocumentNumber(kind, year, n, office_code)


def _count_on(session: Session, kind: DocumentKind, year: int) -> int | None:
    """The next number, with the counter held until the end of the transaction; None before the first of a year."""
    counter = update(DocumentCounter).where(DocumentCounter.kind == kind, DocumentCounter.year == year)
    counting = counter.values(last=DocumentCounter.last + 1).returning(DocumentCounter.last)
    return session.scalar(counting.execution_options(synchronize_session=False))


def _begin(session: Session, kind: DocumentKind, year: int) -> int | None:
    """The first number of a year; None where somebody was quicker."""
    try:
        with session.begin_nested():
            session.add(DocumentCounter(kind=kind, year=year, last=1))
    except IntegrityError:
        return None
    return 1
