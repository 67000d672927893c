"""What an incident is about, in words. The machine's own name for it stands among what the machine wrote down."""

from supervision.calls.queries import CallRow
from supervision.draws.rules import parse_name
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import PartName
from supervision.reconcile.queries import call_of
from web.design.shown import moment
from web.draws import wording as draw_wording
from web.language import gettext


def about(incident: Incident, row: CallRow | None) -> str:
    """A call with its time for who may see it, a draw, a disk …; nothing where the cause itself says it."""
    if incident.call_id is not None or call_of(incident.subject) is not None:
        return _call(row, PartName.parse(incident.subject))
    return _draw(incident.detail.get("draw")) or _things().get(incident.cause, "")


def _call(row: CallRow | None, part: PartName | None) -> str:
    if row is None:
        return gettext("A call") if part is None else gettext("Part %(n)s of a call's recording", n=part.n)
    time = moment(row.offered_at)
    if part is None:
        return gettext("The call of %(time)s, %(line)s", time=time, line=row.line_name)
    return gettext("Part %(n)s of the recording of the call of %(time)s", n=part.n, time=time)


def _draw(named: object) -> str:
    try:
        name = parse_name(named if isinstance(named, str) else "")  # an office may send anything
    except ValueError:
        return ""
    period = draw_wording.period_named(name.tier, name.period.name, name.supplement)
    return gettext("The draw of %(period)s (%(tier)s)", period=period, tier=draw_wording.tier(name.tier))


def _things() -> dict[Cause, str]:
    """What a cause is about, where that is neither a call nor a draw."""
    disk, exchange, log = gettext("A disk"), gettext("The telephone exchange"), gettext("The audit log")
    backup = gettext("The backup of a machine")
    return {
        Cause.ASTERISK_STOPPED: exchange,
        Cause.CONTROL_LOST: exchange,
        Cause.EVENT_REFUSED: exchange,
        Cause.OFFER_REFUSED: gettext("A telephone line"),
        Cause.RECORDING_MUTED: gettext("A call"),
        Cause.DISK_LOW: disk,
        Cause.DISK_FAULT: disk,
        Cause.BACKLOG_OLD: gettext("What waits to be sent to headquarters"),
        Cause.SEQUENCE_SKIPPED: gettext("The office's reports to headquarters"),
        Cause.OFFICE_FLOODS: gettext("The office's reports to headquarters"),
        Cause.TIME_IMPOSSIBLE: gettext("The office's reports to headquarters"),
        Cause.AUDIT_BROKEN: log,
        Cause.HEAD_DIFFERS: log,
        Cause.HEAD_LATE: log,
        Cause.CERTIFICATE_ENDS: gettext("A certificate"),
        Cause.BACKUP_LATE: backup,
        Cause.BACKUP_UNVERIFIED: backup,
        Cause.BACKUP_DAMAGED: backup,
        Cause.REQUEST_OVERDUE: gettext("A caller's request"),
        Cause.FINDING_UNTREATED: gettext("A finding"),
        Cause.RECTIFICATION_OVERDUE: gettext("A rectification"),
        Cause.SIGN_OVERDUE: gettext("An early sign"),
        Cause.DISCIPLINE_OVERDUE: gettext("A discipline record or commendation"),
        Cause.APPEAL_OVERDUE: gettext("An appeal"),
        Cause.WAITS_FOR_NOBODY: gettext("Work of one person"),
        Cause.POST_EMPTY: gettext("A post"),
        Cause.ROSTER_HOLE: gettext("The roster of a line"),
        Cause.COMPLAINT_OVERDUE: gettext("A complaint"),
        Cause.CALENDAR_PROVISIONAL: gettext("The calendar of working days"),
        Cause.WORK_SET_ASIDE: gettext("Work that the system does by itself"),
    }
