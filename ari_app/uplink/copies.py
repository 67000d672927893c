"""Copies of what headquarters writes about this office: evaluations of its calls, rectifications, and
that something was decided about one of its people.

Each kind is fetched each half minute, and kept for this office's people.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from ari_app.uplink.link import Link
from ari_app.uplink.streams import Uplink
from supervision.audit.messages import copied_until
from supervision.audit.rules import Head
from supervision.discipline import messages as records
from supervision.evaluations import messages as evaluations
from supervision.rectification import messages as rectifications

log = structlog.get_logger("uplink")


class SentCopies(Protocol):
    """What changed of one kind after an entry of headquarters' log: up to entry `n`; `more`: there is more."""

    @property
    def n(self) -> int:
        """Up to which entry."""

    @property
    def hash(self) -> str:
        """That entry's hash."""

    @property
    def anew(self) -> bool:
        """Whether what the node keeps goes before this comes."""

    @property
    def more(self) -> bool:
        """Whether there is more after that."""

    @property
    def copies(self) -> Sequence[object]:
        """The records as they stand now."""


Sent = TypeVar("Sent", bound=SentCopies)


@dataclass(frozen=True)
class CopyKind(Generic[Sent]):
    """A kind of record of which this node keeps copies: how it is asked for, and how it is kept."""

    name: str
    ask: Callable[[Link, Head], Awaitable[Sent]]
    apply: Callable[[Session, str, Sent], None]


EVALUATIONS = CopyKind(evaluations.KIND, Link.evaluations, evaluations.apply_copies)
RECTIFICATIONS = CopyKind(rectifications.KIND, Link.rectifications, rectifications.apply_copies)
RECORDS = CopyKind(records.KIND, Link.records, records.apply_copies)


async def fetch_copies(context: Uplink, kind: CopyKind[Sent]) -> bool:
    """Ask once, and keep the answer; whether there is more. Raises LinkDown, Rejected."""
    known = await context.read(copied_until, context.office_code, kind.name)
    sent = await kind.ask(context.link, known)
    if Head(sent.n, sent.hash) != known or sent.anew or sent.copies:
        await context.write(kind.apply, context.office_code, sent)
    if sent.copies:
        log.info(f"{kind.name} copied", number=len(sent.copies))
    return sent.more
