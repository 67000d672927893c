"""What stands behind the `?` of an address, parsed once into what it means. Nonsense is InvalidInput."""

import enum
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from flask import Flask, request
from werkzeug.datastructures import MultiDict

from supervision.clock import BUREAU_ZONE, to_milliseconds
from supervision.errors import InvalidInput

Choice = TypeVar("Choice", bound=enum.StrEnum)

LONGEST_TEXT = 64
_ENDS_OF_LINES = "\t\r\n"


def install(app: Flask) -> None:
    """Refuse what nobody types, in any field of any route: control characters and halves of characters.

    PostgreSQL takes no NUL in a text, and no page should have to show the rest.
    """
    app.before_request(_refuse_unprintable)


def _refuse_unprintable() -> None:
    if request.endpoint is None:
        return
    given: tuple[tuple[MultiDict[str, str], str], ...] = ((request.args, ""), (request.form, _ENDS_OF_LINES))
    for values, allowed in given:
        for name, value in values.items(multi=True):
            if _is_unprintable(name):
                raise InvalidInput("input", "control_characters")
            if _is_unprintable(value, allowed):
                raise InvalidInput(name, "control_characters", "text")


def _is_unprintable(value: str, allowed: str = "") -> bool:
    return any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in value)


def text(arguments: Mapping[str, str], name: str) -> str:
    """A short piece of text; empty where there is none."""
    raw = arguments.get(name, "")
    if _is_unprintable(raw):
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


def needed_choice(arguments: Mapping[str, str], name: str, kind: type[Choice]) -> Choice:
    """One of an enum's values that must be chosen."""
    found = choice(arguments, name, kind)
    if found is None:
        raise InvalidInput(name, "missing")
    return found


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


def moment(arguments: Mapping[str, str], name: str) -> datetime | None:
    """A moment by the bureau's wall clock, as an HTML field of date and time gives it."""
    given = text(arguments, name)
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise InvalidInput(name, given, "a moment such as 2026-03-31T08:30") from error
    if found.tzinfo is not None or not 1970 <= found.year <= 9000:
        raise InvalidInput(name, given, "a moment of our time, by the bureau's clock")
    return to_milliseconds(found.replace(tzinfo=BUREAU_ZONE))


def needed_identity(arguments: Mapping[str, str], name: str) -> uuid.UUID:
    """The identity of a record that must be named."""
    found = identity(arguments, name)
    if found is None:
        raise InvalidInput(name, "missing")
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


def version(form: Mapping[str, str]) -> int:
    """The version of a record that the person looked at. Raises InvalidInput where the form has none."""
    found = count(form, "version")
    if found is None:
        raise InvalidInput("version", "nothing", "the version that was looked at")
    return found


def count(arguments: Mapping[str, str], name: str, largest: int = 1_000_000) -> int | None:
    """A whole number from 0 on."""
    given = text(arguments, name)
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or int(given) > largest:
        raise InvalidInput(name, given, f"a whole number up to {largest}")
    return int(given)
