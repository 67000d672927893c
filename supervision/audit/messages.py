"""The log of an office's node on its way to headquarters, entry by entry, and how it is kept there; and which
records of an office changed after an entry of headquarters' log, for the copies that its node keeps.

Headquarters holds each node's whole chain beside its own. Nothing that comes is refused for not fitting: it is
kept as it came, and what does not follow from the entry before it is named. That holds for its time as well: an
entry left out would break the chain for ever. Only what is longer than any act writes is refused.
"""

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEntry, LogPosition, OfficeAuditEntry
from supervision.audit.queries import goes_on, head_at
from supervision.audit.rules import BEGINNING, GENESIS, Content, Fault, Head, Link, fault_of, parse_subject
from supervision.errors import InvalidInput
from supervision.exchange.rules import FactKind
from supervision.exchange.service import own_offices, send_fact

MOST_DETAIL = 200_000  # characters of JSON: more than any act writes; a page shows fifty entries


class AuditFact(BaseModel):
    """One entry of a node's log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = Field(ge=1, lt=2**63)
    at: AwareDatetime
    actor_id: uuid.UUID | None
    actor: str = Field(max_length=128)
    act: str = Field(max_length=64)
    subject: str = Field(max_length=128)
    office_code: str | None = Field(max_length=8)
    detail: dict[str, Any]
    previous: str = Field(pattern=r"^[0-9a-f]{64}$")
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


def send_entry(session: Session, entry: AuditEntry) -> None:
    """Send headquarters an entry of this node's log; headquarters itself sends nothing."""
    for office_code in own_offices(session):
        send_fact(session, office_code, FactKind.AUDIT, _fact(entry))


def send_log(session: Session, office_code: str) -> None:
    """Send headquarters all entries so far: what was written before there was an outbox."""
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.n)):
        send_fact(session, office_code, FactKind.AUDIT, _fact(entry))


def apply_entry(session: Session, node_code: str, epoch: uuid.UUID, body: Any, at: datetime) -> Fault | None:
    """Keep an entry that a node sent. Received twice, it is kept once. What is wrong with it, if anything is.

    An entry whose number is taken by another stays outside: the one that came first stands. Raises InvalidInput
    for one that is too long.
    """
    fact = AuditFact.model_validate(body)
    if len(json.dumps(fact.detail, ensure_ascii=False)) > MOST_DETAIL:
        raise InvalidInput("detail", "too_long", f"at most {MOST_DETAIL} characters")
    held = session.get(OfficeAuditEntry, (node_code, epoch, fact.n))
    if held is not None:
        return None if held.hash == fact.hash else Fault.OTHER_HEAD
    fault = fault_of(_link(fact), _head(session, node_code, epoch))
    session.add(OfficeAuditEntry(node_code=node_code, epoch=epoch, taken_at=at, **dict(fact)))
    session.flush()
    return fault


@dataclass(frozen=True)
class Changed:
    """The records that changed after an entry of the log, up to the entry `here`; `more`: there are more after it.

    `anew`: the node has its copies from another log: they go before these come.
    """

    ids: tuple[uuid.UUID, ...]
    here: Head
    anew: bool
    more: bool


def changed_after(session: Session, office_code: str, acts: Collection[str], known: Head, most: int) -> Changed:
    """At headquarters: the records of an office on which one of these acts was done after an entry of the log.

    The earliest first, of so many entries. A node whose copies are from another log, since headquarters was lost
    or put back, gets everything.
    """
    last = session.scalar(select(func.max(AuditEntry.n))) or 0
    anew = not goes_on(session, known)
    query = select(AuditEntry.n, AuditEntry.subject).where(
        AuditEntry.n > (0 if anew else known.n), AuditEntry.act.in_(acts), AuditEntry.office_code == office_code
    )
    rows = session.execute(query.order_by(AuditEntry.n).limit(most + 1)).all()
    more, rows = len(rows) > most, rows[:most]
    ids = dict.fromkeys(uuid.UUID(parse_subject(subject).id) for _, subject in rows)
    return Changed(tuple(ids), head_at(session, rows[-1].n if more else last), anew, more)


def copied_until(session: Session, office_code: str, kind: str) -> Head:
    """On a node: up to which entry of headquarters' log it has its copies of that kind."""
    found = session.get(LogPosition, (office_code, kind))
    return Head(found.n, found.hash) if found is not None else BEGINNING


def note_copied(session: Session, office_code: str, kind: str, here: Head) -> None:
    """On a node: note that it has them up to there."""
    session.merge(LogPosition(office_code=office_code, kind=kind, n=here.n, hash=here.hash))
    session.flush()


def _fact(entry: AuditEntry) -> dict[str, Any]:
    fact = AuditFact(**{name: getattr(entry, name) for name in AuditFact.model_fields})
    return fact.model_dump(mode="json")


def _link(fact: AuditFact) -> Link:
    content = dict(fact)
    previous, hashed = content.pop("previous"), content.pop("hash")
    return Link(Content(**content), previous, hashed)


def _head(session: Session, node_code: str, epoch: uuid.UUID) -> Head:
    own = OfficeAuditEntry.node_code == node_code, OfficeAuditEntry.epoch == epoch
    query = select(OfficeAuditEntry.n, OfficeAuditEntry.hash).where(*own).order_by(OfficeAuditEntry.n.desc())
    row = session.execute(query.limit(1)).one_or_none()
    return Head(row.n, row.hash) if row else Head(0, GENESIS)
