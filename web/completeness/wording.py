"""Texts about completeness, on the screen and on paper."""

from collections.abc import Sequence

from supervision.reconcile.certificate_rules import Certificate, Lacking, ReceivedFacts, Step, Unsure
from supervision.reconcile.completeness import Completeness, Days
from web.design.shown import moment
from web.incidents import wording as incident_wording
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


def why(made: Completeness, one: Lacking) -> str:
    """Where a call's proof ends, and why: its incidents, or the step that it does not reach."""
    causes = made.reasons.get(one.call_id, ())
    value = "; ".join(incident_wording.cause(cause) for cause in causes) or step_explained(one.step)
    return gettext("%(name)s: %(value)s", name=step(one.step), value=value)


def verdict(made: Completeness) -> str:
    """What the certificate says, in a sentence."""
    if made.found.lacking:
        return ngettext(
            "Not complete: %(num)s call is not proved.",
            "Not complete: %(num)s calls are not proved.",
            len(made.found.lacking),
        )
    if made.unsure:
        return gettext("Not certain: there may be calls that were not reported to headquarters.")
    if not made.found.answered:
        return gettext("No call was answered in these days.")
    return ngettext(
        "Complete: the one answered call is recorded, received and verified.",
        "Complete: all %(num)s answered calls are recorded, received and verified.",
        made.found.answered,
    )


def unsure(value: Unsure) -> str:
    """Why there may be calls of which nothing is known."""
    return {
        Unsure.NEVER_SENT: gettext("The office has never sent headquarters anything."),
        Unsure.NOT_ALL_SENT: gettext("The office has not sent all facts of these days yet."),
        Unsure.NUMBERS_MISSING: gettext("Numbers are missing among the facts that the office sent."),
        Unsure.FACTS_REFUSED: gettext("A fact that the office sent in these days was refused."),
        Unsure.BROKEN_OFF: gettext(
            "The office's node was rebuilt in these days, or put back from a copy: calls of that time may be "
            "unknown."
        ),
    }[value]


def received(value: ReceivedFacts) -> str:
    """Up to when the office's facts are here."""
    if value.until is None:
        return "–"
    return gettext("%(time)s, number %(last)s", time=moment(value.until), last=f"{value.last:,}")


def remarks(made: Completeness) -> list[str]:
    """What else is to be known of it, a sentence each."""
    found = [unsure(one) for one in made.unsure]
    if made.found.by_proof:
        found.append(by_proof(made.found.by_proof))
    if made.in_progress:
        found.append(
            ngettext(
                "%(num)s call is in progress; it counts once it is over.",
                "%(num)s calls are in progress; they count once they are over.",
                made.in_progress,
            )
        )
    if made.goes_on:
        found.append(gettext("These days are not over yet."))
    return found


def standing(made: Completeness) -> tuple[str, str]:
    """The same in a word or two, and the tone of its badge."""
    if made.found.lacking:
        return gettext("%(number)s not proved", number=len(made.found.lacking)), "bad"
    if made.unsure:
        return gettext("Not certain"), "warn"
    return (gettext("All proved"), "good") if made.found.answered else (gettext("No calls"), "")


def tone(made: Completeness) -> str:
    """The tone of the verdict."""
    if not made.complete:
        return "bad" if made.found.lacking else "warn"
    return "good" if made.found.answered else "info"


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


def totals(made: Sequence[Completeness]) -> list[tuple[str, int]]:
    """The four sums of several offices together, each with its name."""
    each = [sums(one.found) for one in made]
    return [(column[0][0], sum(number for _, _, number in column)) for column in zip(*each, strict=True)]
