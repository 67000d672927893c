"""What the worker does about backups: it watches their age. `python -m supervision.backups run` makes them."""

from datetime import timedelta

from supervision.backups import service
from supervision.backups.databases import sqlite_file
from supervision.offices.service import only_office
from supervision.settings import Mode, Settings
from supervision.task import Worker


def watch_backups(worker: Worker) -> bool:
    """Say where a backup is late, unverified or damaged; where none is set up there is nothing to say."""
    settings, at = worker.settings, worker.clock()
    with worker.database.transaction() as session:
        code = service.HEADQUARTERS if settings.mode is Mode.HQ else only_office(session)
        if code is None:
            return False
        if settings.backup_url:
            service.watch_backups(session, code, limits_of(settings), at)
        else:
            service.heal_all(session, code, at)
    return False


def limits_of(settings: Settings) -> service.Limits:
    """When to say something, by the settings."""
    has_log = sqlite_file(settings.database()) is None
    return service.Limits(
        timedelta(hours=settings.backup_late_hours),
        timedelta(days=settings.backup_verified_days),
        timedelta(minutes=settings.backup_log_late_minutes) if has_log else None,
    )
