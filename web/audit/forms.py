"""The filter of the audit page, its paging, and the kept head to verify against."""

from collections.abc import Mapping

from supervision.audit.queries import EntryFilter, EntryPage, parse_head
from supervision.audit.rules import Head
from supervision.errors import InvalidInput
from web import arguments as given
from web.paging import address, without_cursor


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


def parse_heads(form: Mapping[str, str]) -> list[Head]:
    """Heads kept elsewhere, one a line, as `<number>:<hash>` or as they are exported. Raises InvalidInput."""
    lines = (line.strip() for line in form.get("head", "").splitlines())
    return [_head(line) for line in lines if line]


def page_links(page: EntryPage, arguments: Mapping[str, str]) -> dict[str, str | None]:
    """The addresses that lead on from a page, with the filter kept."""
    kept = without_cursor(arguments)
    return {
        f"{name}_url": address("audit.index", {**kept, name: str(n)}) if n else None
        for name, n in (("newer", page.newer), ("older", page.older))
    }


def place(arguments: Mapping[str, str], name: str) -> int | None:
    """An entry number."""
    return given.count(arguments, name, largest=10**15)


def _head(line: str) -> Head:
    try:
        return parse_head(line)
    except ValueError as error:
        raise InvalidInput("head", line[:80], "number:hash") from error
