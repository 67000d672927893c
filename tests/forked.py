"""Our commands, each in a process forked of one that has read the code: reading it takes a second and a half.

A test that is about the start itself runs `python -m`.
"""

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.processes import ROOT

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["web.intake", "web.intake.tls", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "supervision.worker"]
)


class Forked:
    """A command with a process group and an environment of its own, and its output in files.

    `command`: a function that takes its arguments from `sys.argv`, as `module:name`.
    """

    def __init__(
        self,
        command: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        errors: Path | None = None,
    ) -> None:
        self.log = log
        self._process = FORKS.Process(target=_run, args=(command, arguments, environment, log, errors or log))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process.is_alive()

    def ends(self, within_s: float) -> int | None:
        """Wait until it has ended: its exit code; None if it has not in time."""
        self._process.join(within_s)
        return self._process.exitcode

    def kill(self) -> None:
        """SIGKILL, to it and to all that it started."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.join()

    def said(self) -> str:
        """All that it wrote to its log."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""


def _run(command: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path, errors: Path) -> None:
    """What `python -m` does, in a process that has read the code already."""
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for output, file in ((1, log), (2, errors)):
        with file.open("ab") as out:
            os.dup2(out.fileno(), output)
    module, _, name = command.partition(":")
    sys.argv = [module, *arguments]
    sys.exit(getattr(importlib.import_module(module), name)())
