"""The reconciler's causes in plain words: what the witnesses of a call disagree in (S1 to S3, decision 4)."""

from supervision.incidents.rules import Cause
from web.language import gettext


def causes() -> dict[Cause, str]:
    """Each cause, in a few words."""
    return {
        Cause.RECORD_MISSING: gettext("Call record missing"),
        Cause.SWITCH_RECORD_MISSING: gettext("Asterisk's switch record missing"),
        Cause.TIMES_DIFFER: gettext("Times of the call disagree"),
        Cause.RECORD_DIFFERS: gettext("Record and exchange disagree"),
        Cause.NEVER_RECORDED: gettext("Recording never started"),
        Cause.RECORDING_MUTED: gettext("Recording muted or cut out"),
        Cause.DURATION_DIFFERS: gettext("Recording longer than the call"),
        Cause.NOT_RECEIVED: gettext("Recording not received"),
        Cause.FILE_MISSING: gettext("Recording file missing"),
        Cause.FILE_SIZE_DIFFERS: gettext("Recording file of another size"),
        Cause.CONTENT_CHANGED: gettext("Recording content changed"),
        Cause.OFFICE_COPY_MISSING: gettext("Office's copy missing"),
        Cause.COPIES_DIFFER: gettext("The two copies differ"),
        Cause.SEQUENCE_SKIPPED: gettext("Numbers missing in reports"),
        Cause.OFFICE_SILENT: gettext("Office offline"),
        Cause.CLOCK_OFF: gettext("Office's clock is wrong"),
        Cause.ONE_WAY_AUDIO: gettext("One side was not heard"),
    }


def explained() -> dict[Cause, str]:
    """Each cause, in a sentence."""
    return {
        Cause.RECORD_MISSING: gettext(
            "The telephone exchange knows of this call, or there is audio of it, but there is no record of the "
            "call."
        ),
        Cause.SWITCH_RECORD_MISSING: gettext(
            "There is a record of the call, but the telephone exchange's own log of it has not arrived."
        ),
        Cause.TIMES_DIFFER: gettext(
            "The record says that the call began or ended at another time than the telephone exchange's own log."
        ),
        Cause.RECORD_DIFFERS: gettext(
            "The record and the telephone exchange's own log differ in how the call ended, who answered it, after "
            "how many rings, or who hung up."
        ),
        Cause.NEVER_RECORDED: gettext("The call was connected, but no audio of it was ever recorded."),
        Cause.RECORDING_MUTED: gettext(
            "The recording is shorter than the call, or silent while people spoke: it was muted, or a part is "
            "missing."
        ),
        Cause.DURATION_DIFFERS: gettext(
            "The recording is longer than the call in the telephone exchange's own log."
        ),
        Cause.NOT_RECEIVED: gettext(
            "The office has closed this recording, but headquarters has not received all of it."
        ),
        Cause.FILE_MISSING: gettext("A file of this recording should be on the disk and is not."),
        Cause.FILE_SIZE_DIFFERS: gettext("A file of this recording has another length than when it was written."),
        Cause.CONTENT_CHANGED: gettext(
            "A file of this recording differs from what was sealed: its hash has changed."
        ),
        Cause.OFFICE_COPY_MISSING: gettext(
            "Headquarters has its copy of this recording, but the office has not reported its own."
        ),
        Cause.COPIES_DIFFER: gettext("The office's copy of this recording and headquarters' are not the same."),
        Cause.SEQUENCE_SKIPPED: gettext("The office's numbered reports to headquarters have a gap."),
        Cause.OFFICE_SILENT: gettext("Headquarters has received nothing from this office for a while."),
        Cause.CLOCK_OFF: gettext("The office's clock differs from headquarters' clock."),
        Cause.ONE_WAY_AUDIO: gettext(
            "For most of the talk one side sent no sound at all, not even line noise, while the other side spoke."
        ),
    }
