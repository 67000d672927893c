"""Texts on the screen about calls in progress."""

from supervision.calls.progress_rules import Progress
from web.language import gettext


def progress(value: Progress) -> str:
    """Where a call stands, in a word."""
    return {
        Progress.WAITING: gettext("Waiting"),
        Progress.RINGING: gettext("Ringing"),
        Progress.TALKING: gettext("Talking"),
    }[value]


def first_calls(number: int) -> str:
    """How many are shown where there are more."""
    return gettext("the first %(number)s calls in progress; choose an office to see fewer", number=number)
