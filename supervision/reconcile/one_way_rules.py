"""One-way audio: a call of which one side was not heard, while the other spoke.

Pure rules.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """One side of a call: for how long at a stretch nothing came from it alone, and how many packets did come.

    `packets` None: nobody counted them.
    """

    name: str
    still_ms: int
    packets: int | None


def one_way(talk_ms: int, sides: tuple[Side, Side]) -> dict[str, int | str | None] | None:
    """The side that was digitally silent, or sent nothing, for most of the talk; None where both were heard.

    A person who is silent is not: his line has noise. Packets say which of the two it was. A stretch under five
    seconds is none (`recordings.rules.one_sided_ms`), so a short call has none either.
    """
    for side in sides:
        if 2 * side.still_ms > talk_ms:
            return {"side": side.name, "still_ms": side.still_ms, "talk_ms": talk_ms, "packets": side.packets}
    return None
