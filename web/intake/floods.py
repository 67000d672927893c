"""An office that sends more than its lines can produce would fill the disk of all: the answer is to wait."""

from datetime import timedelta

import structlog
from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from supervision.clock import now
from supervision.incidents.rules import Cause
from supervision.incidents.service import is_open_or_recent, open_incident
from supervision.settings import Settings
from web.intake.bodies import COUNTED, longest
from web.intake.identity import office
from web.intake.limits import BytesADay
from web.intake.problems import Problem
from web.unit import database, looking

SUBJECT = "intake"

log = structlog.get_logger()


def install(app: Flask, settings: Settings) -> None:
    """Refuse before it is read what an office sends beyond its day's bytes, and name the office."""
    bytes_a_day = BytesADay(settings.intake_bytes_per_day)

    def count() -> None:
        wait_s = bytes_a_day.wait_s(_sort(), _size(settings))
        if wait_s:
            _note_flood(settings.intake_bytes_per_day)
            detail = f"At most {settings.intake_bytes_per_day} bytes a day"
            raise Problem(429, "too-much-data", "Too much data", detail, {"Retry-After": str(wait_s)})

    app.before_request(count)


def _sort() -> str:
    """Audio is counted by itself: an office that works off a backlog of it sends facts and draws as ever."""
    return f"{office()}/audio" if request.endpoint == COUNTED else office()


def _size(settings: Settings) -> int:
    if request.content_length is not None or "Transfer-Encoding" not in request.headers:
        return request.content_length or 0
    return settings.intake_chunk_longest_bytes if request.endpoint == COUNTED else longest()


def _note_flood(most: int) -> None:
    code, cause, at = office(), Cause.OFFICE_FLOODS, now()
    try:
        with looking() as session:
            known = is_open_or_recent(session, code, cause, SUBJECT, (at - timedelta(days=1), at))
        if not known:
            with database().transaction() as session:
                open_incident(
                    session,
                    office_code=code,
                    cause=cause,
                    subject=SUBJECT,
                    at=at,
                    detail={"bytes_a_day": most},
                )
    except SQLAlchemyError as away:
        log.warning("flood_unseen", office=code, error=str(away)[:200])
