"""How much an office may send within a day: more than its lines can produce fills the disk that all share."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from supervision.clock import now
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open_or_recent, open_incident
from supervision.settings import Settings
from web.intake.bodies import COUNTED, LONGEST, SHORT_BYTES
from web.intake.identity import office
from web.intake.problems import Problem

DAY_S = 24 * 3600
SUBJECT = "intake"

log = structlog.get_logger()


class Volume:
    """So many bytes of each bucket at once, and as many more evenly over each day; counted by this process."""

    def __init__(self, a_day: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_day = a_day
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, bucket: str, size: int) -> int:
        """Count what is about to be read; how long it waits where the fill was sent (0: not at all)."""
        with self._lock:
            at = self._clock()
            left, since = self._left.get(bucket, (float(self._a_day), at))
            left = min(float(self._a_day), left + (at - since) * self._a_day / DAY_S)
            self._left[bucket] = (left - size if left > 0 else left, at)
        return 0 if left > 0 or not size else max(1, int(-left * DAY_S / self._a_day) + 1)


def install(app: Flask, settings: Settings) -> None:
    """Refuse before it is read what an office sends beyond its day's volume, and name the office."""
    volume = Volume(settings.intake_bytes_per_day)

    def count() -> None:
        wait_s = volume.wait_s(_bucket(), _size(settings))
        if wait_s:
            _note(settings.intake_bytes_per_day)
            detail = f"At most {settings.intake_bytes_per_day} bytes a day"
            raise Problem(429, "too-much-data", "Too much data", detail, {"Retry-After": str(wait_s)})

    app.before_request(count)


def _bucket() -> str:
    """Audio has a volume of its own: an office that works off a backlog of it tells facts and draws as ever."""
    return f"{office()}/audio" if request.endpoint == COUNTED else office()


def _size(settings: Settings) -> int:
    if request.content_length is not None or "Transfer-Encoding" not in request.headers:
        return request.content_length or 0
    longest = LONGEST.get(request.endpoint or "", SHORT_BYTES)
    return settings.intake_chunk_longest_bytes if request.endpoint == COUNTED else longest


def _note(most: int) -> None:
    database: Database = current_app.extensions["database"]
    about, at = (office(), Cause.OFFICE_FLOODS, SUBJECT), now()
    try:
        with database.reading() as looking:
            known = is_open_or_recent(looking, *about, (at - timedelta(days=1), at))
        if not known:
            with database.transaction() as session:
                open_incident(
                    session,
                    office_code=about[0],
                    cause=about[1],
                    subject=SUBJECT,
                    at=at,
                    detail={"bytes_a_day": most},
                )
    except SQLAlchemyError as away:
        log.warning("flood_unseen", office=office(), error=str(away)[:200])
