"""One look at this machine's disks, as its settings say: what the worker does each half minute."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from supervision.offices.service import only_office
from supervision.settings import Mode, Settings
from supervision.storage import measuring
from supervision.storage.rules import Backlog, Volume
from supervision.storage.service import HEADQUARTERS, Limits, Seen, backlog_of, note_machine


def measure(settings: Settings) -> list[Volume]:
    """How much room there is; asked outside any transaction, since a sick disk may take its time."""
    return measuring.volumes(measuring.folders_of(settings.home, headquarters=settings.mode is Mode.HQ))


def note(session: Session, settings: Settings, found: Sequence[Volume], at: datetime) -> None:
    """Write down what was found, and what waits for headquarters; nothing before the node knows its office."""
    code = HEADQUARTERS if settings.mode is Mode.HQ else only_office(session)
    if code is None:
        return
    waits = settings.hq_url and settings.mode is Mode.OFFICE
    backlog = backlog_of(session, code) if waits else Backlog()
    limits = Limits(settings.disk_levels_percent(), timedelta(seconds=settings.unsent_longest_s))
    note_machine(session, Seen(code, found, backlog), limits, at)
