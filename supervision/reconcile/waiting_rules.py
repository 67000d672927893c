"""How long a witness is waited for that has not spoken yet (decision 4). Pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Grace:
    """How long things may be on their way, and how far times may lie apart.

    `record`: a record of which only a part was watched is completed from Asterisk's own log meanwhile. `backlog`:
    of audio, `untold`: of facts, however much the office says that it has still to tell.
    """

    facts: timedelta = timedelta(seconds=30)
    record: timedelta = timedelta(minutes=2)
    account: timedelta = timedelta(minutes=5)
    parts: timedelta = timedelta(hours=1)
    backlog: timedelta = timedelta(hours=24)
    untold: timedelta = timedelta(days=7)
    copy: timedelta = timedelta(hours=1)
    times: timedelta = timedelta(seconds=5)


GRACE = Grace()
AHEAD = timedelta(minutes=10)  # an office heard again later than that was heard by a clock that was ahead


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How an office can be heard. One that was cut off has a backlog.

    `away_at` is when it was last heard before, `back_at` when it was heard again, `catching_up` that it still
    tells of what is past, `office_sends` that parts of it came in just now.
    """

    away_at: datetime | None = None
    back_at: datetime | None = None
    catching_up: bool = False
    office_sends: bool = False

    def late(self, since: datetime, at: datetime) -> timedelta:
        """For how long something has been due that could come since then, while the office could be heard."""
        if self.back_at is None or since >= self.back_at or self.back_at > at + AHEAD:
            return at - since
        before = max(timedelta(0), self.away_at - since) if self.away_at is not None else timedelta(0)
        return before + max(timedelta(0), at - self.back_at)

    def excused(self, since: datetime, at: datetime, bound: timedelta) -> bool:
        """Whether the office still tells of what is past, and this may be among it: no longer than `bound`."""
        return self.catching_up and self.late(since, at) < bound
