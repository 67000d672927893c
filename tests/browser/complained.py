"""What the pages of complaints show: one in each of its states, and a month that is attested to have had none."""

from datetime import timedelta

from supervision.actor import Scope
from supervision.calls.models import Call
from supervision.clock import local, now
from supervision.complaints import service
from supervision.complaints.models import Complaint
from supervision.complaints.rules import Channel, ComplaintKind, Proposal, Received, Verdict
from supervision.complaints.zero import attest_zero
from supervision.context import Context
from tests.calls.samples import Town

FOUND = "调取录音两通，通话中语气生硬，未使用规范用语，反映属实。"


def complain(town: Town, call: Call) -> dict[str, str]:
    """Fill the pages; the complaint that is looked at."""
    supervises, heads = (Context(town.session, town.actor(login), Scope()) for login in ("supervisor", "head"))
    registered, handled, looked_at, decided, answered, withdrawn = [_received(town, n) for n in range(6)]
    for one in (handled, looked_at, decided, answered):
        service.take(supervises, one.id, version=one.version)
    service.tie_call(supervises, looked_at.id, call.id, version=looked_at.version)
    given = Proposal(Verdict.UPHELD, FOUND, town.people["zhang"].id)
    for one in (looked_at, decided, answered):
        service.propose(supervises, one.id, given, version=one.version)
    for one, verdict in ((decided, Verdict.UPHELD), (answered, Verdict.NOT_UPHELD)):
        service.decide(heads, one.id, verdict, "同意承办意见。", version=one.version)
    service.close(supervises, answered.id, "已电话答复，投诉人表示理解。", version=answered.version)
    service.withdraw(supervises, withdrawn.id, "来电撤回", version=withdrawn.version)
    before = (local(now()).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    long_before = (before - timedelta(days=1)).replace(day=1)
    attest_zero(supervises, long_before, "12366、局长信箱、来访登记均无投诉")
    assert registered.handler_id is None
    return {"complaint_id": str(looked_at.id)}


def _received(town: Town, n: int) -> Complaint:
    given = Received(
        kind=list(ComplaintKind)[n % 4],
        channel=list(Channel)[n],
        office_code="01",
        text="三月十日上午咨询个体户起征点，接电话的人很不耐烦，没说完就挂了电话。",
        received_on=local(now()).date(),
        caller_name="王五" if n % 2 else "",
        caller_number="13812345678",
        called_on=local(now()).date(),
    )
    return service.register(Context(town.session, town.actor("supervisor"), Scope()), given)
