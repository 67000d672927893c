"""Texts on the screen about acts and faults of the chain."""

from collections.abc import Sequence

from supervision.audit.checkpoints import SignedHeads
from supervision.audit.rules import CheckpointFault, Fault, Head, Verdict
from web.language import gettext, ngettext


def act(value: str) -> str:
    """An act, in a few words; one that is not known yet as it is written."""
    return {
        "evaluation_put_back": gettext("Evaluation put back"),
        "evaluation_taken": gettext("Evaluation taken"),
        "regulation_changed": gettext("Regulation draft changed"),
        "regulation_drafted": gettext("Regulation drafted"),
        "regulation_published": gettext("Regulation published"),
        "rescore_chosen": gettext("Chosen to be scored again"),
        "scorecard_changed": gettext("Scorecard draft changed"),
        "scorecard_drafted": gettext("Scorecard drafted"),
        "scorecard_published": gettext("Scorecard published"),
        "comparison_asked": gettext("Comparison of all witnesses asked for"),
        "verification_asked": gettext("Look through a recording's content asked for"),
        "account_changed": gettext("Account changed"),
        "password_reset_agreed": gettext("Password reset agreed to"),
        "password_reset_asked": gettext("Password reset asked for"),
        "password_reset_refused": gettext("Password reset refused"),
        "role_agreed": gettext("Role agreed to"),
        "role_asked": gettext("Role asked for"),
        "role_refused": gettext("Role refused"),
        "account_created": gettext("Account made"),
        "audit_exported": gettext("Audit log taken away"),
        "audit_verified": gettext("Audit log verified"),
        "certificates_renewed": gettext("Certificates renewed"),
        "database_restored": gettext("Database restored from a backup"),
        "certificate_made": gettext("Completeness certificate made"),
        "deletion_agreed": gettext("Deletion agreed to"),
        "deletion_declined": gettext("Deletion declined"),
        "deletion_proposed": gettext("Deletion proposed"),
        "hold_placed": gettext("Hold placed"),
        "hold_released": gettext("Hold released"),
        "recording_deleted": gettext("Recording deleted"),
        "request_call_tied": gettext("Call tied to a request"),
        "request_closed": gettext("Request closed"),
        "request_granted": gettext("Request granted"),
        "request_identified": gettext("Who asks was made sure"),
        "request_letter_added": gettext("Letter kept with a request"),
        "request_refused": gettext("Request refused"),
        "request_registered": gettext("Request entered"),
        "request_withdrawn": gettext("Request withdrawn"),
        "retention_set": gettext("Retention time set"),
        "desk_assigned": gettext("Person put at a desk"),
        "roster_shift_set": gettext("Roster: shift written into the draft"),
        "roster_shift_removed": gettext("Roster: shift taken out of the draft"),
        "roster_post_moved": gettext("Roster: person moved in the draft"),
        "roster_copied": gettext("Roster: last week copied into the draft"),
        "roster_taken_over": gettext("Roster: posts taken over in the draft"),
        "roster_draft_discarded": gettext("Roster: draft given up"),
        "roster_put_in_force": gettext("Roster put in force"),
        "office_hours_set": gettext("Working hours of an office set"),
        "line_ways_set": gettext("Ways of a line set"),
        "leave_entered": gettext("Leave entered"),
        "leave_withdrawn": gettext("Leave taken back"),
        "deputy_named": gettext("Deputy of a backup leader named"),
        "deputy_withdrawn": gettext("Deputy of a backup leader taken back"),
        "draw_agreed": gettext("Draw: lists agreed on"),
        "draw_dice_typed": gettext("Draw: dice written down"),
        "draw_frozen": gettext("Draw: list frozen"),
        "draw_dice_asked": gettext("Draw: dice asked for"),
        "draw_dice_withdrawn": gettext("Draw: dice no longer asked for"),
        "draw_made": gettext("Draw made"),
        "draw_none_confirmed": gettext("Draw: confirmed that there were no calls"),
        "draw_norm_set": gettext("Rate of draws set"),
        "draw_reviewer": gettext("Draw: whole list is headquarters' to review"),
        "draw_shrunk": gettext("Draw: whole list shrunk to its tickets"),
        "draw_whole": gettext("Draw: whole list due"),
        "days_entered": gettext("Working days entered"),
        "day_withdrawn": gettext("Entry of a working day taken back"),
        "year_confirmed": gettext("Calendar of a year confirmed"),
        "year_withdrawn": gettext("Confirmation of a year's calendar taken back"),
        "person_treated": gettext("Education or criticism written down"),
        "finding_prevented": gettext("Prevention of a finding written down"),
        "none_needed_agreed": gettext("Agreed that no prevention is needed"),
        "none_needed_declined": gettext("Not agreed that no prevention is needed"),
        "treatment_confirmed": gettext("Treatment confirmed by the person"),
        "finding_recounted": gettext("Due day of a finding counted again"),
        "request_recounted": gettext("Due day of a caller's request counted again"),
        "finding_in_rectification": gettext("Finding put into a rectification"),
        "finding_out_of_rectification": gettext("Finding in no rectification any more"),
        "rectification_issued": gettext("Rectification issued"),
        "rectification_answered": gettext("Rectification replied to"),
        "rectification_returned": gettext("Reply to a rectification returned"),
        "rectification_verified": gettext("Reply to a rectification verified"),
        "rectification_closed": gettext("Rectification closed"),
        "rectification_withdrawn": gettext("Rectification withdrawn"),
        "rectification_recurred": gettext("Rectification recurred"),
        "rectification_recounted": gettext("Due day of a rectification counted again"),
        "sign_marked": gettext("Early sign marked"),
        "sign_measure_taken": gettext("Measure for an early sign"),
        "sign_measure_passed": gettext("Measure for an early sign handed over"),
        "rectification_passed": gettext("Rectification handed over"),
        "sign_dismissed": gettext("Early sign dismissed"),
        "sign_finished": gettext("Measure for an early sign done"),
        "record_proposed": gettext("Discipline or commendation proposed"),
        "record_decided": gettext("Discipline or commendation decided"),
        "record_declined": gettext("Discipline or commendation declined"),
        "record_withdrawn": gettext("Proposal of discipline or commendation withdrawn"),
        "record_confirmed": gettext("Discipline or commendation confirmed by the person"),
        "record_fell": gettext("Discipline or commendation fell with what it rested on"),
        "appeal_filed": gettext("Appeal filed"),
        "appeal_retracted": gettext("Appeal retracted"),
        "appeal_dismissed": gettext("Appeal dismissed"),
        "appeal_upheld": gettext("Appeal upheld"),
        "appeal_moot": gettext("Appeal without object any more"),
        "decision_printed": gettext("Decision put on paper"),
        "evidence_taken": gettext("Evidence package taken"),
        "decision_recounted": gettext("Due day of a decision counted again"),
        "judgement_read": gettext("Judgement read by the person"),
        "evaluation_set_aside": gettext("Evaluation set aside after an appeal"),
        "complaint_registered": gettext("Complaint entered"),
        "complaint_call_tied": gettext("Call tied to a complaint"),
        "complaint_call_untied": gettext("Call untied from a complaint"),
        "complaint_passed": gettext("Complaint handed over"),
        "complaint_taken": gettext("Complaint taken in hand"),
        "complaint_proposed": gettext("Complaint: decision proposed"),
        "complaint_returned": gettext("Complaint given back to who handles it"),
        "complaint_decided": gettext("Complaint decided"),
        "complaint_closed": gettext("Complaint answered"),
        "complaint_corrected": gettext("Entry of a complaint corrected"),
        "complaint_withdrawn": gettext("Complaint withdrawn"),
        "complaint_reopened": gettext("Complaint reopened"),
        "complaint_recounted": gettext("Due day of a complaint counted again"),
        "complaint_discipline_linked": gettext("Discipline record tied to a complaint"),
        "assessment_closed": gettext("Month of assessments closed"),
        "assessment_corrected": gettext("Closed month of assessments corrected"),
        "assessment_exported": gettext("Assessments exported"),
        "assessment_weights_set": gettext("Weights of assessments set"),
        "zero_attested": gettext("Month attested to have had no complaint"),
        "zero_revoked": gettext("Attestation of a month revoked by a complaint"),
        "evaluation_amended": gettext("Evaluation amended"),
        "evaluation_counted": gettext("Evaluation counted"),
        "evaluation_submitted": gettext("Evaluation submitted"),
        "regulation_confirmed": gettext("Regulation confirmed"),
        "ticket_handed_over": gettext("Ticket handed over"),
        "incident_acknowledged": gettext("Incident taken note of"),
        "listening_ended": gettext("Listening ended"),
        "listening_started": gettext("Listening began"),
        "live_listening_ended": gettext("Live listening ended"),
        "live_listening_started": gettext("Live listening began"),
        "number_searched": gettext("Calls looked for by number"),
        "number_unmasked": gettext("Caller's number shown"),
        "office_loaded": gettext("Office description loaded"),
        "sent_anew": gettext("Sent all facts to headquarters anew, after the database was put back from a copy"),
        "password_changed": gettext("Own password changed"),
        "password_issued": gettext("Temporary password issued"),
        "password_refused": gettext("Current password wrong"),
        "people_copied": gettext("Copy of the people received"),
        "calls_exported": gettext("List of calls exported"),
        "figures_exported": gettext("Figures of a chart exported"),
        "recording_downloaded": gettext("Recording downloaded"),
        "seat_refused": gettext("Person at a desk refused"),
        "session_expired": gettext("Session ran out"),
        "sign_in_refused": gettext("Sign-in refused"),
        "signed_in": gettext("Signed in"),
        "ticket_done": gettext("Ticket reviewed"),
        "ticket_given_back": gettext("Ticket given back"),
        "ticket_taken": gettext("Ticket taken in hand"),
        "ticket_unusable_decided": gettext("Unusable ticket decided"),
        "ticket_unusable_proposed": gettext("Ticket proposed as unusable"),
        "signed_out": gettext("Session ended"),
    }.get(value, value)


