"""The database is away: the office gets 503 with Retry-After, and keeps what it wanted to send."""

import structlog
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, TimeoutError

from supervision.errors import Unavailable
from web.intake.problems import of_domain

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Answer 503, whatever was asked of the database."""
    for kind in (OperationalError, InterfaceError, InternalError, TimeoutError):
        app.register_error_handler(kind, _away)


def _away(error: Exception) -> ResponseReturnValue:
    log.warning("database_away", error=str(error)[:200])
    return of_domain(Unavailable("database"))
