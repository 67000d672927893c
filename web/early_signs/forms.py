"""What is looked at by week, and the measure for a sign, parsed."""

from collections.abc import Mapping

from supervision.early_signs.queries import By
from supervision.early_signs.service import Measure
from supervision.errors import InvalidInput
from web import arguments as given


def parse_by(arguments: Mapping[str, str]) -> By:
    """By what findings are counted; by their category where nothing is chosen."""
    return given.choice(arguments, "by", By) or By.CATEGORY


def parse_measure(form: Mapping[str, str]) -> Measure:
    """The measure for a sign, with owner and day. Raises InvalidInput."""
    due_on = given.day(form, "due_on")
    if due_on is None:
        raise InvalidInput("due_on", "missing")
    return Measure(form.get("text", ""), given.needed_identity(form, "owner"), due_on)
