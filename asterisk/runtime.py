"""One Asterisk for one home folder: start, wait until it is fully up, command, stop, and faults for tests.

Asterisk comes from this machine or from a root (see `asterisk.root`). In a root it runs in a mount namespace
of its own: a small tmpfs holds the root's /usr and /etc, the machine's /dev and /proc, and the home folder at
the very path that it has outside, so that a path means the same on both sides and nothing is ever written into
the root. It asks no name server: the host's name, and the name by which Asterisk looks for a way out, lead to
loopback. Every step replaces the one before (`unshare`, `sh`, `chroot`, `asterisk`), so the process that we
hold is Asterisk itself and a signal to it reaches it.

`python -m asterisk.runtime --home DIR` becomes Asterisk in the foreground, for systemd and the demo.
"""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from asterisk.cache import MissingPart, output_of, program
from asterisk.root import Installation, find_or_make
from supervision.paths import Paths, asterisk_safe

FIRST = 10  # of the real-time priorities, the one that Asterisk takes
LONGEST_SOCKET_PATH = 107  # what Linux allows for a Unix socket's name
FOLDERS = ("etc", "lib", "db", "log", "log/cdr-csv", "log/cdr-custom", "run", "spool", "spool/tmp", "cache")
OUR_LIB = ("sounds", "moh", "keys", "agi-bin")  # what a home brings itself; all else is Asterisk's own
SHARED_DATA = "/usr/share/asterisk"
ENTER = """
root=$1; home=$2; shift 2; new=$root/mnt
mount -t tmpfs -o mode=0755,size=16m tmpfs "$new"
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "$root/$name" ]; then cp -P "$root/$name" "$new/$name"; fi
done
for name in usr etc; do mkdir "$new/$name"; mount --bind "$root/$name" "$new/$name"; done
for name in dev proc; do mkdir "$new/$name"; mount --rbind "/$name" "$new/$name"; done
mkdir -p "$new/tmp" "$new/run" "$new/var/lib" "$new/var/tmp" "$new$home"
mount --rbind "$home" "$new$home"
echo "127.0.0.1 localhost $(uname -n) A.ROOT-SERVERS.NET" > "$new/run/hosts"
if [ -f "$new/etc/hosts" ]; then mount --bind "$new/run/hosts" "$new/etc/hosts"; fi
if [ -f "$new/etc/resolv.conf" ]; then mount --bind /dev/null "$new/etc/resolv.conf"; fi
exec chroot "$new" "$@"
"""


class PbxFailed(RuntimeError):
    """Asterisk did not start, or did not do as ordered; the message carries the end of its log."""


