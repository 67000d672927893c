"""What a container's first process does for ours: hears them, ends the silent, passes signals on."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk.cache import REPOSITORY
from demo.processes import until

PROGRAM = REPOSITORY / "docker/watched.py"
AS_OURS = f"import runpy, sys; it = runpy.run_path({str(PROGRAM)!r}); main = it['main']; "
AS_OURS += f"main.__globals__['PYTHON'] = {sys.executable!r}; raise SystemExit(main(sys.argv[1:]))"
NOTIFY = """
import os, signal, socket, subprocess, sys, time
def notify(word):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.sendto(word.encode(), os.environ["NOTIFY_SOCKET"])
"""


def environment(folder: Path, watchdog_s: float | None = None) -> dict[str, str]:
    told = {**os.environ, "WATCHED_FOLDER": str(folder / "watched")}
    return told if watchdog_s is None else {**told, "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}


@contextmanager
def watched(folder: Path, program: str, watchdog_s: float | None = None) -> Iterator[subprocess.Popen[str]]:
    """A process of ours, watched; killed at the end if it is still there."""
    words = [sys.executable, "-c", AS_OURS, "-c", NOTIFY + textwrap.dedent(program)]
    with subprocess.Popen(
        words, env=environment(folder, watchdog_s), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def is_healthy(folder: Path, watchdog_s: float | None = None) -> bool:
    words = [sys.executable, "-I", str(PROGRAM), "--healthy"]
    return subprocess.run(words, env=environment(folder, watchdog_s), check=False).returncode == 0


def test_a_process_is_healthy_once_it_has_said_that_it_is_ready(tmp_path: Path) -> None:
    program = """
    print("begun", flush=True)
    signal.sigwait([signal.SIGUSR1]); notify("READY=1"); signal.pause()
    """
    program = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n" + textwrap.dedent(program)
    with watched(tmp_path, program) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "begun\n"
        assert not is_healthy(tmp_path)
        one.send_signal(signal.SIGUSR1)  # passed on
        until("healthy", lambda: is_healthy(tmp_path))


def test_a_process_that_falls_silent_is_ended_so_that_the_engine_starts_it_anew(tmp_path: Path) -> None:
    with watched(tmp_path, "notify('READY=1'); signal.pause()", watchdog_s=0.5) as one:
        said, _ = one.communicate(timeout=60)
        assert one.returncode == 128 + signal.SIGABRT
        assert "silent" in said
    assert not is_healthy(tmp_path, watchdog_s=0.001)


def test_without_a_watchdog_silence_is_no_fault(tmp_path: Path) -> None:
    with watched(tmp_path, "notify('READY=1'); time.sleep(1.5)") as one:
        assert one.wait(60) == 0


def test_it_ends_as_its_process_ends(tmp_path: Path) -> None:
    with watched(tmp_path, "raise SystemExit(7)") as one:
        assert one.wait(60) == 7
    with watched(tmp_path, "notify('READY=1'); print('up', flush=True); signal.pause()") as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "up\n"
        one.terminate()
        assert one.wait(60) == 128 + signal.SIGTERM
