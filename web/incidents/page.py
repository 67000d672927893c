"""What the incidents page shows beside its rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from supervision.calls.queries import office_names
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, IncidentKind
from supervision.machines.service import HEADQUARTERS
from supervision.paging import Page
from web.incidents import wording
from web.language import gettext
from web.paging import page_addresses
from web.site import chosen_office, shows_offices


def filter_context(session: Session, page: Page[Incident], arguments: Mapping[str, str]) -> dict[str, Any]:
    """The choices of the filter, and the addresses that lead on from a page with the filter kept."""
    return {
        "state": arguments.get("state", ""),
        "witness": arguments.get("witness", ""),
        "office": chosen_office(arguments),
        "offices": _offices(session),
        "kind_choices": [(value.value, wording.kind(value)) for value in IncidentKind],
        "cause_choices": [(value.value, wording.cause(value)) for value in Cause],
        **page_addresses("incidents.index", page, arguments),
    }


def _offices(session: Session) -> Mapping[str, str]:
    """Where an incident may be, by code; nothing where there is but one place."""
    if not shows_offices():
        return {}
    return {HEADQUARTERS: gettext("Headquarters"), **office_names(session)}
