"""The site's navigation: its groups, and in each what every room of the site says of itself."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request

from supervision.actor import Role
from supervision.people.rules import Act, may

_EXTENSION = "navigation"
MOST_IN_SIGHT = 7  # the start page is one of them


class Group(enum.StrEnum):
    """The groups of the menu, in their order."""

    PHONE = "phone"
    REVIEW = "review"
    IMPROVE = "improve"
    CONDUCT = "conduct"
    RECORDINGS = "recordings"
    SYSTEM = "system"


# Every room that is not named here belongs to the last group.
ROOMS: Mapping[str, Group] = {
    **dict.fromkeys(("calls", "live", "incidents", "desks", "rosters"), Group.PHONE),
    **dict.fromkeys(("review", "draws", "quotas", "evaluations", "evaluation_copies", "drift"), Group.REVIEW),
    **dict.fromkeys(("findings", "rectification", "early_signs", "handover"), Group.IMPROVE),
    **dict.fromkeys(("complaints", "discipline", "appeals", "assessment"), Group.CONDUCT),
    **dict.fromkeys(("completeness", "retention", "caller_requests", "machines"), Group.RECORDINGS),
}


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
    def room(self) -> str:
        """The room that it leads to."""
        return self.endpoint.split(".", maxsplit=1)[0]

    @property
    def is_here(self) -> bool:
        """Whether the page shown lies under this entry."""
        return (request.endpoint or "").split(".")[0] in {self.room, *self.also}


@dataclass(frozen=True)
class Shelf:
    """One group of the menu with its entries; without a group they lie open."""

    group: Group | None
    entries: Sequence[NavItem]

    @property
    def is_here(self) -> bool:
        """Whether the page shown lies in this group."""
        return any(item.is_here for item in self.entries)

    def total(self, counts: Mapping[str, int]) -> int:
        """How much waits for the person in all of its rooms."""
        return sum(counts.get(item.room, 0) for item in self.entries)


@dataclass(frozen=True)
class Menu:
    """What a page shows of the navigation: the entries of its own group, and the other groups behind one entry.

    With the start page, that entry and the group's own there are never more than seven in sight. A page that lies
    in no group, or in one that lies open, shows all groups, shut.
    """

    shelves: Sequence[Shelf]
    here: Shelf | None = None

    def total(self, counts: Mapping[str, int]) -> int:
        """How much waits for the person in the groups that are behind the one entry."""
        return sum(shelf.total(counts) for shelf in self.shelves)


def install(app: Flask, items: Iterable[NavItem]) -> None:
    """Keep the entries, in the order of registration."""
    app.extensions[_EXTENSION] = tuple(items)


def items_for(role: Role) -> Sequence[NavItem]:
    """The entries that a role may use."""
    return [item for item in current_app.extensions[_EXTENSION] if may(role, item.act)]


def menu_for(role: Role) -> Menu | None:
    """The menu of a role on the page shown; None where the role has no entry."""
    items = items_for(role)
    if len(items) < MOST_IN_SIGHT:
        return Menu([Shelf(None, items)]) if items else None
    groups = {group: [one for one in items if ROOMS.get(one.room, Group.SYSTEM) is group] for group in Group}
    shelves = [Shelf(group if len(found) > 1 else None, found) for group, found in groups.items() if found]
    here = next((one for one in shelves if one.group and one.is_here), None)
    return Menu([one for one in shelves if one is not here], here)
