"""What the pages of retention and of callers' requests show: one of everything, in each of its states."""

from datetime import timedelta

from supervision.actor import Scope
from supervision.caller_requests import service
from supervision.caller_requests.models import CallerRequest
from supervision.caller_requests.rules import Channel, IdentityCheck, LetterWay, RequestKind
from supervision.caller_requests.service import Asked, Written, add_letter, identify, register, tie_call
from supervision.calls.models import Call
from supervision.clock import local, now
from supervision.context import Context
from supervision.recordings.models import Recording, RecordingState
from supervision.retention.models import Deletion, DeletionItem
from supervision.retention.rules import DeletionCause, DeletionState, HoldReason, ItemState, SpareReason
from supervision.retention.service import Holding, agree, place_hold, release_hold, set_term
from tests.calls.samples import Town

HASH = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce"


def keep(town: Town, call: Call) -> dict[str, str]:
    """Fill the pages; the deletion and the request that are looked at."""
    deletions = [deleted(town, n, state) for n, state in enumerate(DeletionState)]
    head, supervisor = town.actor("head"), town.actor("supervisor")
    agree(Context(town.session, supervisor, Scope()), deletions[1].id, version=deletions[1].version)
    set_term(Context(town.session, head, Scope()), 1095, "市局档案管理规定要求保存三年", known_n=0)
    for reason in HoldReason:
        hold = place_hold(
            Context(town.session, supervisor, Scope()), call.id, Holding(reason, "张三对检查评价提出申诉")
        )
    release_hold(Context(town.session, head, Scope()), hold.id, "已经办结")
    requests = [asked(town, n) for n in range(6)]
    supervises, heads = Context(town.session, supervisor, Scope()), Context(town.session, head, Scope())
    tie_call(supervises, requests[0].id, call.id, version=requests[0].version)
    card, note = IdentityCheck.ID_CARD, "核验本人身份证原件"
    identify(supervises, requests[0].id, card, note, version=requests[0].version)
    written = "您关于查阅通话录音的申请已受理。", "监函〔2026〕3号", local(now()).date()
    add_letter(supervises, requests[0].id, Written(LetterWay.SENT, *written))
    service.withdraw(supervises, requests[1].id, "来电人电话撤回", version=requests[1].version)
    service.refuse(heads, requests[2].id, "无法核实身份", version=requests[2].version)
    return {"deletion_id": str(deletions[1].id), "request_id": str(requests[0].id)}


def deleted(town: Town, n: int, state: DeletionState) -> Deletion:
    """A deletion of some old calls that stands at a state; at `agreed_once` it is before the first agreement."""
    at = now() - timedelta(days=760 + 31 * n)
    begins = DeletionState.PROPOSED if state is DeletionState.AGREED_ONCE else state
    over = begins in {DeletionState.AGREED, DeletionState.DONE}
    deletion = Deletion(
        cause=list(DeletionCause)[n % 2],
        office_code="01",
        from_day=local(at).date().replace(day=1),
        to_day=local(at).date(),
        term_days=730,
        state=begins,
        ready_at=now() if over else None,
        done_at=now() if begins is DeletionState.DONE else None,
    )
    if begins is DeletionState.DECLINED:
        deletion.declined_by, deletion.declined_at, deletion.note = town.people["head"].id, now(), "仍需查证"
    town.session.add(deletion)
    town.session.flush()
    for m in range(12):
        call = town.call(at + timedelta(hours=m))
        done = begins is DeletionState.DONE
        town.session.add(
            Recording(call_id=call.id, state=RecordingState.DELETED if done else RecordingState.READY)
        )
        item = DeletionItem(deletion_id=deletion.id, call_id=call.id, offered_at=call.offered_at)
        item.state = ItemState.DELETED if done else ItemState.SPARED if m == 3 else ItemState.WAITING
        item.spared_because = SpareReason.HELD if item.state is ItemState.SPARED else None
        if done:
            item.pcm_sha256, item.flac_sha256, item.flac_bytes, item.duration_ms = HASH, HASH, 481233, 183000
            item.deleted_at, item.office_deleted_at = now(), now() if m % 2 else None
        town.session.add(item)
    town.session.flush()
    return deletion


def asked(town: Town, n: int) -> CallerRequest:
    """A request; every other one long overdue."""
    received_on = local(now()).date() - timedelta(days=3 if n % 2 else 40)
    what = Asked(
        kind=list(RequestKind)[n % 2],
        office_code="01",
        channel=list(Channel)[n % 5],
        caller_name="王五",
        caller_number="13812345678",
        wish="想听今年三月咨询个体工商户起征点的那次通话，并要一份副本。",
        received_on=received_on,
    )
    return register(Context(town.session, town.actor("supervisor"), Scope()), what)
