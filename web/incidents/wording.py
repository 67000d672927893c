"""Texts on the screen about incidents: each cause has a plain sentence that says what it means."""

from datetime import datetime

from supervision.clock import local
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, IncidentKind
from supervision.incidents.service import is_settled
from supervision.reconcile.models import Reconciler
from supervision.reconcile.service import is_asked
from web.incidents import reconciler_wording
from web.language import gettext, ngettext


def kind(value: IncidentKind) -> str:
    """The kind, in a word."""
    return {
        IncidentKind.GAP: gettext("Gap in recording"),
        IncidentKind.MISMATCH: gettext("Mismatch"),
        IncidentKind.OVERDUE: gettext("Overdue"),
        IncidentKind.FAULT: gettext("Fault"),
    }[value]


def cause(value: Cause) -> str:
    """The cause, in a few words."""
    return {
        Cause.ADMISSION_FAILED: gettext("Call not admitted by the application"),
        Cause.ADMITTED_BY_DIALPLAN: gettext("Call recorded by the exchange itself"),
        Cause.NO_BYTES: gettext("No audio arrived"),
        Cause.NOT_RECORDED: gettext("Answered call not recorded"),
        Cause.PART_MISSING: gettext("Recording part missing"),
        Cause.PART_TRUNCATED: gettext("Recording part cut short"),
        Cause.PART_CHANGED: gettext("Recording part changed"),
        Cause.RECORDING_GAP: gettext("Gap between recording parts"),
        Cause.LENGTH_MISMATCH: gettext("Lengths disagree"),
        Cause.ASTERISK_STOPPED: gettext("Asterisk stopped"),
        Cause.CONTROL_LOST: gettext("Connection to Asterisk lost"),
        Cause.EVENT_REFUSED: gettext("Event not understood"),
        Cause.SEALING_FAILED: gettext("Sealing failed"),
        Cause.NO_DESK_REACHABLE: gettext("No desk reachable"),
        Cause.OFFER_REFUSED: gettext("Call refused by the exchange"),
        Cause.OFFICE_FLOODS: gettext("Office sends too much data"),
        Cause.TIME_IMPOSSIBLE: gettext("Answered call with an impossible time"),
        Cause.WORK_SET_ASIDE: gettext("Work set aside"),
        Cause.CLOCK_BEHIND: gettext("Headquarters' own clock is behind"),
        Cause.REQUEST_OVERDUE: gettext("Caller's request not answered in time"),
        Cause.FINDING_UNTREATED: gettext("Finding not treated in time"),
        Cause.RECTIFICATION_OVERDUE: gettext("Rectification not answered in time"),
        Cause.SIGN_OVERDUE: gettext("Measure for an early sign overdue"),
        Cause.DISCIPLINE_OVERDUE: gettext("Proposed discipline or commendation not decided in time"),
        Cause.APPEAL_OVERDUE: gettext("Appeal not decided in time"),
        Cause.WAITS_FOR_NOBODY: gettext("Work that waits for nobody"),
        Cause.POST_EMPTY: gettext("Post that nobody holds"),
        Cause.ROSTER_HOLE: gettext("Nobody rostered in working hours"),
        Cause.COMPLAINT_OVERDUE: gettext("Complaint overdue"),
        Cause.CALENDAR_PROVISIONAL: gettext("Holidays of a year not known"),
        Cause.DISK_LOW: gettext("Disk space low"),
        Cause.DISK_FAULT: gettext("Disk fault"),
        Cause.BACKLOG_OLD: gettext("Data for headquarters delayed"),
        **reconciler_wording.causes(),
        Cause.DRAW_UNCOMMITTED: gettext("Draw not prepared in time"),
        Cause.DRAW_NODE_SILENT: gettext("Period not closed by the office"),
        Cause.DRAW_LISTS_DIFFER: gettext("Lists of a draw differ"),
        Cause.DRAW_SHARE_WRONG: gettext("Random number does not match its commitment"),
        Cause.DRAW_OUT_OF_ORDER: gettext("Draw message out of order"),
        Cause.DRAW_WHOLE: gettext("Whole list of a draw due"),
        Cause.DRAW_UNCONFIRMED: gettext("Period without calls not confirmed by the office"),
        Cause.DRAW_TICKETS_DIFFER: gettext("Headquarters reviews other calls than were drawn"),
        Cause.DRAW_TICKETS_UNREPORTED: gettext("Headquarters does not report which drawn calls it reviews"),
        Cause.DRAW_UNCHECKED: gettext("Office cannot check a draw"),
        Cause.DRAW_CALL_UNLISTED: gettext("Answered calls in no list of a draw"),
        Cause.ANSWER_TAKEN_BACK: gettext("Answered call taken back"),
        Cause.DRAWN_WITHOUT_AUDIO: gettext("Drawn call has no recording"),
        Cause.REVIEW_OVERDUE: gettext("Reviews overdue"),
        Cause.AUDIT_BROKEN: gettext("Audit log of an office is broken"),
        Cause.HEAD_DIFFERS: gettext("Kept head of the audit log differs"),
        Cause.HEAD_LATE: gettext("No new head of the audit log"),
        Cause.CERTIFICATE_ENDS: gettext("Certificate expires"),
        Cause.BACKUP_LATE: gettext("Backup late"),
        Cause.BACKUP_UNVERIFIED: gettext("Backup not verified"),
        Cause.BACKUP_DAMAGED: gettext("Backup damaged"),
    }[value]


