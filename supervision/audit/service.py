"""Writing the audit log, in the act's own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.messages import send_entry
from supervision.audit.models import AuditEntry
from supervision.audit.queries import Chain, read_links
from supervision.audit.rules import GENESIS, Content, Head, Verdict, hash_of, plain, plain_text, verify_chain
from supervision.clock import now, to_milliseconds
from supervision.exchange.service import own_offices

_LOCK = 0x5355_5041  # any number that no other advisory lock of ours uses
_LONGEST = 128
_HEAD = select(AuditEntry.n, AuditEntry.hash).order_by(AuditEntry.n.desc()).limit(1)


def record(  # noqa: PLR0913, PLR0917 - the columns of one entry, which every room writes; machines have no context
    session: Session,
    actor: Actor | None,
    act: str,
    subject: str,
    detail: Mapping[str, Any],
    office_code: str | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Append one entry to the chain; it commits or vanishes with the act itself. No actor: the system."""
    session.flush()
    own_offices(session)  # whoever sends holds the outbox first and the log second: so do we
    lock_log(session)
    head = current_head(session)
    content = Content(
        n=head.n + 1,
        at=to_milliseconds(at or now()),
        actor_id=actor.account_id if actor else None,
        actor=plain_text(f"{actor.name} ({actor.login})" if actor else "")[:_LONGEST],
        act=act,
        subject=plain_text(subject)[:_LONGEST],
        office_code=office_code,
        detail=plain(detail),
    )
    entry = AuditEntry(**vars(content), previous=head.hash, hash=hash_of(content, head.hash))
    session.add(entry)
    session.flush()
    send_entry(session, entry)
    return entry


def verify(session: Session, *kept: Head, chain: Chain | None = None) -> Verdict:
    """Read a whole chain, this machine's own or a node's, and say what is found. Needs only a reading session."""
    return verify_chain(read_links(session, chain), *kept)


def note_verified(
    session: Session, actor: Actor, verdict: Verdict, chain: Chain | None = None, at: datetime | None = None
) -> None:
    """Write down that somebody had a chain verified, and what came of it."""
    detail = {
        "log": str(chain) if chain else "own",
        "entries": verdict.entries,
        "covered": verdict.covered_n,
        "sound": verdict.sound,
        "fault": verdict.fault,
        "bad_n": verdict.bad_n,
        "head": verdict.head.hash,
    }
    record(session, actor, "audit_verified", "audit", detail, chain.node_code if chain else None, at=at)


def note_exported(session: Session, actor: Actor, chain: Chain | None = None) -> None:
    """Write down that somebody took a copy of a log away."""
    detail = {"log": str(chain) if chain else "own"}
    record(session, actor, "audit_exported", "audit", detail, chain.node_code if chain else None)


def lock_log(session: Session) -> None:
    """Be the only one that writes to the log until the transaction ends."""
    # SQLite: transactions that write are BEGIN IMMEDIATE, so we are alone already.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def current_head(session: Session) -> Head:
    """The last entry of this machine's own log."""
    row = session.execute(_HEAD).one_or_none()
    return Head(row.n, row.hash) if row else Head(0, GENESIS)


def note_number_search(session: Session, actor: Actor, masked: str) -> None:
    """Write down that somebody looked for calls by a number; the number only as it may be shown."""
    record(session, actor, "number_searched", "calls", {"number": masked}, actor.office_code)


def note_calls_exported(session: Session, actor: Actor, wanted: Mapping[str, str], rows: int) -> None:
    """Write down that somebody took a list of calls away: by which filter, as it was applied, and how many."""
    record(session, actor, "calls_exported", "calls", {"filter": dict(wanted), "rows": rows}, actor.office_code)


def note_figures_exported(
    session: Session, actor: Actor, chart: str, wanted: Mapping[str, str], rows: int
) -> None:
    """Write down that somebody took a chart's figures away: which, by which filter, and how many rows."""
    detail = {"chart": chart, "filter": dict(wanted), "rows": rows}
    record(session, actor, "figures_exported", "figures", detail, actor.office_code)
