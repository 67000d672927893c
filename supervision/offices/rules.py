"""Who sits at a desk when: one timeline a desk, without overlaps (architecture.md, "Who owns what")."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Sitting:
    """Somebody's time at a desk; no `until_at`: until further notice. No `id`: it is new."""

    account_id: uuid.UUID
    since_at: datetime
    until_at: datetime | None
    id: uuid.UUID | None = None

    def lasts_past(self, moment: datetime) -> bool:
        """Whether it goes on after that moment."""
        return self.until_at is None or self.until_at > moment


def seated(
    timeline: Sequence[Sitting], account_id: uuid.UUID | None, since_at: datetime, until_at: datetime | None
) -> tuple[Sitting, ...]:
    """The timeline with this person at the desk between two moments (None: nobody); the rest stays as it was.

    Whoever sat there in between ends or begins earlier or later for it; whose whole time lies within it is gone.
    What one person sits without a break is one sitting.
    """
    kept: list[Sitting] = []
    for one in timeline:
        if one.since_at < since_at:
            kept.append(one if not one.lasts_past(since_at) else replace(one, until_at=since_at))
        if until_at is not None and one.lasts_past(until_at):
            before = one.since_at < since_at
            later = max(one.since_at, until_at)
            kept.append(replace(one, since_at=later, id=None if before else one.id))
    if account_id is not None:
        kept.append(Sitting(account_id, since_at, until_at))
    return _joined(sorted(kept, key=lambda one: one.since_at))


def _joined(timeline: Sequence[Sitting]) -> tuple[Sitting, ...]:
    whole: list[Sitting] = []
    for one in timeline:
        last = whole[-1] if whole else None
        if last is not None and (last.account_id, last.until_at) == (one.account_id, one.since_at):
            whole[-1] = replace(last, until_at=one.until_at, id=last.id or one.id)
        else:
            whole.append(one)
    return tuple(whole)


def sits_at(timeline: Sequence[Sitting], moment: datetime) -> Sitting | None:
    """Who sits there at that moment."""
    return next((one for one in timeline if one.since_at <= moment and one.lasts_past(moment)), None)


def is_correction(since_at: datetime, at: datetime) -> bool:
    """Whether it changes what was said of the past: that needs a reason."""
    return since_at < at
