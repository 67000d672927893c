"""The text of the reminders, in Chinese and in English: an email does not know its reader's language."""

from datetime import timedelta

from supervision.clock import local
from supervision.quotas.queries import Quota
from supervision.quotas.rules import Urgency


def email_of(quota: Quota) -> tuple[str, str]:
    """Subject and text of a reminder."""
    name, overdue = quota.draw.name, quota.urgency is Urgency.OVERDUE
    last = f"{local(quota.due_at - timedelta(milliseconds=1)):%Y-%m-%d}"
    short, chinese, english = _how_far(quota)
    subject = f"[抽检{'逾期' if overdue else '提醒'}] {name}: {short}"
    text = (
        f"抽检任务 {name} {'已逾期' if overdue else '即将到期'}。\n"
        f"{chinese}，截止日期 {last}。\n请登录总系统办理。\n\n"
        f"The draw {name} is {'overdue' if overdue else 'due soon'}.\n"
        f"{english}; the last day is {last}.\nSign in at headquarters' site to go on.\n"
    )
    return subject, text


def _how_far(quota: Quota) -> tuple[str, str, str]:
    if quota.progress is None:
        return "未抽签", "抽签尚未完成", "It has not been drawn yet"
    if quota.unconfirmed:
        words = {"税务所": quota.draw.none_by_office, "监察科": quota.draw.none_by_hq}
        lacking = [who for who, word in words.items() if not word]
        parties = {"税务所": "the office", "监察科": "headquarters"}
        return (
            "待确认",
            f"该周期没有通话，尚待{'、'.join(lacking)}确认",
            f"There were no calls; {' and '.join(parties[one] for one in lacking)} must confirm it",
        )
    done, required = quota.progress.done, quota.progress.required
    return (
        f"{done}/{required}",
        f"应评价 {required} 条，已完成 {done} 条",
        f"{done} of {required} recordings are reviewed",
    )
