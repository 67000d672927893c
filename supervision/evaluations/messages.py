"""What headquarters tells an office of the evaluations of its calls: whole versions, and up to where it looked.

A field that a node does not know yet is passed over: headquarters may be newer than its offices.
"""

import uuid

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from supervision.evaluations.rules import Category, FindingKind, Kind
from supervision.scorecards.rules import Grade

AT_ONCE = 100


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SentMark(_Sent):
    """One criterion with what was given for it; no points where it did not apply."""

    name: str
    weight: int
    points: int | None
    critical_failed: bool
    remark: str


class SentFinding(_Sent):
    """One finding; `clause` is the text of what it cites, with its number."""

    at_s: float
    kind: FindingKind
    category: Category
    text: str
    by_rule: bool
    clause_n: int | None
    clause: str


class SentEvaluation(_Sent):
    """One evaluation as it stands: its latest version, of how many, by whom and why.

    `counts`: whether it counts for the quota; None from a headquarters that does not tell.
    """

    id: uuid.UUID
    call_id: uuid.UUID
    kind: Kind
    reviewer: str
    author: str
    submitted_at: AwareDatetime
    at: AwareDatetime
    n: int = Field(ge=1)
    in_place: bool
    reason: str
    score: int = Field(ge=0, le=100)
    grade: Grade
    remark: str
    card: int
    counts: bool | None = None
    marks: tuple[SentMark, ...]
    findings: tuple[SentFinding, ...]


class SentEvaluations(_Sent):
    """What changed after an entry of headquarters' log: up to entry `n`; `more`: there is more after that."""

    n: int = Field(ge=0)
    more: bool
    evaluations: tuple[SentEvaluation, ...]
