"""Whether headquarters can be reached from this node, as its uplink has noted: for a notice on each page."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from supervision.calls.queries import sites_of_offices
from supervision.clock import now
from supervision.exchange.queries import headquarters_reached_at
from supervision.exchange.rules import is_offline
from supervision.settings import Settings
from web.sign_ins import site_settings
from web.site import at_headquarters
from web.unit import looking


@dataclass(frozen=True)
class Contact:
    """A node's headquarters: when it last answered, whether it is away, and where its site is."""

    reached_at: datetime | None
    away: bool
    site: str

    def call(self, call_id: uuid.UUID) -> str:
        """A call's page at headquarters."""
        return f"{self.site}/calls/{call_id}"


def other_sites(office_code: str | None) -> list[tuple[str, str]]:
    """Name and address of the sites that belong to this one: headquarters', without a name; there its offices'.

    Whoever belongs to an office finds that one only.
    """
    if not at_headquarters():
        address = site_settings().hq_site_url.rstrip("/")
        return [("", address)] if address else []
    with looking() as session:
        return sites_of_offices(session, office_code)


def contact() -> Contact | None:
    """The headquarters of this node; None at headquarters itself, and where an office stands alone."""
    settings: Settings = site_settings()
    if at_headquarters() or not settings.hq_url:
        return None
    with looking() as session:
        reached_at = headquarters_reached_at(session)
    return Contact(reached_at, is_offline(reached_at, now()), settings.hq_site_url.rstrip("/"))
