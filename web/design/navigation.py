"""The site's navigation, built from what each room of the site says of itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request

from supervision.actor import Role
from supervision.people.rules import Act, may

_EXTENSION = "navigation"


@dataclass(frozen=True)
class NavItem:
    """One entry: its label in the person's language, where it leads, and the act without which it is hidden.

    A module defines `NAV = [NavItem(label=lazy_gettext("Calls"), endpoint="calls.index", act=…)]`.
    `icon` is one of the names in `design/icons.py`, `also` names blueprints whose pages lie under the entry, too.
    """

    label: Any  # a lazy string of Flask-Babel, which publishes no types
    endpoint: str
    act: Act
    icon: str = "dot"
    also: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether the page shown lies under this entry."""
        return (request.endpoint or "").split(".")[0] in {self.endpoint.split(".", maxsplit=1)[0], *self.also}


def install(app: Flask, items: Iterable[NavItem]) -> None:
    """Keep the entries, in the order of registration."""
    app.extensions[_EXTENSION] = tuple(items)


def items_for(role: Role) -> Sequence[NavItem]:
    """The entries that a role may use."""
    return [item for item in current_app.extensions[_EXTENSION] if may(role, item.act)]
