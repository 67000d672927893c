"""Texts on the screen about callers' requests."""

from supervision.caller_requests.rules import Channel, IdentityCheck, LetterWay, RequestKind, RequestState
from web.language import gettext, ngettext


def kind(value: RequestKind) -> str:
    """What the caller asks."""
    return {
        RequestKind.SEE: gettext("See or copy"),
        RequestKind.DELETE: gettext("Delete"),
    }[value]


def state(value: RequestState) -> tuple[str, str]:
    """How a request stands, and the tone of its badge."""
    return {
        RequestState.REGISTERED: (gettext("Identity to be checked"), "warn"),
        RequestState.IDENTIFIED: (gettext("To be decided"), "warn"),
        RequestState.GRANTED: (gettext("Granted, to be carried out"), "info"),
        RequestState.DONE: (gettext("Carried out"), "good"),
        RequestState.REFUSED: (gettext("Refused"), ""),
        RequestState.WITHDRAWN: (gettext("Withdrawn"), ""),
    }[value]


def channel(value: Channel) -> str:
    """How the request came."""
    return {
        Channel.VISIT: gettext("In person"),
        Channel.LETTER: gettext("By letter"),
        Channel.PHONE: gettext("By phone"),
        Channel.HOTLINE: gettext("From the 12366 hotline"),
        Channel.ONLINE: gettext("Online"),
    }[value]


def identity(value: IdentityCheck) -> str:
    """How it was made sure who asks."""
    return {
        IdentityCheck.ID_CARD: gettext("Identity card seen"),
        IdentityCheck.CALL_BACK: gettext("Called back on the number"),
        IdentityCheck.POWER_OF_ATTORNEY: gettext("Written authority of the caller"),
        IdentityCheck.OTHER: gettext("Other"),
    }[value]


def letter_way(value: LetterWay) -> str:
    """Which way a letter went."""
    return {LetterWay.RECEIVED: gettext("Received"), LetterWay.SENT: gettext("Sent")}[value]


def standing(number: int, overdue: int) -> str:
    """How many are open, and how many of them are late."""
    text = ngettext("%(num)s request is open", "%(num)s requests are open", number)
    return text + (" · " + ngettext("%(num)s overdue", "%(num)s overdue", overdue) if overdue else "")
