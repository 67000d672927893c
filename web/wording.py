"""Texts on the screen about refusals, HTTP answers, roles and fields, in the person's language."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from supervision.actor import Role
from supervision.errors import Busy, Conflict, InvalidInput, NotFound, Refused
from supervision.people.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, PasswordFault
from web.assessment import wording as assessment_wording
from web.complaints import wording as complaint_wording
from web.design.navigation import Group
from web.discipline import wording as discipline
from web.field_names import field_names
from web.language import gettext, ngettext
from web.rosters import wording as roster_wording

NOTHING_WRONG: Mapping[str, str] = MappingProxyType({})


def role(value: Role) -> str:
    """A role, as the bureau calls it."""
    return {
        Role.OFFICER: gettext("Officer"),
        Role.OFFICE_LEADER: gettext("Office leader"),
        Role.SUPERVISOR: gettext("Supervisor"),
        Role.SUPERVISION_HEAD: gettext("Supervision head"),
        Role.BUREAU_LEADER: gettext("Bureau leader"),
        Role.SYSTEM_ADMINISTRATOR: gettext("System administrator"),
        Role.SECURITY_ADMINISTRATOR: gettext("Security administrator"),
        Role.AUDITOR: gettext("Auditor"),
    }[value]


def menu_group(value: Group) -> str:
    """A group of the menu."""
    return {
        Group.PHONE: gettext("Telephone"),
        Group.REVIEW: gettext("Draws and reviews"),
        Group.IMPROVE: gettext("Findings and rectification"),
        Group.CONDUCT: gettext("Complaints and assessment"),
        Group.RECORDINGS: gettext("Recordings"),
        Group.SYSTEM: gettext("Rules and system"),
    }[value]


def refusal(error: Exception) -> str:
    """Why it was not done."""
    if isinstance(error, Refused):
        return _held(error) or roster_wording.refused_there(error.reason, error.detail) or _refused(error.reason)
    if isinstance(error, InvalidInput):
        return invalid(error)
    if isinstance(error, Busy):
        return _busy(error)
    if isinstance(error, NotFound):
        return status_explained(HTTPStatus.NOT_FOUND)
    if isinstance(error, Conflict) or type(error).__name__ == "StaleDataError":
        return gettext("Somebody else changed this meanwhile. Look at it again, then decide.")
    return status_explained(HTTPStatus.SERVICE_UNAVAILABLE)


def by_field(error: InvalidInput) -> dict[str, str]:
    """What is wrong, by the field beside which a page says it."""
    return {error.where: invalid(error)}


def invalid(error: InvalidInput) -> str:
    """What is wrong with a field."""
    known = {
        ("password", PasswordFault.TOO_SHORT): gettext(
            "Give a password of at least %(number)s characters.", number=SHORTEST_PASSWORD
        ),
        ("password", PasswordFault.COMMON): gettext(
            "This password is among the first that are guessed. Take a few words that do not belong together."
        ),
        ("password", PasswordFault.TOO_LONG): gettext(
            "Give a password of at most %(number)s characters.", number=LONGEST_PASSWORD
        ),
        ("password", PasswordFault.IS_LOGIN): gettext("The password must not be the sign-in name."),
        ("password", PasswordFault.ONE_CHARACTER): gettext("The password must not be one character repeated."),
        ("password", "unchanged"): gettext("The new password must differ from the old one."),
        ("password", "missing"): gettext("Give your password."),
        ("password", "new_missing"): gettext("Give a new password."),
        ("again", "differs"): gettext("The two do not agree."),
        ("current", "missing"): gettext("Give your current password."),
        ("current", "wrong"): gettext("The current password is not right."),
        ("login", "missing"): gettext("Give your sign-in name."),
        ("login", "taken"): gettext("There is an account with this sign-in name already."),
        ("login", "malformed"): gettext("Use 2 to 32 small letters, digits, dots, hyphens or underscores."),
        ("name", "empty"): gettext("Give the person's name."),
        ("name", "too_long"): gettext("The name is too long."),
        ("office", "missing"): gettext("This role belongs to an office: choose which."),
        ("office", "not_for_role"): gettext("This role belongs to no office: leave it empty."),
        ("office", "unknown"): gettext("There is no such office."),
        ("person", "missing"): gettext("Choose a person."),
        ("owner", "unknown"): gettext("Choose somebody of the section, or a leader of the office."),
        ("person", "unknown"): gettext("Choose somebody of the office, or who answered one of the calls."),
        ("person", "not_of_office"): gettext("Only an active account of this office can sit here."),
        ("since", "too_far"): gettext("At most a year ahead."),
        ("until", "before_since"): gettext("The end must lie after the beginning."),
        ("reason", "missing"): gettext("Give the reason."),
        ("marks", "reason_missing"): gettext(
            "Each deduction, and each criterion that is left out, needs its reason: write it beside the points."
        ),
        ("calls", "none"): gettext("Choose at least one call."),
        ("dice", "malformed"): gettext("Give at least three dice, each from 1 to 6, such as 3 6 1 1 5."),
        ("findings", "missing"): gettext("Choose at least one finding."),
        ("findings", "too_many_findings"): gettext("These are too many findings for one notice."),
        ("findings", "two_offices"): gettext("A notice is about findings of one office."),
        ("attachment", "file_empty"): gettext("An attached file is empty."),
        ("attachment", "file_too_large"): gettext("An attached file is larger than 10 MB."),
        ("attachment", "too_many_files"): gettext("These are too many files: at most five."),
        ("attachment", "too_much_today"): gettext(
            "The office has attached very much within a day. Reply without files, or attach them tomorrow."
        ),
        ("attachment", "file_type"): gettext(
            "An attached file is no PDF, JPEG, PNG, Word or Excel document, or it has macros."
        ),
        ("evaluations", "missing"): gettext("Choose at least one evaluation."),
        ("evaluations", "too_many_grounds"): gettext("These are too many evaluations for one record."),
        ("evaluations", "several_people"): gettext(
            "A record is about one person: these calls were answered by several."
        ),
        ("evaluations", "nobody_known"): gettext("Nobody is known to have answered this call."),
        **assessment_wording.faults(),
        **roster_wording.faults(),
        **discipline.faults(),
        ("witnesses", "missing"): gettext("Name two witnesses, two different people."),
    }.get((error.where, error.wrong))
    field = field_names().get(error.where.partition("-")[0]) or gettext("What was given")
    if error.wrong == "too_long":
        return known or gettext("%(field)s: the text is too long.", field=field)
    if error.wrong in {"control_characters", "cannot_be_stored", "malformed"} and known is None:
        return gettext("%(field)s: there are characters in it that cannot be used.", field=field)
    if error.wrong == "to_come":
        return gettext("%(field)s: that day is still to come.", field=field)
    if error.wrong == "before_first":
        return gettext("%(field)s: it lies before the first day.", field=field)
    if error.wrong in {"missing", "nothing"}:
        return known or gettext("%(field)s: this is missing.", field=field)
    return known or gettext("%(field)s: “%(value)s” will not do.", field=field, value=error.wrong)


def status_title(status: HTTPStatus) -> str:
    """An HTTP answer in a few words."""
    return {
        HTTPStatus.BAD_REQUEST: gettext("The request could not be understood"),
        HTTPStatus.UNAUTHORIZED: gettext("Please sign in"),
        HTTPStatus.FORBIDDEN: gettext("Not for your role"),
        HTTPStatus.NOT_FOUND: gettext("There is nothing here"),
        HTTPStatus.CONFLICT: gettext("This cannot be done now"),
        HTTPStatus.GONE: gettext("This was deleted"),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: gettext("This is too large"),
        HTTPStatus.UNPROCESSABLE_ENTITY: gettext("Something in the form will not do"),
        HTTPStatus.TOO_MANY_REQUESTS: gettext("Too much at once"),
        HTTPStatus.INTERNAL_SERVER_ERROR: gettext("Something went wrong on our side"),
        HTTPStatus.SERVICE_UNAVAILABLE: gettext("Away for the moment"),
    }.get(status, gettext("This cannot be done"))


def status_explained(status: HTTPStatus) -> str:
    """The same in a sentence that says what to do."""
    return {
        HTTPStatus.BAD_REQUEST: gettext(
            "The page may have been open for too long. Go back, reload it and try again."
        ),
        HTTPStatus.UNAUTHORIZED: gettext("Your session has ended, or you have not signed in yet."),
        HTTPStatus.FORBIDDEN: gettext("If you need it for your work, ask the security administrator."),
        HTTPStatus.NOT_FOUND: gettext("The page or record does not exist, or it is not among those you may see."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: gettext("Send less: at most five files of 10 MB each."),
        HTTPStatus.INTERNAL_SERVER_ERROR: gettext("The fault has been written down. Please try again."),
        HTTPStatus.SERVICE_UNAVAILABLE: gettext("A part of the system is away. Please try again in a minute."),
    }.get(status, gettext("Please go back and try again."))


def reset_objection(reason: str) -> str:
    """Why somebody cannot agree as the second person; empty where he can."""
    return _refused(reason) if reason else ""


def _busy(error: Busy) -> str:
    """What there is too much of at this moment, and what to do."""
    return {
        "sign_in": ngettext(
            "Too many attempts from here. Try again in %(num)s second, or from another machine.",
            "Too many attempts from here. Try again in %(num)s seconds, or from another machine.",
            error.retry_after_s,
        ),
        "passwords": gettext("Many are signing in at this moment. Try again in a few seconds."),
        "listening_twice": gettext("You listen in two places already: end one of them, and it goes on here."),
        "listening_full": gettext("Too many are listening at this moment; trying again."),
        "documents_are_made": gettext(
            "Other documents are being made at this moment. Try again in a few seconds."
        ),
    }.get(error.reason, status_explained(HTTPStatus.SERVICE_UNAVAILABLE))


def _held(error: Refused) -> str:
    """Who has it in hand, where the refusal names him."""
    if error.detail and error.reason == "in_hand":
        return gettext("%(name)s has this call in hand at the moment.", name=error.detail)
    if error.detail and error.reason == "submitted_already":
        return gettext("%(name)s has reviewed this call already.", name=error.detail)
    return ""


def _refused(reason: str) -> str:
    return {
        "sign_in": gettext("Sign-in name or password is not right."),
        "own_account": gettext("Nobody changes his own account. Another security administrator can."),
        "separate_duties": gettext(
            "System administrator, security administrator and auditor are never one person. "
            "Make a new account for the person who takes over."
        ),
        "reset_not_open": gettext("This has ended or is agreed to already."),
        "reset_open": gettext("Something is asked for this account already: a second person must answer first."),
        "reset_same_person": gettext("You asked for it, or it is your own account: another person must agree."),
        "reset_not_superior": gettext("Only the superior of that role or a security administrator can agree."),
        "reset_too_new": gettext(
            "Your account has had its role for less than 24 hours: another person must agree."
        ),
        "reset_needs_second": gettext("A second person has not agreed yet."),
        "barred_after_reset": gettext(
            "For 24 hours after a password was reset, or a role given, the account does not agree, listen, "
            "download or export."
        ),
        "last_security_administrator": gettext(
            "This is the last active security administrator. Appoint another one first."
        ),
        "people_copy_missing": gettext(
            "Nobody can sign in here yet: this office has not received its accounts from headquarters. "
            "Calls go on and are recorded."
        ),
        "people_copy_stale": gettext(
            "Nobody can sign in here for the moment: headquarters has not been reached for seven days, and the "
            "copy of the accounts no longer holds. Calls go on and are recorded. Sign in at headquarters, or have "
            "the connection put right."
        ),
        "people_at_hq": gettext("Accounts, passwords and desks are changed at headquarters only."),
        "seat_unchanged": gettext("That is how it stands already; nothing was changed."),
        "inactive": gettext("The account is switched off. Switch it on first."),
        "call_over": gettext("The call is over. Its recording can be heard in a few seconds."),
        "listening_over": gettext("This listening has ended. Begin to listen again."),
        "nothing_to_verify": gettext("There is no sealed recording that could be looked through."),
        "too_long_to_print": gettext("This would be too long for a printed document: choose fewer days."),
        "too_many_to_export": gettext("More than 10,000 calls: choose fewer days, then export again."),
        "recording_not_ready": gettext("The recording is not ready yet."),
        "recording_deleted": gettext("The recording was deleted with two people's agreement; the proof is kept."),
        "recording_drawn": gettext("A recording is drawn, and its ticket is open. It can go once that is done."),
        "recording_held": gettext("A recording is under hold. Release the hold first."),
        "recording_in_deletion": gettext("A recording is in another deletion already."),
        "hold_released": gettext("The hold was released before."),
        "deletion_not_open": gettext("The deletion is not open any more."),
        "deletion_agreed_already": gettext("You have agreed already. Another person must be the second."),
        "deletion_needs_head": gettext("One of the two must be the supervision head."),
        "request_decided": gettext("The request is decided; nothing can be added to it."),
        "request_has_call": gettext("The call belongs to this request already."),
        "request_without_call": gettext("No call is tied to the request yet."),
        "request_not_open": gettext("The request is not at this step."),
        "request_not_carried_out": gettext("The deletion that was granted is not carried out yet."),
        "ticket_taken": gettext("Somebody else has this ticket in hand."),
        "another_person": gettext("Another person of headquarters must agree, not the one who proposed it."),
        "not_your_draw": gettext("This list is the other side's to review."),
        "draw_no_dice_now": gettext(
            "Dice are typed in after the list was fixed and before the office gives its number. Not now."
        ),
        "draw_too_late": gettext("Somebody has asked for dice already, or it is too late for them."),
        "own_side": gettext("A witness types dice in on his own side's site."),
        "only_who_asked": gettext("Only the person who asked for dice can withdraw that."),
        "somebody_speaks": gettext("Somebody speaks in this recording, as was measured: it is never unusable."),
        "draw_has_calls": gettext("Only a draw that is made and has no call can be confirmed so."),
        "under_the_floor": gettext("Nobody can lower the floors: offices 20 %, headquarters 10 %."),
        "own_call": gettext("You answered this call yourself: a deputy or headquarters reviews it."),
        "judged_already": gettext("You reviewed this call the first time: another person judges it again."),
        "too_many_windows": gettext(
            "Twenty texts of yours from other windows wait beside this review. Look at them and remove some first."
        ),
        "in_hand": gettext("Somebody else has this call in hand at the moment."),
        "not_in_hand": gettext("You do not have this call in hand. Take it in hand first."),
        "submitted_already": gettext("This call has been reviewed already."),
        "ticket_proposed": gettext("This ticket is proposed as unusable: that is decided first."),
        "no_ticket": gettext("This call was not drawn, so it is no ticket that could be unusable."),
        "hidden_until_rescored": gettext("This evaluation is hidden from headquarters until it is judged again."),
        "not_your_evaluation": gettext("Only its reviewer and the supervision head amend an evaluation."),
        "head_only": gettext("Only the supervision head can do this."),
        "recording_growing": gettext("The call goes on: its recording is sealed once it is over."),
        "authority_key": gettext(
            "The key of the certificate authority is of another kind than this system makes."
        ),
        "signing_key": gettext("The signing key is of another kind than this system makes."),
        "file_exists": gettext("There is a file of that name already, and nothing is overwritten."),
        "security_administrator_exists": gettext(
            "The first two security administrators are there; they make all other accounts."
        ),
        "no_scorecard": gettext("No scorecard is in force. The supervision head can write one."),
        "version_published": gettext("This version is in force or was: it is never changed. Write the next one."),
        "treatment_not_yours": gettext("This is for another person to do."),
        "treatment_about_yourself": gettext("The finding is about yourself: another person treats it."),
        "treatment_same_person": gettext("You wrote it down yourself: another person must agree."),
        "treatment_not_at_this_step": gettext("The finding is not at this step any more."),
        "rectification_not_yours": gettext("This is for the other side to do."),
        "rectification_addressee": gettext("Ask another active person of your own office."),
        "rectification_answered_yourself": gettext("You replied to it: another person must verify and close it."),
        "rectification_judged_yourself": gettext("You verified it before: another person must reply."),
        "rectification_issued_yourself": gettext("You issued it: another person must reply."),
        "rectification_about_yourself": gettext(
            "It is about a call of your own: another person must verify and close it."
        ),
        "rectification_issued_already": gettext(
            "The same was issued already and waits for its reply. Look at it among the notices."
        ),
        "rectification_not_at_this_step": gettext("The rectification is not at this step any more."),
        **discipline.refusals(),
        "sign_not_yours": gettext("This is for the supervision section, or for whoever sees to the measure."),
        "sign_own_measure": gettext("You see to this measure: another of the section may give it another day."),
        "sign_not_at_this_step": gettext("The sign is not at this step any more."),
        "handover_gone": gettext(
            "Something of it does not wait for this person any more. Look again at what does."
        ),
        "handover_not_yours": gettext(
            "Only the person, the leader of the office or the supervision head hands it over."
        ),
        "handover_not_for_him": gettext(
            "This person may not have all of it: look who could take each, and choose again."
        ),
        **assessment_wording.refusals(),
        **complaint_wording.refusals(),
        **roster_wording.refusals(),
        "day_not_entered": gettext("Nothing was entered for this day."),
        "year_known": gettext("This year is known already, or confirmed."),
        "year_not_confirmed": gettext("Nobody has confirmed this year."),
        "regulation_retired": gettext("This version is no longer in force: confirm the new one."),
    }.get(reason, gettext("The rules do not allow this in the present state."))
