"""What gunicorn serves: `gunicorn -c web/intake/gunicorn.conf.py web.intake.wsgi:app`."""

from supervision.logs import set_up_logging
from supervision.settings import Settings
from web.intake import create_intake

set_up_logging()
app = create_intake(Settings())
