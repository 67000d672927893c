"""Where a listener goes on, from the address of his request."""

import uuid
from collections.abc import Mapping

from supervision.errors import InvalidInput
from supervision.listening.live_rules import BYTES_A_FRAME, Place
from supervision.paths import PartName
from web import arguments as given

LONGEST_BYTES = 2**40


def parse_place(arguments: Mapping[str, str], call_id: uuid.UUID) -> tuple[uuid.UUID, Place | None]:
    """The listening, and the place in the recording; no place for whoever begins. Raises InvalidInput."""
    listening_id = given.identity(arguments, "listening")
    if listening_id is None:
        raise InvalidInput("listening", "missing", "the listening that was opened")
    text, at = given.text(arguments, "part"), given.count(arguments, "at", LONGEST_BYTES) or 0
    if not text:
        return listening_id, None
    name = PartName.parse(text)
    if name is None or name.call_id != call_id:
        raise InvalidInput("part", text, "a part of this call")
    return listening_id, Place(str(name), at - at % BYTES_A_FRAME)
