"""How the reviewers themselves do: drift, severity, share heard, time to review. Pure rules (issue 5, point 4).

Only first judgements are compared: an amendment made after the second score is known would hide the drift.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


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
