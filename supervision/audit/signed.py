"""The signed heads that are here, held to their signatures and to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.checkpoint_rules import NOT_KEPT, CheckpointFault, fault_after, read_stamp
from supervision.audit.models import Checkpoint
from supervision.audit.rules import Head
from supervision.certificates.signing import is_signed

_BATCH = 1000


@dataclass(frozen=True)
class Signed:
    """A checkpoint as it came: what was signed, the signature and the key."""

    text: str
    signature: str
    key: str


@dataclass(frozen=True)
class SignedHeads:
    """The heads that checkpoints vouch for, and the numbers of those that are wrong, with what is."""

    heads: Sequence[Head] = ()
    faults: Sequence[tuple[int, CheckpointFault]] = ()


def signed_heads(session: Session) -> SignedHeads:
    """Read all checkpoints, the earliest first. Needs only reading."""
    heads, faults, last = list[Head](), list[tuple[int, CheckpointFault]](), None
    query = select(Checkpoint.number, Checkpoint.text, Checkpoint.signature, Checkpoint.key)
    for number, *rest in session.execute(query.order_by(Checkpoint.number)).yield_per(_BATCH):
        one = Signed(*rest)
        fault = fault_of_signed(one, last)
        if fault is not None:
            faults.append((number, fault))
        if fault not in NOT_KEPT:
            heads.append(read_stamp(one.text).head)
            last = one
    return SignedHeads(heads, faults)


def fault_of_signed(one: Signed, last: Signed | None) -> CheckpointFault | None:
    """What is wrong with a checkpoint that should follow the last one, or None."""
    try:
        stamp = read_stamp(one.text)
    except ValueError:
        return CheckpointFault.UNREADABLE
    if not is_signed(one.text.encode(), one.signature, one.key):
        return CheckpointFault.NOT_SIGNED
    fault = fault_after(stamp, read_stamp(last.text) if last else None)
    if fault is None and last is not None and last.key != one.key:
        return CheckpointFault.OTHER_KEY
    return fault
