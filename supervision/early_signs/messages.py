"""The reminder of a measure, in Chinese and in English: an email does not know its reader's language."""

from supervision.early_signs.models import EarlySign
from supervision.quotas.rules import Urgency


def email_of(sign: EarlySign, office: str, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder; `office`: the name of the office, empty for a sign of the whole bureau."""
    due, late = str(sign.due_on), how is Urgency.OVERDUE
    subject = f"[苗头问题{'逾期' if late else '提醒'}] {office or '全局'}: {due}"
    text = (
        f"苗头性问题（{office or '全局'}）的措施{'已逾期' if late else '即将到期'}，应于 {due} 前完成。\n"
        f"措施：{sign.text}\n请登录总系统办理。\n\n"
        f"The measure for an early sign ({office or 'the whole bureau'}) is "
        f"{'overdue' if late else 'due soon'}; its last day is {due}.\n"
        "Sign in at headquarters' site to say what came of it.\n"
    )
    return subject, text
