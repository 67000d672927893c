"""Which offices keep a signed head, for the page at headquarters."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from supervision.audit.checkpoints import list_receipts
from supervision.calls.queries import office_names
from web.language import gettext

NAMED = 2


@dataclass(frozen=True)
class Kept:
    """The offices by code, and up to which head each keeps them."""

    names: Mapping[str, str]
    numbers: Mapping[str, int]

    def offices(self, number: int) -> str:
        """How many offices keep that head, of how many."""
        return f"{len(self.names) - len(self._without(number))} / {len(self.names)}"

    def missing(self, number: int) -> str:
        """The offices that do not keep it; of many, the first few."""
        names = self._without(number)
        named = gettext(", ").join(names[:NAMED])
        more = len(names) - NAMED
        return gettext("%(named)s and %(num)s more", named=named, num=more) if more > 0 else named

    def _without(self, number: int) -> list[str]:
        return [name for code, name in self.names.items() if self.numbers.get(code, 0) < number]


def kept_by(session: Session) -> Kept:
    """What headquarters knows of it."""
    return Kept(office_names(session), list_receipts(session))
