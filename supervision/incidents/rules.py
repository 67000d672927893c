"""The causes of incidents, in one table: a new one is a row here and its wording in `web/incidents/wording.py`."""

import enum


class IncidentKind(enum.StrEnum):
    """Kinds of incident, as in domain.md."""

    GAP = "gap"
    MISMATCH = "mismatch"
    OVERDUE = "overdue"
    FAULT = "fault"


class Ends(enum.StrEnum):
    """How an incident of a cause comes to its end."""

    BY_HAND = "by_hand"
    """A fact of a moment, with nothing left that could heal: a person who has looked into it settles it."""

    WHEN_OVER = "when_over"
    """A state: open until the machine sees that it is over. Nobody settles it by looking at it."""

    WHEN_AGREED = "when_agreed"
    """A witness did not speak in its time: over where it speaks late and agrees, else settled by hand."""

    WHEN_SEALED = "when_sealed"
    """Found by sealing: over where the recording is sealed again and it is not found, else settled by hand."""

    AT_ONCE = "at_once"
    """Nothing is lost and nobody need act: noted so that it can be counted, and over as it is noted."""


class About(enum.StrEnum):
    """What an incident of a cause is about."""

    CALLS = "calls"
    """Calls, their recordings, and the machines and links that carry them."""

    WORK = "work"
    """People's work: its deadlines, and the calendar that these follow. No call and no recording is concerned."""


