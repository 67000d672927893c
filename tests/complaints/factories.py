"""Complaints that were entered, handled and decided, without a page."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from supervision.complaints import service
from supervision.complaints.models import Complaint
from supervision.complaints.rules import Channel, ComplaintKind, Proposal, Received, Verdict
from tests.evaluations.factories import MONDAY, Work

ENTERED = MONDAY + timedelta(hours=2)
GIVEN = Received(
    kind=ComplaintKind.MANNER,
    channel=Channel.HOTLINE,
    office_code="01",
    text="说话很不耐烦，还挂断了电话",
    received_on=date(2026, 3, 16),
    caller_name="王五",
    caller_number="13812345678",
    called_on=date(2026, 3, 10),
)


def received(work: Work, login: str = "supervisor", at: datetime = ENTERED, **facts: Any) -> Complaint:
    """One that was entered."""
    return service.register(work.context(login, at), replace(GIVEN, **facts))


def proposed(work: Work, one: Complaint, verdict: Verdict = Verdict.UPHELD, person: str = "zhang") -> Complaint:
    """The same, taken in hand and looked into by the supervisor."""
    context = work.context("supervisor", ENTERED + timedelta(hours=1))
    service.take(context, one.id, version=one.version)
    about = work.town.people[person].id if person else None
    return service.propose(context, one.id, Proposal(verdict, "听录音属实", about), version=one.version)


def decided(
    work: Work, one: Complaint, verdict: Verdict = Verdict.UPHELD, at: datetime = ENTERED, person: str = "zhang"
) -> Complaint:
    """The same, decided by the head."""
    proposed(work, one, verdict, person)
    return service.decide(work.context("head", at), one.id, verdict, "同意", version=one.version)
