"""The form of a desk, and the turns of the list."""

from collections.abc import Mapping

from supervision.offices.queries import DesksPage, DeskTurn
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


def parse_turn(arguments: Mapping[str, str]) -> DeskTurn | None:
    """The turn that an address asks for; None for the first page."""
    for name in ("after", "before"):
        if text := given.text(arguments, name):
            office_code, _, extension = text.partition(".")
            return DeskTurn(office_code, extension, back=name == "before")
    return None


def turns(page: DesksPage, kept: Mapping[str, str]) -> dict[str, str | None]:
    """The addresses that lead on from a page, with the filter kept."""
    return {
        f"{name}_url": address("desks.index", {**kept, name: f"{turn.office_code}.{turn.extension}"})
        if turn
        else None
        for name, turn in (("before", page.before), ("after", page.after))
    }
