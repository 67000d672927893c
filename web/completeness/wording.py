"""How completeness is spoken of on the screen and on paper."""

from supervision.reconcile.certificate_rules import Certificate, Step
from supervision.reconcile.completeness import Days
from web.language import gettext, ngettext


def shortcut(name: str) -> str:
    """Days that are asked for often."""
    return {
        "yesterday": gettext("Yesterday"),
        "last_week": gettext("Last week"),
        "last_month": gettext("Last month"),
        "this_month": gettext("This month"),
    }[name]


def days(value: Days) -> str:
    """Some days, as they are written on paper."""
    if value.first == value.last:
        return f"{value.first:%Y-%m-%d}"
    return gettext("%(first)s to %(last)s", first=f"{value.first:%Y-%m-%d}", last=f"{value.last:%Y-%m-%d}")


def step(value: Step) -> str:
    """The step that a call does not reach."""
    return {
        Step.WRITTEN_DOWN: gettext("No record of the call"),
        Step.RECORDED: gettext("Not recorded"),
        Step.RECEIVED: gettext("Not received whole"),
        Step.VERIFIED: gettext("Not verified"),
    }[value]


def step_explained(value: Step) -> str:
    """The same where no incident says more."""
    return {
        Step.WRITTEN_DOWN: gettext("Asterisk knows this call, and there is no record of it."),
        Step.RECORDED: gettext("The office has closed no audio of this call yet."),
        Step.RECEIVED: gettext("Some of its audio is still on its way to headquarters."),
        Step.VERIFIED: gettext("The two sealed copies are not both there, or do not hold the same."),
    }[value]


def verdict(found: Certificate) -> str:
    """What the certificate says, in a sentence."""
    if not found.answered:
        return gettext("No call was answered in these days.")
    if found.complete:
        return ngettext(
            "Complete: the one answered call is recorded, received and verified.",
            "Complete: all %(num)s answered calls are recorded, received and verified.",
            found.answered,
        )
    return ngettext(
        "Not complete: %(num)s call is not proved.",
        "Not complete: %(num)s calls are not proved.",
        len(found.lacking),
    )


def by_proof(number: int) -> str:
    """How many of the verified stand by the proof of their deletion."""
    return ngettext(
        "%(num)s of them was deleted since, with a proof.",
        "%(num)s of them were deleted since, with a proof.",
        number,
    )


def sums(found: Certificate) -> list[tuple[str, str, int]]:
    """The four sums, each with what it means."""
    return [
        (gettext("Answered"), gettext("by a person, as the records say"), found.answered),
        (gettext("Recorded"), gettext("audio closed at the office"), found.recorded),
        (gettext("Received"), gettext("here whole, with the right hash"), found.received),
        (gettext("Verified"), gettext("both sealed copies hold the same"), found.verified),
    ]
