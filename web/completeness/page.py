"""What the page and the PDF of a certificate are made of."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from flask import current_app, request
from sqlalchemy.orm import Session

from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.errors import InvalidInput
from supervision.paths import Paths
from supervision.reconcile.completeness import Completeness, Days, completeness
from supervision.settings import Settings
from web.access import current_scope
from web.completeness.forms import parse_office
from web.unit import session

MOST_SHOWN = 200
LONGEST_OF_ALL = timedelta(days=31)


def offices_here() -> dict[str, str]:
    """The offices that the person may ask about, by code."""
    own = current_scope().office_code
    return {code: name for code, name in office_names(session()).items() if own in {None, code}}


def asked_office(arguments: Mapping[str, str]) -> str | None:
    """The office of the certificate; None for a look at all of them."""
    return parse_office(arguments, offices_here(), current_scope().office_code)


def look(looking: Session, code: str | None, days: Days) -> list[Completeness]:
    """How complete one office's recordings are, or each office's."""
    if code is None and days.last - days.first >= LONGEST_OF_ALL:
        raise InvalidInput("to", days.last.isoformat(), "a month at most for all offices: choose one office")
    settings = cast(Settings, current_app.extensions["settings"])
    wanted = [code] if code else sorted(offices_here())
    return [completeness(looking, Paths(settings.home), one, days, now()) for one in wanted]


def look_at_one(looking: Session, days: Days) -> Completeness:
    """The one office that a certificate is made for. Raises InvalidInput where none is named."""
    code = asked_office(request.args)
    if code is None:
        raise InvalidInput("office", "missing", "an office's code")
    return look(looking, code, days)[0]


def file_name(made: Completeness, form: str) -> str:
    """The name under which it is kept: nothing but our own codes and days."""
    return f"completeness_{made.office_code}_{made.days.first:%Y%m%d}_{made.days.last:%Y%m%d}.{form}"
