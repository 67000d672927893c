"""The filter of the audit page, its paging, and the kept head to verify against."""

import re
from collections.abc import Mapping

from supervision.audit.queries import EntryFilter, EntryPage
from supervision.audit.rules import Head
from supervision.errors import InvalidInput
from web import arguments as given
from web.paging import address, without_turn

_HEAD = re.compile(r"^\s*(?P<n>[0-9]{1,18})\s*[:：\s]\s*(?P<hash>[0-9a-fA-F]{64})\s*$")


def parse_filter(arguments: Mapping[str, str]) -> EntryFilter:
    """What the auditor looks for. Raises InvalidInput for nonsense."""
    return EntryFilter(
        person=given.text(arguments, "person"),
        act=given.text(arguments, "act"),
        subject=given.text(arguments, "subject"),
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
    )


def parse_places(arguments: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The entry numbers `older` than which and `newer` than which the page lies."""
    return place(arguments, "older"), place(arguments, "newer")


def parse_head(form: Mapping[str, str]) -> Head | None:
    """A head kept elsewhere, written `<number>:<hash>`; None where none is given."""
    text = form.get("head", "").strip()
    if not text:
        return None
    match = _HEAD.match(text)
    if match is None:
        raise InvalidInput("head", text[:80], "number:hash")
    return Head(int(match["n"]), match["hash"].lower())


def turns(page: EntryPage, arguments: Mapping[str, str]) -> dict[str, str | None]:
    """The addresses that lead on from a page, with the filter kept."""
    kept = without_turn(arguments)
    return {
        f"{name}_url": address("audit.index", {**kept, name: str(n)}) if n else None
        for name, n in (("newer", page.newer), ("older", page.older))
    }


def place(arguments: Mapping[str, str], name: str) -> int | None:
    """An entry number."""
    return given.count(arguments, name, largest=10**15)
