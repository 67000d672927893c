"""The review site: an application factory.

The intake lies in this package, too, and starts without the site's rooms: they are read with the first site.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervision.database import Database
    from supervision.settings import Settings
    from web.unit import Application


def create_app(settings: "Settings", database: "Database | None" = None) -> "Application":
    """The site, ready to serve. Open the database after a fork, as `web.wsgi` does.

    Raises `access.UndeclaredRoute` where a route does not say who may enter.
    """
    from web.application import make_site  # noqa: PLC0415 - a third of the time in which an intake starts

    return make_site(settings, database)