def subject(kind: str) -> str:
    """What an act was done to; a kind that is not known yet as it is written."""
    return {
        "account": gettext("Account"),
        "audit": gettext("Audit"),
        "call": gettext("Call"),
        "calls": gettext("Calls"),
        "certificate": gettext("Certificate"),
        "backup": gettext("Backup"),
        "deletion": gettext("Deletion"),
        "desk": gettext("Desk"),
        "draw": gettext("Draw"),
        "evaluation": gettext("Evaluation"),
        "figures": gettext("Figures"),
        "incident": gettext("Incident"),
        "norm": gettext("Rate"),
        "office": gettext("Office"),
        "recording": gettext("Recording"),
        "regulation": gettext("Regulation"),
        "scorecard": gettext("Scorecard"),
        "request": gettext("Caller's request"),
        "retention": gettext("Retention"),
        "ticket": gettext("Ticket"),
        "treatment": gettext("Finding"),
        "rectification": gettext("Rectification"),
        "sign": gettext("Early sign"),
        "record": gettext("Discipline or commendation"),
        "appeal": gettext("Appeal"),
        "assessment": gettext("Assessment"),
        "assessment_weights": gettext("Weights"),
        "complaint": gettext("Complaint"),
        "complaint_month": gettext("Month of complaints"),
        "days": gettext("Working days"),
        "year": gettext("Year"),
    }.get(kind, kind)


