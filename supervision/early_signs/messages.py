"""The reminder of a decision or a measure, in both languages: an email does not know its reader's."""

from supervision.early_signs.models import EarlySign
from supervision.quotas.rules import Urgency


def email_of(sign: EarlySign, office: str, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder; `office`: the name of the office, empty for a sign of the whole bureau."""
    due, late = str(sign.due_on), how is Urgency.OVERDUE
    subject = f"[苗头问题{'逾期' if late else '提醒'}] {office or '全局'}: {due}"
    if sign.owner is None:
        return subject, (
            f"苗头性问题（{office or '全局'}）{'逾期未处理' if late else '待处理'}，"
            f"应于 {due} 前确定措施或说明理由。\n请登录总系统办理。\n\n"
            f"An early sign ({office or 'the whole bureau'}) {'is overdue for' if late else 'waits for'} "
            f"a measure or a dismissal; its last day is {due}.\nSign in at headquarters' site to decide.\n"
        )
    text = (
        f"苗头性问题（{office or '全局'}）的措施{'已逾期' if late else '即将到期'}，应于 {due} 前完成。\n"
        f"措施：{sign.text}\n请登录总系统办理。\n\n"
        f"The measure for an early sign ({office or 'the whole bureau'}) is "
        f"{'overdue' if late else 'due soon'}; its last day is {due}.\n"
        "Sign in at headquarters' site to say what came of it.\n"
    )
    return subject, text
