"""Now, and the bureau's calendar: the only place where "today" and "this week" are worked out.

Times inside the system are UTC with zone. Periods are those of domain.md: ISO weeks and calendar months in
the bureau's zone.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

BUREAU_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, UTC, cut to the millisecond, as every stored time is."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment in UTC without its microseconds.

    Raises ValueError for a time without zone: such a time means nothing here.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def local(moment: datetime, zone: ZoneInfo = BUREAU_ZONE) -> datetime:
    """The moment as the bureau's wall clock shows it; as it is, where no calendar reaches so far."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def day_bounds(day: date, zone: ZoneInfo = BUREAU_ZONE) -> tuple[datetime, datetime]:
    """First moment of the bureau's day and of the next one, in UTC."""
    start = datetime.combine(day, time.min, zone)
    end = datetime.combine(day + timedelta(days=1), time.min, zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def today(clock: Clock = now, zone: ZoneInfo = BUREAU_ZONE) -> date:
    """The bureau's date."""
    return local(clock(), zone).date()