def act_tone(value: str) -> str:
    """How much an act stands out in the list."""
    if value in {"sign_in_refused", "password_refused"}:
        return "bad"
    if value in {
        "calls_exported",
        "figures_exported",
        "evidence_taken",
        "number_searched",
        "number_unmasked",
        "recording_downloaded",
        "listening_started",
        "listening_ended",
        "live_listening_started",
        "live_listening_ended",
    }:
        return "info"
    return "warn" if value in {"account_changed", "account_created", "password_issued"} else ""


def verdict(found: Verdict) -> str:
    """What verifying found, in a sentence."""
    if found.fault is None:
        return ngettext(
            "The chain is sound: %(num)s entry, none altered, removed or slipped in.",
            "The chain is sound: %(num)s entries, none altered, removed or slipped in.",
            found.entries,
        )
    return {
        Fault.MISSING: gettext(
            "Entry %(n)s is not where it should be: entries were removed or slipped in.",
            n=found.bad_n,
        ),
        Fault.ALTERED: gettext("Entry %(n)s was altered after it was written.", n=found.bad_n),
        Fault.NOT_CHAINED: gettext(
            "Entry %(n)s does not follow from the one before it: something was slipped in or replaced.",
            n=found.bad_n,
        ),
        Fault.OTHER_HEAD: gettext(
            "Entry %(n)s is not the one whose head was kept: the chain up to it was rewritten.", n=found.bad_n
        ),
        Fault.CUT_OFF: gettext("Entry %(n)s and those after it were cut off.", n=found.bad_n),
    }[found.fault]


def signed(found: SignedHeads) -> str:
    """What the signed heads that are here say, in a sentence; nothing where there is none."""
    if found.faults:
        number, fault = found.faults[0]
        return gettext("Signed head No. %(number)s: %(fault)s", number=number, fault=_fault_of_signed(fault))
    return ngettext(
        "%(num)s signed head was checked as well: its signature is right.",
        "%(num)s signed heads were checked as well: all signatures are right, and each follows from the last.",
        len(found.heads),
    )


def _fault_of_signed(fault: CheckpointFault) -> str:
    return {
        CheckpointFault.UNREADABLE: gettext("it is none; somebody wrote to this table."),
        CheckpointFault.NOT_SIGNED: gettext("its signature is wrong; somebody wrote to this table."),
        CheckpointFault.WENT_BACK: gettext("it names an earlier number; somebody wrote to this table."),
        CheckpointFault.NOT_CHAINED: gettext("it does not follow from the one before; one was replaced."),
        CheckpointFault.OTHER_HEAD: gettext("the log was shorter or another than at the one before."),
        CheckpointFault.OTHER_KEY: gettext("it is signed with another key than the one before."),
    }[fault]


def not_covered(found: Verdict, kept: Sequence[Head]) -> str:
    """What verifying cannot tell, against heads from elsewhere."""
    if kept:
        return gettext(
            "The heads that you gave cover entries 1 to %(n)s. "
            "Later entries could still have been rewritten or cut off as a whole.",
            n=max(head.n for head in kept),
        )
    if found.covered_n:
        return gettext(
            "Against anybody without the signing key the signed heads here cover entries 1 to %(n)s. "
            "Whoever has the key as well is found by the heads that an office keeps: give those.",
            n=found.covered_n,
        )
    return gettext(
        "Without a head kept elsewhere, it cannot be known whether the chain was rewritten as a whole or cut off "
        "at its end. Keep the head above and give it next time."
    )
