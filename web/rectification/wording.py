"""Texts on the screen about rectifications."""

from datetime import date

from supervision.draws.rules import Party
from supervision.rectification.rules import LARGEST_BYTES, MOST_FILES, RectificationState, Verdict
from web.language import gettext, ngettext


def state(value: RectificationState) -> tuple[str, str]:
    """Where a rectification stands, and the tone of its badge."""
    return {
        RectificationState.OPEN: (gettext("To be answered"), "warn"),
        RectificationState.RETURNED: (gettext("Returned for more"), "warn"),
        RectificationState.REOPENED: (gettext("Recurred, to be answered"), "bad"),
        RectificationState.ANSWERED: (gettext("To be verified"), "info"),
        RectificationState.VERIFIED: (gettext("Verified, to be closed"), "info"),
        RectificationState.CLOSED: (gettext("Closed"), "good"),
        RectificationState.WITHDRAWN: (gettext("Withdrawn"), ""),
    }[value]


def due_of(value: RectificationState) -> str:
    """What is due: the reply, or what the issuer's side says of it."""
    if value in {RectificationState.ANSWERED, RectificationState.VERIFIED}:
        return gettext("To be verified and closed by")
    return gettext("Due")


def due(value: RectificationState, day: date) -> str:
    """Until when the next step is due."""
    if value in {RectificationState.ANSWERED, RectificationState.VERIFIED}:
        return gettext("to be verified and closed by %(day)s", day=day)
    return gettext("due %(day)s", day=day)


def party(value: Party) -> str:
    """Who asks."""
    return {Party.HQ: gettext("Headquarters"), Party.OFFICE: gettext("Inside the office")}[value]


def verdict(value: Verdict) -> tuple[str, str]:
    """What is said of a reply."""
    return {
        Verdict.RETURNED: (gettext("Returned for more"), "warn"),
        Verdict.VERIFIED: (gettext("Verified"), "good"),
    }[value]


def age(issued_on: date, today: date) -> str:
    """How long ago a notice was issued."""
    days = (today - issued_on).days
    return ngettext("%(num)s day", "%(num)s days", days) if days else gettext("today")


def open_notices(number: int, overdue: int) -> str:
    """How many notices of an office are open, and how many of them overdue."""
    said = ngettext("%(num)s open", "%(num)s open", number)
    if not overdue:
        return said
    return gettext("%(said)s, %(number)s overdue", said=said, number=overdue)


def what_may_be_attached() -> str:
    """Which files, how many and how large."""
    return gettext(
        "At most %(number)s files of %(size)s MB each: PDF, JPEG, PNG, Word or Excel without macros.",
        number=MOST_FILES,
        size=LARGEST_BYTES // 1024 // 1024,
    )
