"""How complaints are spoken of on the screen."""

from collections.abc import Mapping

from supervision.complaints.rules import Channel, ComplaintKind, ComplaintState, Move, Quarter, Verdict
from web.language import gettext, ngettext


def kind(value: ComplaintKind) -> str:
    """What it is about."""
    return {
        ComplaintKind.MANNER: gettext("Manner and words"),
        ComplaintKind.QUALITY: gettext("Quality of the answer"),
        ComplaintKind.UNREACHABLE: gettext("Nobody answered, or the line was busy"),
        ComplaintKind.OTHER: gettext("Other"),
    }[value]


def channel(value: Channel) -> str:
    """How it came."""
    return {
        Channel.VISIT: gettext("In person"),
        Channel.LETTER: gettext("By letter"),
        Channel.PHONE: gettext("By phone"),
        Channel.HOTLINE: gettext("From the 12366 hotline"),
        Channel.ONLINE: gettext("Online"),
        Channel.SUPERIOR: gettext("Passed on by a higher authority"),
    }[value]


def state(value: ComplaintState) -> tuple[str, str]:
    """Where it stands, and the tone of its badge."""
    return {
        ComplaintState.REGISTERED: (gettext("To be taken in hand"), "warn"),
        ComplaintState.HANDLING: (gettext("Being handled"), "info"),
        ComplaintState.PROPOSED: (gettext("To be decided"), "warn"),
        ComplaintState.DECIDED: (gettext("Decided, to be answered"), "info"),
        ComplaintState.CLOSED: (gettext("Answered and closed"), "good"),
        ComplaintState.WITHDRAWN: (gettext("Withdrawn"), ""),
    }[value]


def verdict(value: Verdict) -> tuple[str, str]:
    """Whether it is right, and the tone of its badge."""
    return {
        Verdict.UPHELD: (gettext("Upheld"), "bad"),
        Verdict.NOT_UPHELD: (gettext("Not upheld"), ""),
    }[value]


def step(value: Move) -> str:
    """What happened to it, or what it waits for."""
    return {
        Move.TAKE: gettext("Taken in hand"),
        Move.PROPOSE: gettext("Proposal"),
        Move.RETURN: gettext("Given back"),
        Move.DECIDE: gettext("Decision"),
        Move.CLOSE: gettext("Answer to who complained"),
        Move.CORRECT: gettext("Entry corrected"),
        Move.WITHDRAW: gettext("Withdrawn"),
        Move.REOPEN: gettext("Reopened"),
    }[value]


def quarter(value: Quarter) -> str:
    """A quarter of a year."""
    return {
        Quarter.FIRST: gettext("First quarter"),
        Quarter.SECOND: gettext("Second quarter"),
        Quarter.THIRD: gettext("Third quarter"),
        Quarter.FOURTH: gettext("Fourth quarter"),
    }[value]


def standing(number: int, overdue: int) -> str:
    """How many are open, and how many of them are late."""
    said = ngettext("%(num)s complaint is open", "%(num)s complaints are open", number)
    return said + (" · " + ngettext("%(num)s overdue", "%(num)s overdue", overdue) if overdue else "")


def due(value: ComplaintKind) -> str:
    """Within how many working days it is to be answered."""
    return ngettext("%(num)s working day", "%(num)s working days", value.days)


def refusals() -> Mapping[str, str]:
    """Why something cannot be done about a complaint, or a month without one."""
    return {
        "complaint_not_yours": gettext("Complaints are for the supervision section to handle."),
        "complaint_about_yourself": gettext("The complaint is about yourself: another person sees to it."),
        "complaint_in_your_hand": gettext("You have this complaint in hand already."),
        "complaint_anothers_hand": gettext("Another person has this complaint in hand. Take it over first."),
        "complaint_handled_yourself": gettext("You handled this complaint: another person must decide it."),
        "complaint_decided_yourself": gettext("You decided on this complaint: another person must handle it."),
        "complaint_head_only": gettext("Only the supervision head has a complaint looked into again."),
        "complaint_not_at_this_step": gettext("The complaint is not at this step any more."),
        "complaint_as_before": gettext("Nothing is other than before."),
        "complaint_has_call": gettext("The call belongs to this complaint already."),
        "complaint_not_upheld": gettext(
            "A discipline record rests on a complaint that is upheld, about a person."
        ),
        "zero_not_over": gettext("The month is not over yet."),
        "zero_has_complaints": gettext("The month had a complaint."),
        "zero_attested_already": gettext("The month is attested already."),
    }
