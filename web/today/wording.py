"""What is to be done today, in words; where it leads."""

from flask import url_for

from supervision.actor import Role
from supervision.draws.rules import parse_name
from supervision.evaluations.messages import SentEvaluation
from supervision.evaluations.rules import Category, FindingKind
from supervision.today.rules import Subject, Todo
from web.draws import wording as draw_wording
from web.evaluations import wording as evaluation_wording
from web.language import gettext, ngettext


def todo(one: Todo) -> str:
    """One thing to do, in a sentence."""
    return {
        Subject.DRAW_DIFFERS: lambda: gettext(
            "Office and headquarters differ about a draw: %(draw)s", draw=_draw(one.name)
        ),
        Subject.REVIEW: lambda: _review(one),
        Subject.CONFIRM_NONE: lambda: gettext("Confirm that there were no calls: %(draw)s", draw=_draw(one.name)),
        Subject.RESCORE: lambda: ngettext(
            "%(num)s evaluation to judge once more or to finish",
            "%(num)s evaluations to judge once more or to finish",
            one.number,
        ),
        Subject.UNUSABLE: lambda: ngettext(
            "Decide whether %(num)s recording is unusable",
            "Decide whether %(num)s recordings are unusable",
            one.number,
        ),
        Subject.ANSWER: lambda: gettext("Reply to rectification %(number)s", number=one.name),
        Subject.VERIFY: lambda: gettext("Verify or close rectification %(number)s", number=one.name),
        Subject.TREAT: lambda: ngettext("Treat %(num)s finding", "Treat %(num)s findings", one.number),
        Subject.TREAT_OVERDUE: lambda: ngettext(
            "See to %(num)s finding that was not treated in time",
            "See to %(num)s findings that were not treated in time",
            one.number,
        ),
        Subject.AGREE: lambda: ngettext(
            "Agree or not, as another person, that nothing is needed about %(num)s finding",
            "Agree or not, as another person, that nothing is needed about %(num)s findings",
            one.number,
        ),
        Subject.CONFIRM_TREATMENT: lambda: ngettext(
            "Take note of %(num)s finding about you", "Take note of %(num)s findings about you", one.number
        ),
        Subject.DECIDE_APPEAL: lambda: gettext("Decide appeal %(number)s", number=one.name),
        Subject.DECIDE_RECORD: lambda: gettext("Decide the proposal %(number)s", number=one.name),
        Subject.CONFIRM_RECORD: lambda: gettext("Read and confirm the decision %(number)s", number=one.name),
        Subject.READ_JUDGEMENT: lambda: ngettext(
            "Read %(num)s evaluation of your calls", "Read %(num)s evaluations of your calls", one.number
        ),
        Subject.DECIDE_SIGN: lambda: gettext(
            "Decide what is done about an early sign: %(category)s", category=_sign(one)
        ),
        Subject.FINISH_SIGN: lambda: gettext(
            "Carry out your measure for an early sign: %(category)s", category=_sign(one)
        ),
        Subject.HAND_OVER: lambda: ngettext(
            "Hand over %(num)s thing that waits for %(name)s, who is gone",
            "Hand over %(num)s things that wait for %(name)s, who is gone",
            one.number,
            name=one.name,
        ),
        Subject.COMPLAINT: lambda: gettext("See to complaint %(number)s", number=one.name),
        Subject.ATTEST_ZERO: lambda: gettext("Attest that %(month)s had no complaint", month=one.name),
        Subject.CLOSE_MONTH: lambda: gettext("Close the assessment of %(month)s", month=one.name),
        Subject.CALENDAR: lambda: gettext("Enter the holidays and make-up days of %(year)s", year=one.name),
        Subject.REQUESTS: lambda: ngettext(
            "Answer %(num)s caller's request", "Answer %(num)s callers' requests", one.number
        ),
        Subject.DELETIONS: lambda: ngettext("Agree to %(num)s deletion", "Agree to %(num)s deletions", one.number),
        Subject.RESETS: lambda: ngettext(
            "Agree, as the second person, to %(num)s request",
            "Agree, as the second person, to %(num)s requests",
            one.number,
        ),
        Subject.REGULATION: lambda: gettext("Read and confirm the regulation"),
        Subject.INCIDENTS: lambda: ngettext(
            "Look into %(num)s incident", "Look into %(num)s incidents", one.number
        ),
    }[one.subject]()


def action(subject: Subject, leads_away: bool = False) -> str:
    """What the button says; `leads_away`: it leads from an office's site to headquarters'."""
    if leads_away:
        return gettext("To headquarters' site")
    return gettext("Begin") if subject in {Subject.REVIEW, Subject.RESCORE} else gettext("Go there")


