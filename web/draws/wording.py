"""How draws are spoken of on the screen, so that a lay person follows each step."""

from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import UNKNOWN, Party, Tier
from supervision.draws.ticket_rules import TicketState, Unusable
from web.language import gettext, ngettext


def tier(value: Tier) -> str:
    """Whose quota a draw serves."""
    return {Tier.OFFICE: gettext("Office, weekly"), Tier.HQ: gettext("Headquarters, monthly")}[value]


def period(draw: Draw) -> str:
    """A period in words: a week of a year, or a month; late calls marked."""
    if draw.tier is Tier.OFFICE:
        year, _, week = draw.period.partition("-W")
        text = gettext("Week %(week)s of %(year)s", week=int(week), year=year)
    else:
        text = draw.period
    return (
        gettext("%(period)s, late calls %(number)s", period=text, number=draw.supplement)
        if draw.supplement
        else text
    )


def party(value: Party) -> str:
    """One of the two parties."""
    return {Party.OFFICE: gettext("Office"), Party.HQ: gettext("Headquarters")}[value]


def state(value: DrawState) -> tuple[str, str]:
    """How a draw stands, in a word, and the tone of its badge."""
    return {
        DrawState.OPEN: (gettext("Preparing"), ""),
        DrawState.COMMITTED: (gettext("Committed, period open"), "info"),
        DrawState.CLOSED: (gettext("Closed by the office"), "info"),
        DrawState.FROZEN: (gettext("List frozen"), "info"),
        DrawState.DISPUTED: (gettext("Lists differ"), "bad"),
        DrawState.AGREED: (gettext("List agreed on"), "info"),
        DrawState.REVEALED: (gettext("Half revealed"), "info"),
        DrawState.RECOMMITTING: (gettext("New attempt"), "warn"),
        DrawState.DRAWN: (gettext("Drawn"), "good"),
    }[value]


def ticket_state(value: TicketState) -> tuple[str, str]:
    """How a ticket stands, and the tone of its badge."""
    return {
        TicketState.WAITING: (gettext("Waiting"), ""),
        TicketState.TAKEN: (gettext("In hand"), "info"),
        TicketState.PROPOSED: (gettext("Proposed as unusable"), "warn"),
        TicketState.UNUSABLE: (gettext("Unusable"), "warn"),
        TicketState.DONE: (gettext("Reviewed"), "good"),
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
    above, _, below = value.partition("/")
    return f"{100 * int(above) / int(below or 1):g} %"


def calls(number: int) -> str:
    """How many calls a list has."""
    return ngettext("%(num)s answered call", "%(num)s answered calls", number)