def cause_explained(value: Cause) -> str:
    """What it means, in a sentence for somebody who does not know the machinery."""
    return {
        Cause.ADMISSION_FAILED: gettext(
            "The call application was not running or did not answer in time. The exchange recorded and connected "
            "the call by itself; its record was completed afterwards."
        ),
        Cause.ADMITTED_BY_DIALPLAN: gettext(
            "The call application could not start the recording, because its management connection (AMI) to the "
            "exchange was down or refused. The exchange recorded the call by itself."
        ),
        Cause.NO_BYTES: gettext(
            "The recording was started, but no audio was written within three seconds. A new part was begun."
        ),
        Cause.NOT_RECORDED: gettext("A person answered this call, but there is no recording of it."),
        Cause.PART_MISSING: gettext("A part of the recording is listed, but its file is not on the disk."),
        Cause.PART_TRUNCATED: gettext("A part of the recording is shorter than it was when the call ended."),
        Cause.PART_CHANGED: gettext("A part of the recording is no longer what it was when the call ended."),
        Cause.RECORDING_GAP: gettext(
            "Some seconds between two parts were not recorded. They are silent in the recording and marked."
        ),
        Cause.LENGTH_MISMATCH: gettext("The recording's length and the call's length do not agree."),
        Cause.ASTERISK_STOPPED: gettext(
            "The telephone exchange stopped while calls were going on; what was recorded until then is kept."
        ),
        Cause.CONTROL_LOST: gettext(
            "The call application lost its connection to the exchange. Calls go on and are recorded meanwhile."
        ),
        Cause.EVENT_REFUSED: gettext("The exchange reported something that the application could not interpret."),
        Cause.SEALING_FAILED: gettext(
            "The recording could not be sealed; its parts are kept and it is tried again."
        ),
        Cause.NO_DESK_REACHABLE: gettext("A call came in, but no desk's telephone was registered or answering."),
        Cause.OFFER_REFUSED: gettext(
            "The gateway of a line offered a call that the exchange could not accept. The caller was turned away "
            "before a call existed. Most often the gateway's audio codecs are set wrongly, or it sent a second "
            "call on a line that carries one."
        ),
        Cause.OFFICE_FLOODS: gettext(
            "An office sent more within a day than its lines can produce, and has to wait. Either it has more "
            "lines than headquarters expects, or somebody else has its key."
        ),
        Cause.TIME_IMPOSSIBLE: gettext(
            "An office reported an answered call, or its recording, with a time before 2020 or more than a day in "
            "the future. No answered call is refused: the time of receipt is used instead. Have the office's "
            "clock checked."
        ),
        Cause.WORK_SET_ASIDE: gettext(
            "A piece of automatic work failed or took too long. It was skipped, so that all other work goes on, "
            "and is tried again from time to time."
        ),
        Cause.CLOCK_BEHIND: gettext(
            "Headquarters' clock shows an earlier time than headquarters recorded before, and an office's clock "
            "is ahead of it. Reports about calls wait at the offices; nothing is lost. Have headquarters' clock "
            "corrected: the reports are then sent automatically."
        ),
        Cause.REQUEST_OVERDUE: gettext(
            "A caller asked to see or delete his recordings, and the day by which he must be answered is past."
        ),
        Cause.FINDING_UNTREATED: gettext(
            "A breach was found in a call, and ten working days later it is not written down what was done with "
            "the person and what keeps it from happening again."
        ),
        Cause.RECTIFICATION_OVERDUE: gettext(
            "The day by which a rectification had to be answered, or verified and closed, is past."
        ),
        Cause.SIGN_OVERDUE: gettext(
            "The day of the measure for an early sign is past, and nobody has said that it is done."
        ),
        Cause.DISCIPLINE_OVERDUE: gettext(
            "The day by which a proposed discipline record or commendation had to be decided is past."
        ),
        Cause.APPEAL_OVERDUE: gettext(
            "The day by which an appeal had to be decided is past. Until it is decided, nothing of it counts."
        ),
        Cause.WAITS_FOR_NOBODY: gettext(
            "Something waits for a person who cannot do it any more: the account is off, or is of another office "
            "or role. The leader of the office or the supervision head hands it over, under Handover."
        ),
        Cause.ROSTER_HOLE: gettext(
            "Working hours of a line begin with nobody rostered, today or on the next working day: nobody was "
            "written into the roster, or whoever was is on leave or gone. Put somebody into the roster, and put "
            "it in force; it is over by itself then."
        ),
        Cause.POST_EMPTY: gettext(
            "Nobody with an account that is on holds this post, so what waits for it waits for nobody. The "
            "security administrator gives somebody the role."
        ),
        Cause.COMPLAINT_OVERDUE: gettext("The day by which a complaint was to be answered is past."),
        Cause.CALENDAR_PROVISIONAL: gettext(
            "Deadlines reach into a year whose public holidays and make-up days this system does not know. It "
            "counts Monday to Friday there. Enter the days when they are published, or install a newer version."
        ),
        Cause.DISK_LOW: gettext(
            "A disk has too little free space. Nothing is deleted to make room. When it is full, calls go on but "
            "are no longer recorded."
        ),
        Cause.DISK_FAULT: gettext(
            "A disk cannot be read or written. Data that is kept elsewhere is sent or sealed again as soon as the "
            "disk works."
        ),
        Cause.BACKLOG_OLD: gettext(
            "The office has recordings or reports that have waited long for headquarters. They are kept at the "
            "office and are sent as soon as the link allows."
        ),
        **reconciler_wording.explained(),
        Cause.DRAW_UNCOMMITTED: gettext(
            "One day before the end of a period, the office and headquarters have not yet prepared its draw. If "
            "they do not before the end, every call of the period is reviewed."
        ),
        Cause.DRAW_NODE_SILENT: gettext(
            "An office has not closed its period for two days. The list has the calls that headquarters had "
            "received until then. Calls that arrive later form a supplementary draw."
        ),
        Cause.DRAW_LISTS_DIFFER: gettext(
            "The office and headquarters have different lists of a period's calls. The draw's page names the "
            "entries that differ. After a day headquarters' list is final, with the calls added that only the "
            "office has."
        ),
        Cause.DRAW_SHARE_WRONG: gettext(
            "A party's random number is not the one that it had prepared, is lost, or was given for something "
            "else before. It does not count: every call of the list is reviewed until the right number arrives."
        ),
        Cause.DRAW_OUT_OF_ORDER: gettext(
            "The other party sent a message that the draw does not allow now: a period closed before its end, or "
            "terms that are not ours. It was ignored. Most often a clock or a setting is wrong."
        ),
        Cause.DRAW_WHOLE: gettext(
            "Two days after its list was fixed, a draw lacked a random number of the office or of headquarters. "
            "Every call of the list is reviewed; the page of the draw says by whom, and by when."
        ),
        Cause.DRAW_UNCONFIRMED: gettext(
            "Headquarters knows of no answered call in a period, and the office did not confirm that within a day."
        ),
        Cause.DRAW_TICKETS_DIFFER: gettext(
            "The office's node repeated the draw and found that headquarters reviews other calls, or declared a "
            "recording unusable in which somebody speaks. Only the node can close this."
        ),
        Cause.DRAW_TICKETS_UNREPORTED: gettext(
            "For two days headquarters has been reachable but has not reported which calls of a draw are being "
            "reviewed. So the office's node cannot compare them with its own draw. This closes as soon as "
            "headquarters reports them."
        ),
        Cause.DRAW_UNCHECKED: gettext(
            "The office's node was rebuilt after it had given its random number. So it has no draw of its own to "
            "compare with headquarters' reviews. Compare the draw's page with a copy that was kept, then settle "
            "this at the office. It closes earlier only if the node gets a draw to compare with, or if "
            "headquarters reviews every call of the list."
        ),
        Cause.DRAW_CALL_UNLISTED: gettext(
            "Headquarters has received these answered calls, but more than eight days after the end of the period "
            "they are not in exactly one list of a draw. They may escape review. Only the office's node can close "
            "this."
        ),
        Cause.ANSWER_TAKEN_BACK: gettext(
            "The office reported that somebody answered this call, and later that nobody did. The call stays in "
            "the list."
        ),
        Cause.DRAWN_WITHOUT_AUDIO: gettext(
            "An answered call was drawn that has no audio. Find the cause and write it down."
        ),
        Cause.REVIEW_OVERDUE: gettext(
            "Not all drawn recordings were reviewed by the due day. The next level up sees this every day until "
            "they are."
        ),
        Cause.AUDIT_BROKEN: gettext(
            "The audit entries that an office's node sent do not follow from those before: an entry was changed, "
            "removed or inserted there, or its database was restored from a copy."
        ),
        Cause.HEAD_DIFFERS: gettext(
            "A head of headquarters' audit log that an office keeps is not in that log, or a new head does not "
            "follow from it: the log was rewritten, cut off or restored from a copy, or its key was replaced."
        ),
        Cause.HEAD_LATE: gettext(
            "Headquarters answers, but has signed no head of its audit log for three hours. No head that an "
            "office keeps covers what was done there since."
        ),
        Cause.CERTIFICATE_ENDS: gettext(
            "A certificate, or the revocation list, expires within sixty days and was not renewed automatically. "
            "After that nothing can be sent to headquarters; calls go on and are recorded."
        ),
        Cause.BACKUP_LATE: gettext(
            "No backup of this machine, or no log of its database, has reached the second place for too long. "
            "What happened since would be lost with the machine."
        ),
        Cause.BACKUP_UNVERIFIED: gettext(
            "For too long no backup of this machine was read back and compared with what was signed. Nobody knows "
            "whether it could be restored."
        ),
        Cause.BACKUP_DAMAGED: gettext(
            "A backup of this machine is not what was put at the second place, or a file could not be read for it."
        ),
    }[value]


