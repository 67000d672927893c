"""What gunicorn serves: `gunicorn -c web/intake/gunicorn.conf.py web.intake.wsgi:app`."""

from supervision.settings import Settings
from web.intake import create_intake

app = create_intake(Settings())