def address(one: Todo) -> str:
    """Where it is done, one click away; of several, what is due first."""
    return {
        Subject.DRAW_DIFFERS: lambda: url_for("draws.show", draw_id=one.record),
        Subject.REVIEW: lambda: url_for("draws.show", draw_id=one.record),
        Subject.CONFIRM_NONE: lambda: url_for("draws.show", draw_id=one.record),
        Subject.RESCORE: lambda: url_for("review.index"),
        Subject.UNUSABLE: lambda: url_for("review.index"),
        Subject.ANSWER: lambda: url_for("rectification.show", rectification_id=one.record),
        Subject.VERIFY: lambda: url_for("rectification.show", rectification_id=one.record),
        Subject.DECIDE_APPEAL: lambda: url_for("appeals.show", appeal_id=one.record),
        Subject.DECIDE_RECORD: lambda: url_for("discipline.show", record_id=one.record),
        Subject.CONFIRM_RECORD: lambda: url_for("discipline.show", record_id=one.record),
        Subject.READ_JUDGEMENT: lambda: url_for("discipline.judgements", state="unread"),
        Subject.TREAT: lambda: url_for("findings.show", treatment_id=one.record),
        Subject.TREAT_OVERDUE: lambda: url_for("findings.show", treatment_id=one.record),
        Subject.AGREE: lambda: url_for("findings.show", treatment_id=one.record),
        Subject.CONFIRM_TREATMENT: lambda: url_for("findings.show", treatment_id=one.record),
        Subject.DECIDE_SIGN: lambda: url_for("early_signs.show", sign_id=one.record),
        Subject.FINISH_SIGN: lambda: url_for("early_signs.show", sign_id=one.record),
        Subject.HAND_OVER: lambda: url_for("handover.show", account_id=one.record),
        Subject.COMPLAINT: lambda: url_for("complaints.show", complaint_id=one.record),
        Subject.ATTEST_ZERO: lambda: url_for("complaints.index", year=one.name[:4]),
        Subject.CLOSE_MONTH: lambda: url_for("assessment.months"),
        Subject.CALENDAR: lambda: url_for("workdays.index", year=one.name),
        Subject.REQUESTS: lambda: url_for("caller_requests.show", request_id=one.record),
        Subject.DELETIONS: lambda: url_for("retention.index"),
        Subject.RESETS: lambda: url_for("resets.index"),
        Subject.REGULATION: lambda: url_for("regulation.index"),
        Subject.INCIDENTS: lambda: url_for("incidents.index", state="unseen"),
    }[one.subject]()


def address_at_node(one: Todo, site: str) -> str:
    """From an office's site: at headquarters' what is done there only; its copy here where no `site` is known.

    Of a decision about a person nothing is here to be read: without a `site` it leads nowhere.
    """
    if one.subject is Subject.CONFIRM_RECORD:
        return f"{site}/discipline/{one.record}" if site else ""
    is_there = one.subject in {Subject.REVIEW, Subject.ANSWER, Subject.VERIFY}
    return f"{site}{address(one)}" if is_there else address(one)


def nothing(role: Role) -> str:
    """What helps somebody who has nothing to do."""
    return {
        Role.OFFICER: gettext("When one of your calls is evaluated, its score and remarks are here."),
        Role.OFFICE_LEADER: gettext("The next draw is made on Monday. You may check your office at any time."),
        Role.SUPERVISOR: gettext("The next draw is made on the first. You may check any call at any time."),
        Role.SUPERVISION_HEAD: gettext("What needs your decision appears here, with its day."),
        Role.BUREAU_LEADER: gettext("What needs your decision appears here, with the figures of all offices."),
        Role.SYSTEM_ADMINISTRATOR: gettext("When a machine or a line needs you, it appears here as an incident."),
        Role.SECURITY_ADMINISTRATOR: gettext(
            "When an account, a role or a password needs your agreement, it appears here."
        ),
        Role.AUDITOR: gettext("The audit log can be verified at any time; nothing of it is due."),
    }[role]


def nothing_at_node(role: Role, *, any_call: bool) -> str:
    """The same at an office's site; `any_call`: he has calls to see."""
    if role is Role.OFFICER and not any_call:
        return gettext("Answer your desk's telephone: the call is here at once, its score once it is evaluated.")
    if role is Role.OFFICE_LEADER and not any_call:
        return gettext(
            "No call has come in yet. As soon as somebody calls one of this office's lines, it is under Calls; "
            "each Monday some of the week's calls are drawn for you to evaluate."
        )
    if role in {Role.SUPERVISOR, Role.SUPERVISION_HEAD}:
        return gettext("You may listen to any call of this office at any time.")
    if role is Role.BUREAU_LEADER:
        return gettext("This is the site of one office, with its draws.")
    return nothing(role)


def done_at_headquarters(role: Role) -> str:
    """What a person at an office's site finds at headquarters' only; nobody but its own people signs in there."""
    if role is Role.OFFICER:
        return gettext(
            "At headquarters' site: confirm findings and decisions about you, appeal, reply, read the regulation."
        )
    return gettext("At headquarters' site: evaluate, treat findings, reply, see quotas and completeness.")


def breaches(one: SentEvaluation) -> str:
    """How many breaches were noted in a call, if any."""
    number = sum(found.kind is FindingKind.BREACH for found in one.findings)
    return ngettext("%(num)s breach noted", "%(num)s breaches noted", number) if number else ""


def _review(one: Todo) -> str:
    said = ngettext("%(num)s call to evaluate", "%(num)s calls to evaluate", one.number)
    return gettext("%(calls)s: %(draw)s", calls=said, draw=_draw(one.name))


def _sign(one: Todo) -> str:
    """Its category; the office stands beside it, but for a sign of all."""
    category = evaluation_wording.category(Category(one.name))
    return category if one.office_code else f"{category} · {gettext('The whole bureau')}"


def _draw(name: str) -> str:
    parsed = parse_name(name)
    return draw_wording.period_named(parsed.tier, parsed.period.name, parsed.supplement)
