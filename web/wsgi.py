"""What gunicorn serves: `gunicorn -c web/gunicorn.conf.py web.wsgi:app`.

Imported in each worker, after the fork, so that the database is opened there and shared with nobody.
"""

from supervision.logs import set_up_logging
from supervision.settings import Settings
from web import create_app

set_up_logging()
app = create_app(Settings())