def keep_cel_in_wal(file: Path) -> None:
    """Have CEL's database append to a write-ahead log; the file remembers it.

    Asterisk commits each row. With SQLite's rollback journal that is several syncs a row, and with forty calls at
    once CEL fell seconds behind; so it is one, and our reading holds up no writing. A file that is no database
    keeps nobody from telephoning: Asterisk itself says what it cannot write.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")


def may_be_first() -> bool:
    """Whether this process may have its threads run before those of all ordinary processes.

    Whoever records must not wait for a processor: MixMonitor throws away what lies ready for it once a thread of
    Asterisk's was kept waiting for a tenth of a second.
    """
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(FIRST))
    except OSError:
        return False
    os.sched_setscheduler(0, *before)
    return True


class Pbx:
    """The Asterisk of one home folder, whose `asterisk/etc` is already written.

    The same object can be started again after it was stopped or killed.
    """

    def __init__(self, home: Path, installation: Installation | None = None) -> None:
        self.home = home.resolve()
        self.installation = installation or find_or_make()
        self._folder = Paths(self.home).asterisk
        self._conf = self._folder / "etc" / "asterisk.conf"
        self._control = self._folder / "run" / "asterisk.ctl"
        self._console = self._folder / "log" / "console.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the process is there (frozen counts as there)."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Asterisk's process id. Raises PbxFailed if it was not started."""
        if self._process is None:
            raise PbxFailed("Asterisk was not started")
        return self._process.pid

    def start(self, timeout_s: float = 60) -> Self:
        """Start and return when Asterisk says that it is fully booted. Raises PbxFailed with its last words."""
        if self.alive:
            raise PbxFailed("Asterisk runs already")
        self.prepare()
        with self._console.open("ab") as console:
            # Our own words; Ctrl-C in the terminal is for us, who then stop Asterisk in order.
            self._process = subprocess.Popen(  # noqa: S603
                self.command(), stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
            )
        try:
            self._wait_until_booted(time.monotonic() + timeout_s)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, timeout_s: float = 15) -> None:
        """End at once but in order (`core stop now`); calls end, files are closed. Killed if that fails."""
        if self._process is None or not self.alive:
            return
        self.thaw()
        try:
            self.cli("core stop now", timeout_s=timeout_s)
        except PbxFailed:
            self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL: power gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it is there and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on."""
        os.kill(self.pid, signal.SIGCONT)

    def cli(self, command: str, timeout_s: float = 10) -> str:
        """The answer to a command of Asterisk's command line. Raises PbxFailed."""
        try:
            return output_of(self._enter(["asterisk", "-C", str(self._conf), "-rx", command]), timeout_s=timeout_s)
        except MissingPart as error:
            raise PbxFailed(f"`{command}`: {error}") from error
        except subprocess.TimeoutExpired as error:
            raise PbxFailed(f"`{command}`: no answer in {timeout_s:.0f} s") from error

    def command(self) -> list[str]:
        """What becomes Asterisk when executed: served before all others, where this process may decide that.

        The scheduling policy outlives the execution. Asterisk's own `-p` sets it for root only; without `-p` an
        Asterisk of root would take an ordinary place again.
        """
        asterisk = ["asterisk", "-C", str(self._conf), "-f", "-vvv"]
        if not may_be_first():
            return self._enter(asterisk)
        return ["chrt", "--rr", str(FIRST), *self._enter([*asterisk, "-p"])]

    def prepare(self) -> None:
        """Make the folders that Asterisk wants, and check what it cannot bear."""
        if not self._conf.is_file():
            raise PbxFailed(f"there is no {self._conf}: render the configuration first")
        asterisk_safe(self.home)
        if len(os.fsencode(self._control)) > LONGEST_SOCKET_PATH:
            raise PbxFailed(f"{self._control} is too long for a Unix socket: choose a shorter home folder")
        for name in FOLDERS:
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        Paths(self.home).spool.mkdir(exist_ok=True)
        keep_cel_in_wal(Paths(self.home).cel)
        self._link_shared_data()
        for left_over in (self._control, self._folder / "run" / "asterisk.pid"):
            left_over.unlink(missing_ok=True)

    def _link_shared_data(self) -> None:
        # The data folder is the home's, for prompts of its own; the rest are links to what the package brings.
        # They are named as Asterisk sees them, so outside a root they may dangle.
        shared = Path(f"{self.installation.root or ''}{SHARED_DATA}")
        lib = self._folder / "lib"
        for entry in shared.iterdir() if shared.is_dir() else ():
            link = lib / entry.name
            if entry.name not in OUR_LIB and not link.is_symlink() and not link.exists():
                link.symlink_to(f"{SHARED_DATA}/{entry.name}")
        for entry in (shared / "sounds").iterdir() if (shared / "sounds").is_dir() else ():
            (lib / "sounds").mkdir(exist_ok=True)
            link = lib / "sounds" / entry.name
            if not link.is_symlink() and not link.exists():
                link.symlink_to(f"{SHARED_DATA}/sounds/{entry.name}")

    def _enter(self, command: Sequence[str]) -> list[str]:
        root = self.installation.root
        if root is None:
            return [program(command[0], "asterisk"), *command[1:]]
        program("mount", "mount")  # said here, it is a clear sentence
        mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        unshare = [program("unshare", "util-linux"), *mapped, "--mount", "--propagation", "slave"]
        return [*unshare, "sh", "-euc", ENTER, "enter", str(root), str(self.home), *command]

    def _wait_until_booted(self, until: float) -> None:
        while not self._control.exists():
            self._check_start(until)
            time.sleep(0.02)
        while True:
            self._check_start(until)
            try:
                if "fully booted" in self.cli("core waitfullybooted", timeout_s=until - time.monotonic()):
                    return
            except PbxFailed:
                # The socket is there a moment before Asterisk answers on it.
                time.sleep(0.05)

    def _check_start(self, until: float) -> None:
        if not self.alive:
            code = self._process.returncode if self._process else None
            raise PbxFailed(f"Asterisk ended with {code} while starting:\n{self.log_tail()}")
        if time.monotonic() >= until:
            raise PbxFailed(f"Asterisk was not fully booted in time:\n{self.log_tail()}")

    def log_tail(self, lines: int = 30) -> str:
        """The last lines of what Asterisk said on its console and in its logs."""
        texts = []
        for file in (self._console, *sorted(self._console.parent.glob("messages*"))):
            if file.is_file():
                last = file.read_text("utf-8", "replace").splitlines()[-lines:]
                texts.append(f"{file.name}:\n" + "\n".join(f"  {line}" for line in last))
        return "\n".join(texts)


def main() -> int:
    """Become the Asterisk of a home folder."""
    os.umask(0o007)  # the service's group empties and removes what Asterisk wrote as a user of its own
    parser = argparse.ArgumentParser(prog="python -m asterisk.runtime", description="run the Asterisk of one home")
    parser.add_argument("--home", type=Path, required=True, help="the node's home folder, already rendered")
    try:
        pbx = Pbx(parser.parse_args().home)
        pbx.prepare()
        if not may_be_first():
            sys.stderr.write(
                "Asterisk may not be first: on a busy machine recordings will lack audio (install.md)\n"
            )
    except (MissingPart, PbxFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    command = pbx.command()
    os.execv(program(command[0], "asterisk"), command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    raise SystemExit(main())
