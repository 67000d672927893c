"""All models in one import, for migrations and for whoever needs the whole metadata."""

from supervision.assessment import models as assessment
from supervision.audit import models as audit
from supervision.backups import models as backups
from supervision.caller_requests import models as caller_requests
from supervision.calls import models as calls
from supervision.complaints import models as complaints
from supervision.database import Base
from supervision.discipline import models as discipline
from supervision.documents import models as documents
from supervision.draws import models as draws
from supervision.early_signs import models as early_signs
from supervision.evaluations import models as evaluations
from supervision.exchange import models as exchange
from supervision.findings import models as findings
from supervision.handover import models as handover
from supervision.incidents import models as incidents
from supervision.listening import models as listening
from supervision.machines import models as machines
from supervision.mail import models as mail
from supervision.offices import models as offices
from supervision.people import models as people
from supervision.quotas import models as quotas
from supervision.reconcile import models as reconcile
from supervision.recordings import models as recordings
from supervision.rectification import models as rectification
from supervision.regulation import models as regulation
from supervision.retention import models as retention
from supervision.rosters import models as rosters
from supervision.scorecards import models as scorecards
from supervision.workdays import models as workdays

__all__ = [
    "Base",
    "assessment",
    "audit",
    "backups",
    "caller_requests",
    "calls",
    "complaints",
    "discipline",
    "documents",
    "draws",
    "early_signs",
    "evaluations",
    "exchange",
    "findings",
    "handover",
    "incidents",
    "listening",
    "machines",
    "mail",
    "offices",
    "people",
    "quotas",
    "reconcile",
    "recordings",
    "rectification",
    "regulation",
    "retention",
    "rosters",
    "scorecards",
    "workdays",
]
