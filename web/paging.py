"""A cursor, to and from an address: `?older=<milliseconds>.<id>` or `?newer=…`, or `n<number>.<id>`."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from supervision.errors import InvalidInput
from supervision.paging import Cursor, Page, RowKey

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_cursor(arguments: Mapping[str, str]) -> Cursor | None:
    """The cursor that an address asks for; None for the first page. Raises InvalidInput for nonsense."""
    for name in ("older", "newer"):
        if text := arguments.get(name):
            return Cursor(_row_key(name, text), newer=name == "newer")
    return None


def page_addresses(endpoint: str, page: Page[Any], arguments: Mapping[str, str]) -> dict[str, str | None]:
    """The addresses that lead on from a page, with the filter kept: `newer_url` and `older_url`."""
    kept = without_cursor(arguments)
    return {
        "newer_url": address(endpoint, {**kept, "newer": _written(page.newer)}) if page.newer else None,
        "older_url": address(endpoint, {**kept, "older": _written(page.older)}) if page.older else None,
    }


def without_cursor(arguments: Mapping[str, str]) -> dict[str, str]:
    """What an address asks for apart from the cursor."""
    return {name: value for name, value in arguments.items() if name not in {"older", "newer"} and value}


def address(endpoint: str, arguments: Mapping[str, str]) -> str:
    """An address of ours. Names that come from outside are never handed to `url_for`, which heeds some."""
    return url_for(endpoint) + (f"?{urlencode(arguments)}" if arguments else "")


def _written(cursor: Cursor) -> str:
    at = cursor.row.at
    written = f"n{at}" if isinstance(at, int) else str((at - _EPOCH) // timedelta(milliseconds=1))
    return f"{written}.{cursor.row.id.hex}"


def _row_key(name: str, text: str) -> RowKey:
    key, _, identity = text.partition(".")
    try:
        if key.startswith("n"):
            return RowKey(_number(key[1:]), uuid.UUID(identity))
        return RowKey(_EPOCH + timedelta(milliseconds=int(key)), uuid.UUID(identity))
    except (ValueError, OverflowError) as error:
        raise InvalidInput(name, text[:80], "a place in the list") from error


def _number(text: str) -> int:
    number = int(text)
    if abs(number) >= 2**63:  # more than a database compares with
        raise ValueError(text)
    return number
