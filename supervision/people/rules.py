"""Who may do what, and whose records he sees: one table, deny unless listed (domain.md, "People …")."""

import enum
from collections.abc import Mapping
from types import MappingProxyType

from supervision.actor import OFFICE_ROLES, Role


class Act(enum.StrEnum):
    """What can be done; every route of the site declares one (or that it is public, or for all signed in)."""

    SEE_CALLS = "see_calls"
    LISTEN = "listen"
    HEAR = "hear"
    DOWNLOAD = "download"
    UNMASK = "unmask"
    SEE_INCIDENTS = "see_incidents"
    HANDLE_INCIDENTS = "handle_incidents"
    SEE_ACCOUNTS = "see_accounts"
    CHANGE_ACCOUNTS = "change_accounts"
    SEE_AUDIT = "see_audit"
    VERIFY_AUDIT = "verify_audit"
    SEE_CHECKPOINTS = "see_checkpoints"
    SEE_OFFICES = "see_offices"
    SEE_DESKS = "see_desks"
    ASSIGN_DESKS = "assign_desks"
    SEE_MACHINES = "see_machines"
    SEE_DRAWS = "see_draws"
    WORK_ON_DRAWS = "work_on_draws"
    JUDGE_TICKETS = "judge_tickets"
    SETTLE_DRAWS = "settle_draws"
    SEE_CERTIFICATE = "see_certificate"
    MAKE_CERTIFICATE = "make_certificate"
    SEE_RETENTION = "see_retention"
    PLACE_HOLDS = "place_holds"
    AGREE_DELETIONS = "agree_deletions"
    SET_RETENTION = "set_retention"
    HANDLE_REQUESTS = "handle_requests"
    DECIDE_REQUESTS = "decide_requests"
    EVALUATE = "evaluate"
    CHECK_DIRECTLY = "check_directly"
    SEE_EVALUATIONS = "see_evaluations"
    SEE_NORMS = "see_norms"
    WRITE_NORMS = "write_norms"
    SEE_CONFIRMATIONS = "see_confirmations"
    SEE_DRIFT = "see_drift"
    AGREE_RESETS = "agree_resets"
    SEE_ROSTERS = "see_rosters"
    EDIT_ROSTERS = "edit_rosters"
    SEE_WORKDAYS = "see_workdays"
    ENTER_WORKDAYS = "enter_workdays"
    SEE_FINDINGS = "see_findings"
    TREAT_FINDINGS = "treat_findings"
    CONFIRM_TREATMENTS = "confirm_treatments"
    SEE_RECTIFICATIONS = "see_rectifications"
    ISSUE_RECTIFICATIONS = "issue_rectifications"
    ANSWER_RECTIFICATIONS = "answer_rectifications"
    SEE_SIGNS = "see_signs"
    HANDLE_SIGNS = "handle_signs"
    FINISH_SIGNS = "finish_signs"
    SEE_DISCIPLINE = "see_discipline"
    PROPOSE_DISCIPLINE = "propose_discipline"
    DECIDE_DISCIPLINE = "decide_discipline"
    APPEAL = "appeal"
    DECIDE_APPEALS = "decide_appeals"
    TAKE_EVIDENCE = "take_evidence"
    HAND_OVER = "hand_over"
    HANDLE_COMPLAINTS = "handle_complaints"
    SEE_COMPLAINT_FIGURES = "see_complaint_figures"
    ATTEST_ZERO = "attest_zero"
    REOPEN_COMPLAINTS = "reopen_complaints"
    SEE_ASSESSMENT = "see_assessment"
    EXPORT_ASSESSMENT = "export_assessment"
    SEE_WEIGHTS = "see_weights"
    CLOSE_MONTHS = "close_months"


_SECTION = frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD})
_LISTENERS = _SECTION | {Role.OFFICE_LEADER}

