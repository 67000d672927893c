"""The log of each process, set up once: an object a line; on a full disk nowhere, which harms nobody but the log.

Whoever logs must never break by it: on a disk without room, a line too many once ended the process that wrote it.
"""

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer


class Lines:
    """A logger for structlog that loses the lines that its stream does not take."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def msg(self, line: str) -> None:
        """Write one line."""
        with self._lock, contextlib.suppress(OSError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def lines(stream: TextIO | None = None) -> Callable[..., Lines]:
    """The factory of such loggers; to standard output unless another stream is named."""
    one = Lines(stream or sys.stdout)
    return lambda *_arguments: one


def set_up_logging() -> None:
    """Log as every process does: an object a line to standard output, without the values of variables.

    What a library warns of goes to standard error.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lines(),
    )
