"""What ends one day on this machine: headquarters renews what is its own, and each says in time what runs out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.certificates import service
from supervision.certificates.rules import Ending, warns
from supervision.clock import Clock
from supervision.database import Database
from supervision.errors import DomainError
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident
from supervision.offices.service import only_office
from supervision.paths import HqPaths, Paths
from supervision.settings import Mode, Settings
from supervision.storage.service import HEADQUARTERS

log = structlog.get_logger(__name__)


def mind_certificates(settings: Settings, database: Database, clock: Clock) -> bool:
    """Renew what is due and can be renewed here, then say what ends within sixty days. No item is left: False."""
    at = clock()
    if settings.mode is Mode.HQ:
        paths = HqPaths(settings.home)
        _renew(paths, database, at)
        service.keep_warning(paths, at)
        endings = service.list_endings(paths)
    else:
        endings = service.list_node_endings(Paths(settings.home))
    with database.reading() as looking:
        code = HEADQUARTERS if settings.mode is Mode.HQ else only_office(looking)
        wrong = [one for one in endings if code and is_open(looking, code, Cause.CERTIFICATE_ENDS, one.paper)]
    if code is not None and (wrong or any(warns(one, at) for one in endings)):
        with database.transaction() as session:
            note_endings(session, code, endings, at)
    return False


def note_endings(session: Session, office_code: str, endings: Iterable[Ending], at: datetime) -> None:
    """Open an incident of each that ends within sixty days; heal that of each that does not."""
    for ending in endings:
        about: Any = {"office_code": office_code, "cause": Cause.CERTIFICATE_ENDS, "subject": ending.paper.value}
        if not warns(ending, at):
            heal_incident(session, **about, at=at)
        elif not is_open(session, office_code, Cause.CERTIFICATE_ENDS, ending.paper.value):
            open_incident(session, **about, at=at, detail=_told(ending))


def _told(ending: Ending) -> dict[str, str]:
    return {"paper": ending.paper.value, "ends_at": ending.ends_at.isoformat()}


def _renew(paths: HqPaths, database: Database, at: datetime) -> None:
    try:
        renewed = service.renew_due(paths, at)
    except (OSError, DomainError) as error:  # said by the incident, if it lasts
        log.warning("certificates are not renewed", error=f"{type(error).__name__}: {error}"[:300])
        return
    if renewed:
        with database.transaction() as session:
            detail = {"papers": [paper.value for paper in renewed]}
            record(session, None, "certificates_renewed", f"certificate:{HEADQUARTERS}", detail, at=at)
