"""`python -m demo`: a whole office and headquarters on this machine, with phones that really call.

Ends on Ctrl-C. With `--once` it places five calls, says what was recorded of each, and ends with 1 if anything
is missing.
"""

import argparse
import fcntl
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import yaml
from sqlalchemy import select

from asterisk.cache import MissingPart, cache_folder
from asterisk.runtime import LONGEST_SOCKET_PATH, PbxFailed
from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.people import SignInSheet, make_people, make_the_same_people
from demo.processes import TooLate, until
from demo.report import Listener, describe, examine, incidents
from demo.tour import Telephones, endless_visits, five_visits, place_all
from supervision.calls.models import Call
from supervision.people.rules import Role
from supervision.recordings.models import Recording, RecordingState

STARTED = time.monotonic()
OVER = {RecordingState.READY, RecordingState.EMPTY, RecordingState.FAILED}


def say(text: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


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
    if len(os.fsencode(home / "office/asterisk/run/asterisk.ctl")) > LONGEST_SOCKET_PATH:
        return Path(tempfile.mkdtemp(prefix="demo."))
    shutil.rmtree(home, ignore_errors=True)
    return home


@contextmanager
def running_office() -> Iterator[tuple[LoopbackOffice, LoopbackHeadquarters, SignInSheet]]:
    """The whole office and headquarters, started; ended in order whatever happens."""
    description = yaml.safe_load((Path(__file__).parent / "office.yaml").read_text("utf-8"))
    home = demo_home()
    hq = LoopbackHeadquarters(home / "hq")
    office = LoopbackOffice(home / "office", description, sounds=True, hq=hq)
    say("starting headquarters, Asterisk and the control process")
    with hq, office:
        sheet = make_people(office.database)
        until("the office known at headquarters", lambda: make_the_same_people(office.database, hq.database))
        say("starting the worker and the review sites")
        office.start_site()
        hq.start_site()
        yield office, hq, sheet
        say("stopping")


def show(office: LoopbackOffice, hq: LoopbackHeadquarters, sheet: SignInSheet) -> None:
    """Where to look, and as whom."""
    print(f"\n  The office's review site:  {office.site}\n  Headquarters' review site: {hq.site}")
    print(f"\n  Sign in with the password {sheet.password} as")
    for role, login in sheet.logins.items():
        print(f"    {login:<12} {role.replace('_', ' ')}")
    print(flush=True)


def once(office: LoopbackOffice, hq: LoopbackHeadquarters, sheet: SignInSheet) -> int:
    """Five calls on two lines at once, then the report. 0 if nothing is missing."""
    phones = Telephones(office)
    by_line = five_visits()
    wanted = sum(len(visits) for visits in by_line.values())
    stopped = threading.Event()
    lines = [
        threading.Thread(target=place_all, args=(phones, visits, stopped, say), daemon=True)
        for visits in by_line.values()
    ]
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    say("waiting until all recordings are sealed at both")
    try:
        until("all recordings sealed", lambda: _sealed(office) == _sealed(hq) == wanted, 60)
    except TooLate as error:
        say(str(error))
    leader = Listener(office, sheet.logins[Role.OFFICE_LEADER], sheet.password)
    findings = examine(office, hq, leader)
    print()
    for finding in findings:
        print("  " + finding.line + ("" if not finding.faults else "  <-- " + "; ".join(finding.faults)))
    seen = [*incidents(office), *incidents(hq)]
    for incident in seen:
        print(f"  incident: {incident}")
    whole = [finding for finding in findings if not finding.faults]
    print(
        f"\n  {len(whole)} of {wanted} calls recorded and sealed at the office and at headquarters, and playable,"
    )
    print(f"  in {office.home.parent}\n", flush=True)
    return 0 if len(whole) == len(findings) == wanted and not seen else 1


def _sealed(where: LoopbackOffice | LoopbackHeadquarters) -> int:
    with where.database.reading() as session:
        return len(list(session.scalars(select(Recording.call_id).where(Recording.state.in_(OVER)))))


def endless(office: LoopbackOffice, stopped: threading.Event) -> int:
    """Calls without end, each told when its recording is sealed, until told to stop."""
    phones = Telephones(office)
    dice = random.Random()  # noqa: S311 - which dialogue comes next is no secret
    work = threading.Thread(target=place_all, args=(phones, endless_visits(dice), stopped, say), daemon=True)
    work.start()
    told: set[object] = set()
    while not stopped.wait(0.5):
        with office.database.reading() as session:
            rows = session.execute(
                select(Call, Recording).join(Recording).where(Recording.state.in_(OVER)).order_by(Call.offered_at)
            )
            for call, recording in rows:
                if call.id not in told:
                    told.add(call.id)
                    say(describe(call, recording))
    return 0


def main() -> int:
    """Run the demo. 0: all well. 1: something is missing. 2: this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="five calls, a report, and the end")
    arguments = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _stop(stopped, arguments.once))
    try:
        with running_office() as (office, hq, sheet):
            show(office, hq, sheet)
            return once(office, hq, sheet) if arguments.once else endless(office, stopped)
    except (MissingPart, PbxFailed, TooLate) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _stop(stopped: threading.Event, once_only: bool) -> None:
    stopped.set()
    if once_only:
        raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