ALLOWED: Mapping[Act, frozenset[Role]] = MappingProxyType(
    {
        Act.SEE_CALLS: _LISTENERS | {Role.OFFICER},
        Act.LISTEN: _LISTENERS,
        # An officer hears no more than what was judged of his own (see `evaluations.queries.refuse_unjudged`).
        # The bureau leader hears what belongs to an appeal before him (`discipline.queries.may_hear_appealed`).
        Act.HEAR: _LISTENERS | {Role.OFFICER, Role.BUREAU_LEADER},
        Act.DOWNLOAD: _LISTENERS,
        Act.UNMASK: _LISTENERS,
        Act.SEE_INCIDENTS: _LISTENERS | {Role.SYSTEM_ADMINISTRATOR},
        Act.HANDLE_INCIDENTS: _LISTENERS | {Role.SYSTEM_ADMINISTRATOR},
        # A leader sees who his people are; whoever grants makes and changes them.
        Act.SEE_ACCOUNTS: frozenset({Role.OFFICE_LEADER, Role.SECURITY_ADMINISTRATOR}),
        Act.CHANGE_ACCOUNTS: frozenset({Role.SECURITY_ADMINISTRATOR}),
        # The second person of a reset; whose superior he must be is in `reset_rules`.
        Act.AGREE_RESETS: frozenset({Role.SECURITY_ADMINISTRATOR, Role.SUPERVISION_HEAD, Role.BUREAU_LEADER}),
        Act.SEE_DESKS: _LISTENERS | {Role.SECURITY_ADMINISTRATOR},
        Act.ASSIGN_DESKS: frozenset({Role.OFFICE_LEADER, Role.SECURITY_ADMINISTRATOR}),
        Act.SEE_AUDIT: frozenset({Role.AUDITOR}),
        Act.VERIFY_AUDIT: frozenset({Role.AUDITOR}),
        # The office keeps headquarters' signed heads: its leader hands them out, the auditor compares them.
        Act.SEE_CHECKPOINTS: frozenset({Role.OFFICE_LEADER, Role.AUDITOR}),
        # Lists, shares and tickets are published; whoever watches the watchers sees them, no recording with them.
        Act.SEE_DRAWS: _LISTENERS | {Role.BUREAU_LEADER, Role.AUDITOR},
        Act.WORK_ON_DRAWS: _LISTENERS,
        Act.JUDGE_TICKETS: frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD}),
        Act.SETTLE_DRAWS: frozenset({Role.SUPERVISION_HEAD}),
        Act.EVALUATE: _LISTENERS,
        Act.CHECK_DIRECTLY: frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD}),
        Act.SEE_EVALUATIONS: _LISTENERS | {Role.OFFICER},
        # Regulation and scorecards bind everybody, so everybody reads them; the head writes them.
        Act.SEE_NORMS: frozenset(Role),
        Act.WRITE_NORMS: frozenset({Role.SUPERVISION_HEAD}),
        Act.SEE_CONFIRMATIONS: _LISTENERS,
        Act.SEE_DRIFT: frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD, Role.BUREAU_LEADER}),
        # How far each office's facts have come: figures and machinery, no call and no recording.
        Act.SEE_OFFICES: frozenset(
            {
                Role.SUPERVISOR,
                Role.SUPERVISION_HEAD,
                Role.BUREAU_LEADER,
                Role.SYSTEM_ADMINISTRATOR,
                Role.AUDITOR,
            }
        ),
        # Figures, call numbers and hashes, no audio: what the auditor reports on. The bureau leader sees figures.
        Act.SEE_CERTIFICATE: _LISTENERS | {Role.BUREAU_LEADER, Role.AUDITOR},
        Act.MAKE_CERTIFICATE: _LISTENERS | {Role.AUDITOR},
        Act.SEE_RETENTION: _SECTION | {Role.AUDITOR},
        Act.PLACE_HOLDS: _SECTION,
        Act.AGREE_DELETIONS: _SECTION,
        Act.SET_RETENTION: frozenset({Role.SUPERVISION_HEAD}),
        Act.HANDLE_REQUESTS: _SECTION,
        Act.DECIDE_REQUESTS: frozenset({Role.SUPERVISION_HEAD}),
        # Who is on duty when, everybody of the office must know; its leader and the section write it.
        Act.SEE_ROSTERS: _LISTENERS | {Role.OFFICER, Role.BUREAU_LEADER},
        Act.EDIT_ROSTERS: _LISTENERS,
        # Whoever keeps deadlines looks; the head enters what the published calendar does not know.
        Act.SEE_WORKDAYS: _LISTENERS | {Role.BUREAU_LEADER},
        Act.ENTER_WORKDAYS: frozenset({Role.SUPERVISION_HEAD}),
        # An officer sees what was found in his own calls and what he is asked; the rooms' rules say which.
        Act.SEE_FINDINGS: _LISTENERS | {Role.OFFICER},
        Act.TREAT_FINDINGS: _LISTENERS,
        Act.CONFIRM_TREATMENTS: _LISTENERS | {Role.OFFICER},  # also of who has come to the section since
        Act.SEE_RECTIFICATIONS: _LISTENERS | {Role.OFFICER},
        Act.ISSUE_RECTIFICATIONS: _LISTENERS,
        Act.ANSWER_RECTIFICATIONS: OFFICE_ROLES,
        Act.SEE_SIGNS: _LISTENERS | {Role.BUREAU_LEADER},
        Act.HANDLE_SIGNS: _SECTION,
        Act.FINISH_SIGNS: _LISTENERS,  # of an office's leader, what he was asked to see to
        # Each sees another part: the rooms' rules say which (`discipline.queries`).
        Act.SEE_DISCIPLINE: _LISTENERS | {Role.OFFICER, Role.BUREAU_LEADER},
        Act.PROPOSE_DISCIPLINE: frozenset({Role.SUPERVISOR}),
        Act.DECIDE_DISCIPLINE: frozenset({Role.SUPERVISION_HEAD}),
        # Whoever answered calls keeps his right, also in the section.
        Act.APPEAL: OFFICE_ROLES | _SECTION,
        Act.DECIDE_APPEALS: frozenset({Role.SUPERVISION_HEAD, Role.BUREAU_LEADER}),
        Act.TAKE_EVIDENCE: _SECTION | {Role.BUREAU_LEADER},
        Act.HAND_OVER: _LISTENERS | {Role.OFFICER},  # of an officer and a supervisor, what waits for himself
        # Who complained is the section's to know; how many did is everybody's who answers for an office.
        Act.HANDLE_COMPLAINTS: _SECTION,
        Act.SEE_COMPLAINT_FIGURES: _LISTENERS | {Role.BUREAU_LEADER},
        Act.ATTEST_ZERO: _SECTION,
        Act.REOPEN_COMPLAINTS: frozenset({Role.SUPERVISION_HEAD}),
        # An officer sees his own figures, a leader his office's; by what they are weighed binds all of them.
        Act.SEE_ASSESSMENT: _LISTENERS | {Role.OFFICER, Role.BUREAU_LEADER},
        Act.EXPORT_ASSESSMENT: _LISTENERS | {Role.BUREAU_LEADER},
        Act.SEE_WEIGHTS: _LISTENERS | {Role.OFFICER, Role.BUREAU_LEADER},
        Act.CLOSE_MONTHS: frozenset({Role.SUPERVISION_HEAD}),
        Act.SEE_MACHINES: frozenset({Role.SUPERVISION_HEAD, Role.SYSTEM_ADMINISTRATOR}),
    }
)


