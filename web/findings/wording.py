"""Texts on the screen about findings and their treatment."""

from supervision.findings.rules import Measure, Prevention, Standing
from web.language import gettext, ngettext


def standing(value: Standing, *, has_left: bool = False) -> tuple[str, str]:
    """How far a treatment is, and the tone of its badge. `has_left`: the person confirms nothing any more."""
    if value is Standing.AWAITING_CONFIRMATION and has_left:
        return gettext("Not confirmed: the person has left"), ""
    return {
        Standing.OPEN: (gettext("To be treated"), "warn"),
        Standing.AWAITING_AGREEMENT: (gettext("Awaits agreement"), "warn"),
        Standing.AWAITING_CONFIRMATION: (gettext("Awaits the person"), "info"),
        Standing.TREATED: (gettext("Treated"), "good"),
        Standing.GONE: (gettext("Taken back"), ""),
    }[value]


def measure(value: Measure) -> str:
    """What is done with the person."""
    return {Measure.EDUCATION: gettext("Education"), Measure.CRITICISM: gettext("Criticism")}[value]


def prevention(value: Prevention) -> str:
    """What keeps it from happening again."""
    return {
        Prevention.MEASURE: gettext("Measure"),
        Prevention.RECTIFICATION: gettext("Rectification"),
        Prevention.NONE_NEEDED: gettext("None needed"),
    }[value]


def untreated(number: int, overdue: int) -> str:
    """How many findings are untreated, and how many of them are overdue."""
    said = ngettext("%(num)s finding is to be treated", "%(num)s findings are to be treated", number)
    if not overdue:
        return said
    late = ngettext("%(num)s of them is overdue", "%(num)s of them are overdue", overdue)
    return gettext("%(said)s; %(late)s", said=said, late=late)
