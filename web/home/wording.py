"""What is to be done today, in words; where it leads."""

from flask import url_for

from supervision.actor import Role
from supervision.draws.rules import parse_name
from supervision.today.rules import Subject, Todo, Urgency
from web.draws import wording as draw_wording
from web.language import gettext, ngettext


def todo(one: Todo) -> str:
    """One thing to do, in a sentence."""
    return {
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
        Subject.CONFIRM_TREATMENT: lambda: ngettext(
            "Take note of %(num)s finding about you", "Take note of %(num)s findings about you", one.number
        ),
        Subject.DECIDE_APPEAL: lambda: gettext("Decide appeal %(number)s", number=one.name),
        Subject.DECIDE_RECORD: lambda: gettext("Decide the proposal %(number)s", number=one.name),
        Subject.CONFIRM_RECORD: lambda: gettext("Read and confirm the decision %(number)s", number=one.name),
        Subject.READ_JUDGEMENT: lambda: ngettext(
            "Read %(num)s evaluation of your calls", "Read %(num)s evaluations of your calls", one.number
        ),
        Subject.DECIDE_SIGN: lambda: gettext("Decide what is done about an early sign"),
        Subject.FINISH_SIGN: lambda: gettext("Carry out your measure for an early sign"),
        Subject.CALENDAR: lambda: gettext("Enter the holidays and make-up days of %(year)s", year=one.name),
        Subject.REQUESTS: lambda: ngettext(
            "Answer %(num)s caller's request", "Answer %(num)s callers' requests", one.number
        ),
        Subject.DELETIONS: lambda: ngettext("Agree to %(num)s deletion", "Agree to %(num)s deletions", one.number),
        Subject.RESETS: lambda: ngettext("Agree to %(num)s reset", "Agree to %(num)s resets", one.number),
        Subject.REGULATION: lambda: gettext("Read and confirm the regulation"),
        Subject.INCIDENTS: lambda: ngettext(
            "Look into %(num)s incident", "Look into %(num)s incidents", one.number
        ),
    }[one.subject]()


def action(subject: Subject) -> str:
    """What the button says."""
    return gettext("Begin") if subject in {Subject.REVIEW, Subject.RESCORE} else gettext("Go there")


def address(one: Todo) -> str:
    """Where it is done, one click away."""
    return {
        Subject.REVIEW: lambda: url_for("review.index"),
        Subject.CONFIRM_NONE: lambda: url_for("draws.one", draw_id=one.record),
        Subject.RESCORE: lambda: url_for("review.index"),
        Subject.UNUSABLE: lambda: url_for("review.index"),
        Subject.ANSWER: lambda: url_for("rectification.show", rectification_id=one.record),
        Subject.VERIFY: lambda: url_for("rectification.show", rectification_id=one.record),
        Subject.TREAT: lambda: url_for("findings.index"),
        Subject.CONFIRM_TREATMENT: lambda: url_for("findings.index"),
        Subject.DECIDE_APPEAL: lambda: url_for("appeals.show", appeal_id=one.record),
        Subject.DECIDE_RECORD: lambda: url_for("discipline.show", record_id=one.record),
        Subject.CONFIRM_RECORD: lambda: url_for("discipline.show", record_id=one.record),
        Subject.READ_JUDGEMENT: lambda: url_for("discipline.judgements", state="unread"),
        Subject.DECIDE_SIGN: lambda: url_for("early_signs.show", sign_id=one.record),
        Subject.FINISH_SIGN: lambda: url_for("early_signs.show", sign_id=one.record),
        Subject.CALENDAR: lambda: url_for("workdays.index", year=one.name),
        Subject.REQUESTS: lambda: url_for("caller_requests.index", state="open"),
        Subject.DELETIONS: lambda: url_for("retention.index"),
        Subject.RESETS: lambda: url_for("resets.index"),
        Subject.REGULATION: lambda: url_for("regulation.index"),
        Subject.INCIDENTS: lambda: url_for("incidents.index"),
    }[one.subject]()


def urgency(value: Urgency) -> tuple[str, str]:
    """How urgent it is, and the tone of its badge."""
    return {
        Urgency.OVERDUE: (gettext("Overdue"), "bad"),
        Urgency.SOON: (gettext("Due soon"), "warn"),
        Urgency.IN_TIME: (gettext("In time"), "info"),
        Urgency.NO_DAY: ("", ""),
    }[value]


def nothing(role: Role) -> str:
    """What helps somebody who has nothing to do."""
    return {
        Role.OFFICER: gettext("When one of your calls is evaluated, its score and remarks are here."),
        Role.OFFICE_LEADER: gettext("The next draw is made on Monday. You may check your office at any time."),
        Role.SUPERVISOR: gettext("The next draw is made on the first. You may check any call at any time."),
        Role.SUPERVISION_HEAD: gettext("What needs your decision appears here, with its day."),
        Role.BUREAU_LEADER: gettext("What needs your decision appears here, with the figures of all offices."),
        Role.SYSTEM_ADMINISTRATOR: gettext("When a machine or a line needs you, it appears here as an incident."),
        Role.SECURITY_ADMINISTRATOR: gettext("When a password is reset by two people, it appears here."),
        Role.AUDITOR: gettext("The audit log can be verified at any time; nobody waits for it."),
    }[role]


def _review(one: Todo) -> str:
    said = ngettext("%(num)s call to evaluate", "%(num)s calls to evaluate", one.number)
    return gettext("%(calls)s: %(draw)s", calls=said, draw=_draw(one.name))


def _draw(name: str) -> str:
    parsed = parse_name(name)
    return draw_wording.period_named(parsed.tier, parsed.period.name, parsed.supplement)
