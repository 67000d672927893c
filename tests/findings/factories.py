"""Breaches that were found in drawn calls, and their treatments."""

import uuid
from datetime import datetime
from typing import Any

from supervision.actor import Scope
from supervision.evaluations.models import Evaluation
from supervision.findings.models import Treatment
from supervision.findings.queries import FindingFilter, list_treatments
from supervision.findings.service import open_treatments
from tests.calls.samples import NOON
from tests.evaluations.factories import Work


def breach(n: int = 1, category: str = "manner", **more: Any) -> dict[str, Any]:
    """A breach as a reviewer notes it."""
    key = str(uuid.UUID(int=n))
    return {"key": key, "at_s": 7.5, "kind": "breach", "category": category, "text": "打断对方", **more}


def judged(work: Work, *noted: dict[str, Any], at: datetime = NOON, **facts: Any) -> Evaluation:
    """A drawn call of Zhang's that the office's leader judged."""
    (ticket,) = work.draw([work.call(20, at=at, **facts)])
    return work.judges("leader", ticket, findings=list(noted))


def treated(work: Work, *noted: dict[str, Any], at: datetime = NOON, **facts: Any) -> Treatment:
    """The first treatment that such a call has; all have theirs."""
    evaluation = judged(work, *(noted or (breach(),)), at=at, **facts)
    open_treatments(work.session)
    rows = list_treatments(work.session, Scope(office_code=evaluation.office_code), FindingFilter()).rows
    return next(one for one in rows if one.evaluation_id == evaluation.id)
