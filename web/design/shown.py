"""What every template can use: who is signed in, his navigation, times in the bureau's zone."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g

from supervision.clock import local
from supervision.people.rules import Act, may
from supervision.version import version
from web import wording
from web.access import current_sign_in
from web.contact import contact, other_sites
from web.design import navigation
from web.design.chart_files import chart_data
from web.design.icons import icon
from web.language import Language, current_language, gettext
from web.site import site_name
from web.today.counts import counts_for

_BROWSERS = (
    ("Edg/", "Edge"),
    ("QQBrowser/", "QQ Browser"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def install(app: Flask) -> None:
    """Give the templates their filters, tests and names."""
    app.jinja_env.filters.update(
        moment=moment, day=day, last_day=last_day, clock=clock, length=length, browser=browser
    )
    app.jinja_env.globals.update(
        may_i=may_i,
        role_name=wording.role,
        group_name=wording.menu_group,
        icon_svg=icon,
        chart_data=chart_data,
    )
    app.context_processor(_everywhere)


def moment(value: datetime | None) -> str:
    """Day and time to the second, in the bureau's zone."""
    return f"{local(value):%Y-%m-%d %H:%M:%S}" if value else "–"


def day(value: datetime | None) -> str:
    """The day, in the bureau's zone."""
    return f"{local(value):%Y-%m-%d}" if value else "–"


def last_day(value: datetime | None) -> str:
    """The last day before a moment that ends something, in the bureau's zone."""
    return day(value - timedelta(milliseconds=1)) if value else "–"


def clock(value: datetime | None) -> str:
    """The time of day to the second, in the bureau's zone."""
    return f"{local(value):%H:%M:%S}" if value else "–"


def length(seconds: float | None) -> str:
    """A length as 1:02:03 or 2:03."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def browser(agent: str) -> str:
    """A browser and its system by their plain names, out of the long text that it says of itself."""
    named = next((name for mark, name in _BROWSERS if mark in agent), gettext("Unknown browser"))
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{named} · {system}" if system else named


def may_i(act: str) -> bool:
    """Whether the person may do this, by the name of the act; for showing or hiding a link."""
    sign_in = current_sign_in()
    return sign_in is not None and may(sign_in.actor.role, Act(act))


def _everywhere() -> dict[str, Any]:
    sign_in = None if g.get("bare") else current_sign_in()
    at_work = sign_in is not None and not sign_in.must_change_password
    return {
        "me": sign_in.actor if sign_in else None,
        "nav": navigation.menu_for(sign_in.actor.role) if sign_in and at_work else None,
        "todo_counts": counts_for(sign_in.actor) if sign_in and at_work else {},
        "site_name": site_name(),
        "version": version() if sign_in else "",
        "headquarters": contact() if sign_in else None,
        "other_sites": other_sites(sign_in.actor.office_code) if sign_in else (),
        "language": current_language(),
        "languages": Language,
    }
