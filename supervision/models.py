"""All models in one import, for migrations and for whoever needs the whole metadata."""

from supervision.audit import models as audit
from supervision.calls import models as calls
from supervision.database import Base
from supervision.draws import models as draws
from supervision.evaluations import models as evaluations
from supervision.exchange import models as exchange
from supervision.incidents import models as incidents
from supervision.listening import models as listening
from supervision.mail import models as mail
from supervision.offices import models as offices
from supervision.people import models as people
from supervision.quotas import models as quotas
from supervision.reconcile import models as reconcile
from supervision.recordings import models as recordings
from supervision.regulation import models as regulation
from supervision.requests import models as requests
from supervision.retention import models as retention
from supervision.scorecards import models as scorecards
from supervision.storage import models as storage

__all__ = [
    "Base",
    "audit",
    "calls",
    "draws",
    "evaluations",
    "exchange",
    "incidents",
    "listening",
    "mail",
    "offices",
    "people",
    "quotas",
    "reconcile",
    "recordings",
    "regulation",
    "requests",
    "retention",
    "scorecards",
    "storage",
]
