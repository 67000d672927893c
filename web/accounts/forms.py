"""The filter of the accounts page, and the form of one account."""

from collections.abc import Collection, Mapping

from supervision.actor import Role
from supervision.errors import InvalidInput
from supervision.people.models import Account
from supervision.people.queries import AccountFilter
from supervision.people.service import Person
from web import arguments as given
from web import wording

TICKED = "y"
_STATES = {"": None, "on": True, "off": False}


def parse_person(form: Mapping[str, str], offices: Collection[str]) -> Person:
    """What an account is to say of a person. Raises InvalidInput."""
    role, office = given.needed_choice(form, "role", Role), form.get("office", "")
    if office and office not in offices:
        raise InvalidInput("office", "unknown")
    return Person(form.get("name", ""), role, office or None, form.get("active") == TICKED)


def parse_version(form: Mapping[str, str]) -> int:
    """The version that the administrator looked at; 0, which fits no account, for nonsense."""
    version = form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def typed_of(account: Account) -> dict[str, str]:
    """The form filled with an account."""
    return {
        "name": account.name,
        "role": account.role.value,
        "office": account.office_code or "",
        "active": TICKED if account.active else "",
        "version": str(account.version),
    }


def roles_to_choose() -> list[tuple[str, str]]:
    """Every role, with what it is called."""
    return [(role.value, wording.role(role)) for role in Role]


def offices_to_choose(offices: Mapping[str, str]) -> list[tuple[str, str]]:
    """The offices of a machine, with what they are called."""
    return [(code, f"{name} ({code})") for code, name in offices.items()]


def parse_filter(arguments: Mapping[str, str]) -> AccountFilter:
    """What the administrator looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    if state not in _STATES:
        raise InvalidInput("state", state, "on, off or nothing")
    return AccountFilter(
        text=given.text(arguments, "text"),
        role=given.choice(arguments, "role", Role),
        office_code=given.text(arguments, "office") or None,
        active=_STATES[state],
    )
