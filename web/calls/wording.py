"""Texts on the screen about calls: each known value has its words, in the person's language."""

from datetime import date

from supervision.calls.models import CallEvent
from supervision.calls.queries import COUNT_LIMIT
from supervision.calls.rules import Disposition, EventKind, Party, SegmentKind, Witness
from web.calls.forms import SORTED_AT_ONCE
from web.language import gettext, ngettext


def disposition(value: Disposition) -> str:
    """How a call ended, in a word."""
    return {
        Disposition.ANSWERED: gettext("Answered"),
        Disposition.MISSED: gettext("Not answered (rang out)"),
        Disposition.ABANDONED: gettext("Not answered (caller hung up)"),
        Disposition.BUSY: gettext("Not answered (all busy)"),
        Disposition.DECLINED: gettext("Not answered (declined)"),
        Disposition.AFTER_HOURS: gettext("After hours"),
        Disposition.VOICEMAIL: gettext("Voicemail"),
    }[value]


def disposition_explained(value: Disposition) -> str:
    """The same in a sentence."""
    return {
        Disposition.ANSWERED: gettext("A person answered."),
        Disposition.MISSED: gettext("The desks rang to the last ring and nobody answered."),
        Disposition.ABANDONED: gettext("The caller hung up before anybody answered."),
        Disposition.BUSY: gettext("No desk was free until the call ended."),
        Disposition.DECLINED: gettext("Every desk that was rung turned the call down, or was on do-not-disturb."),
        Disposition.AFTER_HOURS: gettext("The call came outside office hours."),
        Disposition.VOICEMAIL: gettext("The caller was sent to voicemail."),
    }[value]


def party(value: Party) -> str:
    """Who hung up."""
    return {
        Party.CALLER: gettext("Caller"),
        Party.OFFICER: gettext("Officer"),
        Party.SYSTEM: gettext("System"),
    }[value]


def segment_kind(value: SegmentKind) -> str:
    """With whom a stretch of the call was held."""
    return {
        SegmentKind.OFFICER: gettext("Duty officer"),
        SegmentKind.BACKUP_LEADER: gettext("Backup leader"),
        SegmentKind.OTHER_OFFICE: gettext("Another office"),
        SegmentKind.HOTLINE_12366: gettext("12366 hotline"),
        SegmentKind.VOICEMAIL: gettext("Voicemail"),
    }[value]


def witness(value: Witness) -> str:
    """Whose account a record rests on."""
    return {
        Witness.ARI: gettext("Seen live by the call application"),
        Witness.CEL: gettext("Worked out afterwards from Asterisk's own logs"),
        Witness.CDR: gettext("Worked out afterwards from call detail records, to the second"),
    }[value]


def happening(event: CallEvent, desk_names: dict[str, str]) -> str:
    """What happened, in plain language."""
    desk = desk_names.get(event.desk or "", event.desk or "")
    if event.kind is EventKind.HUNG_UP:
        return {
            Party.CALLER: gettext("The caller hung up."),
            Party.OFFICER: gettext("The officer hung up."),
            Party.SYSTEM: gettext("The system ended the call."),
        }[event.party or Party.SYSTEM]
    return {
        EventKind.OFFERED: gettext("The call came in."),
        EventKind.LINE_ANSWERED: gettext("The line was opened to the caller."),
        EventKind.RECORDING_STARTED: gettext("The recording began."),
        EventKind.DESKS_BUSY: gettext("All desks were busy; the caller waited."),
        EventKind.DESK_RANG: gettext("Desk %(desk)s began to ring.", desk=desk),
        EventKind.DESK_STOPPED: gettext("Desk %(desk)s stopped ringing.", desk=desk),
        EventKind.DESK_DECLINED: gettext("Desk %(desk)s declined the call.", desk=desk),
        EventKind.DESK_ANSWERED: gettext("Desk %(desk)s answered.", desk=desk),
        EventKind.DESK_LEFT: gettext("Desk %(desk)s left the call.", desk=desk),
        EventKind.PUT_BACK: gettext("The desk's phone went dead; the caller was put back, before all who wait."),
        EventKind.RANG_OUT: gettext("The last ring passed and nobody had answered."),
        EventKind.ENDED: gettext("The call was over."),
        EventKind.INTERRUPTED: gettext("The exchange stopped and cut the call off."),
        EventKind.WATCHED_WHOLE: gettext("The call application had seen all of it."),
    }[event.kind]


def rings(number: int) -> str:
    """A number of rings."""
    return ngettext("%(num)s ring", "%(num)s rings", number)


def calls_found(number: int) -> str:
    """How many calls match; above the limit of counting, only that."""
    if number > COUNT_LIMIT:
        return gettext("more than %(limit)s calls", limit=f"{COUNT_LIMIT:,}")
    return ngettext("%(num)s call", "%(num)s calls", number)


def cut_by_order(day: date) -> str:
    """Which calls a list in this order leaves out, and how they are found."""
    return gettext(
        "In this order the list, and its Excel file, begins with %(day)s: at most %(days)s days are put in order. "
        "For earlier calls choose the days, or the order of time.",
        day=day.isoformat(),
        days=SORTED_AT_ONCE.days + 1,
    )


def calls_in_progress(number: int) -> str:
    """How many calls go on at this moment."""
    return ngettext("%(num)s call in progress", "%(num)s calls in progress", number)
