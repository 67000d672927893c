"""`python -m demo`: offices and headquarters on this machine, with phones that really call.

Ends on Ctrl-C. With `--once` it places five calls in each office, says what was recorded of each, and ends with 1
if anything is missing.
"""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import IO

from asterisk.cache import MissingPart, cache_folder
from asterisk.runtime import LONGEST_SOCKET_PATH, PbxFailed
from demo.bureau import MOST_OFFICES, Bureau, running_bureau
from demo.calling import endless, once
from demo.processes import TooLate
from demo.progress import say
from supervision.actor import Role
from supervision.people.rules import belongs_to_office
from supervision.secret_files import keep_from_others


class OneAtATime:
    """A lock that goes with the process."""

    def __init__(self) -> None:
        self._held: IO[str] | None = None

    def acquire(self, path: Path) -> bool:
        """Whether nobody else has it."""
        self._held = path.open("a")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_TAKEN = OneAtATime()


def demo_home() -> Path:
    """A new folder for the demo: under .runtime, or in the temporary folder where that path is too long."""
    home = cache_folder() / "demo"
    if not _TAKEN.acquire(home.with_suffix(".lock")):
        raise MissingPart("a demo is running in this checkout already: end it first (Ctrl-C)")
    if len(os.fsencode(home / "07/asterisk/run/asterisk.ctl")) > LONGEST_SOCKET_PATH:
        return Path(tempfile.mkdtemp(prefix="demo."))
    shutil.rmtree(home, ignore_errors=True)
    return home


def show(bureau: Bureau) -> None:
    """Where to look, and as whom."""
    first = bureau.sheet(bureau.offices[0])
    print(f"\n  Sign in with the password {first.password}")
    print(f"\n  Headquarters' review site: {bureau.hq.site}")
    _show_logins({role: login for role, login in first.logins.items() if not belongs_to_office(role)})
    for office in bureau.offices:
        print(f"\n  {office.description.office.name}'s review site: {office.site}")
        logins = bureau.sheet(office).logins
        _show_logins({role: login for role, login in logins.items() if belongs_to_office(role)})
    print(flush=True)


def _show_logins(logins: dict[Role, str]) -> None:
    for role, login in logins.items():
        print(f"    {login:<12} {role.replace('_', ' ')}")


class Ending:
    """What Ctrl-C does: it interrupts the start and an unattended run, and lets the endless calls run out."""

    def __init__(self, *, interrupts: bool) -> None:
        self.asked = threading.Event()
        self.interrupts = interrupts
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        first = not self.asked.is_set()  # a second one must not interrupt the ending
        self.asked.set()
        if self.interrupts and first:
            raise KeyboardInterrupt


def main() -> int:
    """Run the demo. 0: all well. 1: something is missing. 2: this machine lacks something."""
    keep_from_others()
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="five calls an office, a report, and the end")
    parser.add_argument("--offices", type=int, choices=range(1, MOST_OFFICES + 1), default=1, help="how many (1)")
    arguments = parser.parse_args()
    ending = Ending(interrupts=True)
    try:
        say("starting headquarters and offices")
        with running_bureau(demo_home(), arguments.offices) as bureau:
            show(bureau)
            ending.interrupts = arguments.once
            code = once(bureau) if arguments.once else endless(bureau, ending.asked)
            say("stopping")
            ending.interrupts = False
    except (MissingPart, PbxFailed, TooLate) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