def state(incident: Incident) -> tuple[str, str]:
    """How an incident stands, in a word, and the tone of its badge."""
    if incident.healed_at is None:
        return gettext("Open"), "bad"
    return (gettext("Settled") if is_settled(incident) else gettext("Healed")), "good"


def comparison(row: Reconciler | None, at: datetime) -> str:
    """How the comparing of all witnesses stands."""
    if row is not None and (is_asked(row) or (row.claimed_until is not None and row.claimed_until > at)):
        return gettext("All witnesses are being compared. Look again in a moment.")
    if row is None or row.finished_at is None:
        return gettext("The witnesses have not been compared yet.")
    figures = {"time": f"{local(row.finished_at):%Y-%m-%d %H:%M:%S}", "wrong": f"{row.disagreements:,}"}
    if row.unread:
        return gettext(
            "Last compared %(time)s: %(wrong)s disagreements; %(unread)s files could not be looked at.",
            unread=f"{row.unread:,}",
            **figures,
        )
    return gettext("Last compared %(time)s: %(wrong)s disagreements.", **figures)


def outlook(incident: Incident) -> str:
    """Whether it ends by itself, or a person must end it."""
    if incident.cause.is_state:
        return gettext("Heals by itself: the system closes it as soon as the fault is over.")
    return gettext("Needs a person: it stays open until somebody has checked and settled it.")


def acknowledging(incident: Incident) -> str:
    """What the button under the note does."""
    if not incident.cause.is_state and incident.healed_at is None:
        return gettext("Mark as seen and settle")
    return gettext("Save note") if incident.seen_at else gettext("Mark as seen")


def open_incidents(number: int) -> str:
    """How many are open."""
    return ngettext("%(num)s incident is open", "%(num)s incidents are open", number)


def seen_times(number: int) -> str:
    """How often it was seen while it lasted."""
    return ngettext("seen %(num)s time", "seen %(num)s times", number)
