"""What gunicorn serves: `gunicorn -c web/gunicorn.conf.py web.wsgi:app`.

Imported in each worker, after the fork, so that the database is opened there and shared with nobody.
"""

import structlog

from supervision import logs
from supervision.settings import Settings
from web import create_app

structlog.configure(logger_factory=logs.lines())
app = create_app(Settings())
