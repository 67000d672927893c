"""`scripts/release.sh`: install this release on the machine, switch to one, go back, configure Asterisk; as root.

0: done. 1: not done, or undone; the last line says why. 3: done, but for what Asterisk can do without a call only,
and calls did not end in time: `release.sh asterisk` waits again, with `--now` it ends them.
"""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from releases import asterisk
from releases.asterisk import CallsGoOn, Pending
from releases.install import install
from releases.layout import Layout
from releases.machine import Failed, Machine
from releases.switch import configure, previous, switch

HERE = Path(__file__).resolve().parents[1]
WAIT_S = 1800.0
DONE, NOT_DONE, OPERATOR_DECIDES = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked."""
    os.umask(0o022)  # a release is for all to read; settings and data are none of it
    given = _parser().parse_args(arguments)
    machine = Machine(Layout(given.root))
    try:
        if given.command == "list":
            return _list(machine.layout)
        with _alone(machine.layout):
            return _do(machine, given)
    except (Failed, ValueError, OSError) as error:
        _say(f"Not done: {error}")
        return NOT_DONE


def _do(machine: Machine, given: argparse.Namespace) -> int:
    layout = machine.layout
    if given.command == "install":
        fresh = install(HERE, machine, python=given.python)
        name = (HERE / "RELEASE").read_text("utf-8").strip()
        _say(f"installed {name}" if fresh else f"{name} is installed already")
        return DONE
    if given.command == "asterisk":
        return _settle(machine, asterisk.outstanding(machine), given)
    if given.command == "configure":
        return _settle(machine, configure(machine, given.words, _say), given)
    name = previous(layout) if given.back else given.release
    pending = switch(machine, name, _say)
    if pending is None:
        _say(f"{name} is current already")
        return DONE
    code = _settle(machine, pending, given)
    _say(f"switched to {name}")
    return code


def _settle(machine: Machine, pending: Pending, given: argparse.Namespace) -> int:
    try:
        if given.now:
            asterisk.settle_now(machine, pending, _say)
        else:
            asterisk.settle(machine, pending, _say, given.asterisk_wait)
    except CallsGoOn:
        _say(
            f"Calls did not end within {given.asterisk_wait:g} s, and go on. Wait again, or end them (--now): "
            f"{HERE}/scripts/release.sh asterisk"
        )
        return OPERATOR_DECIDES
    return DONE


def _list(layout: Layout) -> int:
    marks = {layout.name_of(layout.previous): "previous", layout.name_of(layout.current): "current"}
    for one in layout.installed():
        _say(f"{one.name}  {marks.get(one.name, '')}".rstrip())
    return DONE


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    layout.releases.mkdir(mode=0o755, parents=True, exist_ok=True)
    with layout.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another one installs or switches at this moment") from None
        yield


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="release.sh", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install", help="lay this release beside the others")
    installing.add_argument("--python", default=sys.executable, help="the Python for its environment")
    switching = commands.add_parser("switch", help="make a release the current one")
    which = switching.add_mutually_exclusive_group(required=True)
    which.add_argument("release", nargs="?", help="as `list` shows it")
    which.add_argument("--back", action="store_true", help="the one that was in use before")
    waiting = commands.add_parser("asterisk", help="do what is left to do for Asterisk, a newer package among it")
    configuring = commands.add_parser("configure", help="render Asterisk's files, and have it read what is new")
    configuring.add_argument("words", nargs="*", help="options of asterisk.render, after --: `-- --bind 10.7.7.1`")
    for one in (switching, waiting, configuring):
        one.add_argument("--asterisk-wait", type=float, default=WAIT_S, help="seconds to wait for calls to end")
        one.add_argument(
            "--now", action="store_true", help="do not wait: a restart of Asterisk ends calls in progress"
        )
    commands.add_parser("list", help="the releases on this machine, the oldest first")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
