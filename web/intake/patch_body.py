"""The body of a PATCH, block by block, however it ends."""

from collections.abc import Iterator

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from supervision.parts.part_writer import BLOCK_BYTES
from web.intake.problems import Problem


class BrokenOff(Exception):
    """The client went away, or sends nothing any more, before the body's end."""


def length() -> int | None:
    """The length that the request announces; None for a chunked body."""
    return request.content_length


def too_long(limit: int) -> Problem:
    """The refusal of a chunk beyond the limit."""
    return Problem(413, "chunk-too-large", "The chunk is too large", f"At most {limit} bytes in one PATCH")


def blocks(limit: int, stall_s: float) -> Iterator[bytes]:
    """What arrives. Raises BrokenOff, and a 413 problem beyond the limit."""
    patience(stall_s)
    announced, seen = length(), 0
    while block := _read(min(BLOCK_BYTES, limit - seen + 1)):
        seen += len(block)
        if seen > limit:
            raise too_long(limit)
        yield block
        if seen == announced:
            return
    if announced is not None and seen < announced:
        raise BrokenOff


def discard(limit: int, stall_s: float) -> None:
    """Read on and throw away, so that the client hears the refusal instead of a reset connection."""
    try:
        for _ in blocks(limit, stall_s):
            pass
    except (BrokenOff, Problem):
        return


def patience(stall_s: float) -> None:
    """From now on a read that brings nothing for so long ends the request."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(stall_s)


def _read(count: int) -> bytes:
    try:
        return request.stream.read(count)
    except ParseException as error:
        raise Problem(400, "bad-body", "The body cannot be read", str(error)) from error
    except (OSError, ClientDisconnected) as error:  # TimeoutError and TLS errors are OSErrors
        raise BrokenOff from error
