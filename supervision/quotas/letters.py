"""The reminders' words, in Chinese and in English: a letter does not know its reader's language."""

from datetime import datetime, timedelta

from supervision.clock import local
from supervision.quotas.rules import Urgency


def letter_of(name: str, how: Urgency, done: int, required: int, due_at: datetime | None) -> tuple[str, str]:
    """Subject and text of a reminder."""
    last = f"{local(due_at - timedelta(milliseconds=1)):%Y-%m-%d}" if due_at else "–"
    overdue = how is Urgency.OVERDUE
    subject = f"[抽检{'逾期' if overdue else '提醒'}] {name}: {done}/{required}"
    chinese = (
        f"抽检任务 {name} {'已逾期' if overdue else '即将到期'}。\n"
        f"应评价 {required} 条，已完成 {done} 条，截止日期 {last}。\n请登录总系统办理。\n"
    )
    english = (
        f"The draw {name} is {'overdue' if overdue else 'due soon'}.\n"
        f"{done} of {required} recordings are reviewed; the last day is {last}.\n"
        "Sign in at headquarters' site to go on.\n"
    )
    return subject, f"{chinese}\n{english}"