def may(role: Role, act: Act) -> bool:
    """Whether the role allows the act at all; the scope decides on which records."""
    return role in ALLOWED[act]


ADMINISTRATIVE_ROLES = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR})

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256


class PasswordFault(enum.StrEnum):
    """Why a password is not good enough."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IS_LOGIN = "is_login"
    ONE_CHARACTER = "one_character"
    COMMON = "common"


def password_fault(login: str, password: str) -> PasswordFault | None:
    """What is wrong with a password, or None: long enough, not the login, not one character over and over."""
    if len(password) < SHORTEST_PASSWORD:
        return PasswordFault.TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return PasswordFault.TOO_LONG
    if password.strip().lower() == login.lower():
        return PasswordFault.IS_LOGIN
    if len(set(password)) == 1:
        return PasswordFault.ONE_CHARACTER
    return None


def belongs_to_office(role: Role) -> bool:
    """Whether an account of this role must name an office; the others must not."""
    return role in OFFICE_ROLES


def may_become(old: Role, new: Role, administered_as: Role | None = None) -> bool:
    """Whether an account may change from one role to the other (三员分立).

    The three administrative roles are never one person, not even one after the other, whatever lies between:
    whoever administered would come to audit his own acts. `administered_as` is the administrative role that
    the account held at any time before. Another person, another account.
    """
    held = administered_as or (old if old in ADMINISTRATIVE_ROLES else None)
    return old is new or new not in ADMINISTRATIVE_ROLES or held in {None, new}
