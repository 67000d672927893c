"""A disk that fails under what an office sends: the office gets an error, and who keeps headquarters running sees
it.

The incident heals when the part is received after all. Where the database is away as well, the log has it.
"""

import structlog
from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from supervision.clock import now
from supervision.parts.errors import DiskFault
from supervision.paths import PartName
from supervision.recordings.receiving import note_unreadable
from web.intake import headers
from web.intake.identity import office
from web.intake.problems import of_domain
from web.unit import keep_first

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Note it, whatever was asked of the disk."""
    app.register_error_handler(DiskFault, _failed)


def _failed(error: DiskFault) -> ResponseReturnValue:
    part = str(_part())
    try:
        keep_first(lambda own: note_unreadable(own, office(), part, error, now()))
    except SQLAlchemyError as away:
        log.warning("disk_fault_unseen", error=str(away)[:200])
    return of_domain(error)


def _part() -> PartName:
    """The part that was being begun, looked at or added to."""
    named = headers.part_named(str((request.view_args or {}).get("name", "")))
    return named or headers.part_to_create()
