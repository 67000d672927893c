"""A log that cannot be written harms nobody who writes to it."""

import errno
import io
import os

import structlog

from supervision.logs import lines


def test_a_line_goes_to_the_stream() -> None:
    stream = io.StringIO()
    structlog.wrap_logger(lines(stream)(), processors=[structlog.processors.JSONRenderer()]).warning("seen", n=1)
    assert stream.getvalue() == '{"n": 1, "event": "seen"}\n'


class FullDisk(io.StringIO):
    """A file on a disk without room."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_on_a_full_disk_lines_are_lost_and_whoever_logs_goes_on() -> None:
    logger = structlog.wrap_logger(lines(FullDisk())(), processors=[structlog.processors.JSONRenderer()])
    logger.error("lost")
    logger.exception("lost, too")
