"""The reminder of untreated findings, in Chinese and in English: an email does not know its reader's language."""

from datetime import date

from supervision.findings.queries import Untreated


def email_of(office: str, untreated: Untreated, today: date) -> tuple[str, str]:
    """Subject and text of the day's reminder to one office and, where something is overdue, to the next level."""
    number, overdue, due = untreated.number, untreated.overdue, f"{untreated.first_due_on or today:%Y-%m-%d}"
    marked, said = ("（暂定）", " (provisional)") if untreated.provisional else ("", "")
    subject = f"[问题处理{'逾期' if overdue else '提醒'}] {office}: {number}"
    text = (
        f"{office}有 {number} 个查出的问题尚未处理完毕，其中逾期 {overdue} 个，最早应于 {due}{marked} 前处理。\n"
        "请登录总系统办理。\n\n"
        f"Findings of {office} that are not treated: {number}, of which overdue: {overdue}. "
        f"The first is due on {due}{said}.\nSign in at headquarters' site to treat them.\n"
    )
    return subject, text
