"""What gunicorn serves: `gunicorn -c web/intake/gunicorn.conf.py web.intake.wsgi:app`."""

import structlog

from supervision import logs
from supervision.settings import Settings
from web.intake import create_intake

structlog.configure(logger_factory=logs.lines())
app = create_intake(Settings())
