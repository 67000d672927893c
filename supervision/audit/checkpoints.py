"""Signed heads of headquarters' log: made there each hour, kept by each office's node, looked at on both.

An unkeyed chain can be rewritten by whoever rules the database, so its head goes where he does not: against a head
that an office keeps, every change up to it is found (decision 6). What an office asks for is its receipt: it keeps
all before that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry, Checkpoint, HeadReceipt
from supervision.audit.rules import (
    NOT_KEPT,
    CheckpointFault,
    Head,
    Stamp,
    digest_of,
    fault_after,
    is_due,
    read_stamp,
)
from supervision.audit.service import current_head, lock_log
from supervision.certificates.signing_key import is_signed, sign
from supervision.errors import NotFound
from supervision.paging import PAGE_SIZE, cut_by_number
from supervision.paths import Paths

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


MOST_SENT = 200


class SentCheckpoint(BaseModel):
    """One checkpoint on its way to an office."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(max_length=8000)
    signature: str = Field(max_length=200)
    key: str = Field(max_length=400)


class SentCheckpoints(BaseModel):
    """Those that an office does not have yet, the earliest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checkpoints: tuple[SentCheckpoint, ...] = Field(max_length=MOST_SENT)


@dataclass(frozen=True)
class CheckpointPage:
    """One page, newest first; `newer` and `older` are the numbers to go on from, if any."""

    rows: Sequence[Checkpoint]
    newer: int | None = None
    older: int | None = None


def is_checkpoint_due(session: Session, at: datetime) -> bool:
    """Whether an hour has turned for which there is none. Needs only reading."""
    last = last_checkpoint(session)
    return is_due(last.at if last else None, at) and current_head(session).n > 0


def make_checkpoint(session: Session, paths: Paths, at: datetime) -> Checkpoint | None:
    """Sign the head of the log, if that is due; nobody writes to the log meanwhile."""
    lock_log(session)
    if not is_checkpoint_due(session, at):
        return None
    last = last_checkpoint(session)
    number, previous = (last.number + 1, digest_of(last.text)) if last else (1, digest_of(None))
    stamp = Stamp(number, at, current_head(session), previous)
    signature, key = sign(paths, stamp.text.encode())
    return _write(session, stamp, SentCheckpoint(text=stamp.text, signature=signature, key=key), at)


def checkpoints_after(session: Session, number: int) -> SentCheckpoints:
    """Those that were made after one, so many at a time."""
    query = select(Checkpoint).where(Checkpoint.number > number).order_by(Checkpoint.number).limit(MOST_SENT)
    rows = session.scalars(query)
    sent = (SentCheckpoint(text=row.text, signature=row.signature, key=row.key) for row in rows)
    return SentCheckpoints(checkpoints=tuple(sent))


def holds_head(session: Session, kept: Head) -> bool:
    """Whether the log has the entry whose head somebody keeps."""
    return session.scalar(select(AuditEntry.hash).where(AuditEntry.n == kept.n)) == kept.hash


def keep_checkpoint(session: Session, sent: SentCheckpoint, at: datetime) -> CheckpointFault | None:
    """At an office: keep what headquarters signed; what is wrong with it, if anything is.

    What is kept all the same, since it is evidence, is everything but `NOT_KEPT`.
    """
    last = last_checkpoint(session)
    before = Signed(last.text, last.signature, last.key) if last else None
    fault = fault_of_signed(Signed(sent.text, sent.signature, sent.key), before)
    if fault not in NOT_KEPT:
        _write(session, read_stamp(sent.text), sent, at)
    return fault


def last_checkpoint(session: Session) -> Checkpoint | None:
    """The latest that is here."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1)).one_or_none()


def get_checkpoint(session: Session, number: int) -> Checkpoint:
    """The checkpoint of that number. Raises NotFound."""
    found = session.get(Checkpoint, number)
    if found is None:
        raise NotFound(f"checkpoint {number}")
    return found


def list_checkpoints(
    session: Session, before: int | None = None, after: int | None = None, limit: int = PAGE_SIZE
) -> CheckpointPage:
    """The first page, or the one just older than a number, or just newer."""
    found = cut_by_number(session, select(Checkpoint), Checkpoint.number, before, after, limit)
    rows: list[Checkpoint] = [row for (row,) in found.rows]
    return CheckpointPage(rows, rows[0].number if found.before else None, rows[-1].number if found.after else None)


def _write(session: Session, stamp: Stamp, sent: SentCheckpoint, at: datetime) -> Checkpoint:
    row = Checkpoint(
        number=stamp.number,
        at=stamp.at,
        n=stamp.head.n,
        hash=stamp.head.hash,
        text=sent.text,
        signature=sent.signature,
        key=sent.key,
        kept_at=at,
    )
    session.add(row)
    session.flush()
    return row


def receipt_of(session: Session, office_code: str) -> int:
    """The number of the last checkpoint that the office is known to keep; 0 for none."""
    found = session.get(HeadReceipt, office_code)
    return found.number if found else 0


def note_receipt(session: Session, office_code: str, number: int, at: datetime) -> None:
    """Record that the office keeps every checkpoint up to this one; a rebuilt node begins again."""
    session.merge(HeadReceipt(office_code=office_code, number=number, since=at))


def list_receipts(session: Session) -> Mapping[str, int]:
    """The number of the last checkpoint that each office keeps, by office code."""
    return {row.office_code: row.number for row in session.scalars(select(HeadReceipt))}
