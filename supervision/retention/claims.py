"""What the worker needs to know of a recording whose files are to be removed."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Doomed:
    """One recording to be deleted: where its files are follows from these."""

    call_id: uuid.UUID
    office_code: str
    offered_at: datetime
    parts: tuple[str, ...]
    deletion_id: uuid.UUID | None = None
