"""The log as a file that `verify_audit.py` reads: JSON, one entry a line, exactly what its hash was made over."""

import json
import re
import uuid
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.models import Checkpoint
from supervision.audit.queries import Chain
from supervision.audit.rules import Head, Link, canonical

_HEAD = re.compile(r"\s*(?P<n>[0-9]{1,18})\s*[:：\s]\s*(?P<hash>[0-9a-fA-F]{64})\s*")


def exported(links: Iterable[Link]) -> Iterator[str]:
    """Each entry as a line: its canonical form, and its hash as stored."""
    for link in links:
        written = canonical(link.content, link.previous).decode()
        yield f'{written[:-1]},"hash":"{link.hash}"}}\n'


def exported_heads(session: Session) -> Iterator[str]:
    """Each head that is kept here as a line."""
    for row in session.scalars(select(Checkpoint).order_by(Checkpoint.number)):
        head = {
            "n": row.n,
            "hash": row.hash,
            "number": row.number,
            "at": row.at.isoformat(timespec="milliseconds"),
        }
        yield json.dumps(head) + "\n"


def parse_head(text: str) -> Head:
    """A head: `number:hash`, or a line of `exported_heads`. Raises ValueError for anything else."""
    if text.startswith("{"):
        told = json.loads(text)
        text = f"{told.get('n')}:{told.get('hash')}"
    match = _HEAD.fullmatch(text)
    if match is None:
        raise ValueError("no head")
    return Head(int(match["n"]), match["hash"].lower())


def parse_chain(text: str) -> Chain:
    """A node's log by its name. Raises ValueError for anything else."""
    code, _, epoch = text.partition(".")
    return Chain(code, uuid.UUID(epoch))
