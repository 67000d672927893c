"""The form of a desk, and the cursors of the list."""

from collections.abc import Mapping

from supervision.offices.queries import DeskCursor, DesksPage
from supervision.offices.seating import Seat
from web import arguments as given
from web.paging import address

_NOBODY = "nobody"


def parse_seat(form: Mapping[str, str]) -> Seat:
    """Who is to sit where, from when until when. Raises InvalidInput for nonsense."""
    nobody = form.get("person") == _NOBODY
    return Seat(
        account_id=None if nobody else given.needed_identity(form, "person"),
        since_at=given.moment(form, "since"),
        until_at=given.moment(form, "until"),
        reason=form.get("reason", "").strip(),
    )


def parse_cursor(arguments: Mapping[str, str]) -> DeskCursor | None:
    """The page that an address asks for; None for the first page."""
    for name in ("after", "before"):
        if text := given.text(arguments, name):
            return _parsed(text, back=name == "before")
    return None


def page_links(page: DesksPage, kept: Mapping[str, str]) -> dict[str, str | None]:
    """The addresses that lead on from a page, with the filter kept."""
    return {
        f"{name}_url": address("desks.index", {**kept, name: _written(cursor)}) if cursor else None
        for name, cursor in (("before", page.before), ("after", page.after))
    }


def _written(cursor: DeskCursor) -> str:
    return f"{cursor.office_code}.{cursor.extension}"


def _parsed(text: str, *, back: bool) -> DeskCursor:
    """What `_written` has composed."""
    office_code, _, extension = text.partition(".")
    return DeskCursor(office_code, extension, back=back)
