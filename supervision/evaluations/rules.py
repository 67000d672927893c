"""Who may judge which call, when it counts, how a judgement moves on (domain rules 1, 7; S4, S5).

Then which evaluations headquarters judges once more, blind, and the figures of how the reviewers themselves do.
"""

import enum
import hashlib
import hmac
import math
import statistics
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from supervision.draws.rules import Party, Tier

LEASE = timedelta(minutes=30)
TOLERANCE_S = 1.0
TAKEN_OVER = "taken_over"  # the reason of a judgement in place of another's


class Kind(enum.StrEnum):
    """Why a call is judged: it was drawn, a person chose it, or headquarters judges it once more."""

    TICKET = "ticket"
    DIRECTED = "directed"
    RESCORE = "rescore"


class EvaluationState(enum.StrEnum):
    """Where an evaluation stands: draft → submitted → amended, and amended again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    AMENDED = "amended"


_NEXT: Mapping[EvaluationState, EvaluationState] = MappingProxyType(
    {
        EvaluationState.DRAFT: EvaluationState.SUBMITTED,
        EvaluationState.SUBMITTED: EvaluationState.AMENDED,
        EvaluationState.AMENDED: EvaluationState.AMENDED,
    }
)


def advance(state: EvaluationState) -> EvaluationState:
    """The state once another judgement is there; what was submitted is never a draft again."""
    return _NEXT[state]


class FindingKind(enum.StrEnum):
    """What was noticed at a moment of a recording."""

    REMARK = "remark"
    BREACH = "breach"
    GOOD = "good"


class Category(enum.StrEnum):
    """What a finding is about (S16: tone, polite words, wrong answers …)."""

    MANNER = "manner"
    WORDS = "words"
    WRONG_ANSWER = "wrong_answer"
    INCOMPLETE = "incomplete"
    REFERRAL = "referral"
    DISCIPLINE = "discipline"
    OTHER = "other"


@dataclass(frozen=True)
class Reviewer:
    """The person who wants to judge, as far as the rule looks at him; no office: headquarters."""

    account_id: uuid.UUID
    office_code: str | None


@dataclass(frozen=True)
class Assignment:
    """One call to be judged.

    `talked`: whoever talked on it, first or later. `leader_talked`: one of them leads an office, so that its
    ticket may go to headquarters.
    `judges`: who judged it the first time, where this is a re-score. `reviewer`: whose the draw's list is to
    review (None: the tier's own); an office's that was drawn whole may be headquarters' (draw.md).
    """

    kind: Kind
    office_code: str
    tier: Tier | None = None
    talked: frozenset[uuid.UUID] = frozenset()
    leader_talked: bool = False
    judges: frozenset[uuid.UUID] = frozenset()
    reviewer: Party | None = None


class Objection(enum.StrEnum):
    """Why a person may not judge a call. Not his: he does not even learn that the assignment is there."""

    NOT_YOURS = "not_yours"
    OWN_CALL = "own_call"
    JUDGED_ALREADY = "judged_already"


def objection(reviewer: Reviewer, assignment: Assignment) -> Objection | None:
    """What stands against a person's judging a call (domain rule 1), or None.

    An office's tickets are its leaders'; one on whose call a leader talked himself may go to a deputy or to
    headquarters. The rest is headquarters'. Nobody judges a call on which he talked, nor one twice.
    """
    if not _is_his(reviewer, assignment):
        return Objection.NOT_YOURS
    if reviewer.account_id in assignment.talked:
        return Objection.OWN_CALL
    if assignment.kind is Kind.RESCORE and reviewer.account_id in assignment.judges:
        return Objection.JUDGED_ALREADY
    return None


def _is_his(reviewer: Reviewer, assignment: Assignment) -> bool:
    at_hq = reviewer.office_code is None
    by_draw = {Party.OFFICE: Tier.OFFICE, Party.HQ: Tier.HQ}
    own = by_draw[assignment.reviewer] if assignment.reviewer else assignment.tier
    if assignment.kind is Kind.TICKET and own is Tier.OFFICE:
        return assignment.leader_talked if at_hq else reviewer.office_code == assignment.office_code
    return at_hq


@dataclass(frozen=True)
class Lease:
    """Who has a assignment in hand, and until when if nothing more is heard of him."""

    holder: uuid.UUID | None
    until: datetime | None


def is_free_for(lease: Lease, account_id: uuid.UUID, at: datetime) -> bool:
    """Whether a person may take a assignment in hand: nobody has it, he has it, or its holder has gone silent."""
    return lease.holder in {None, account_id} or lease.until is None or lease.until <= at


@dataclass(frozen=True)
class Norm:
    """How much of a call its reviewer must have heard: a share, or all of a short one (domain rule 1)."""

    percent: int = 60
    whole_under_s: int = 60


def required_s(duration_s: float, norm: Norm) -> float:
    """How many distinct seconds must have been heard. What a player rounds off at both ends is not asked for: a
    second at most, and a tenth of a short call.
    """
    share = 1.0 if duration_s < norm.whole_under_s else norm.percent / 100
    asked = duration_s * share
    return asked - min(TOLERANCE_S, asked / 10) if share == 1.0 else asked


class Counting(enum.StrEnum):
    """Whether an evaluation counts for the quota, and why not."""

    COUNTS = "counts"
    NOT_SUBMITTED = "not_submitted"
    NOTHING_TO_HEAR = "nothing_to_hear"
    TOO_LITTLE_HEARD = "too_little_heard"
    UNUSABLE = "unusable"
    DIRECTED = "directed"
    RESCORE = "rescore"


def counting(kind: Kind, state: EvaluationState, heard_s: float, duration_s: float, norm: Norm) -> Counting:
    """Whether it counts: a ticket's, submitted, and enough of it heard. Directed and re-scores never do."""
    if kind is not Kind.TICKET:
        return Counting.DIRECTED if kind is Kind.DIRECTED else Counting.RESCORE
    if state is EvaluationState.DRAFT:
        return Counting.NOT_SUBMITTED
    if duration_s <= 0:
        return Counting.NOTHING_TO_HEAR
    return Counting.COUNTS if heard_s >= required_s(duration_s, norm) else Counting.TOO_LITTLE_HEARD


def rank_of(key: bytes, seed: str, call_id: uuid.UUID) -> str:
    """The place of a call in the choice: HMAC-SHA256 under the key over the lines seed and call, in hex."""
    return hmac.new(key, f"{seed}\n{call_id}\n".encode(), hashlib.sha256).hexdigest()


def first_calls(
    tickets: Iterable[tuple[uuid.UUID, uuid.UUID, uuid.UUID | None]],
) -> dict[uuid.UUID, uuid.UUID]:
    """The call that was drawn first in the place of each: what succeeds an unusable one inherits its place.

    `tickets`: id, call, and the ticket that it succeeded. So the choice stands, whatever turns out unusable.
    """
    by_id = {ticket: (call, before) for ticket, call, before in tickets}

    def first(ticket: uuid.UUID) -> uuid.UUID:
        call, before = by_id[ticket]
        return call if before is None else first(before)

    return {call: first(ticket) for ticket, (call, _) in by_id.items()}


def chosen(key: bytes, seed: str, call_ids: Iterable[uuid.UUID], percent: int) -> frozenset[uuid.UUID]:
    """The share of a draw's calls that is judged twice: the lowest ranks, rounded up, so at least one of any."""
    ranked = sorted(call_ids, key=lambda call_id: rank_of(key, seed, call_id))
    return frozenset(ranked[: math.ceil(len(ranked) * percent / 100)])


@dataclass(frozen=True)
class Judged:
    """One submitted evaluation, as the figures take it.

    `second` is headquarters' blind score of the same call, where there is one. `waited_s` is from the draw to
    its submission; None for what was not drawn.
    """

    office_code: str
    reviewer: str
    score: int
    heard_share: float | None = None
    waited_s: float | None = None
    second: int | None = None


@dataclass(frozen=True)
class Figures:
    """What the page shows of one office or one reviewer; None where there is nothing to work it out from.

    `drift` is the office's score minus headquarters': above 0, the office is milder than headquarters.
    `severity` is the mean of the others' scores minus his: above 0, he is harder than they are.
    """

    key: str
    number: int
    mean: float
    severity: float | None
    pairs: int
    drift: float | None
    heard_share: float | None
    waited_s: float | None


def figures_by(judged: Iterable[Judged], key: Callable[[Judged], str]) -> list[Figures]:
    """The figures of each office, or of each reviewer, in the order of their keys."""
    everything = list(judged)
    groups: dict[str, list[Judged]] = {}
    for one in everything:
        groups.setdefault(key(one), []).append(one)
    return [_figures(name, groups[name], everything) for name in sorted(groups)]


def _figures(name: str, group: Sequence[Judged], everything: Sequence[Judged]) -> Figures:
    number, rest = len(group), len(everything) - len(group)
    total, whole = sum(one.score for one in group), sum(one.score for one in everything)
    drifts = [one.score - one.second for one in group if one.second is not None]
    return Figures(
        key=name,
        number=number,
        mean=total / number,
        severity=(whole - total) / rest - total / number if rest else None,
        pairs=len(drifts),
        drift=_mean(drifts),
        heard_share=_mean([one.heard_share for one in group if one.heard_share is not None]),
        waited_s=_median([one.waited_s for one in group if one.waited_s is not None]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
