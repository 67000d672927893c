"""What is written about complaints to those who see to them."""

from supervision.complaints.models import Complaint
from supervision.complaints.rules import ComplaintState
from supervision.quotas.rules import Urgency

STEPS = {
    ComplaintState.REGISTERED: ("受理", "taking it in hand"),
    ComplaintState.HANDLING: ("提出处理意见", "its handler's proposal"),
    ComplaintState.PROPOSED: ("作出认定", "its decision"),
    ComplaintState.DECIDED: ("答复投诉人", "the answer to who complained"),
}


def email_of(complaint: Complaint, how: Urgency) -> tuple[str, str]:
    """Subject and text of a reminder, in both languages: an email does not know its reader's.

    Neither says who complains of whom: mail leaves the system.
    """
    number, due, late = complaint.number, complaint.due_on.isoformat(), how is Urgency.OVERDUE
    step, waits = STEPS[complaint.state]
    last, by = (f"{due}（暂定）", f"{due} (provisional)") if complaint.provisional else (due, due)
    subject = f"[投诉{'逾期' if late else '提醒'}] {number}: {due}"
    text = (
        f"投诉 {number} {'已逾期' if late else '即将到期'}，应于 {last} 前答复投诉人，当前待{step}。\n"
        "请登录总系统办理。\n\n"
        f"Complaint {number} is {'overdue' if late else 'due soon'}: the last day to answer is {by}.\n"
        f"It waits for {waits}. Sign in at headquarters' site.\n"
    )
    return subject, text
