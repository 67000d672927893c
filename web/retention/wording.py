"""Texts on the screen about keeping and deleting."""

from supervision.retention.models import Deletion, DeletionItem, Hold
from supervision.retention.queries import Counts
from supervision.retention.rules import DeletionCause, DeletionState, HoldReason, ItemState, SpareReason
from web.language import gettext, ngettext


def hold_reason(value: HoldReason) -> str:
    """Why a recording is kept longer."""
    return {
        HoldReason.APPEAL: gettext("Appeal"),
        HoldReason.COMPLAINT: gettext("Complaint"),
        HoldReason.DISCIPLINE: gettext("Discipline"),
        HoldReason.CASE: gettext("Case library"),
        HoldReason.TICKET: gettext("Open ticket"),
        HoldReason.REQUEST: gettext("Caller's request"),
        HoldReason.OTHER: gettext("Other"),
    }[value]


def hold_state(hold: Hold, *, holds: bool) -> tuple[str, str]:
    """How a hold stands, and the tone of its badge."""
    if hold.released_at is not None:
        return gettext("Released"), ""
    return (gettext("Holds"), "info") if holds else (gettext("Run out"), "")


def cause(value: DeletionCause) -> str:
    """Why a deletion is proposed."""
    return {
        DeletionCause.AGE: gettext("Past its time"),
        DeletionCause.REQUEST: gettext("Caller's request"),
    }[value]


def state(value: DeletionState) -> tuple[str, str]:
    """How a deletion stands, and the tone of its badge."""
    return {
        DeletionState.PROPOSED: (gettext("Needs two people"), "warn"),
        DeletionState.AGREED_ONCE: (gettext("Needs a second person"), "warn"),
        DeletionState.AGREED: (gettext("Being carried out"), "info"),
        DeletionState.DONE: (gettext("Done"), "good"),
        DeletionState.DECLINED: (gettext("Declined"), ""),
    }[value]


def item_state(item: DeletionItem) -> tuple[str, str]:
    """How one recording of a deletion stands, and the tone of its badge."""
    return {
        ItemState.WAITING: (gettext("To be deleted"), "warn"),
        ItemState.SPARED: (gettext("Spared"), "info"),
        ItemState.DELETING: (gettext("Being deleted"), "info"),
        ItemState.DELETED: (gettext("Deleted"), ""),
    }[item.state]


def spared_because(reason: SpareReason) -> str:
    """Why a recording was taken out of a deletion."""
    return {
        SpareReason.HELD: gettext("A hold was placed."),
        SpareReason.TICKET: gettext("It is drawn, and its ticket is open."),
        SpareReason.DECLINED: gettext("The deletion was declined."),
        SpareReason.NOT_READY: gettext("It could not be deleted in its state."),
    }[reason]


def days_of(deletion: Deletion) -> str:
    """The days of the calls whose recordings are to go."""
    if deletion.from_day == deletion.to_day:
        return f"{deletion.from_day:%Y-%m-%d}"
    return gettext(
        "%(first)s to %(last)s", first=f"{deletion.from_day:%Y-%m-%d}", last=f"{deletion.to_day:%Y-%m-%d}"
    )


def recordings(number: int) -> str:
    """So many recordings."""
    return ngettext("%(num)s recording", "%(num)s recordings", number)


def carried_out(counts: Counts) -> str:
    """What has become of a deletion's recordings."""
    phrases = [gettext("%(number)s deleted here", number=counts.deleted)] if counts.deleted else []
    if counts.deleted:
        phrases.append(gettext("%(number)s at the office", number=counts.at_office))
    if counts.spared:
        phrases.append(gettext("%(number)s spared", number=counts.spared))
    return " · ".join(phrases)


def waiting_deletions(number: int) -> str:
    """How many deletions wait for somebody."""
    return ngettext("%(num)s deletion waits for agreement", "%(num)s deletions wait for agreement", number)


def holding(number: int) -> str:
    """How many recordings are held."""
    return ngettext("%(num)s hold in force", "%(num)s holds in force", number)


def term(days: int) -> str:
    """How long recordings are kept."""
    if days % 365 == 0:
        return ngettext("%(num)s year", "%(num)s years", days // 365)
    return ngettext("%(num)s day", "%(num)s days", days)