class Cause(enum.StrEnum):
    """Why there is an incident: its name in the store, its kind, how it ends, and what it is about."""

    kind: IncidentKind
    ends: Ends
    about: About

    def __new__(cls, value: str, kind: IncidentKind, ends: Ends, about: About = About.CALLS) -> "Cause":
        """One row."""
        cause = str.__new__(cls, value)
        cause._value_ = value
        cause.kind = kind
        cause.ends = ends
        cause.about = about
        return cause

    @property
    def is_state(self) -> bool:
        """Whether it stays open until the machine sees that it is over."""
        return self.ends is Ends.WHEN_OVER

    ADMISSION_FAILED = "admission_failed", IncidentKind.FAULT, Ends.AT_ONCE
    ADMITTED_BY_DIALPLAN = "admitted_by_dialplan", IncidentKind.FAULT, Ends.AT_ONCE
    NO_BYTES = "no_bytes", IncidentKind.GAP, Ends.BY_HAND
    NOT_RECORDED = "not_recorded", IncidentKind.GAP, Ends.WHEN_SEALED
    PART_MISSING = "part_missing", IncidentKind.GAP, Ends.WHEN_SEALED
    PART_TRUNCATED = "part_truncated", IncidentKind.GAP, Ends.WHEN_SEALED
    PART_CHANGED = "part_changed", IncidentKind.MISMATCH, Ends.WHEN_SEALED
    RECORDING_GAP = "recording_gap", IncidentKind.GAP, Ends.WHEN_SEALED
    LENGTH_MISMATCH = "length_mismatch", IncidentKind.MISMATCH, Ends.WHEN_SEALED
    ASTERISK_STOPPED = "asterisk_stopped", IncidentKind.FAULT, Ends.WHEN_AGREED
    CONTROL_LOST = "control_lost", IncidentKind.FAULT, Ends.WHEN_OVER
    EVENT_REFUSED = "event_refused", IncidentKind.FAULT, Ends.BY_HAND
    SEALING_FAILED = "sealing_failed", IncidentKind.FAULT, Ends.WHEN_OVER
    NO_DESK_REACHABLE = "no_desk_reachable", IncidentKind.FAULT, Ends.BY_HAND
    RECORD_MISSING = "record_missing", IncidentKind.GAP, Ends.WHEN_OVER
    SWITCH_RECORD_MISSING = "switch_record_missing", IncidentKind.GAP, Ends.WHEN_OVER
    TIMES_DIFFER = "times_differ", IncidentKind.MISMATCH, Ends.WHEN_AGREED
    RECORD_DIFFERS = "record_differs", IncidentKind.MISMATCH, Ends.WHEN_OVER
    NEVER_RECORDED = "never_recorded", IncidentKind.GAP, Ends.WHEN_AGREED
    RECORDING_MUTED = "recording_muted", IncidentKind.GAP, Ends.BY_HAND
    DURATION_DIFFERS = "duration_differs", IncidentKind.MISMATCH, Ends.BY_HAND
    NOT_RECEIVED = "not_received", IncidentKind.GAP, Ends.WHEN_OVER
    FILE_MISSING = "file_missing", IncidentKind.GAP, Ends.WHEN_OVER
    FILE_SIZE_DIFFERS = "file_size_differs", IncidentKind.MISMATCH, Ends.WHEN_OVER
    CONTENT_CHANGED = "content_changed", IncidentKind.MISMATCH, Ends.WHEN_OVER
    OFFICE_COPY_MISSING = "office_copy_missing", IncidentKind.GAP, Ends.WHEN_OVER
    COPIES_DIFFER = "copies_differ", IncidentKind.MISMATCH, Ends.BY_HAND
    SEQUENCE_SKIPPED = "sequence_skipped", IncidentKind.GAP, Ends.WHEN_OVER
    OFFICE_SILENT = "office_silent", IncidentKind.FAULT, Ends.WHEN_OVER
    CLOCK_OFF = "clock_off", IncidentKind.FAULT, Ends.WHEN_OVER
    DRAW_UNCOMMITTED = "draw_uncommitted", IncidentKind.OVERDUE, Ends.WHEN_OVER
    DRAW_NODE_SILENT = "draw_node_silent", IncidentKind.OVERDUE, Ends.BY_HAND
    DRAW_LISTS_DIFFER = "draw_lists_differ", IncidentKind.MISMATCH, Ends.WHEN_OVER
    DRAW_SHARE_WRONG = "draw_share_wrong", IncidentKind.MISMATCH, Ends.BY_HAND
    DRAWN_WITHOUT_AUDIO = "drawn_without_audio", IncidentKind.GAP, Ends.BY_HAND
    REVIEW_OVERDUE = "review_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    REQUEST_OVERDUE = "request_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    AUDIT_BROKEN = "audit_broken", IncidentKind.MISMATCH, Ends.BY_HAND
    HEAD_DIFFERS = "head_differs", IncidentKind.MISMATCH, Ends.WHEN_OVER
    DISK_LOW = "disk_low", IncidentKind.FAULT, Ends.WHEN_OVER
    DISK_FAULT = "disk_fault", IncidentKind.FAULT, Ends.WHEN_OVER
    BACKLOG_OLD = "backlog_old", IncidentKind.OVERDUE, Ends.WHEN_OVER
    HEAD_LATE = "head_late", IncidentKind.OVERDUE, Ends.WHEN_OVER
    DRAW_OUT_OF_ORDER = "draw_out_of_order", IncidentKind.MISMATCH, Ends.WHEN_OVER
    DRAW_WHOLE = "draw_whole", IncidentKind.OVERDUE, Ends.BY_HAND
    DRAW_UNCONFIRMED = "draw_unconfirmed", IncidentKind.OVERDUE, Ends.BY_HAND
    DRAW_TICKETS_DIFFER = "draw_tickets_differ", IncidentKind.MISMATCH, Ends.WHEN_OVER
    DRAW_TICKETS_UNREPORTED = "draw_tickets_unreported", IncidentKind.OVERDUE, Ends.WHEN_OVER
    DRAW_UNCHECKED = "draw_unchecked", IncidentKind.GAP, Ends.BY_HAND
    DRAW_CALL_UNLISTED = "draw_call_unlisted", IncidentKind.MISMATCH, Ends.WHEN_OVER
    ANSWER_TAKEN_BACK = "answer_taken_back", IncidentKind.MISMATCH, Ends.BY_HAND
    ONE_WAY_AUDIO = "one_way_audio", IncidentKind.FAULT, Ends.BY_HAND
    OFFER_REFUSED = "offer_refused", IncidentKind.FAULT, Ends.BY_HAND
    OFFICE_FLOODS = "office_floods", IncidentKind.FAULT, Ends.BY_HAND
    CERTIFICATE_ENDS = "certificate_ends", IncidentKind.OVERDUE, Ends.WHEN_OVER
    TIME_IMPOSSIBLE = "time_impossible", IncidentKind.FAULT, Ends.BY_HAND
    WORK_SET_ASIDE = "work_set_aside", IncidentKind.FAULT, Ends.WHEN_OVER
    CLOCK_BEHIND = "clock_behind", IncidentKind.FAULT, Ends.WHEN_OVER
    CALENDAR_PROVISIONAL = "calendar_provisional", IncidentKind.FAULT, Ends.WHEN_OVER, About.WORK
    FINDING_UNTREATED = "finding_untreated", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    RECTIFICATION_OVERDUE = "rectification_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    WAITS_FOR_NOBODY = "waits_for_nobody", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    POST_EMPTY = "post_empty", IncidentKind.FAULT, Ends.WHEN_OVER, About.WORK
    SIGN_OVERDUE = "sign_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    DISCIPLINE_OVERDUE = "discipline_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    APPEAL_OVERDUE = "appeal_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    ROSTER_HOLE = "roster_hole", IncidentKind.FAULT, Ends.WHEN_OVER, About.WORK
    COMPLAINT_OVERDUE = "complaint_overdue", IncidentKind.OVERDUE, Ends.WHEN_OVER, About.WORK
    BACKUP_LATE = "backup_late", IncidentKind.OVERDUE, Ends.WHEN_OVER
    BACKUP_UNVERIFIED = "backup_unverified", IncidentKind.OVERDUE, Ends.WHEN_OVER
    BACKUP_DAMAGED = "backup_damaged", IncidentKind.MISMATCH, Ends.WHEN_OVER
