"""Which lines and desks of an office calls rest on: those are kept, however long they are gone."""

from collections.abc import Set

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls.models import Call, Segment
from supervision.database import in_chunks


def lines_used(session: Session, _office_code: str, keys: Set[str]) -> set[str]:
    """Those of these lines that have a call."""
    found = set[str]()
    for some in in_chunks(keys):
        found.update(session.scalars(select(Call.line_key).where(Call.line_key.in_(some)).distinct()))
    return found


def desks_used(session: Session, office_code: str, extensions: Set[str]) -> set[str]:
    """Those of these desks that have answered a call, or taken one over."""
    found = set[str]()
    mine = Call.office_code == office_code
    for some in in_chunks(extensions):
        answered = select(Call.answered_desk).where(mine, Call.answered_desk.in_(some))
        taken_over = select(Segment.desk).join(Call, Call.id == Segment.call_id)
        taken_over = taken_over.where(mine, Segment.n > 1, Segment.desk.in_(some))
        for query in (answered, taken_over):
            found.update(desk for desk in session.scalars(query.distinct()) if desk is not None)
    return found
