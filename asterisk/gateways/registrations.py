"""Which FXO ports of an office are registered with its Asterisk."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from supervision.offices.description import OfficeDescription

CONTACT = re.compile(r"^\s*Contact:\s+(?P<aor>[^/\s]+)/sips?:", re.MULTILINE)
ASK = "pjsip show contacts"


@dataclass(frozen=True)
class Registrations:
    """The accounts of an office's ports. Those that are known by address never register and cannot be checked."""

    registered: tuple[str, ...]
    missing: tuple[str, ...]
    by_address: tuple[str, ...]


def registered_accounts(answer: str) -> frozenset[str]:
    """The accounts with a contact, in Asterisk's answer to `pjsip show contacts`."""
    return frozenset(match["aor"] for match in CONTACT.finditer(answer))


def check_registrations(description: OfficeDescription, cli: Callable[[str], str]) -> Registrations:
    """Compare the office's ports with the registrations that Asterisk has. `cli` asks its command line."""
    known = registered_accounts(cli(ASK))
    accounts = [line.gateway.account for line in description.lines if line.gateway.account]
    return Registrations(
        registered=tuple(account for account in accounts if account in known),
        missing=tuple(account for account in accounts if account not in known),
        by_address=tuple(line.key for line in description.lines if not line.gateway.account),
    )
