"""Up to which entry of headquarters' log a node was told of something, as it says when it asks for more."""

from flask import request

from supervision.audit.rules import Head
from supervision.errors import InvalidInput


def told_before() -> Head:
    """The entry's number and hash; an older node says no hash. Raises InvalidInput."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise InvalidInput("after", after[:40], "the number of an entry")
    return Head(int(after), request.args.get("hash", ""))
