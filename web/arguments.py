"""What stands behind the `?` of an address, parsed once into what it means. Nonsense is InvalidInput."""

import enum
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from supervision.errors import InvalidInput

Choice = TypeVar("Choice", bound=enum.StrEnum)

LONGEST_TEXT = 64


def text(arguments: Mapping[str, str], name: str) -> str:
    """A short piece of text; empty where there is none."""
    raw = arguments.get(name, "")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in raw):  # PostgreSQL refuses NUL in a text
        raise InvalidInput(name, "control_characters", "a line of text")
    given = raw.strip()
    if len(given) > LONGEST_TEXT:
        raise InvalidInput(name, "too_long", f"at most {LONGEST_TEXT} characters")
    return given


def choice(arguments: Mapping[str, str], name: str, kind: type[Choice]) -> Choice | None:
    """One of an enum's values."""
    given = text(arguments, name)
    if not given:
        return None
    try:
        return kind(given)
    except ValueError as error:
        raise InvalidInput(name, given, ", ".join(kind)) from error


def day(arguments: Mapping[str, str], name: str) -> date | None:
    """A day, as an HTML date field gives it."""
    given = text(arguments, name)
    if not given:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError as error:
        raise InvalidInput(name, given, "a day such as 2026-03-31") from error
    if not 1970 <= found.year <= 9000:
        raise InvalidInput(name, given, "a day of our time")
    return found


def identity(arguments: Mapping[str, str], name: str) -> uuid.UUID | None:
    """The identity of a record."""
    given = text(arguments, name)
    if not given:
        return None
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise InvalidInput(name, given, "an identity") from error


def count(arguments: Mapping[str, str], name: str, largest: int = 1_000_000) -> int | None:
    """A whole number from 0 on."""
    given = text(arguments, name)
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or int(given) > largest:
        raise InvalidInput(name, given, f"a whole number up to {largest}")
    return int(given)
