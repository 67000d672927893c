"""Which evaluations of an office headquarters judges once more, blind: a pure rule (issue 5, point 4).

The choice follows from the draw's seed, which nobody could foresee, and from a key of headquarters', without
which the office could work it out as soon as the seed is published. With key and seed anybody can check it.
"""

import hashlib
import hmac
import math
import uuid
from collections.abc import Iterable


def rank_of(key: bytes, seed: str, call_id: uuid.UUID) -> str:
    """The place of a call in the choice: HMAC-SHA256 under the key over the lines seed and call, in hex."""
    return hmac.new(key, f"{seed}\n{call_id}\n".encode(), hashlib.sha256).hexdigest()


def first_calls(
    tickets: Iterable[tuple[uuid.UUID, uuid.UUID, uuid.UUID | None]],
) -> dict[uuid.UUID, uuid.UUID]:
    """The call that was drawn first in the place of each: what succeeds an unusable one inherits its place.

    `tickets`: id, call, and the ticket that it succeeded. So the choice stands, whatever turns out unusable.
    """
    by_id = {ticket: (call, before) for ticket, call, before in tickets}

    def first(ticket: uuid.UUID) -> uuid.UUID:
        call, before = by_id[ticket]
        return call if before is None else first(before)

    return {call: first(ticket) for ticket, (call, _) in by_id.items()}


def chosen(key: bytes, seed: str, call_ids: Iterable[uuid.UUID], percent: int) -> frozenset[uuid.UUID]:
    """The share of a draw's calls that is judged twice: the lowest ranks, rounded up, so at least one of any."""
    ranked = sorted(call_ids, key=lambda call_id: rank_of(key, seed, call_id))
    return frozenset(ranked[: math.ceil(len(ranked) * percent / 100)])
