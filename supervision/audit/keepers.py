"""Which office keeps the signed heads up to which, as headquarters knows it from what each asks for."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.models import HeadKeeper


def keeps(session: Session, office_code: str) -> int:
    """The number of the last checkpoint that the office is known to keep; 0 for none."""
    found = session.get(HeadKeeper, office_code)
    return found.number if found else 0


def note_kept(session: Session, office_code: str, number: int, at: datetime) -> None:
    """Write down that the office keeps all up to this one; a node that was rebuilt begins anew."""
    session.merge(HeadKeeper(office_code=office_code, number=number, since=at))


def keepers(session: Session) -> Mapping[str, int]:
    """The number of the last checkpoint that each office keeps, by its code."""
    return {row.office_code: row.number for row in session.scalars(select(HeadKeeper))}
