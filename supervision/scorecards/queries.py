"""Looking at scorecards."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from supervision.errors import NotFound, Refused
from supervision.regulation.rules import VersionState
from supervision.scorecards.models import Criterion, CriterionClause, Scorecard

_WHOLE = selectinload(Scorecard.criteria).selectinload(Criterion.citations).selectinload(CriterionClause.clause)


def list_versions(session: Session, *, drafts: bool) -> Sequence[Scorecard]:
    """All versions, the newest first; the draft only for who may write it."""
    query = select(Scorecard).order_by(Scorecard.n.desc())
    return session.scalars(query if drafts else query.where(Scorecard.state != VersionState.DRAFT)).all()


def find_in_force(session: Session) -> Scorecard | None:
    """The scorecard that is used today, with its criteria."""
    query = select(Scorecard).where(Scorecard.state == VersionState.IN_FORCE)
    return session.scalars(query.options(_WHOLE)).one_or_none()


def get_in_force(session: Session) -> Scorecard:
    """The scorecard that is used today. Raises Refused where there is none yet."""
    found = find_in_force(session)
    if found is None:
        raise Refused("no_scorecard")
    return found


def get_version(session: Session, scorecard_id: uuid.UUID, *, drafts: bool = True) -> Scorecard:
    """One version with its criteria. Raises NotFound, for a draft too where it is not for him."""
    found = session.get(Scorecard, scorecard_id, options=[_WHOLE])
    if found is None or (found.state is VersionState.DRAFT and not drafts):
        raise NotFound(f"scorecard {scorecard_id}")
    return found
