"""Emails about records and appeals, in both languages: an email does not know its reader's. They name nobody."""

from datetime import date

from supervision.quotas.rules import Urgency


def email_of_decision(number: str, until: date) -> tuple[str, str]:
    """Subject and text of the notice to the person that a record about him was decided."""
    subject = f"[通知] {number}"
    text = (
        f"有一份与您有关的责任追究或表彰奖励决定（{number}），请登录总系统查阅并签收。\n"
        f"如有异议，可在 {until.isoformat()} 前申诉。\n\n"
        f"A record about you was decided ({number}). Sign in at headquarters' site to read and confirm it.\n"
        f"If you disagree, you may appeal up to {until.isoformat()}.\n"
    )
    return subject, text


def email_of_proposal(number: str, due: date, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder to those who must decide a proposal."""
    return _reminder("责任追究或表彰奖励的提议", "The proposal", number, due, how)


def email_of_appeal(number: str, due: date, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder to those who must decide an appeal."""
    return _reminder("申诉", "The appeal", number, due, how)


def _reminder(what: str, named: str, number: str, due: date, how: Urgency) -> tuple[str, str]:
    late, day = how is Urgency.OVERDUE, due.isoformat()
    subject = f"[{'决定逾期' if late else '决定提醒'}] {number}: {day}"
    text = (
        f"{what} {number} {'已逾期' if late else '即将到期'}，应于 {day} 前作出决定。\n请登录总系统办理。\n\n"
        f"{named} {number} is {'overdue' if late else 'due soon'}.\nThe last day for the decision is {day}.\n"
        "Sign in at headquarters' site to decide.\n"
    )
    return subject, text
