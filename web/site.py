"""Which machine this site runs on: an office's node, or headquarters with the calls of all offices."""

from collections.abc import Mapping
from typing import cast

from flask import current_app, g

from supervision.actor import Scope, narrowed
from supervision.calls.queries import office_names
from supervision.overview.queries import has_any_spoken
from supervision.settings import Mode, Settings
from web import arguments as given
from web.access import current_scope
from web.language import gettext
from web.unit import looking, session

_NAME = "name_of_office"


def at_headquarters() -> bool:
    """Whether this is headquarters' site."""
    return cast(Settings, current_app.extensions["settings"]).mode is Mode.HQ


def shows_offices() -> bool:
    """Whether the person sees more than one office here, so that each record must say whose it is."""
    return at_headquarters() and current_scope().office_code is None


def waits_for_offices() -> bool:
    """Whether this is headquarters before any office has spoken: the pages say what to do."""
    return at_headquarters() and not has_any_spoken(session())


def chosen_office(arguments: Mapping[str, str]) -> str | None:
    """The office that an address asks for; None for all, and where there is nothing to choose."""
    return (given.text(arguments, "office") or None) if shows_offices() else None


def chosen_scope(arguments: Mapping[str, str]) -> Scope:
    """What the person sees of the office that he chose."""
    return narrowed(current_scope(), chosen_office(arguments))


def site_name() -> str:
    """The name of the machine, for the head of each page; empty as long as a node does not know its office.

    The name is asked for once, and never for the page of a fault.
    """
    if at_headquarters():
        return gettext("Headquarters")
    if _NAME not in current_app.extensions and not g.get("bare"):
        with looking() as held:
            names = list(office_names(held).values())
        if len(names) == 1:
            current_app.extensions[_NAME] = names[0]
    return str(current_app.extensions.get(_NAME, ""))
