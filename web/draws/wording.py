"""Texts on the screen about draws, so that a lay person follows each step."""

from datetime import date, datetime, time, timedelta
from fractions import Fraction

from babel.dates import format_skeleton
from flask_babel import get_locale

from supervision.clock import local
from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import UNKNOWN, Party, TicketState, Tier, Unusable, parse_period
from web.language import gettext, ngettext


def tier(value: Tier) -> str:
    """Whose quota a draw serves."""
    return {Tier.OFFICE: gettext("Office, weekly"), Tier.HQ: gettext("Headquarters, monthly")}[value]


def drawn(value: Tier) -> str:
    """In whose draw a call is, in a list."""
    return {Tier.OFFICE: gettext("weekly"), Tier.HQ: gettext("monthly")}[value]


def period(draw: Draw) -> str:
    """A draw's period in words."""
    return period_named(draw.tier, draw.period, draw.supplement)


def period_named(drawn_by: Tier, name: str, supplement: int) -> str:
    """A period in words: a week of a year, or a month; late calls marked."""
    first = parse_period(drawn_by, name).first
    if drawn_by is Tier.OFFICE:
        year, week, _ = first.isocalendar()
        text = gettext("Week %(week)s of %(year)s", week=week, year=year)
    else:
        text = _in_words("yMMMM", first)
    return gettext("%(period)s, late calls %(number)s", period=text, number=supplement) if supplement else text


def party(value: Party) -> str:
    """One of the two parties."""
    return {Party.OFFICE: gettext("Office"), Party.HQ: gettext("Headquarters")}[value]


def state(value: DrawState) -> tuple[str, str]:
    """How a draw stands, in a word, and the tone of its badge."""
    return {
        DrawState.OPEN: (gettext("In progress"), ""),
        DrawState.CLOSED: (gettext("Period over"), "info"),
        DrawState.FROZEN: (gettext("List being compared"), "info"),
        DrawState.AGREED: (gettext("List agreed"), "info"),
        DrawState.REVEALED: (gettext("Being drawn"), "info"),
        DrawState.WHOLE: (gettext("Whole list due"), "warn"),
        DrawState.DRAWN: (gettext("Drawn"), "good"),
        DrawState.EMPTY: (gettext("No calls"), ""),
    }[value]


def day(moment: datetime, *, last: bool = False) -> str:
    """A day as people write it, for example 12月7日; `last`: the day that ends at that moment."""
    return _in_words("MMMd", local(moment - timedelta(milliseconds=1) if last else moment).date())


def _in_words(skeleton: str, shown: date) -> str:
    return str(format_skeleton(skeleton, datetime.combine(shown, time.min), locale=get_locale() or "zh_CN"))


def whole(why: str) -> str:
    """Why every call of a list is due, in a sentence."""
    return {
        "few_late_calls": gettext("There were five late calls or fewer, so all of them are reviewed."),
        "no_commitments": gettext(
            "The office and headquarters had not prepared the draw with each other in time, so every call is "
            "reviewed."
        ),
        "no_commitment_of_office": gettext(
            "The office had not prepared the draw in time, so every call is reviewed."
        ),
        "no_commitment_of_hq": gettext(
            "Headquarters had not prepared the draw in time, so every call is reviewed."
        ),
        "no_share_of_office": gettext(
            "The office did not give its random number within two days, so every call is reviewed."
        ),
        "no_share_of_hq": gettext(
            "Headquarters did not give its random number within two days, so every call is reviewed."
        ),
    }.get(why, "")


def ticket_state(value: TicketState) -> tuple[str, str]:
    """How a ticket stands, and the tone of its badge."""
    return {
        TicketState.WAITING: (gettext("To be reviewed"), ""),
        TicketState.TAKEN: (gettext("In hand"), "info"),
        TicketState.PROPOSED: (gettext("Proposed as unusable"), "warn"),
        TicketState.UNUSABLE: (gettext("Unusable"), "warn"),
        TicketState.DONE: (gettext("Reviewed"), "good"),
        TicketState.RELEASED: (gettext("Not drawn"), ""),
    }[value]


def unusable(value: Unusable) -> str:
    """Why a recording cannot be reviewed."""
    return {
        Unusable.WRONG_NUMBER: gettext("Wrong number"),
        Unusable.NO_SPEECH: gettext("Nobody speaks"),
        Unusable.NO_AUDIO: gettext("There is no audio"),
    }[value]


def stratum(login: str, names: dict[str, str]) -> str:
    """The person who first answered; unknown where nobody was assigned to the desk."""
    return gettext("Unknown person") if login == UNKNOWN else names.get(login, login)


def rate(value: str) -> str:
    """A fraction as people read it: 1/5 is 20 %."""
    return f"{float(100 * Fraction(value)):g} %"


def calls(number: int) -> str:
    """How many calls a list has."""
    return ngettext("%(num)s answered call", "%(num)s answered calls", number)
