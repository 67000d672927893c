"""When an office counts as silent."""

from datetime import datetime, timedelta

SILENT_AFTER = timedelta(seconds=60)


def is_silent(heard_at: datetime | None, at: datetime) -> bool:
    """Whether an office has not spoken for over a minute; one that never spoke is silent (issue 4, point 1)."""
    return heard_at is None or at - heard_at > SILENT_AFTER
