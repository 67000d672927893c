"""A batch of facts, as it comes over the wire."""

import uuid
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from supervision.texts import parse_json

MOST_FACTS = 1000


class SentFact(BaseModel):
    """One fact as it comes over the wire. A kind that this version does not know is refused by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = Field(ge=1, lt=2**63)
    kind: str = Field(max_length=32)
    at: AwareDatetime
    body: dict[str, Any]


class SentBatch(BaseModel):
    """Some facts of one epoch, in order; none, if the office only says that it is there.

    `sent_at` is when it was sent, by the office's clock.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epoch: uuid.UUID
    sent_at: AwareDatetime | None = None
    facts: tuple[SentFact, ...] = Field(max_length=MOST_FACTS)


def parse_batch(text: bytes) -> SentBatch:
    """The batch in a request's body. Raises InvalidInput."""
    return parse_json(SentBatch, text, "facts")
