"""What is typed on the pages of one's own account, parsed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from supervision.errors import InvalidInput
from supervision.people.rules import LONGEST_PASSWORD, PasswordFault

LONGEST_LOGIN = 64


@dataclass(frozen=True)
class Claim:
    """Who somebody says he is."""

    login: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class NewPassword:
    """The current password and the one that is wanted."""

    current: str = field(repr=False)
    password: str = field(repr=False)


def parse_sign_in(form: Mapping[str, str]) -> Claim:
    """Sign-in name and password. Raises InvalidInput."""
    claim = Claim(_needed(form, "login"), _password(form, "password"))
    if len(claim.login) > LONGEST_LOGIN:
        raise InvalidInput("login", "too_long", f"at most {LONGEST_LOGIN} characters")
    return claim


def parse_new_password(form: Mapping[str, str]) -> NewPassword:
    """The current password, and the new one, which was typed twice. Raises InvalidInput."""
    current = _password(form, "current")
    if not form.get("password"):
        raise InvalidInput("password", "new_missing")
    typed = NewPassword(current, _password(form, "password"))
    if form.get("again", "") != typed.password:
        raise InvalidInput("again", "differs")
    return typed


def _password(form: Mapping[str, str], name: str) -> str:
    typed = _needed(form, name)
    if len(typed) > LONGEST_PASSWORD:
        raise InvalidInput(name, PasswordFault.TOO_LONG, f"at most {LONGEST_PASSWORD} characters")
    return typed


def _needed(form: Mapping[str, str], name: str) -> str:
    typed = form.get(name, "")  # as it was typed: a password may begin with a blank
    if not typed:
        raise InvalidInput(name, "missing")
    return typed
