"""What goes to whom and why, parsed."""

from werkzeug.datastructures import MultiDict

from supervision.handover.rules import Reason
from supervision.handover.service import Wanted
from web import arguments as given


def parse_wanted(form: MultiDict[str, str]) -> Wanted:
    """The things that were chosen, who takes them, and why. Raises InvalidInput."""
    taker, reason = given.needed_identity(form, "taker"), given.needed_choice(form, "reason", Reason)
    return Wanted(frozenset(form.getlist("handed")), taker, reason, form.get("note", ""))
